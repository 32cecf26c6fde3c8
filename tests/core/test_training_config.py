"""Training configurations: what is refused, and the one that ships."""

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


@pytest.mark.parametrize("geometry", ["pad", "crop"])
def test_readers_boxes_are_learned_from_only_where_they_are_parts_of_the_input(geometry):
    spec = made_config().input.model_copy(update={"geometry": geometry}).model_dump()
    loop = made_config().loop.model_dump()
    with pytest.raises(ValidationError, match=f'geometry "{geometry}"'):
        altered(input=spec, boxes=["whole"])
    assert altered(input=spec, boxes=["whole"], loop=loop | {"box_weight": 0}).boxes == ("whole",)
    assert altered(boxes=["whole"]).loop.box_weight > 0 and altered(input=spec).input.geometry == geometry


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
