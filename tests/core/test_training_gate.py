"""The input gate's training: what it is shown, how it is split, what it learns, and a whole run with one."""

import csv
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from types import SimpleNamespace

import numpy as np
import pytest

from core.cli.main import main
from core.reading.model_card import GATE_NAME, Answer, GateSpec, load_card
from core.reading.read_image import Model, load_model
from core.training import gate_data, gate_fit, gate_measure
from core.training.config import GateConfig, LabelWords
from core.training.evaluation import NO_SOURCE, Evaluation, Figure, GatePart, GateResult, load_evaluation
from core.training.figure_text import figure_text
from core.training.gate_data import (
    ALL_FRONTAL,
    FRONTAL,
    MOST_OF_HOME,
    Shown,
    find_outliers,
    name_in,
    paths_to_test,
    pictures_to_learn,
    pictures_to_test,
)
from core.training.gate_fit import FittedGate, Unseen, fit_gate, fold_of, limit
from core.training.gate_measure import unseen_parts, with_gate
from core.training.gate_pictures import MADE, MADE_OF_CHESTS, inverted, one_lung, turned_left, turned_right, varied
from core.training.gate_text import gate_lines, unseen_rows
from core.training.labels import Label, LabelRow, read_labels
from core.training.report_page import page
from core.training.run import train_model
from tests.make.dicom import make_dicom
from tests.make.model import POPULATION
from tests.make.picture import gradient, make_picture
from tests.make.training import draw_chest, made_config, make_table, write_toml

