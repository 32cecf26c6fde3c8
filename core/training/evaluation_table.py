"""An evaluation as a table for a terminal."""

import sys

from rich.console import Console
from rich.table import Table

from core.training.card_text import NO_PICTURES, remark
from core.training.evaluation import Evaluation, GateResult
from core.training.extent_text import extent_summary
from core.training.figure_text import figure_text, threshold_text
from core.training.gate_text import HEADINGS, gate_rows
from core.training.shortcut_text import guesses_above

PLAIN_WIDTH = 150  # of a table that goes to a file or a pipe


def print_evaluation(evaluation: Evaluation) -> None:
    """Print one line for each report, headlines first, and the remarks below; a sentence without any picture."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    if evaluation.has_pictures:
        _print_reports(console, evaluation)
    else:
        console.print(NO_PICTURES, highlight=False)
    if evaluation.gate is not None:
        console.print(gate_table(evaluation.gate))
    for line in (*extent_summary(evaluation), *shortcut_lines(evaluation)):
        console.print(line, highlight=False)
    if evaluation.has_pictures:
        console.print(
            f"95 % intervals by patient: DeLong (AUC), Wilson (rates at the {threshold_text(evaluation)}), bootstrap "
            "(calibration error).",
            highlight=False,
        )


def _print_reports(console: Console, evaluation: Evaluation) -> None:
    identity = f"{evaluation.name} {evaluation.version} · {evaluation.weights_sha256[:8]}"
    table = Table(title=f"{identity}: {evaluation.finding}")
    table.add_column("pictures", overflow="fold")
    for heading in ("with", "without", "AUC", "sensitivity", "specificity", "calibration error", "in the band"):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in sorted(evaluation.results, key=lambda result: not result.report.headline):
        table.add_row(
            result.report.title,
            str(result.positives),
            str(result.negatives),
            *(figure_text(figure) for figure in (
                result.auc, result.sensitivity, result.specificity, result.calibration_error,
            )),
            "–" if result.uncertain is None else f"{result.uncertain:.0%}",
            style="bold" if result.report.headline else None,
        )
    console.print(table)
    for result in evaluation.results:
        if text := remark(result):
            console.print(f"{result.report.title}: {text}", highlight=False)


def gate_table(result: GateResult) -> Table:
    """Return the input gate's figures on test pictures."""
    table = Table(title="Input gate")
    for place, heading in enumerate(HEADINGS):
        table.add_column(heading.lower(), overflow="fold", justify="right" if place else "left")
    for row in gate_rows(result.tested, figure_text):
        table.add_row(*row)
    return table


def shortcut_lines(evaluation: Evaluation) -> list[str]:
    """Return the worst source that the score tells, and the strongest correlation with each fact of the picture."""
    lines = []
    if evaluation.source_guesses:
        worst = max(evaluation.source_guesses, key=lambda guess: guess.auc.value)
        lines.append(
            f"The source from the score, within one label: {guesses_above(evaluation.source_guesses)}; "
            f"worst {worst.source} ({worst.label}): AUC {figure_text(worst.auc)}."
        )
    for feature in dict.fromkeys(item.feature for item in evaluation.correlations):
        items = [item for item in evaluation.correlations if item.feature == feature]
        worst_item = max(items, key=lambda item: abs(item.rho.value))
        lines.append(
            f"The score and {feature}, within one source and label: rank correlation at most "
            f"{figure_text(worst_item.rho)} ({worst_item.source}, {worst_item.label}, {worst_item.pictures} pictures)."
        )
    return lines
