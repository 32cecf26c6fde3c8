"""An evaluation as a table for a terminal."""

import sys

from rich.console import Console
from rich.table import Table

from core.training.card_text import figure_text, remark
from core.training.evaluation import Evaluation

PLAIN_WIDTH = 140  # of a table that goes to a file or a pipe


def print_evaluation(evaluation: Evaluation) -> None:
    """Print one line for each report, headlines first, and the remarks below."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    identity = f"{evaluation.name} {evaluation.version} · {evaluation.weights_sha256[:8]}"
    table = Table(title=f"{identity}: {evaluation.finding}")
    table.add_column("pictures", overflow="fold")
    for heading in ("with", "without", "AUC", "sensitivity", "specificity", "in the band"):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in sorted(evaluation.results, key=lambda result: not result.report.headline):
        table.add_row(
            result.report.title,
            str(result.positives),
            str(result.negatives),
            *(figure_text(figure) for figure in (result.auc, result.sensitivity, result.specificity)),
            "–" if result.uncertain is None else f"{result.uncertain:.0%}",
            style="bold" if result.report.headline else None,
        )
    console.print(table)
    for result in evaluation.results:
        if text := remark(result):
            console.print(f"{result.report.title}: {text}", highlight=False)
    console.print(
        f"95 % intervals: DeLong (AUC), Wilson (rates at the operating threshold {evaluation.threshold:.3f}).",
        highlight=False,
    )
