"""wetread-cli evaluate, called as a shell calls it: nothing measured is lost, and nothing that is asked is ignored."""

import json

import pytest

from core.cli.main import main
from core.cli.reports import LEARNED_REMARK
from core.training.config import LabelWords
from core.training.evaluation import load_evaluation
from core.training.fold_plan import Plan, open_plan
from core.training.labels import read_labels
from tests.make.model import make_model
from tests.make.scored import write_made_predictions
from tests.make.training import OWN_WORDS, made_config, make_table, with_own_words

STATED = '[[stated_ages]]\nrows = {sources = ["school"]}\nyears = 3\n'
ONE = '[[reports]]\nname = "one"\ntitle = "{title}"\nrows = {rows}\n'
TESTS = '{splits = ["test"]}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("evaluated") / "set", trained=4, tested=8)


@pytest.fixture(scope="module")
def table(folder, tmp_path_factory):
    """A table of predictions of all labelled pictures."""
    return write_made_predictions(
        tmp_path_factory.mktemp("predicted") / "predictions.csv", read_labels(folder, LabelWords()))


@pytest.fixture
def model(tmp_path):
    """A model's folder that reads the drawn chests, which are small."""
    return make_model(tmp_path / "model", min_side_px=40)


def evaluated(*words) -> int:
    return main(["evaluate", *map(str, words), "--bootstrap", "20"])


@pytest.mark.parametrize(("options", "said"), [
    (("--outliers", "others"), "--outliers tests a model's input gate"), (("--device", "cpu"), "--device is where"),
    (("--update",), "--update needs a model's folder"),
])
def test_an_option_that_means_nothing_for_a_table_of_predictions_is_wrong_usage(table, folder, capsys, options, said):
    assert evaluated(table, folder, *options) == 2
    told = capsys.readouterr()
    assert told.err.startswith(said) and told.err.count("\n") == 1 and not told.out


def test_a_finding_cannot_be_chosen_of_a_models_folder(model, folder, capsys):
    assert evaluated(model, folder, "--finding", "Blob") == 2
    assert "--finding chooses from a table of predictions" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "wanted"), [("--json", "file"), ("--out", "folder")])
def test_what_is_in_the_way_of_a_result_is_told_before_a_picture_is_read(folder, tmp_path, capsys, option, wanted):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    target = tmp_path / ("folder" if wanted == "file" else "file")
    assert evaluated(tmp_path / "no model", folder, option, target) == 2
    assert capsys.readouterr().err == f"{target}: not written, it is a {target.name}. Name a {wanted}.\n"


