"""The learning curve on drawn chests: nested parts, the same pictures, resuming, the command."""

import json

import pytest

from core.cli.main import main
from core.training import crossvalidate as module
from core.training import learning_curve as curves
from core.training.answers import NO_PREDICTION, Answer
from core.training.config import LabelWords, Report, RowFilter
from core.training.fit_calibration import Calibration
from core.training.fold_plan import Plan, open_plan
from core.training.folds import part_of_group
from core.training.labels import read_labels
from core.training.learning_curve import learn_curve, measure_parts
from core.training.predict import read_predictions
from core.training.split import read_split
from tests.make.scored import make_answers, make_row
from tests.make.training import made_config, make_table, write_toml

ALL = Report(name="all", title="All", rows=RowFilter(splits=("train",)))
# of two steps from random weights nothing can be fitted
CALIBRATED = (Calibration(1.0, 0.0, 0.5, None, 1.0, 1, 1, 0.5, 0.5),)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("table") / "set")


def test_parts_are_nested_and_leave_other_groups_alone(table):
    rows = [row for row in read_labels(table, LabelWords()) if row.is_known]
    groups = made_config().groups
    half, quarter = ({row.path for row in part_of_group(rows, groups, "clinic", part, 0)} for part in (0.5, 0.25))
    assert quarter < half < {row.path for row in rows}
    others = {row.path for row in rows if row.source == "school"}
    assert others <= quarter
    mine = [row for row in rows if row.source == "clinic" and row.path in half]
    whole = [row for row in rows if row.source == "clinic"]
    assert len({row.patient for row in mine}) == pytest.approx(len({row.patient for row in whole}) / 2, abs=1)
    assert any(row.is_positive for row in mine) and not all(row.is_positive for row in mine)
    assert part_of_group(rows, groups, "clinic", 1, 0) == tuple(rows) == part_of_group(rows, groups, "", 0.5, 0)


def test_a_gain_is_that_over_the_part_before_on_the_same_pictures():
    rows = [make_row(index, index < 20) for index in range(40)]
    poor, good = make_answers(rows, [index % 7 for index in range(40)]), make_answers(rows, range(40, 0, -1))
    learned = measure_parts(ALL, rows, [poor, good], draws=50)  # a report's split does not count
    first, second = learned.points
    assert first.gain is None and second.gain.value == pytest.approx(second.auc.value - first.auc.value)
    assert second.gain.low > 0 and (learned.positives, learned.negatives) == (20, 20)
    assert measure_parts(ALL, rows[:20], [poor, good], draws=20) is None


@pytest.mark.parametrize("absent", [0, 1])
def test_pictures_are_paired_though_one_was_not_predicted_in_a_part(absent):
    rows = [make_row(index, index < 20) for index in range(40)]
    parts = [make_answers(rows, [index % 7 + (index < 20) for index in range(40)]) for _ in range(2)]
    parts[absent][rows[5].path] = Answer(None, NO_PREDICTION)
    learned = measure_parts(ALL, rows, parts, draws=50)
    gain = learned.points[1].gain
    assert (gain.value, gain.low, gain.high) == (0, 0, 0) and (learned.positives, learned.negatives) == (19, 20)


def test_the_command_learns_from_parts_and_is_resumed(table, tmp_path, capsys, monkeypatch):
    config = write_toml(tmp_path / "drawn.toml")
    out = tmp_path / "curve"
    command = ["crossvalidate", str(config), "--data", str(table), "--out", str(out), "--folds", "2",
               "--fractions", "1,0.5", "--of", "clinic"]
    monkeypatch.setattr(module, "calibrate", lambda *given: CALIBRATED)
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "patients of clinic" in shown and "pictures with" in shown
    curve = json.loads((out / "learning-curve.json").read_text())
    assert [part["fraction"] for part in curve["parts"]] == [0.5, 1.0]
    assert curve["parts"][0]["patients"] < 0.7 * curve["parts"][1]["patients"]
    assert curve["reports"] and all(len(learned["points"]) == 2 for learned in curve["reports"])
    assert (out / "learning-curve.png").read_bytes().startswith(b"\x89PNG")
    half, whole = (
        {item.path for item in read_predictions(out / part / "predictions.csv")} for part in ("part-0.5", "part-1")
    )
    assert half == whole
    small, large = (set(read_split(out / part / "fold-1" / "split.csv")) for part in ("part-0.5", "part-1"))
    assert small < large
    monkeypatch.setattr(module, "train", lambda *args: pytest.fail("trained again"))
    assert main([*command, "--resume"]) == 0
    assert main(command) == 1 and "--resume" in capsys.readouterr().err


def test_a_curve_is_resumed_where_it_was_begun_and_parts_that_are_not_there_are_begun(table, tmp_path, monkeypatch):
    resumed = {}

    def called(config, plan, data, home, resume, *others):
        resumed[home.name] = resume
        if home.name == "part-1":
            raise KeyboardInterrupt
        return (), ()

    monkeypatch.setattr(curves, "crossvalidate", called)
    monkeypatch.setattr(curves, "_part", lambda *given: None)
    options = (made_config(), Plan(folds=2), "clinic", [0.5, 1], table, tmp_path / "curve")
    with pytest.raises(FileNotFoundError, match="holds no learning curve to resume"):
        learn_curve(*options, resume=True)
    assert not resumed
    open_plan(tmp_path / "curve" / "part-0.5", made_config(), Plan(folds=2, part=0.5, part_of="clinic"), resume=False)
    with pytest.raises(KeyboardInterrupt):
        learn_curve(*options, resume=True)
    assert resumed == {"part-0.5": True, "part-1": False}


def test_what_is_no_group_or_no_part_is_said(table, tmp_path):
    with pytest.raises(ValueError, match=r"no group is called 'ward'; there are: clinic, school"):
        learn_curve(made_config(), Plan(folds=2), "ward", [0.5], table, tmp_path)
    with pytest.raises(ValueError, match="above 0"):
        learn_curve(made_config(), Plan(folds=2), "clinic", [0.0, 1], table, tmp_path)