GATE = {
    "frontal": {"splits": ["train", "test"]}, "folds": 2, "most": 24,
    "kinds": [
        {"name": "stripes", "rows": {"sources": ["stripes"]}},
        {"name": "side view", "rows": {"views": ["LATERAL"]}, "answer": "lateral", "is_far": False},
        {"name": "never learned", "rows": {"sources": ["unseen"]}, "is_learned": False},
    ],
}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Drawn chests, and pictures that are none: stripes, "side views", and a kind that is only tested."""
    folder = make_table(tmp_path_factory.mktemp("table") / "set", trained=40, tested=12)
    rng = np.random.default_rng(5)
    lines = []
    for index in range(36):
        source = ("stripes", "views", "unseen")[index % 3]
        path = f"images/none{index}.png"
        picture = np.tile(rng.integers(0, 256, (1, 80), np.uint8), (72, 1)) if source == "stripes" else (
            draw_chest(index, False)[:, :40] if source == "views" else rng.integers(0, 256, (72, 80), np.uint8))
        make_picture(folder / path, picture)
        lines.append((path, source, "gate", f"g{index}", "none", "", "CC0", "", "LATERAL" if source == "views" else ""))
    path = folder / "labels.csv"
    with path.open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([[*head, "view"], *([*row, "PA"] for row in rows if "images/unsure" not in row[0]),
                                    *lines])
    return folder


@pytest.fixture(autouse=True)
def few_drawn(monkeypatch):
    monkeypatch.setattr(gate_data, "MADE_PICTURES", 6)


def gate_config(**changes) -> GateConfig:
    return GateConfig.model_validate(GATE | changes)


def test_what_is_made_of_a_chest_is_what_its_name_says():
    picture, rng = gradient(40, 60), np.random.default_rng(0)
    np.testing.assert_array_equal(inverted(inverted(picture, rng), rng), picture)
    np.testing.assert_array_equal(turned_right(turned_left(picture, rng), rng), picture)
    np.testing.assert_array_equal(turned_left(picture, rng)[-1], picture[:, 0])  # the left edge comes to the bottom
    for _ in range(20):
        half = one_lung(picture, rng)
        assert 0.35 * 60 <= half.shape[1] <= 0.55 * 60 and half.shape[0] >= 0.55 * 40


def test_all_pictures_are_gray_and_a_seed_repeats_them():
    picture = gradient(90, 110)
    for draw in MADE.values():
        one, two = (draw(np.random.default_rng(3)) for _ in range(2))
        assert one.dtype == np.uint8 and one.ndim == 2 and one.std() > 0
        np.testing.assert_array_equal(one, two)
    for change in (varied, *(change for change, _ in MADE_OF_CHESTS.values())):
        one, two = (change(picture, np.random.default_rng(4)) for _ in range(2))
        assert one.dtype == np.uint8 and one.ndim == 2 and one.size
        np.testing.assert_array_equal(one, two)


def both(table):
    """Return what is known of the pictures to learn from and of those to test."""
    rows, config = read_labels(table, made_config().labels), gate_config()
    return [[shown for shown, _ in show(table, rows, config)] for show in (pictures_to_learn, pictures_to_test)]


def test_no_patient_is_learned_from_and_tested(table):
    parts = [{shown.patient for shown in part} for part in both(table)]
    assert parts[0] and parts[1] and not parts[0] & parts[1]


def test_all_rows_of_a_patient_go_the_way_of_the_one_whose_split_is_known():
    def rows(split):
        names = [f"{split}{index}" for index in range(40)]
        return [LabelRow(f"{name}-{part}.png", "s", part, name, "", Label.MISSING) for name in names
                for part in {split, "gate"}]

    tested = paths_to_test([*rows("train"), *rows("test"), *rows("gate")], gate_config())
    assert {row.path for row in rows("test")} <= tested and not {row.path for row in rows("train")} & tested
    drawn = {row.path for row in rows("gate")}
    assert drawn & tested and drawn - tested


def test_rows_that_name_no_patient_do_not_follow_each_other():
    rows = [LabelRow(f"{split}.png", "s", split, "unknown:s", "", Label.MISSING) for split in ("train", "test")]
    assert paths_to_test(rows, gate_config()) == {"test.png"}


def test_a_kind_that_is_not_learned_is_tested_whole(table):
    kinds = [[shown.kind for shown in part] for part in both(table)]
    assert "never learned" not in kinds[0] and kinds[1].count("never learned") == 12
    assert {"stripes", "side view", "noise", "inverted"} <= set(kinds[0]) & set(kinds[1])


def test_frontal_chests_of_no_named_source_are_drawn_as_those_of_any(table):
    rows = [replace(row, source="" if row.source == "school" else row.source) for row in read_labels(
        table, made_config().labels)]
    for show in (pictures_to_learn, pictures_to_test):
        shown = [shown for shown, _ in show(table, rows, gate_config())]
        assert {item.origin for item in shown if item.kind == FRONTAL} == {"clinic", NO_SOURCE}
    learned = [shown for shown, _ in pictures_to_learn(table, rows, gate_config())]
    weights = gate_fit._weights(learned)
    drawn = sum(weight for weight, item in zip(weights, learned, strict=True) if item.kind == FRONTAL)
    assert drawn == pytest.approx(gate_fit.FRONTAL_SHARE)


@pytest.mark.parametrize("kind", [PurePosixPath, PureWindowsPath])
def test_a_folder_of_outliers_has_one_name_on_every_system(kind):
    assert name_in(kind("others"), kind("others") / "a" / "b") == "a/b"


def test_a_source_is_left_out_with_all_that_was_made_of_it_and_a_kind_as_a_whole():
    shown = [Shown(kind, origin, f"{origin}{index}", Answer.FRONTAL) for origin in ("a", "b", "c")
             for kind in (FRONTAL, "inverted") for index in range(3)]
    shown += [Shown(kind, "", f"{kind}{index}", Answer.OTHER) for kind in ("x", "y") for index in range(3)]
    shown += [Shown("side", "", f"side{index}", Answer.LATERAL) for index in range(8)]
    folds = fold_of(shown, 2)
    for name in ("a", "b", "c"):
        assert len({fold for fold, item in zip(folds, shown, strict=True) if item.origin == name}) == 1
    for name in ("x", "y"):
        assert len({fold for fold, item in zip(folds, shown, strict=True) if item.kind == name}) == 1
    assert {fold for fold, item in zip(folds, shown, strict=True) if item.kind == "side"} == {0, 1}


def test_the_limit_counts_each_source_alike_however_many_pictures_it_has():
    score = np.concatenate([np.linspace(0, 1, 1000), np.full(10, 5.0)]).astype(np.float32)
    origins = np.array(["large"] * 1000 + ["small"] * 10)
    # a tenth of both together is a fifth of the large one
    assert limit(score, origins, 0.1) == pytest.approx(0.2, abs=0.01)
    assert limit(score, origins, 1e-9) == 0


def made_features(seed=0):
    """Return features in which every answer has a direction of its own, and what they are of."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(len(Answer), 48)) * 3
    shown, features = [], []
    kinds = {answer: kind for kind, (_, answer) in MADE_OF_CHESTS.items()}
    for index in range(600):
        answer = list(Answer)[index % len(Answer)]
        is_chest = answer not in (Answer.OTHER, Answer.LATERAL)
        kind = FRONTAL if answer is Answer.FRONTAL else kinds.get(answer, f"kind {index % 2}")
        shown.append(Shown(kind, f"source {index % 4}" if is_chest else "", f"patient {index}", answer))
        features.append(directions[list(Answer).index(answer)] + rng.normal(size=48))
    return np.array(features, np.float32), shown


