"""Cross-validation on drawn chests: predictions out of fold, resuming, sources left out, the command."""

import json
import shutil

import numpy as np
import pytest

from core.cli.main import main
from core.reading.model_card import load_card
from core.reading.read_image import Model, load_model, read_file
from core.training import crossvalidate as module
from core.training.config import AgeGroup, LabelWords, RowFilter, StatedAge
from core.training.crossvalidate import crossvalidate
from core.training.evaluation import load_evaluation
from core.training.fold_plan import Plan, checked_folds, open_plan
from core.training.labels import read_labels
from core.training.metrics import auc
from core.training.predict import read_predictions, write_predictions
from core.training.run import train_model
from core.training.split import read_split
from tests.make.extent import RATERS, made_extent_config, zones_teach
from tests.make.training import made_config, make_table, write_toml


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("table") / "set")


CONFIG = made_config("imagenet", steps=14, batch=8, warmup_steps=2, ema_decay=0.5, evaluate_every=7)


@pytest.fixture(scope="module")
def finished(table, tmp_path_factory):
    """Two folds over the training rows and the tests of one source."""
    folder = tmp_path_factory.mktemp("runs") / "folds"
    plan = Plan(folds=2, with_tests=("school",))
    return folder, plan, crossvalidate(CONFIG, plan, table, folder, say=lambda text: None)


def test_every_picture_asked_for_is_predicted_once_by_a_model_that_did_not_see_its_patient(finished, table):
    folder, _, (_, predictions) = finished
    rows = {row.path: row for row in read_labels(table, LabelWords())}
    asked = {path for path, row in rows.items()
             if row.is_known and (row.split == "train" or row.source == "school")}
    assert sorted(item.path for item in predictions) == sorted(asked)
    for name in ("1", "2"):
        seen = {rows[path].patient for path in read_split(folder / f"fold-{name}" / "split.csv")}
        assert not seen & {rows[item.path].patient for item in predictions if item.fold == name}


def test_the_folds_learned_and_their_predictions_are_those_of_their_model_folders(finished, table):
    folder, _, (rows, predictions) = finished
    positive = {row.path: row.is_positive for row in rows}
    chance = np.array([item.probability for item in predictions])
    assert auc(np.array([positive[item.path] for item in predictions]), chance) > 0.7
    one = next(item for item in predictions if item.fold == "2")
    model = load_model(folder / "fold-2" / "model", "cpu")
    assert isinstance(model, Model) and model.card.name == "drawn, fold 2"
    finding = read_file(table / one.path, model).findings[0]
    assert finding.logit == pytest.approx(one.logit, abs=1e-3)
    assert finding.probability == pytest.approx(one.probability, abs=1e-3)
    assert (finding.threshold, finding.is_uncertain) == (one.threshold, one.is_uncertain)


def test_a_fold_that_is_done_is_not_done_again(finished, table, monkeypatch):
    folder, plan, (_, predictions) = finished
    monkeypatch.setattr(module, "train", lambda *args: pytest.fail("trained again"))
    _, again = crossvalidate(CONFIG, plan, table, folder, resume=True, say=lambda text: None)
    assert [item.path for item in again] == [item.path for item in predictions]
    assert read_predictions(folder / "predictions.csv") == again


