"""Out-of-fold predictions in a few figures for a terminal; `evaluate` has all of them, from predictions.csv."""

import sys
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from core.training.answers import evidence_of
from core.training.config import Report
from core.training.evaluation import rows_of
from core.training.labels import LabelRow
from core.training.measure import each_source
from core.training.metrics import Interval, auc, auc_interval, rate_by_patient
from core.training.predict import Prediction

PLAIN_WIDTH = 140  # of a table that goes to a file or a pipe


def print_folds(
    rows: Sequence[LabelRow], predictions: Sequence[Prediction], reports: Sequence[Report], apart: bool
) -> None:
    """Print one line for each report: with `apart` for each fold by itself, else over all of them.

    A report asks here for all pictures that were predicted, of whatever split.
    """
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    table = Table(title="out of fold, 95 % intervals by patient (AUC: DeLong; rates at each fold's threshold: Wilson)")
    table.add_column("pictures", overflow="fold")
    for heading in ("with", "without", "AUC", "of the folds", "sensitivity", "specificity"):
        table.add_column(heading, justify="right", no_wrap=True)
    parts: dict[str, list[Prediction]] = defaultdict(list)
    for item in predictions:
        parts[item.fold if apart else ""].append(item)
    for fold, part in parts.items():
        for report in reports or each_source(rows):
            line = fold_line(rows, part, report)
            if line is not None:
                table.add_row(f"{fold}: {report.title}" if fold else report.title, *line)
    console.print(table)


def of_any_split(report: Report) -> Report:
    """Return a report that asks for its pictures whatever their split: what folds predict are mostly no tests."""
    return report.model_copy(update={"rows": report.rows.model_copy(update={"splits": ()})})


def fold_line(rows: Sequence[LabelRow], predictions: Sequence[Prediction], report: Report) -> tuple[str, ...] | None:
    """Return the cells of one report, or None where nothing of it was predicted.

    The AUC over all folds compares calibrated answers of several models, at one prevalence (`evidence_of`); beside it
    stand mean and standard deviation of the folds' own.
    """
    wanted = {row.path: row for row in rows_of(of_any_split(report), rows)}
    finding = report.finding or next((item.finding for item in predictions), "")
    found = [item for item in predictions if item.path in wanted and item.finding == finding]
    if not found:
        return None
    positive = np.array([wanted[item.path].is_positive for item in found])
    patients = np.array([wanted[item.path].patient for item in found])
    above = np.array([item.is_above for item in found])
    folds: dict[str, list[Prediction]] = defaultdict(list)
    for item in found:
        folds[item.fold].append(item)
    own = [value for part in folds.values()
           if (value := auc(np.array([wanted[item.path].is_positive for item in part]), evidence_of(part))) is not None]
    return (
        str(int(positive.sum())),
        str(int((~positive).sum())),
        _text(auc_interval(positive, evidence_of(found), patients)),
        f"{np.mean(own):.3f} ± {np.std(own, ddof=1):.3f}" if len(own) > 1 else "–",
        _text(rate_by_patient(above[positive], patients[positive])),
        _text(rate_by_patient(~above[~positive], patients[~positive])),
    )


def _text(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.value:.3f} ({interval.low:.3f}–{interval.high:.3f})"
