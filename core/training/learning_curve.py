"""The learning curve: what a configuration is worth out of fold, with parts of one group's patients to learn from.

Each part is a cross-validation in its own folder, with the same folds and the same pictures predicted; smaller parts
are contained in larger ones. A curve that still rises says that more such patients would help, one that is flat that
they would not.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field
from rich.console import Console
from rich.table import Table

from core.files import write_atomically
from core.training.answers import Answers, Scored, answered_by_all, answers_of
from core.training.balancing import group_of
from core.training.config import Report, TrainingConfig
from core.training.config_part import Part
from core.training.crossvalidate import Say, crossvalidate
from core.training.evaluation import Figure, figure, rows_of
from core.training.figure_text import figure_text
from core.training.fold_plan import PLAN_NAME, Plan
from core.training.labels import LabelRow
from core.training.measure import each_source
from core.training.metrics import auc_interval, rate_by_patient
from core.training.paired import paired_bootstrap
from core.training.processes import is_first
from core.training.resampling import DRAWS
from core.training.run import INPUTS_NAME, SPLIT_NAME
from core.training.split import TRAINED, read_split

CURVES_NAME = "learning-curve.json"
PLAIN_WIDTH = 140  # of a table that goes to a file or a pipe


class LearnedPart(Part):
    """What was learned from a part of the group: means over the folds' models of what they were trained on."""

    fraction: float
    patients: float
    pictures: float
    with_finding: float  # of the pictures


class LearnedPoint(Part):
    """The figures of one report by the models of one part; `gain` is the AUC less that of the part before it."""

    auc: Figure
    sensitivity: Figure | None
    specificity: Figure | None
    gain: Figure | None


class LearnedReport(Part):
    """One report over all parts, on the same pictures."""

    report: Report
    positives: int
    negatives: int
    points: tuple[LearnedPoint, ...]  # one for each part


class LearningCurve(Part):
    """The content of learning-curve.json, schema 1."""

    schema_version: int = 1
    name: str
    version: str
    group: str
    folds: int
    parts: tuple[LearnedPart, ...] = Field(min_length=1)
    reports: tuple[LearnedReport, ...]


def learn_curve(
    config: TrainingConfig, plan: Plan, group: str, fractions: Sequence[float], data: Path, folder: Path,
    resume: bool = False, cache: Path | None = None, say: Say = print, draws: int = DRAWS,
) -> LearningCurve | None:
    """Cross-validate with each part of the group's patients and return the figures; of several processes the first.

    The parts lie in `folder`/part-0.25 and so on; with `resume` what is done is not done again, and parts that are not
    there yet are begun. Raises as `crossvalidate`, and ValueError for a group that is not declared or fractions that
    are none.
    """
    if group not in {item.name for item in config.groups}:
        names = ", ".join(item.name for item in config.groups)
        raise ValueError(f"no group is called {group!r}; there are: {names}")
    fractions = sorted(set(fractions))
    if not fractions or fractions[0] <= 0 or fractions[-1] > 1:
        raise ValueError("fractions are numbers above 0, at most 1")
    if resume and not any(folder.glob(f"part-*/{PLAN_NAME}")):
        raise FileNotFoundError(f"{folder} holds no learning curve to resume: begin one without --resume")
    parts, found = [], []
    for fraction in fractions:
        own = plan if fraction == 1 else plan.model_copy(update={"part": fraction, "part_of": group})
        if is_first():
            say(f"{fraction:g} of the patients of {group}")
        home = folder / f"part-{fraction:g}"
        is_there = resume and (home / PLAN_NAME).is_file()
        rows, predictions = crossvalidate(config, own, data, home, is_there, cache or folder / INPUTS_NAME, say)
        if is_first():
            parts.append(_part(config, group, fraction, rows, home))
            found.append(answers_of(predictions, rows, config.finding))
    if not is_first():
        return None
    folds = len({item.fold for item in predictions})
    reports = tuple(
        learned for report in config.reports or each_source(rows)
        if not report.finding and (learned := measure_parts(report, rows, found, draws)) is not None
    )
    return LearningCurve(
        name=config.name, version=config.version, group=group, folds=folds, parts=tuple(parts), reports=reports,
    )


def measure_parts(
    report: Report, rows: Sequence[LabelRow], answers: Sequence[Answers], draws: int = DRAWS
) -> LearnedReport | None:
    """Return a report's figures by the answers of each part; None where a class is missing.

    A report asks for all pictures that were predicted, of whatever split.
    """
    anywhere = report.model_copy(update={"rows": report.rows.model_copy(update={"splits": ()})})
    asked = rows_of(anywhere, rows)
    # a picture that could not be read in one of them would put all others out of step
    asked = answered_by_all(asked, answers)
    scored = [Scored.of(asked, part) for part in answers]
    if not scored[0].has_both:
        return None
    points: list[LearnedPoint] = []
    for index, part in enumerate(scored):
        area = figure(auc_interval(part.positive, part.score, part.patients))
        assert area is not None  # both classes are there
        gain = None if not index else figure(
            paired_bootstrap(part.positive, part.score, scored[index - 1].score, part.patients, draws)
        )
        patients = np.array(part.patients)
        points.append(LearnedPoint(
            auc=area, gain=gain,
            sensitivity=figure(rate_by_patient(part.above[part.positive], patients[part.positive])),
            specificity=figure(rate_by_patient(~part.above[~part.positive], patients[~part.positive])),
        ))
    ones = int(scored[0].positive.sum())
    return LearnedReport(
        report=report, positives=ones, negatives=len(scored[0].rows) - ones, points=tuple(points),
    )


def write_curve(folder: Path, curve: LearningCurve, plot: bytes) -> None:
    """Write learning-curve.json and learning-curve.png. Raises OSError."""
    text = json.dumps(curve.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    write_atomically(folder / CURVES_NAME, text)
    write_atomically((folder / CURVES_NAME).with_suffix(".png"), plot)


def print_curve(curve: LearningCurve) -> None:
    """Print a line for each report and part."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    table = Table(title=f"out of fold, by the patients of {curve.group} (95 % intervals by patient)")
    table.add_column("pictures", overflow="fold")
    for heading in ("patients", "pictures with\nthe finding", "AUC", "gain", "sensitivity", "specificity"):
        table.add_column(heading, justify="right", no_wrap=True)
    for learned in curve.reports:
        for part, point in zip(curve.parts, learned.points, strict=True):
            gain = "–" if point.gain is None else f"{point.gain.value:+.3f} ({point.gain.low:+.3f} to " \
                                                  f"{point.gain.high:+.3f})"
            table.add_row(learned.report.title, f"{part.patients:.0f}", f"{part.with_finding:.0f}",
                          figure_text(point.auc), gain, figure_text(point.sensitivity), figure_text(point.specificity))
        table.add_section()
    console.print(table)


def _part(
    config: TrainingConfig, group: str, fraction: float, rows: Sequence[LabelRow], home: Path
) -> LearnedPart:
    """Return what the folds' models of one part were trained on, of the group."""
    own = {row.path: row for row in rows
           if (index := group_of(row, config.groups)) is not None and config.groups[index].name == group}
    trained = [
        [own[path] for path, part in read_split(split).items() if part == TRAINED and path in own]
        for split in sorted(home.glob(f"fold-*/{SPLIT_NAME}"))
    ]
    return LearnedPart(
        fraction=fraction,
        patients=float(np.mean([len({row.patient for row in fold}) for fold in trained])),
        pictures=float(np.mean([len(fold) for fold in trained])),
        with_finding=float(np.mean([sum(row.is_positive for row in fold) for fold in trained])),
    )