def test_a_table_that_was_sorted_since_goes_on(finished, table, tmp_path, monkeypatch):
    folder, plan, (_, predictions) = finished
    monkeypatch.setattr(module, "train", lambda *args: pytest.fail("trained again"))
    again = shutil.copytree(folder, tmp_path / "folds")
    head, *lines = (table / "labels.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "labels.csv").write_text("\n".join([head, *reversed(lines)]) + "\n", encoding="utf-8")
    (tmp_path / "images").symlink_to(table / "images")
    _, found = crossvalidate(CONFIG, plan, tmp_path, again, resume=True, say=lambda text: None)
    assert set(found) == set(predictions)


def test_another_plan_or_another_table_is_not_resumed(finished, table, tmp_path):
    folder, plan, _ = finished
    with pytest.raises(FileExistsError, match="--resume"):
        crossvalidate(CONFIG, plan, table, folder)
    with pytest.raises(ValueError, match="other folds"):
        crossvalidate(CONFIG, Plan(folds=2), table, folder, resume=True)
    fewer = make_table(tmp_path / "fewer", trained=24)
    with pytest.raises(ValueError, match="other pictures"):
        crossvalidate(CONFIG, plan, fewer, folder, resume=True)
    # the folds that are done hold probabilities and thresholds of the former
    with pytest.raises(ValueError, match="another configuration"):
        crossvalidate(CONFIG.model_copy(update={"uncertain_coverage": 0.8}), plan, table, folder, resume=True)
    aged = CONFIG.model_copy(update={"stated_ages": (StatedAge(rows=RowFilter(), years=4),)})
    with pytest.raises(ValueError, match="another configuration"):
        crossvalidate(aged, plan, table, folder, resume=True)


def test_folds_that_learned_from_other_scores_of_zones_do_not_go_on(tmp_path):
    config = zones_teach()
    open_plan(tmp_path, config, Plan(), resume=False)
    with pytest.raises(ValueError, match="another configuration"):
        open_plan(tmp_path, config.model_copy(update={"extent": made_extent_config(raters=RATERS[:1])}), Plan(), True)
    open_plan(tmp_path, config.model_copy(update={"extent": made_extent_config(penalty=2.0)}), Plan(), resume=True)


def test_without_the_scores_that_shall_teach_it_ends_before_the_inputs_are_made(table, tmp_path):
    with pytest.raises(OSError, match=r"zones\.csv"):
        crossvalidate(zones_teach(), Plan(folds=2), table, tmp_path / "folds")
    assert not (tmp_path / "folds").exists()


def test_folds_of_another_configuration_or_not_done_do_not_calibrate_and_it_is_said_before_training(
    finished, table, tmp_path, monkeypatch
):
    folder, _, (_, predictions) = finished
    monkeypatch.setattr("core.training.run.train", lambda *args: pytest.fail("trained"))
    other = CONFIG.model_copy(update={"seed": 4})
    with pytest.raises(ValueError, match="another configuration"):
        train_model(other, table, tmp_path / "run", tmp_path / "model", folds=folder)
    part = tmp_path / "part"
    part.mkdir()
    for name in ("plan.json", "folds.csv"):
        (part / name).write_bytes((folder / name).read_bytes())
    last = predictions[-1].fold
    write_predictions(part / "predictions.csv", [item for item in predictions if item.fold != last])
    with pytest.raises(ValueError, match=f"no predictions of fold {last}"):
        train_model(CONFIG, table, tmp_path / "run", tmp_path / "model", folds=part)
    for wrong in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FileNotFoundError):
            train_model(CONFIG, table, tmp_path / "run", tmp_path / "model", folds=wrong)
    with pytest.raises(ValueError, match=f"no predictions of fold {last}"):
        train_model(CONFIG, table, tmp_path / "run", tmp_path / "model", folds=part / "predictions.csv")
    assert not (tmp_path / "run").exists()


def test_a_part_of_a_learning_curve_does_not_calibrate(tmp_path):
    open_plan(tmp_path, CONFIG, Plan(part=0.25, part_of="clinic"), resume=False)
    with pytest.raises(ValueError, match=r"part of a learning curve: .* from 0\.25 of the patients of clinic"):
        checked_folds(tmp_path, CONFIG)


