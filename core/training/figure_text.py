"""Figures as they are printed, everywhere alike."""

from core.training.evaluation import Evaluation, Figure


def figure_text(figure: Figure | None) -> str:
    """Return a figure as 0.975 (0.963–0.984), as 0.120 (-0.040 to 0.280) where it may be negative."""
    if figure is None:
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f}{' to ' if figure.low < 0 else '–'}{figure.high:.3f})"


def number_text(value: float | None) -> str:
    """Return a figure without an interval as 0.975."""
    return "–" if value is None else f"{value:.3f}"


def threshold_text(evaluation: Evaluation) -> str:
    """Return the operating threshold that the rates of the evaluation's finding are at, or from where to where it goes.

    Where ages have numbers of their own, or several models answered, no single one is that of all rates.
    """
    own = [result for result in evaluation.results
           if result.report.finding in ("", evaluation.finding) and result.positives + result.negatives]
    ends = [end for result in own for end in result.threshold_range or (result.threshold, result.threshold)]
    if len(set(ends)) < 2:
        return f"operating threshold {ends[0] if ends else evaluation.threshold:.3f}"
    whose = "age" if evaluation.weights_sha256 else "age or model"  # a table's may be those of either
    return f"operating threshold of each {whose}, {min(ends):.3f} to {max(ends):.3f}"
