"""What a cross-validation's folder is of: plan.json (configuration and folds asked for) and folds.csv (the split)."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from core.files import write_atomically
from core.training.config import AFTER_TRAINING, TrainingConfig, learns_alike
from core.training.config_part import Part, read_written
from core.training.csv_table import table_lines
from core.training.folds import Fold, each_source, folds_by_count, folds_by_source
from core.training.labels import LabelRow
from core.training.predict import PREDICTIONS_NAME, read_predictions

PLAN_NAME, FOLDS_NAME = "plan.json", "folds.csv"
FOLD_COLUMNS = ("path", "patient", "source", "label", "fold")
# what each fold's probabilities and threshold are fitted by, which stand in what it has predicted
CALIBRATION = {"operating_point", "calibrations", "uncertain_coverage", "stated_ages"}


class Plan(Part):
    """Which folds: `folds` by patient, or one for each set of sources in `left_out` and, if asked, `each_source`.

    Test rows of the sources `with_tests` take part like training rows: they are predicted by models that did not see
    them and learned from by the others. With `part_of` models learn from the part `part` of that group's patients.
    """

    folds: int = 5
    left_out: tuple[tuple[str, ...], ...] = ()
    each_source: bool = False
    with_tests: tuple[str, ...] = ()
    part: float = Field(default=1.0, gt=0, le=1)
    part_of: str = ""

    def of(self, rows: Sequence[LabelRow], config: TrainingConfig) -> tuple[Fold, ...]:
        """Return the folds of these rows. Raises ValueError as `folds` does, and where two are one folder."""
        if self.each_source or self.left_out:
            sets = (*self.left_out, *(each_source(rows) if self.each_source else ()))
            folds = folds_by_source(rows, sets)
            homes = Counter(fold.folder for fold in folds)
            if alike := [fold.name for fold in folds if homes[fold.folder] > 1]:
                raise ValueError(f"the folds {', '.join(alike)} would share a folder: give their sources other names")
            return folds
        return folds_by_count(rows, self.folds, config.seed, config.groups)


class _Opened(Part):
    """The content of plan.json."""

    plan: Plan
    config: TrainingConfig


def open_plan(folder: Path, config: TrainingConfig, plan: Plan, resume: bool) -> None:
    """Make the folder, or check that the cross-validation in it is the same one; write the plan.

    Raises FileExistsError where one is there and `resume` is False, FileNotFoundError where none is there and it is
    True, and ValueError where it is another one.
    """
    path = folder / PLAN_NAME
    now = _Opened(plan=plan, config=config)
    if path.is_file():
        if not resume:
            raise FileExistsError(f"{folder} holds a cross-validation already: resume it with --resume, or give "
                                  "another folder")
        excluded = {"config": AFTER_TRAINING - CALIBRATION}
        opened = read_written(path, _Opened)
        if opened.model_dump(exclude=excluded) != now.model_dump(exclude=excluded) or not learns_alike(
                opened.config, config):
            raise ValueError(f"{path} is of another configuration or other folds than those given")
    elif resume:
        raise FileNotFoundError(f"{folder} holds no cross-validation to resume: begin one without --resume")
    write_atomically(path, now.model_dump_json(indent=2) + "\n")


def checked_folds(folder: Path, config: TrainingConfig) -> Plan:
    """Return the plan of a cross-validation that is to calibrate a model.

    Raises OSError where there is none, and ValueError where it may not: of another configuration, a part of a learning
    curve, or not done.
    """
    path = folder / PLAN_NAME
    opened = read_written(path, _Opened)
    if not learns_alike(opened.config, config):
        raise ValueError(f"{path} is of another configuration than the one given: its models learn otherwise")
    if opened.plan.part < 1:
        raise ValueError(f"{folder} is a part of a learning curve: its models learned from {opened.plan.part:g} of the "
                         f"patients of {opened.plan.part_of}, so calibrate on a cross-validation with all of them")
    done = {item.fold for item in read_predictions(folder / PREDICTIONS_NAME)}
    if absent := sorted(set(homes_of(folder).values()) - done):
        raise ValueError(f"{folder} is not done: no predictions of fold {', '.join(absent)}; go on with --resume")
    return opened.plan


def write_folds(folder: Path, folds: Sequence[Fold]) -> None:
    """Write which fold predicts which picture, or check that it is what was written before (ValueError).

    The order does not count: the table may have been sorted since.
    """
    path, text = folder / FOLDS_NAME, io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FOLD_COLUMNS)
    writer.writerows((row.path, row.patient, row.source, row.word, fold.name) for fold in folds
                     for row in fold.predicted)
    now = sorted((row.path, row.source, row.word, fold.name) for fold in folds for row in fold.predicted)
    if path.is_file() and _without_patients(path) != now:
        raise ValueError(f"{path} has other pictures than the label table has now: give another folder")
    write_atomically(path, text.getvalue())


def _without_patients(path: Path) -> list[tuple[str, ...]]:
    """Return the lines of folds.csv, sorted, but for the patients, of whom a table may say by now that two are one."""
    columns = [column for column in FOLD_COLUMNS if column != "patient"]
    return sorted(tuple(line[column] for column in columns) for _, line in table_lines(path, FOLD_COLUMNS))


def homes_of(folder: Path) -> dict[str, str]:
    """Return path -> the name of the fold that predicts it. Raises OSError, and ValueError for a damaged table."""
    return {line["path"]: line["fold"] for _, line in table_lines(folder / FOLDS_NAME, ("path", "fold"))}