def test_out_of_fold_predictions_calibrate_a_model_by_age_and_are_reported_cross_fitted(finished, table, tmp_path):
    folder, _, _ = finished
    adults = AgeGroup(name="adults", ages=(18, 120), rows=RowFilter(sources=("clinic",)), prevalence=0.4)
    config = CONFIG.model_copy(update={
        "stated_ages": (StatedAge(rows=RowFilter(sources=("clinic",)), years=40),), "calibrations": (adults,),
    })
    evaluation = train_model(config, table, tmp_path / "run", tmp_path / "model", folds=folder)
    (part,) = load_card(tmp_path / "model").findings[0].calibrations
    assert (part.name, part.ages, part.prevalence) == ("adults", (18, 120), 0.4)
    assert [result.report.title for result in evaluation.crossfitted] == ["Clinic", "School"]
    rows = {row.path: row for row in read_labels(table, LabelWords())}
    trained = [item for item in read_predictions(folder / "predictions.csv") if rows[item.path].split == "train"]
    assert sum(result.positives + result.negatives for result in evaluation.crossfitted) == len(trained)
    text = (tmp_path / "model" / "CARD.md").read_text(encoding="utf-8")
    assert "each as a model of a cross-validation answers that had not seen its patient" in text
    assert "held out of training, weighted" not in text
    assert "## Are the probabilities right?" in text and "- Adults, 18–120 years: threshold" in text
    # read again, as its own evaluation says: the age that is stated of the source is handed on
    assert main(["evaluate", str(tmp_path / "model"), str(table), "--bootstrap", "30", "--update", "--device", "cpu",
                 "--out", str(tmp_path / "out")]) == 0
    again = load_evaluation(tmp_path / "model")
    assert again.crossfitted == evaluation.crossfitted and again.stated_ages == config.stated_ages
    stated = {item.path: item.prevalence for item in read_predictions(tmp_path / "out" / "predictions.csv")}
    assert {value for path, value in stated.items() if rows[path].source == "clinic"} == {0.4}
    assert "Coverage by source" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_command_leaves_sources_out_and_prints_their_figures(table, tmp_path, capsys):
    config = write_toml(tmp_path / "drawn.toml", start="imagenet", loop=CONFIG.loop.model_dump(mode="json"))
    out = tmp_path / "out"
    command = ["crossvalidate", str(config), "--data", str(table), "--out", str(out), "--cache", str(tmp_path / "c")]
    assert main([*command, "--leave-out", "school", "--with-tests", "school"]) == 0
    shown = capsys.readouterr().out
    assert "without-school: Blob against all" in shown and "predictions.csv" in shown
    predicted = read_predictions(out / "predictions.csv")
    rows = {row.path: row for row in read_labels(table, LabelWords())}
    assert {rows[item.path].source for item in predicted} == {"school"}
    assert {rows[item.path].split for item in predicted} == {"train", "test"}
    seen = read_split(out / "fold-without-school" / "split.csv")
    assert {rows[path].source for path in seen} == {"clinic"} and {rows[path].split for path in seen} == {"train"}
    assert json.loads((out / "plan.json").read_text())["plan"]["left_out"] == [["school"]]
    assert list((tmp_path / "c").glob("inputs-*.npy")) and not (out / "inputs").exists()
    assert main(command) == 1
    assert "--resume" in capsys.readouterr().err


def test_several_calls_share_the_folds_and_the_last_one_has_all_predictions(table, tmp_path, capsys):
    config = write_toml(tmp_path / "drawn.toml", start="imagenet", loop=CONFIG.loop.model_dump(mode="json"))
    out = tmp_path / "out"
    command = ["crossvalidate", str(config), "--data", str(table), "--out", str(out), "--folds", "2",
               "--set", "loop.steps=2"]
    assert main([*command, "--only", "2"]) == 0
    assert {item.fold for item in read_predictions(out / "predictions.csv")} == {"2"}
    assert not (out / "fold-1").exists()
    assert main([*command, "--only", "1", "--resume"]) == 0
    both = read_predictions(out / "predictions.csv")
    assert {item.fold for item in both} == {"1", "2"}
    write_predictions(out / "predictions.csv", [item for item in both if item.fold == "2"])
    assert main([*command, "--only", "2", "--resume"]) == 0  # fold 1 was done by another call meanwhile
    assert read_predictions(out / "predictions.csv") == both
    assert json.loads((out / "plan.json").read_text())["config"]["loop"]["steps"] == 2
    assert main([*command, "--only", "3", "--resume"]) == 1
    assert "no fold 3; there are: 1, 2" in capsys.readouterr().err


