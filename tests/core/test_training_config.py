"""Training configurations: what is refused, and the one that ships."""

import json

import pytest
from pydantic import ValidationError

from core.paths import resources_folder
from core.training.config import (
    AgeGroup,
    LabelWords,
    RowFilter,
    TrainingConfig,
    load_config,
    load_evaluation_config,
)
from core.training.config_part import read_written
from core.training.run import prepare
from tests.make.extent import made_extent_config
from tests.make.picture import make_picture
from tests.make.training import draw_chest, made_config, write_toml

SHIPPED = resources_folder() / "training" / "chest-radiograph.toml"
STARTING_POINT = resources_folder() / "training" / "starting-point.toml"


def test_the_shipped_configuration_is_valid_and_its_labels_are_all_used():
    config = load_config(SHIPPED)
    known = {*config.labels.positive, *config.labels.negative}
    for report in config.reports:
        assert set(report.against) <= known and set(report.rows.labels) <= known


def test_the_shipped_reports_can_be_read_without_the_rest():
    found, whole = load_evaluation_config(SHIPPED), load_config(SHIPPED)
    assert (found.reports, found.card, found.history) == (whole.reports, whole.card, whole.history)
    assert found.labels.positive == ("opacity",)


@pytest.mark.parametrize("content", ["{no toml", "reports = 3"])
def test_a_file_of_reports_that_cannot_be_used_is_named(tmp_path, content):
    (tmp_path / "mine.toml").write_text(content)
    with pytest.raises(ValueError, match=r"^mine\.toml cannot be used: "):
        load_evaluation_config(tmp_path / "mine.toml")


def test_a_byte_order_mark_is_no_part_of_a_file_and_one_in_another_encoding_is_named(tmp_path):
    path = write_toml(tmp_path / "mine.toml")
    whole = load_config(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_config(path) == whole and load_evaluation_config(path).reports == whole.reports
    path.write_bytes('name = "Ärzte"'.encode("cp1252"))
    for load in (load_config, load_evaluation_config):
        with pytest.raises(ValueError, match=r"byte 9 of mine\.toml is no UTF-8"):
            load(path)


def test_an_unknown_key_is_an_error():
    with pytest.raises(ValidationError, match="learnig_rate"):
        made_config(learnig_rate=1.0)


def test_a_word_with_two_meanings_is_an_error():
    with pytest.raises(ValidationError, match="two meanings"):
        LabelWords(positive=("opacity",), negative=("opacity",))


def test_two_groups_of_one_name_are_an_error():
    raw = made_config().model_dump()
    raw["groups"] = [raw["groups"][0], raw["groups"][0]]
    with pytest.raises(ValidationError, match="same name"):
        TrainingConfig.model_validate(raw)


def test_single_values_can_be_given_beside_the_file_and_the_rest_stays():
    plain = load_config(SHIPPED)
    changed = load_config(SHIPPED, ["loop.steps=7", 'input.tone="equalized"', "augment.scale = [0.9, 1.1]", "seed=5"])
    assert (changed.loop.steps, changed.input.tone, changed.seed) == (7, "equalized", 5)
    assert changed.augment.scale == (0.9, 1.1)
    same = {"loop": {"steps"}, "input": {"tone"}, "augment": {"scale"}, "seed": True}
    assert changed.model_dump(exclude=same) == plain.model_dump(exclude=same)
    with pytest.raises(ValidationError, match=r"loop\.stepps"):
        load_config(SHIPPED, ["loop.stepps=7"])
    with pytest.raises(ValueError):
        load_config(SHIPPED, ["loop.steps"])


def test_a_resolved_configuration_reads_back_the_same():
    config = load_config(SHIPPED)
    assert TrainingConfig.model_validate_json(config.model_dump_json()) == config


def test_the_starting_point_learns_from_a_folder_for_each_class(tmp_path):
    for name in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "data" / "train" / name).mkdir(parents=True)
        for number in range(8):
            make_picture(tmp_path / "data" / "train" / name / f"{number}.png", draw_chest(number, name == "PNEUMONIA"))
    config = load_config(STARTING_POINT)
    prepared = prepare(config, tmp_path / "data", tmp_path / "run")
    used = [*prepared.trained_rows, *prepared.held_out_rows]
    assert len(used) == 16 and sum(row.is_positive for row in used) == 8
    assert {row.is_positive for row in prepared.held_out_rows} == {True, False}
    assert prepared.trained.gray.shape[1:] == (config.input.rows, config.input.columns)


def altered(**parts):
    return TrainingConfig.model_validate(made_config().model_dump() | parts)


@pytest.mark.parametrize("spans, reason", [
    ([(0, 18), (18, 120)], "calibrations: two calibrations are for the same age"),
    ([(120, 18)], "calibrations: ages must be two numbers of years, the lower one first"),
])
def test_ages_that_no_card_may_have_are_an_error_before_anything_is_trained(spans, reason):
    parts = [{"name": str(ages), "ages": ages, "rows": {}} for ages in spans]
    with pytest.raises(ValidationError, match=reason):
        altered(calibrations=parts)
    assert len(altered(calibrations=[parts[0] | {"ages": (0, 17)}]).calibrations) == 1


QUESTION = {"label": "Viral", "rows": {}, "said": {"positive": ["a"], "negative": ["b"]}}
EXTENT = {"raters": ["first"], "population": "few"}


@pytest.mark.parametrize("ages", [(12, 1), (-1, 5)])
def test_ages_of_questions_and_of_an_extent_are_those_of_a_card(ages):
    for parts in ({"questions": [QUESTION | {"ages": ages}]}, {"extent": EXTENT | {"ages": ages}}):
        with pytest.raises(ValidationError, match="ages must be two numbers of years, the lower one first"):
            altered(**parts)
    config = altered(questions=[QUESTION | {"ages": (1, 12)}], extent=EXTENT | {"ages": (3, 3)})
    assert (config.questions[0].ages, config.extent.ages) == ((1, 12), (3, 3))


