"""Two models on the same pictures: paired tests of their AUCs and of their calls at the operating points."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from core.training.answers import Answers, Scored, answered_by_all
from core.training.compare_shortcuts import Shortcuts, compare_shortcuts, shortcut_summary, shortcut_tables
from core.training.config import Report
from core.training.config_part import Part
from core.training.evaluation import Figure, figure, rows_of
from core.training.figure_text import figure_text
from core.training.labels import LabelRow
from core.training.metrics import Bools, auc_interval
from core.training.paired import mcnemar, paired_bootstrap, paired_delong
from core.training.picture_facts import measure_pictures
from core.training.resampling import DRAWS

PLAIN_WIDTH = 170  # of a table that goes to a file or a pipe


class Tested(Part):
    """A difference, first minus second, with its 95 % interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p: float


class Calls(Part):
    """Pictures that only one of the two calls right at its operating point; McNemar's exact p-value, by patient."""

    only_first: int
    only_second: int
    p: float


class ComparedReport(Part):
    """One report's pictures that both models read; None where a class is missing."""

    report: Report
    positives: int
    negatives: int
    left_out: int  # pictures that only one model read, or none
    first_auc: Figure | None
    second_auc: Figure | None
    delong: Tested | None
    bootstrap: Figure | None  # of the difference, by patient
    all_calls: Calls
    calls_with: Calls  # among pictures with the finding: sensitivity
    calls_without: Calls  # among those without: specificity


class Comparison(Part):
    """Two models, named, and what was found in each report."""

    schema_version: int = 1
    first: str
    second: str
    results: tuple[ComparedReport, ...]
    shortcuts: Shortcuts = Shortcuts()


def compare(
    names: tuple[str, str], first: Answers, second: Answers, rows: Sequence[LabelRow], reports: Sequence[Report],
    draws: int = DRAWS, folder: Path | None = None,
) -> Comparison:
    """Compare two models' answers, by path, to the rows of each report that both read pictures of.

    With the table's `folder`, whose pictures are opened for it, also what their scores know of size, brightness and
    sharpness. Raises ValueError where there is none.
    """
    found = (compare_report(report, rows_of(report, rows), first, second, draws) for report in reports)
    results = tuple(result for result in found if result.positives + result.negatives)
    if not results:
        raise ValueError("no labelled picture was read by both models")
    asked = {row.path: row for report in reports if not report.finding for row in rows_of(report, rows)}
    own = tuple(asked.values())
    facts = {} if folder is None else measure_pictures(folder, own).by_path()
    shortcuts = compare_shortcuts(first, second, own, facts)
    return Comparison(first=names[0], second=names[1], results=results, shortcuts=shortcuts)


def compare_report(
    report: Report, rows: Sequence[LabelRow], first: Answers, second: Answers, draws: int = DRAWS
) -> ComparedReport:
    """Compare the answers to one report's rows; only pictures that both models read count."""
    finding = report.finding
    shared = answered_by_all(rows, (first, second), finding)
    ours, theirs = Scored.of(shared, first, finding), Scored.of(shared, second, finding)
    positive, patients = ours.positive, ours.patients
    right = (ours.above == positive, theirs.above == positive, np.array(patients))
    delong = paired_delong(positive, ours.score, theirs.score, patients) if shared else None
    drawn = paired_bootstrap(positive, ours.score, theirs.score, patients, draws) if ours.has_both else None
    return ComparedReport(
        report=report,
        positives=int(positive.sum()),
        negatives=int((~positive).sum()),
        left_out=len(rows) - len(shared),
        first_auc=figure(auc_interval(positive, ours.score, patients)) if ours.has_both else None,
        second_auc=figure(auc_interval(positive, theirs.score, patients)) if ours.has_both else None,
        delong=None if delong is None else Tested(**asdict(delong)),
        bootstrap=figure(drawn),
        all_calls=_calls(*right, np.ones(len(shared), bool)),
        calls_with=_calls(*right, positive),
        calls_without=_calls(*right, ~positive),
    )


def print_comparison(comparison: Comparison) -> None:
    """Print a line for each report."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    table = Table(title=f"A: {comparison.first} · B: {comparison.second}")
    table.add_column("pictures", overflow="fold", min_width=20)
    for heading in ("with / without", "AUC of A", "AUC of B", "A − B", "DeLong", "bootstrap", "only A / B right"):
        table.add_column(heading, justify="right")
    for result in comparison.results:
        delong, drawn, calls = result.delong, result.bootstrap, result.all_calls
        table.add_row(
            result.report.title, f"{result.positives} / {result.negatives}", figure_text(result.first_auc),
            figure_text(result.second_auc),
            "–" if delong is None else f"{delong.value:+.3f}",
            "–" if delong is None else f"{delong.low:+.3f} to {delong.high:+.3f}, p {p_text(delong.p)}",
            "–" if drawn is None else f"{drawn.low:+.3f} to {drawn.high:+.3f}",
            f"{calls.only_first} / {calls.only_second}, p {p_text(calls.p)}",
        )
    console.print(table)
    for result in comparison.results:
        with_, without = result.calls_with, result.calls_without
        console.print(
            f"{result.report.title}: with the finding only A right {with_.only_first}, only B {with_.only_second}, "
            f"p {p_text(with_.p)}; without it {without.only_first}, {without.only_second}, p {p_text(without.p)}"
            + (f"; {result.left_out} not read by both" if result.left_out else "") + ".", highlight=False,
        )
    for shortcuts in shortcut_tables(comparison.shortcuts):
        console.print(shortcuts)
    for line in shortcut_summary(comparison.shortcuts):
        console.print(line, highlight=False)
    if len(comparison.results) > 1:
        console.print(f"{len(comparison.results)} reports are compared: p-values are not corrected for that.")


def to_json(comparison: Comparison) -> str:
    """Return the comparison as JSON."""
    return json.dumps(comparison.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def p_text(p: float) -> str:
    """Return a p-value as it is printed."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _calls(first_right: Bools, second_right: Bools, patients: NDArray[np.str_], among: Bools) -> Calls:
    return Calls(**asdict(mcnemar(first_right[among], second_right[among], patients[among])))
