"""Calibration and coverage as tables: how far the probabilities are right, and how often the sets hold the truth."""

from collections.abc import Iterable, Sequence

from core.training.evaluation import Evaluation, ReportResult
from core.training.figure_text import figure_text, number_text

RELIABILITY = (
    "Pictures", "with / without", "Calibration error", "corrected", "by chance", "Stated for", "Error there",
    "corrected", "by chance",
)
COVERAGE = ("Pictures", "Source", "Class", "Number", "Coverage", "Said uncertain")


def reliability_rows(results: Iterable[ReportResult]) -> list[tuple[str, ...]]:
    """Return the cells of each report whose pictures have both classes, under the headings `RELIABILITY`."""
    return [
        (
            result.report.title, f"{result.positives} / {result.negatives}", figure_text(result.calibration_error),
            number_text(found.corrected), number_text(found.by_chance), f"{found.prevalence:.0%}",
            figure_text(found.stated), number_text(found.stated_corrected), number_text(found.stated_by_chance),
        )
        for result in results if (found := result.reliability) is not None
    ]


def coverage_rows(results: Iterable[ReportResult]) -> list[tuple[str, ...]]:
    """Return the cells of each source and class of each report, under the headings `COVERAGE`."""
    return [
        (
            result.report.title, part.source, "with" if part.with_finding else "without", str(part.pictures),
            figure_text(part.covered), f"{part.uncertain:.0%}",
        )
        for result in results for part in result.coverage
    ]


def calibration_lines(evaluation: Evaluation) -> list[str]:
    """Return the section of CARD.md on how far the probabilities and the uncertain band are right."""
    if not any(result.coverage for result in (*evaluation.results, *evaluation.crossfitted)):
        return []
    lines = [
        "## Are the probabilities right?",
        "",
        "The calibration error (expected, ten bins) is too large with few pictures: *corrected* is without that bias "
        "(bootstrap by patient), *by chance* is what probabilities without any error would show on as many pictures. "
        "A probability is right for one prevalence of the finding, and a collection has that of whoever put it "
        "together: the last columns weight the classes to the prevalence that the probabilities are stated for.",
        "",
        "Coverage is how often the class of a picture is in the set that is shown: one class, or, where the answer is "
        "\"uncertain\", both. The band is made for the coverage named above, of each class, over all sources together.",
        "",
    ]
    parts: Sequence[tuple[str, Sequence[ReportResult]]] = (
        ("Pictures that were neither trained on nor used for calibration:", evaluation.results),
        ("Training pictures, answered by models that did not see the patient, calibrated on the other folds:",
         evaluation.crossfitted),
    )
    for text, results in parts:
        if results:
            lines += [text, "", *_markdown(RELIABILITY, reliability_rows(results)), ""]
            lines += [*_markdown(COVERAGE, coverage_rows(results)), ""]
    return lines


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(headings) + " |", "|" + "---|" * len(headings),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