TOO_MUCH = {
    "seed": -1, "augment": {"brightness": 1.1, "contrast": 2.0, "scale": (1.15, 0.88), "cutout_area": (0.02, 0.002)},
    "groups": [{"name": "all", "rows": {}, "share": 1.0, "targets": (0.5, 0.08)}],
    "questions": [QUESTION | {"ages": (12, 1)}], "extent": EXTENT | {"ages": (12, 1)},
    "reports": [{"name": name, "title": name, "rows": {}, "headline": True} for name in ("adults", "adults parts")],
}


@pytest.mark.parametrize("parts", [
    {"seed": -1}, *({"augment": {key: value}} for key, value in TOO_MUCH["augment"].items()),
    {"augment": {"scale": (0.0, 1.0)}}, {"augment": {"cutout_area": (-0.1, 0.1)}},
    {"augment": {"cutout_area": (0.1, 1.1)}},
    *({"groups": [TOO_MUCH["groups"][0] | {"targets": pair}]} for pair in ((0.5, 0.08), (-0.1, 1.0), (0.0, 1.1))),
])
def test_a_value_that_would_end_a_run_is_an_error_before(parts):
    with pytest.raises(ValidationError, match="must be"):
        altered(**parts)


def test_values_at_their_limits_are_none_too_many():
    limits = {"brightness": 1.0, "contrast": 1.0, "scale": (1.0, 1.0), "cutout_area": (0.0, 1.0)}
    assert altered(augment=limits, seed=0).augment.cutout_area == (0, 1)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_no_number_is_an_error(value):
    for parts in ({"loop": {"learning_rate": value}}, {"augment": {"gamma": value}},
                  {"groups": [{"name": "all", "rows": {}, "share": value}]}):
        with pytest.raises(ValidationError, match="finite number"):
            altered(**parts)


def test_rules_that_came_later_do_not_make_what_a_run_wrote_unreadable(tmp_path):
    raw = made_config().model_dump(mode="json") | TOO_MUCH
    (tmp_path / "config.json").write_text(json.dumps(raw), encoding="utf-8")
    found = read_written(tmp_path / "config.json", TrainingConfig)
    assert (found.seed, found.augment.scale, found.extent.ages) == (-1, (1.15, 0.88), (12, 1))


@pytest.mark.parametrize(("names", "reason"), [
    (("adults", "adults"), "two reports have the same name"),
    (("adults", "adults failures"), "would be called 'adults-failures'"), (("shortcuts",), "that of the shortcuts"),
])
def test_reports_have_names_and_plots_of_their_own(tmp_path, names, reason):
    reports = [{"name": name, "title": name, "rows": {}, "headline": True} for name in names]
    with pytest.raises(ValidationError, match=reason):
        altered(reports=reports)
    path = write_toml(tmp_path / "mine.toml", reports=reports)
    with pytest.raises(ValueError, match=rf"mine\.toml cannot be used: .*{reason}"):
        load_evaluation_config(path)
    if len(set(names)) == len(names):  # only a headline has plots
        assert altered(reports=[report | {"headline": False} for report in reports]).reports[0].name == names[0]


@pytest.mark.parametrize("geometry", ["pad", "crop"])
def test_readers_boxes_are_learned_from_only_where_they_are_parts_of_the_input(geometry):
    spec = made_config().input.model_copy(update={"geometry": geometry}).model_dump()
    loop = made_config().loop.model_dump()
    with pytest.raises(ValidationError, match=f'geometry "{geometry}"'):
        altered(input=spec, boxes=["whole"])
    assert altered(input=spec, boxes=["whole"], loop=loop | {"box_weight": 0}).boxes == ("whole",)
    assert altered(boxes=["whole"]).loop.box_weight > 0 and altered(input=spec).input.geometry == geometry


def test_zones_teach_only_where_they_are_parts_of_the_input_and_somebody_scored_them():
    spec = made_config().input.model_copy(update={"geometry": "pad"}).model_dump()
    loop = made_config().loop.model_dump() | {"zone_weight": 0.1}
    extent = made_extent_config().model_dump()
    with pytest.raises(ValidationError, match='zones are parts of the image, which with the geometry "pad"'):
        altered(input=spec, loop=loop, extent=extent)
    with pytest.raises(ValidationError, match=r"needs \[extent\]"):
        altered(loop=loop)
    assert altered(loop=loop, extent=extent).loop.zone_weight == 0.1


def test_what_a_run_wrote_before_a_rule_was_made_can_still_be_read(tmp_path):
    spans = ((0, 18), (18, 120))
    config = made_config().model_copy(update={
        "input": made_config().input.model_copy(update={"geometry": "pad"}), "boxes": ("whole",),
        "calibrations": tuple(AgeGroup(name=str(ages), ages=ages, rows=RowFilter()) for ages in spans),
    })
    (tmp_path / "config.json").write_text(config.model_dump_json(), encoding="utf-8")
    assert read_written(tmp_path / "config.json", TrainingConfig) == config


@pytest.mark.parametrize(("report", "reason"), [
    ({"finding": "Cyst"}, "'Cyst', which no label answers"),
    ({"finding": "Blub", "said": {"positive": ["a"], "negative": ["b"]}}, "'Blub', which is none of the findings"),
])
def test_a_report_of_a_finding_that_nothing_answers_is_an_error(report, reason):
    with pytest.raises(ValidationError, match=reason):
        altered(reports=[{"name": "further", "title": "F", "rows": {}, **report}])