def test_figures_that_cannot_be_written_are_printed(table, folder, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "figures.json"
    assert evaluated(table, folder, "--out", tmp_path / "file" / "out", "--json", target) == 1
    told = capsys.readouterr()
    assert "All pictures" in told.out and "written:" not in told.out and "not written (" in told.err
    assert json.loads(target.read_text())["results"]


def test_figures_are_written_before_they_are_printed(table, folder, tmp_path, monkeypatch):
    def broken(*_, **__):  # as rich does where nobody reads its output any more
        raise SystemExit(1)

    monkeypatch.setattr("core.training.evaluation_table.print_evaluation", broken)
    with pytest.raises(SystemExit):
        evaluated(table, folder, "--out", tmp_path / "out", "--json", tmp_path / "figures.json")
    assert json.loads((tmp_path / "figures.json").read_text()) == json.loads(
        (tmp_path / "out" / "evaluation.json").read_text())


def test_a_file_of_reports_takes_nothing_from_a_model_that_it_does_not_say(model, folder, tmp_path):
    reports = tmp_path / "reports.toml"
    gate = '[gate]\nfrontal = {splits = ["test"]}\n'
    reports.write_text(STATED + gate + ONE.replace("{title}", "First").replace("{rows}", TESTS), encoding="utf-8")
    command = (model, folder, "--device", "cpu", "--update", "--reports", reports)
    assert evaluated(*command) == 0
    first = load_evaluation(model)
    reports.write_text(ONE.replace("{title}", "Other").replace("{rows}", TESTS), encoding="utf-8")
    assert evaluated(*command) == 0
    second = load_evaluation(model)
    assert [result.report.title for result in second.results] == ["Other"]
    assert len(first.stated_ages) == 1 and second.stated_ages == first.stated_ages


def test_a_key_that_is_mistyped_is_told(model, folder, tmp_path, capsys):
    reports = tmp_path / "reports.toml"
    reports.write_text(ONE.replace("{title}", "First").replace("{rows}", TESTS).replace("reports", "report"))
    assert evaluated(model, folder, "--reports", reports) == 2
    assert "reports.toml cannot be used: there is no report in a configuration" in capsys.readouterr().err


def test_figures_of_pictures_that_the_model_may_have_learned_from_say_so_wherever_they_stand(
    model, folder, tmp_path, capsys
):
    reports, out = tmp_path / "reports.toml", tmp_path / "out"
    reports.write_text(ONE.replace("{title}", "All of it").replace("{rows}", "{}"), encoding="utf-8")
    command = (model, folder, "--device", "cpu", "--out", out)
    assert evaluated(*command, "--reports", reports) == 0
    told = capsys.readouterr()
    assert "Figures may be too good: the report 'one' asks for pictures that the model may have learned" in told.err
    assert LEARNED_REMARK[:40] in told.out
    assert LEARNED_REMARK in (out / "report.html").read_text(encoding="utf-8")
    assert evaluated(*command) == 0  # of the test split
    told = capsys.readouterr()
    assert "too good" not in told.err + told.out + (out / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def folds(folder, tmp_path):
    """A cross-validation's folder, of a table with words of its own: its plan and what was predicted, no test row."""
    config = made_config().model_dump(mode="json") | {"labels": OWN_WORDS}
    for report in config["reports"]:
        report["against"] = []
    one = config["reports"][-1]
    one["rows"]["labels"] = ["never said"]
    open_plan(tmp_path / "folds", made_config().model_validate(config), Plan(), False)
    rows = read_labels(with_own_words(folder), LabelWords(**OWN_WORDS))
    write_made_predictions(tmp_path / "folds" / "predictions.csv", [row for row in rows if row.split == "train"])
    return tmp_path / "folds"


def test_a_cross_validations_table_is_evaluated_by_its_own_words_on_all_that_it_predicts(folder, folds, capsys):
    target = folds / "figures.json"
    assert evaluated(folds / "predictions.csv", with_own_words(folder), "--json", target) == 0
    first, *others = json.loads(target.read_text())["results"]
    assert first["report"]["title"] == "Blob against all" and not first["not_read"]
    assert first["positives"] == first["negatives"] == 2 and first["report"]["rows"]["splits"] == []
    assert [one["report"]["name"] for one in others] == ["normal"]  # none is left of what finds no picture
    assert not capsys.readouterr().err


def test_reports_of_a_file_go_before_those_of_the_plan_and_no_answer_at_all_is_told(folder, folds, tmp_path, capsys):
    (tmp_path / "my.toml").write_text(ONE.replace("{title}", "Tests").replace("{rows}", TESTS), encoding="utf-8")
    command = (folds / "predictions.csv", with_own_words(folder), "--reports", tmp_path / "my.toml")
    assert evaluated(*command, "--out", tmp_path / "out") == 2
    told = capsys.readouterr()
    assert told.err.startswith("no picture that the reports ask for has an answer (no prediction: 8)") and not told.out
    assert not (tmp_path / "out").exists()


def test_a_word_that_no_configuration_knows_names_the_option_that_says_what_it_means(
    folder, folds, table, model, capsys
):
    for command in ((table, with_own_words(folder)), (model, with_own_words(folder)),
                    (folds / "predictions.csv", folder)):
        assert evaluated(*command) == 2
        assert "in none of the configured lists: say what the words mean with --reports" in capsys.readouterr().err


def test_a_damaged_plan_is_named(folder, folds, capsys):
    (folds / "plan.json").write_text("[]", encoding="utf-8")
    assert evaluated(folds / "predictions.csv", folder) == 2
    assert capsys.readouterr().err == f"{folds / 'plan.json'} is damaged, or of another version of the program\n"


def test_a_model_that_reads_no_picture_has_no_figures(folder, tmp_path, capsys):
    small = make_model(tmp_path / "small")  # for larger pictures
    assert evaluated(small, folder, "--device", "cpu", "--update") == 2
    assert "no picture that the reports ask for has an answer (too-small: 8)" in capsys.readouterr().err
    assert not (small / "CARD.md").exists()
