"""A made collection with known faults: each one is found, and a clean one passes."""

import csv
import json

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.training import guesses
from core.training.config import LabelWords
from core.training.data_check import check_data, class_of, feature_aucs
from core.training.data_report import contact_sheet
from core.training.labels import read_labels
from core.training.picture_facts import FEATURES, features_of, measure_pictures
from tests.make.picture import make_picture

COLUMNS = ("path", "source", "split", "patient", "label", "width", "height")


def texture(seed, brightness=120, shape=(90, 100)):
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.normal(0, 400, shape), (0, 0), 3)
    return np.clip(brightness + noise, 1, 254).astype(np.uint8)


def make_collection(folder, faults=True):
    """Two sources, 40 pictures each; with faults a copy and a patient in two splits, and brightness tells the class."""
    folder.mkdir()
    rows = []
    for index in range(80):
        source, label = ("north", "south")[index % 2], ("opacity", "normal")[index // 2 % 2]
        split = "test" if index >= 60 else "train"
        shown = 150 if faults and label == "opacity" else 120
        shape = (90, 100) if source == "north" else (64, 128)
        make_picture(folder / f"{index:02d}.png", texture(index, shown, shape))
        rows.append([f"{index:02d}.png", source, split, f"p{index}", label, 1000, 900])
    if faults:
        make_picture(folder / "61.png", cv2.resize(texture(3, 120, (64, 128)), (200, 100)))
        rows[62][3] = "p2"
        rows[70][5:] = ["", ""]
        (folder / "10.png").unlink()
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    folder = make_collection(tmp_path_factory.mktemp("faulty") / "set")
    rows = read_labels(folder, LabelWords())
    facts = measure_pictures(folder, rows)
    return rows, facts, check_data(rows, facts)


def test_a_copy_between_splits_is_found_with_what_differs(faulty):
    _, _, check = faulty
    (copy,) = check.copies
    assert (copy.first, copy.second, copy.how) == ("03.png", "61.png", "copy")
    assert copy.across_splits and copy.across_patients and copy.across_labels


def test_a_patient_in_two_splits_is_found(faulty):
    _, _, check = faulty
    assert [(leak.patient, leak.splits) for leak in check.patient_leaks] == [("p2", ("test", "train"))]
    assert check.leaks == 2


def test_a_copy_under_two_patients_leaks_within_one_split_too(tmp_path, capsys):
    for index in range(8):
        home = tmp_path / "set" / ("cat", "dog")[index % 2]
        home.mkdir(parents=True, exist_ok=True)
        make_picture(home / f"{index}.png", texture(index))
    assert main(["data", "check", str(tmp_path / "set")]) == 0
    make_picture(tmp_path / "set" / "cat" / "again.png", texture(2))
    assert main(["data", "check", str(tmp_path / "set")]) == 1
    assert "1 under different patients" in capsys.readouterr().out


def test_a_picture_that_cannot_be_opened_is_named_and_counted_apart(faulty):
    _, facts, check = faulty
    assert check.unreadable == {"10.png": "not-found"} and check.pictures == 80
    assert len(facts.paths) == 79 == len(facts.digests) and sum(count.pictures for count in check.counts) == 80


def test_brightness_that_tells_the_class_is_the_strongest_fact(faulty):
    _, _, check = faulty
    whole = [item for item in check.features if not item.source]
    assert whole[0].feature in ("brightness", "bright part", "border brightness") and whole[0].auc > 0.95
    assert whole[0].label == "positive" and whole[0].larger
    assert {item.source for item in check.features} == {"", "north", "south"}


def test_a_source_of_another_shape_is_guessed_and_a_class_within_it_by_brightness(faulty):
    _, _, check = faulty
    found = {(guess.what, guess.by, guess.among): guess for guess in check.guesses}
    assert found["source", "facts", "all"].auc > 0.95 and found["source", "facts", "all"].chance == 0.5
    assert found["source", "facts", "negative"].accuracy > 0.9
    assert found["label", "facts", "north"].auc > 0.9


def test_what_a_single_source_tells_is_said_once():
    rows = [row for index, word in enumerate("ab" * 12) for row in _rows(index, word)]
    values = np.random.default_rng(1).normal(size=(len(rows), len(FEATURES)))
    assert {item.source for item in feature_aucs(rows, values)} == {""}
    labels = np.array([row.word for row in rows])
    found = guesses.guesses(rows, labels, values, np.zeros((len(rows), 64, 64), np.uint8))
    assert {(guess.what, guess.among) for guess in found} == {("label", "all")}


def test_sizes_are_those_of_the_files(faulty):
    _, _, check = faulty
    sizes = {item.source: item for item in check.resolutions}
    assert sizes["north"].most_common == "100 × 90" and sizes["south"].most_common == "128 × 64"
    assert sizes["south"].largest == 200


def test_facts_of_a_picture_counted_by_hand():
    gray = np.zeros((40, 80), np.uint8)
    gray[:, 40:] = 250
    facts = dict(zip(FEATURES, features_of(gray, (1024, 512), 1600), strict=True))
    assert facts["original area"] == 19 and facts["original aspect"] == 2 and facts["aspect"] == 2
    assert facts["bytes per pixel"] == 0.5 and facts["brightness"] == 125 and facts["side difference"] == -250
    assert facts["dark part"] == facts["bright part"] == 0.5 and facts["border brightness"] == pytest.approx(125)
    blurred = cv2.GaussianBlur(gray, (0, 0), 5)
    assert facts["sharpness"] > dict(zip(FEATURES, features_of(blurred, (80, 40), 1), strict=True))["sharpness"] + 1


def test_three_classes_are_told_one_against_the_others():
    rows = [row for index, word in enumerate("abc" * 12) for row in _rows(index, word)]
    values = np.zeros((len(rows), len(FEATURES)))
    values[:, 0] = [row.word == "c" for row in rows]
    found = {item.label: item for item in feature_aucs(rows, values) if item.feature == FEATURES[0] and not item.source}
    assert set(found) == {"a", "b", "c"} and found["c"].auc == 1 and found["c"].larger and not found["a"].larger


def test_a_rare_class_is_not_lost_where_pictures_are_drawn_for_a_guess(monkeypatch):
    monkeypatch.setattr(guesses, "LIMIT", 30)
    truth = np.array(["many"] * 400 + ["rare"] * 10 + ["alike"] * 200)
    patients = np.array([f"p{index}" for index in range(410)] + [f"q{index % 10}" for index in range(200)])
    columns = np.array([[name == "rare", name == "many"] for name in truth], np.float64)
    question = guesses._Question("label", "all", np.ones(len(truth), bool), truth)
    found = guesses.guess_by(question, "facts", columns, patients)
    # ten of each are drawn; those of "alike" are of fewer than ten patients then
    assert (found.classes, found.pictures, found.auc) == (2, 20, 1.0)


def _rows(index, word):
    from core.training.labels import Label, LabelRow

    yield LabelRow(f"{index}.png", "s", "train", f"p{index}", word, Label.MISSING)


def test_the_contact_sheet_has_a_line_for_each_source_and_class(faulty):
    rows, facts, _ = faulty
    sheet = contact_sheet(facts, rows)
    kinds = {(row.source, class_of(row)) for row in rows}
    assert sheet.dtype == np.uint8 and sheet.shape[0] == 4 + len(kinds) * 68


def test_the_command_writes_what_it_found_and_fails_where_something_leaks(tmp_path, capsys):
    folder, out = make_collection(tmp_path / "set"), tmp_path / "out"
    assert main(["data", "check", str(folder), "--out", str(out)]) == 1
    shown = capsys.readouterr().out
    assert "1 between splits" in shown and "Patients in more than one split: 1" in shown and "03.png = 61.png" in shown
    assert json.loads((out / "check.json").read_text())["unreadable"] == {"10.png": "not-found"}
    assert {path.name for path in out.iterdir()} == {
        "check.json", "facts.csv", "copies.csv", "patient-leaks.csv", "contact-sheet.png",
    }
    assert len((out / "facts.csv").read_text().splitlines()) == 80


def test_a_clean_folder_of_class_folders_passes_without_a_configuration(tmp_path, capsys):
    for index in range(48):
        home = tmp_path / "set" / ("train", "test")[index % 4 == 0] / ("cat", "dog")[index % 2]
        home.mkdir(parents=True, exist_ok=True)
        make_picture(home / f"{index}.png", texture(index))
    assert main(["data", "check", str(tmp_path / "set")]) == 0
    shown = capsys.readouterr().out
    assert "cat" in shown and "48 pictures name no patient" in shown


def test_results_that_cannot_be_written_are_told_before_anything_is_opened(tmp_path, capsys, monkeypatch):
    (tmp_path / "set" / "sick").mkdir(parents=True)
    make_picture(tmp_path / "set" / "sick" / "a.png", np.zeros((20, 20), np.uint8))
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("core.training.picture_facts.measure_pictures", lambda *given: pytest.fail("opened"))
    assert main(["data", "check", str(tmp_path / "set"), "--out", str(tmp_path / "file")]) == 2
    assert "file" in capsys.readouterr().err


def test_a_table_that_cannot_be_read_is_said(tmp_path, capsys):
    assert main(["data", "check", str(tmp_path / "none.csv")]) == 2
    (tmp_path / "empty").mkdir()
    assert main(["data", "check", str(tmp_path / "empty")]) == 2
    assert "neither labels.csv nor a folder for each class" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["labels", "pictures"])
def test_without_a_known_label_or_a_picture_that_opens_copies_and_leaks_are_still_told(tmp_path, capsys, fault):
    folder = make_collection(tmp_path / "set")
    table = folder / "labels.csv"
    if fault == "labels":
        text = table.read_text().replace(",opacity,", ",none,").replace(",normal,", ",none,")
        table.write_text(text)
    else:
        for path in folder.glob("*.png"):
            path.write_bytes(b"no picture")
    out = tmp_path / "out"
    assert main(["data", "check", str(folder), "--out", str(out)]) == 1  # a patient is in two splits
    check = json.loads((out / "check.json").read_text())
    assert check["patient_leaks"][0]["patient"] == "p2" and not check["guesses"]
    assert bool(check["copies"]) == (fault == "labels") and len(check["unreadable"]) == (1 if check["copies"] else 80)
    assert "p2" in capsys.readouterr().out