def test_a_gate_learns_what_can_be_told_apart_and_the_same_seed_gives_the_same_one():
    features, shown = made_features()
    fitted = fit_gate(features, shown, gate_config(), seed=1)
    assert fit_gate(features, shown, gate_config(), seed=1).content == fitted.content
    head = gate_from_any(fitted)
    logs = head.logs(made_features(seed=0)[0])
    said = [fitted.spec.answers[place] for place in logs.argmax(1)]
    assert np.mean([answer is item.answer for answer, item in zip(said, shown, strict=True)]) > 0.97
    parts = {part.kind: part for part in unseen_parts(fitted)}
    assert parts[ALL_FRONTAL].stopped.value <= 0.03 and parts["upside down"].stopped.value > 0.9


def gate_from_any(fitted):
    from safetensors.numpy import load

    from core.reading.input_gate import ARRAYS, Head

    arrays = load(fitted.content)
    return Head(**{name: arrays[name] for name in ARRAYS})


def test_without_a_frontal_chest_there_is_nothing_to_learn():
    features, shown = made_features()
    keep = [index for index, item in enumerate(shown) if item.kind != FRONTAL]
    with pytest.raises(ValueError, match="no frontal chest"):
        fit_gate(features[keep], [shown[index] for index in keep], gate_config(), seed=1)


def test_outliers_are_pictures_and_dicom_files_whose_header_excludes_them(tmp_path):
    make_picture(tmp_path / "page.png", gradient(70, 80))
    make_picture(tmp_path / "small.png", gradient(20, 20))
    (tmp_path / "notes.txt").write_text("no image")
    folder = tmp_path / "dicom"
    folder.mkdir()
    pixels = gradient(70, 80, np.uint16)
    make_dicom(folder / "chest.dcm", pixels, Modality="CR", BodyPartExamined="CHEST")
    make_dicom(folder / "hand.dcm", pixels, Modality="CR", BodyPartExamined="HAND")
    make_dicom(folder / "brain.dcm", pixels, Modality="MR")
    found = find_outliers([tmp_path], POPULATION)
    assert {item.path.name for item in found} == {"page.png", "hand.dcm", "brain.dcm"}


def test_pictures_of_a_flat_folder_are_all_taken_and_placed_one_by_one(tmp_path):
    for index in range(MOST_OF_HOME + 12):
        make_picture(tmp_path / f"{index}.png", gradient(70, 80))
    found = find_outliers([tmp_path], POPULATION)
    assert len({item.home for item in found}) == len(found) == MOST_OF_HOME + 12
    shown = [{item.patient for item, _ in show(tmp_path, (), gate_config(), found) if item.kind == "files: pictures"}
             for show in (pictures_to_learn, pictures_to_test)]
    assert shown[0] and shown[1] and not shown[0] & shown[1] and len(shown[0] | shown[1]) == len(found)


@pytest.mark.parametrize("names_series", [True, False])
def test_of_a_dicom_series_a_few_files_are_taken_and_stay_together(tmp_path, names_series):
    for series in ("1", "2"):
        folder = tmp_path if names_series else tmp_path / series  # without a name the folder tells it
        folder.mkdir(exist_ok=True)
        uid = f"1.2.{series}" if names_series else None
        for index in range(MOST_OF_HOME + 2):
            make_dicom(folder / f"{series}-{index}.dcm", gradient(70, 80, np.uint16), Modality="MR",
                       SeriesInstanceUID=uid)
    found = find_outliers([tmp_path], POPULATION)
    assert len(found) == 2 * MOST_OF_HOME
    assert len({(item.home, item.path.name[0]) for item in found}) == len({item.home for item in found}) == 2