def test_a_fold_that_is_not_there_leaves_nothing_behind_and_what_was_not_begun_is_not_resumed(
    table, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "run_fold", lambda *args: ())
    folder, plan = tmp_path / "folds", Plan(folds=2)
    with pytest.raises(ValueError, match="no fold 9; there are: 1, 2"):
        crossvalidate(CONFIG, plan, table, folder, only=("9",))
    with pytest.raises(FileNotFoundError, match="holds no cross-validation to resume"):
        crossvalidate(CONFIG, plan, table, folder, resume=True)
    assert not folder.exists()
    for name in ("1", "2"):
        crossvalidate(CONFIG, plan, table, folder, resume=name == "2", only=(name,), say=lambda text: None)


def test_pictures_that_cannot_be_read_are_told_once_and_not_for_every_fold(tmp_path, monkeypatch, capsys):
    folder = make_table(tmp_path / "set", tested=0)
    for index in range(3):
        (folder / f"images/{index:03d}.png").unlink()
    monkeypatch.setattr(module, "run_fold", lambda *args: ())
    crossvalidate(CONFIG, Plan(folds=3), folder, tmp_path / "folds", say=lambda text: None)
    said = capsys.readouterr().err
    assert said.count("could not be read") == 1 and "3 of 48 pictures" in said and "3 not-found" in said


def test_a_finished_fold_that_learned_from_another_table_is_told(table, tmp_path, monkeypatch):
    folder, out = shutil.copytree(table, tmp_path / "set"), tmp_path / "folds"
    plan = Plan(left_out=(("clinic",),))  # what the other source teaches is in no table of the folds

    def finished(config, fold, *others):
        write_predictions(out / fold.folder / "predictions.csv", ())

    monkeypatch.setattr(module, "run_fold", finished)
    crossvalidate(CONFIG, plan, folder, out, say=lambda text: None)
    crossvalidate(CONFIG, plan, folder, out, resume=True, say=lambda text: None)
    lines = (folder / "labels.csv").read_text().splitlines()
    lines = [line.replace("opacity", "normal") if ",school," in line else line for line in lines]
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=r"fold without-clinic: .* with another source or label"):
        crossvalidate(CONFIG, plan, folder, out, resume=True, say=lambda text: None)


def test_a_fold_that_cannot_be_calibrated_or_measured_is_told_before_the_first_one_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "run_fold", lambda *given: pytest.fail("trained"))
    folder = make_table(tmp_path / "set")
    first, second = CONFIG.groups
    silent = CONFIG.model_copy(update={"groups": (first, second.model_copy(update={"calibrates": False}))})
    plan = Plan(left_out=(("school",), ("clinic",)))
    with pytest.raises(ValueError, match=r"fold without-clinic: Blob: .* cannot be calibrated"):
        crossvalidate(silent, plan, folder, tmp_path / "folds", say=lambda text: None)
    for row in read_labels(folder, LabelWords()):
        if row.source == "school" and row.is_known:
            (folder / row.path).unlink()
    with pytest.raises(ValueError, match="fold without-school: none of the pictures that it predicts"):
        crossvalidate(CONFIG, plan, folder, tmp_path / "other", say=lambda text: None)


def test_the_command_says_what_cannot_be_done(table, tmp_path, capsys):
    config = write_toml(tmp_path / "drawn.toml")
    command = ["crossvalidate", str(config), "--data", str(table), "--out", str(tmp_path / "out")]
    assert main([*command, "--leave-out", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert main([*command, "--folds", "1"]) == 1
    assert "two folds at least" in capsys.readouterr().err
    assert main([*command, "--fractions", "0.5,1", "--of", "clinic", "--only", "1"]) == 1
    assert "--only cannot be given with --fractions" in capsys.readouterr().err
    assert main([*command, "--of", "clinic"]) == 1
    assert "give --fractions too" in capsys.readouterr().err
    assert main([*command, "--with-tests", "clnic"]) == 1
    assert "no test row is of the source clnic" in capsys.readouterr().err
    assert main(["crossvalidate", str(tmp_path / "none.toml"), "--data", str(table)]) == 2
