"""Figures as they are printed, everywhere alike."""

from core.training.evaluation import Figure


def figure_text(figure: Figure | None) -> str:
    """Return a figure as 0.975 (0.963–0.984), as 0.120 (-0.040 to 0.280) where it may be negative."""
    if figure is None:
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f}{' to ' if figure.low < 0 else '–'}{figure.high:.3f})"


def number_text(value: float | None) -> str:
    """Return a figure without an interval as 0.975."""
    return "–" if value is None else f"{value:.3f}"