def test_outliers_of_a_folder_that_is_not_there_are_missed_before_anything_is_trained(table, tmp_path):
    with pytest.raises(NotADirectoryError, match="nowhere"):
        find_outliers([tmp_path / "nowhere"], POPULATION)
    with pytest.raises(NotADirectoryError, match="nowhere"):
        train_model(made_config(), table, tmp_path / "run", tmp_path / "model", outliers=[tmp_path / "nowhere"])
    assert not (tmp_path / "run").exists()


def test_a_run_fits_a_gate_that_the_model_folder_and_its_card_have(table, tmp_path, capsys):
    outliers, run = tmp_path / "others", tmp_path / "run"
    for index in range(8):
        (outliers / str(index)).mkdir(parents=True)
        make_picture(outliers / str(index) / "page.png", gradient(90, 90))
    config = made_config("imagenet", steps=16, batch=8, warmup_steps=2, ema_decay=0.5, evaluate_every=8)
    train_model(config, table, run, run / "model")
    assert load_card(run / "model").gate is None and not (run / "model" / GATE_NAME).exists()

    # the finished run gets one, without training again
    loop = config.loop.model_dump(mode="json")
    path = write_toml(tmp_path / "run.toml", start="imagenet", loop=loop, gate=gate_config().model_dump(mode="json"))
    options = ["train", str(path), "--data", str(table), "--out", str(run)]
    assert main([*options, "--resume", "--outliers", str(outliers)]) == 0
    assert "Input gate" in capsys.readouterr().out
    model, evaluation = load_model(run / "model", "cpu"), load_evaluation(run / "model")
    assert isinstance(model, Model) and model.gate is not None
    assert evaluation.gate.sha256 == model.card.gate.sha256
    assert evaluation.gate.tested[0].kind == ALL_FRONTAL and evaluation.gate.tested[0].pictures == 12
    assert {"stripes", "side view", "never learned", "mirrored"} <= {part.kind for part in evaluation.gate.tested}
    assert "files: pictures" in {part.kind for part in evaluation.gate.unseen}
    text = (run / "model" / "CARD.md").read_text(encoding="utf-8")
    assert "## Input gate" in text and "frontal chest: school" in text and "Harder: gates that never saw" in text

    options = ["evaluate", str(run / "model"), str(table), "--update", "--bootstrap", "20"]
    assert main([*options, "--outliers", str(outliers)]) == 0
    assert load_evaluation(run / "model").gate == evaluation.gate

    train_model(config, table, run, run / "model", resume=True)  # asked for none, it goes
    assert load_card(run / "model").gate is None and not (run / "model" / GATE_NAME).exists()


def test_what_gates_that_never_saw_a_kind_took_it_for_is_not_just_that_they_stopped_it():
    shown = [Shown(FRONTAL, "a", f"a{index}", Answer.FRONTAL) for index in range(4)]
    shown += [Shown("turned left", "a", f"t{index}", Answer.TURNED_LEFT) for index in range(4)]
    shown += [Shown("photograph", "", f"p{index}", Answer.OTHER, is_far=True) for index in range(4)]
    places = [list(Answer).index(answer) for answer in (Answer.TURNED_LEFT, Answer.PART, Answer.OTHER)]
    other = np.array([places[1]] * 4 + places[:1] * 3 + places[1:2] + places[2:] * 2 + places[1:2] * 2)
    score = np.array([2.0] * 4 + [-2.0] * 8, np.float32)
    spec = GateSpec(answers=tuple(Answer), least=0.0, mirrored=5.0, sha256="0" * 64)
    fitted = FittedGate(spec, b"", tuple(shown), Unseen(score, np.zeros(12, np.float32), other))
    parts = {part.kind: part for part in unseen_parts(fitted)}
    assert parts["turned left"].stopped.value == 1 and parts["turned left"].recognized.value == 0.75
    assert parts["photograph"].stopped.value == 1 and parts["photograph"].recognized.value == 0.5
    assert parts[ALL_FRONTAL].recognized.value == 1


