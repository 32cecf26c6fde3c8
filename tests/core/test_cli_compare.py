"""wetread-cli compare, called as a shell calls it: what it will not compare, and what it says of what it does."""

import json

import pytest

from core.cli.main import main
from core.training.config import LabelWords, Report, RowFilter
from core.training.evaluation import Evaluation, SourceCount, to_json
from core.training.fold_plan import Plan, open_plan
from core.training.labels import read_labels
from core.training.measure import measure
from tests.make.model import make_model
from tests.make.scored import write_made_predictions
from tests.make.training import OWN_WORDS, made_config, make_table, with_own_words


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("compared") / "set", trained=4, tested=8)


@pytest.fixture
def table(folder, tmp_path):
    """A table of predictions of all labelled pictures."""
    return write_made_predictions(tmp_path / "predictions.csv", read_labels(folder, LabelWords()))


@pytest.fixture
def model(tmp_path):
    """A model's folder that reads the drawn chests, which are small."""
    return make_model(tmp_path / "model", min_side_px=40)


@pytest.fixture
def everything(tmp_path):
    """A file whose one report asks for training pictures too."""
    path = tmp_path / "reports.toml"
    path.write_text('[[reports]]\nname = "one"\ntitle = "All of it"\nrows = {}\n', encoding="utf-8")
    return path


def compared(*words) -> int:
    return main(["compare", *map(str, words), "--bootstrap", "20"])


def test_an_option_that_means_nothing_for_what_is_compared_is_wrong_usage(table, model, folder, capsys):
    assert compared(model, model, folder, "--finding", "Blob") == 2
    assert capsys.readouterr().err.startswith("--finding chooses from a table of predictions")
    assert compared(table, table, folder, "--device", "cpu") == 2
    assert capsys.readouterr().err.startswith("--device is where a model runs")


def known(model, *, trained: int, labels: LabelWords | None = None) -> None:
    """Write beside a model what it was evaluated on, and from how many pictures of the clinic it learned."""
    sha = json.loads((model / "model.json").read_text(encoding="utf-8"))["weights_sha256"]
    tests = Report(name="t", title="Tests", rows=RowFilter(splits=("test",)))
    count = SourceCount(source="clinic", licence="", trained=trained, held_out=0, tested=0, positives=1)
    (model / "evaluation.json").write_text(to_json(Evaluation(
        name="made", version="0.0", weights_sha256=sha, finding="Blob", threshold=0.5, labels=labels or LabelWords(),
        results=(measure(tests, [], {}, {}, draws=1),), sources=(count,),
    )), encoding="utf-8")


def test_of_pictures_that_a_model_learned_from_it_is_told_that_figures_may_be_too_good(
    table, model, folder, everything, capsys
):
    known(model, trained=3)
    for pair in ((model, table), (table, model)):
        assert compared(*pair, folder, "--reports", everything) == 0
        told = capsys.readouterr().err
        assert f"{model}: figures may be too good: the report 'one' asks for pictures that the model learned" in told
    assert compared(model, table, folder) == 0  # its own tests
    assert "too good" not in capsys.readouterr().err


@pytest.mark.parametrize("beside", ["nothing", "an older evaluation"])
def test_of_a_model_of_which_nothing_is_known_it_is_told_that_it_may_have_learned(
    table, model, folder, everything, capsys, beside
):
    if beside == "an older evaluation":
        (model / "evaluation.json").write_text('{"schema_version": 1}', encoding="utf-8")
    assert compared(table, model, folder, "--reports", everything, "--device", "cpu") == 0
    told = capsys.readouterr()
    assert told.err.startswith(f"{model}: figures may be too good: the report 'one' asks for")
    assert "All of it" in told.out


def test_tables_of_predictions_are_compared_on_training_pictures_without_a_word(table, folder, everything, capsys):
    assert compared(table, table, folder, "--reports", everything) == 0
    assert capsys.readouterr().err == ""


def test_a_comparison_is_written_before_it_is_printed(table, folder, tmp_path, monkeypatch):
    def broken(*_, **__):  # as rich does where nobody reads its output any more
        raise SystemExit(1)

    monkeypatch.setattr("core.training.compare.print_comparison", broken)
    with pytest.raises(SystemExit):
        compared(table, table, folder, "--json", tmp_path / "c.json")
    assert json.loads((tmp_path / "c.json").read_text())["results"]


def test_of_two_models_the_one_that_knows_the_tables_words_says_which_pictures(model, folder, tmp_path, capsys):
    own, target = make_model(tmp_path / "own", seed=2, min_side_px=40), tmp_path / "c.json"
    known(model, trained=3)
    assert compared(model, own, with_own_words(folder), "--device", "cpu") == 1
    assert "configured lists: say what the words mean with --reports" in capsys.readouterr().err
    known(own, trained=3, labels=LabelWords(**OWN_WORDS))
    assert compared(model, own, with_own_words(folder), "--device", "cpu", "--json", target) == 0
    (result,) = json.loads(target.read_text())["results"]
    assert result["report"]["title"] == "Tests" and result["positives"] == result["negatives"] == 4


def test_tables_of_a_cross_validation_are_compared_by_its_own_words_on_all_that_it_predicts(folder, tmp_path):
    config, target = made_config().model_dump(mode="json") | {"labels": OWN_WORDS}, tmp_path / "c.json"
    config["reports"] = config["reports"][:1]
    rows = [row for row in read_labels(with_own_words(folder), LabelWords(**OWN_WORDS)) if row.split == "train"]
    for name in ("a", "b"):
        open_plan(tmp_path / name, made_config().model_validate(config), Plan(), False)
        write_made_predictions(tmp_path / name / "predictions.csv", rows)
    tables = [tmp_path / name / "predictions.csv" for name in ("a", "b")]
    assert compared(*tables, with_own_words(folder), "--json", target) == 0
    (result,) = json.loads(target.read_text())["results"]
    assert result["report"]["title"] == "Blob against all" and result["positives"] == result["negatives"] == 2
