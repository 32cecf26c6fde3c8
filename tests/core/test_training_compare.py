"""Two tables of predictions, and a model and a table, on the same pictures."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.cli.main import main
from core.training.answers import answers_of
from core.training.compare import compare
from core.training.compare_shortcuts import shortcut_summary
from core.training.config import LabelWords, Report, RowFilter
from core.training.labels import read_labels
from core.training.predict import Prediction, write_predictions
from tests.make.model import make_model
from tests.make.training import make_table

ALL = Report(name="all", title="All", rows=RowFilter())


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("table") / "set")


def predictions(rows, gain, seed, threshold=0.5):
    rng = np.random.default_rng(seed)
    found = []
    for row in rows:
        if row.is_known:
            logit = float(rng.normal() + gain * (row.is_positive - 0.5))
            found.append(Prediction(row.path, "Blob", "", logit, 1 / (1 + np.exp(-logit)), threshold))
    return found


def test_a_better_model_is_found_better_and_the_order_only_turns_the_sign(table):
    rows = read_labels(table, LabelWords())
    good, poor = (answers_of(predictions(rows, gain, 1), rows, "Blob") for gain in (4.0, 0.5))
    (one,) = compare(("good", "poor"), good, poor, rows, [ALL], draws=200).results
    (other,) = compare(("poor", "good"), poor, good, rows, [ALL], draws=200).results
    assert one.delong.low > 0 and one.delong.p < 0.01 and one.bootstrap.low > 0
    assert other.delong.value == pytest.approx(-one.delong.value) and other.delong.p == pytest.approx(one.delong.p)
    assert one.all_calls.only_first == other.all_calls.only_second
    assert one.all_calls.only_first == one.calls_with.only_first + one.calls_without.only_first
    assert one.positives + one.negatives == 64 and one.left_out == 0


def test_what_either_score_knows_of_the_source_and_of_the_picture_stands_side_by_side(table):
    rows = read_labels(table, LabelWords())
    fair = predictions(rows, 2, 1)
    told = [replace(item, logit=item.logit + 9 * (row.source == "school"))
            for item, row in zip(fair, (row for row in rows if row.is_known), strict=True)]
    first, second = (answers_of(side, rows, "Blob") for side in (fair, told))
    found = compare(("fair", "told"), first, second, rows, [ALL], draws=20, folder=table).shortcuts
    assert found.guesses and all(item.first.value < item.second.value == 1 for item in found.guesses)
    assert {item.feature for item in found.correlations} == {"brightness", "sharpness"}  # all are of one size
    same = compare(("a", "b"), first, first, rows, [ALL], draws=20, folder=table).shortcuts
    assert all(item.first == item.second for item in (*same.guesses, *same.correlations))
    assert shortcut_summary(found)[0].startswith("The source from the score: A on average 0.")
    assert not compare(("a", "b"), first, second, rows, [ALL], draws=20).shortcuts.correlations


def test_only_pictures_that_both_read_count(table):
    rows = read_labels(table, LabelWords())
    whole = predictions(rows, 2, 1)
    first, second = answers_of(whole, rows, "Blob"), answers_of(whole[:-10], rows, "Blob")
    (result,) = compare(("a", "b"), first, second, rows, [ALL], draws=50).results
    assert (result.positives + result.negatives, result.left_out) == (54, 10)
    assert result.delong.p == 1.0 and result.all_calls.p == 1.0


def test_two_predictions_for_a_picture_are_an_error(table):
    rows = read_labels(table, LabelWords())
    with pytest.raises(ValueError, match="two predictions of Blob"):
        answers_of(predictions(rows, 1, 1) * 2, rows, "Blob")


def test_the_command_compares_tables_and_models(table, tmp_path, capsys):
    rows = read_labels(table, LabelWords())
    for name, gain in (("good", 4.0), ("poor", 0.5)):
        write_predictions(tmp_path / f"{name}.csv", predictions(rows, gain, 1))
    target = tmp_path / "comparison.json"
    good, poor = str(tmp_path / "good.csv"), str(tmp_path / "poor.csv")
    assert main(["compare", good, poor, str(table), "--json", str(target), "--bootstrap", "50"]) == 0
    shown = capsys.readouterr().out
    assert "A − B" in shown and "clinic" in shown and "All pictures" in shown
    assert "AUC of A" in shown and "The score and brightness" in shown
    results = json.loads(target.read_text())["results"]
    assert [result["report"]["title"] for result in results] == ["All pictures", "clinic", "school"]
    model = make_model(tmp_path / "model", min_side_px=40)
    assert main(["compare", str(model), good, str(table), "--device", "cpu", "--bootstrap", "20"]) == 0
    assert "Test split" in capsys.readouterr().out


def test_the_command_says_what_is_missing(table, tmp_path, capsys):
    write_predictions(tmp_path / "none.csv", [])
    assert main(["compare", str(tmp_path / "none.csv"), str(tmp_path / "none.csv"), str(table)]) == 1
    assert "none of the reports" in capsys.readouterr().err
    assert main(["compare", str(tmp_path / "no model"), str(tmp_path / "none.csv"), str(table)]) == 2


def test_a_further_finding_is_compared_by_the_words_that_answer_it_or_not_at_all(
    table, tmp_path, capsys, monkeypatch
):
    rows = read_labels(table, LabelWords())
    for name, gain in (("good", 4.0), ("poor", 0.5)):
        first = predictions(rows, gain, 1)
        write_predictions(tmp_path / f"{name}.csv", [*first, *(replace(item, finding="Virus") for item in first)])
    command = ["compare", str(tmp_path / "good.csv"), str(tmp_path / "poor.csv"), str(table), "--bootstrap", "20"]
    assert main([*command, "--finding", "Blob"]) == 0
    capsys.readouterr()
    reports = tmp_path / "reports.toml"
    plain = '[[reports]]\nname = "all"\ntitle = "By label"\nrows = {}\n'
    reports.write_text(plain, encoding="utf-8")
    for more in ([], ["--reports", str(reports)]):
        assert main([*command, "--finding", "Virus", *more]) == 1
        assert "labels are about Blob, not about Virus" in capsys.readouterr().err
    virus = f'{plain}[[reports]]\nname = "virus"\ntitle = "By words"\nrows = {{}}\nfinding = "Virus"\n'
    reports.write_text(virus, encoding="utf-8")
    assert main([*command, "--finding", "Virus", "--reports", str(reports)]) == 1
    assert "which no label answers" in capsys.readouterr().err
    reports.write_text(virus + 'said = { positive = ["opacity"], negative = ["normal", "other"] }\n', encoding="utf-8")
    said = [replace(row, said=row.word) for row in rows]
    monkeypatch.setattr("core.training.labels.read_labels", lambda *arguments: said)
    assert main([*command, "--finding", "Virus", "--reports", str(reports)]) == 0
    shown = capsys.readouterr().out
    assert "By words" in shown and "By label" not in shown


def test_the_labels_are_about_a_finding_that_is_the_first_of_either_table(table, tmp_path, capsys):
    rows = read_labels(table, LabelWords())
    names = {"ours": ("Blob", "Virus"), "theirs": ("Virus", "Blob"), "third": ("Cyst", "Virus")}
    for name, findings in names.items():
        write_predictions(tmp_path / f"{name}.csv", [
            replace(item, finding=finding) for finding in findings for item in predictions(rows, 2.0, 1)])
    ours, theirs, third = (str(tmp_path / f"{name}.csv") for name in names)
    for pair in ((ours, theirs), (theirs, ours), (third, theirs)):
        assert main(["compare", *pair, str(table), "--bootstrap", "20", "--finding", "Virus"]) == 0
        assert "All pictures" in capsys.readouterr().out
    assert main(["compare", ours, third, str(table), "--bootstrap", "20", "--finding", "Virus"]) == 1
    assert "labels are about Blob or Cyst, not about Virus" in capsys.readouterr().err


def test_calls_are_compared_by_patient(table):
    rows = read_labels(table, LabelWords())  # two pictures a patient
    good, poor = (answers_of(predictions(rows, gain, 1), rows, "Blob") for gain in (4.0, 0.5))
    (pairs,) = compare(("a", "b"), good, poor, rows, [ALL], draws=20).results
    one = [replace(row, patient="one") for row in rows]
    (single,) = compare(("a", "b"), good, poor, one, [ALL], draws=20).results
    assert pairs.all_calls.p < 0.05 and single.all_calls.p == 1.0
    assert single.all_calls.only_first == pairs.all_calls.only_first