def test_gates_that_were_left_out_keep_what_else_they_took_a_picture_for():
    features, shown = made_features()
    fitted = fit_gate(features, shown, gate_config(), seed=1)
    said = [fitted.spec.answers[place] for place in fitted.unseen.other]
    assert not {Answer.FRONTAL, Answer.MIRRORED} & set(said)
    turned = [answer is item.answer for answer, item in zip(said, shown, strict=True)
              if item.answer is Answer.UPSIDE_DOWN]
    assert np.mean(turned) > 0.9


def gate_part(kind, source="", recognized=0.9):
    figures = (Figure(value=value, low=0.0, high=1.0) for value in (0.95, recognized))
    return GatePart(kind=kind, source=source, is_far=False, pictures=9, patients=9, stopped=next(figures),
                    recognized=next(figures))


def gate_result(sources, **known):
    parts = (gate_part(ALL_FRONTAL), *(gate_part(FRONTAL, source) for source in sources), gate_part("mirrored"),
             gate_part("upside down"))
    return GateResult(config=gate_config(), sha256="0" * 64, least=0.0, mirrored=1.0, tested=parts, unseen=parts,
                      **known)


def test_of_figures_made_before_answers_were_kept_what_was_not_measured_is_a_dash():
    result = gate_result(("a", "b"))
    assert not result.has_answers  # of an older evaluation.json
    rows = {row[0]: row[-1] for row in unseen_rows(result, figure_text)}
    assert rows["upside down"] == "–"
    assert all(rows[kind].startswith("0.900") for kind in (ALL_FRONTAL, "frontal chest: a", "mirrored"))
    tested, unseen = " ".join(gate_lines(result, figure_text)).split("Harder:")
    assert "| upside down | 9 | 9 | 0.950 (0.000–1.000) | 0.900" in tested
    assert "| upside down | 9 | 9 | 0.950 (0.000–1.000) | – |" in unseen and "a dash where it was not kept" in unseen
    kept = " ".join(gate_lines(gate_result(("a", "b"), has_answers=True), figure_text))
    assert "–" not in [row[-1] for row in unseen_rows(gate_result(("a",), has_answers=True), figure_text)]
    assert "a dash" not in kept


def test_the_page_leaves_out_what_was_not_measured_as_the_card_does():
    whole = Evaluation(name="n", version="1", weights_sha256="ab" * 32, finding="Blob", threshold=0.4,
                       labels=LabelWords(), results=(), gate=gate_result(("a", "b")))
    tested, unseen = page(whole, {}).split("kind never seen")
    assert "<td>–</td>" not in tested and unseen.count("<td>–</td>") == 1  # what is upside down


def test_a_tables_own_mirrored_kind_was_measured_before_answers_were_kept():
    kind = {"name": "old films", "rows": {"sources": ["films"]}, "answer": "mirrored", "is_far": False}
    result = gate_result(("a",))
    result = result.model_copy(update={
        "config": gate_config(kinds=[*GATE["kinds"], kind]),
        "unseen": (*result.unseen, gate_part("old films", recognized=0.7), gate_part("stripes")),
    })
    rows = {row[0]: row[-1] for row in unseen_rows(result, figure_text)}
    assert rows["old films"].startswith("0.700") and rows["stripes"] == "–"


def test_a_later_evaluation_of_the_same_gate_does_not_claim_answers_that_were_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(gate_measure, "pictures_to_test", lambda *given: iter(()))
    spec = GateSpec(answers=tuple(Answer), least=0.0, mirrored=5.0, sha256="0" * 64)
    model = SimpleNamespace(gate=SimpleNamespace(spec=spec), card=SimpleNamespace(population=POPULATION))
    whole = Evaluation(name="n", version="1", weights_sha256="ab" * 32, finding="Blob", threshold=0.4,
                       labels=LabelWords(), results=())
    for known in (gate_result(("a",)), gate_result(("a",), has_answers=True)):
        found = with_gate(whole, model, tmp_path, (), gate_config(), known=known).gate
        assert (found.unseen, found.has_answers) == (known.unseen, known.has_answers)


@pytest.mark.parametrize("sources, said", [(("a",), ("of patients left out", "never saw the patient, or")),
                                           (("a", "b"), ("of sources left out", "never saw the source of the chest"))])
def test_the_card_says_whether_gates_were_fitted_without_sources_or_without_patients(sources, said):
    text = " ".join(gate_lines(gate_result(sources), figure_text))
    assert all(words in text for words in said)
