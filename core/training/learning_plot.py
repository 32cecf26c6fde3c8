"""The learning curve drawn: AUC out of fold against the patients that were learned from."""

from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import NullFormatter, ScalarFormatter

from core.training.learning_curve import LearningCurve
from core.training.plots import png

# Okabe and Ito 2008: told apart with any color vision; after them marks differ
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKS = ("o", "s", "^", "D")
SPREAD = 0.015  # of the axis between reports, so that their intervals do not cover each other


def draw_curve(curve: LearningCurve) -> bytes:
    """Return a PNG: a line for each report with 95 % intervals, patients on a logarithmic axis."""
    drawing = Drawing(figsize=(10, 6), layout="constrained")
    axes = drawing.subplots()
    for index, learned in enumerate(curve.reports):
        color, mark = COLORS[index % len(COLORS)], MARKS[index // len(COLORS) % len(MARKS)]
        x = [part.patients * (1 + SPREAD * index) for part in curve.parts]
        values = [point.auc for point in learned.points]
        axes.plot(x, [value.value for value in values], f"{mark}-", color=color, ms=5,
                  label=f"{learned.report.title} ({learned.positives} / {learned.negatives})")
        axes.vlines(x, [value.low for value in values], [value.high for value in values], color=color, lw=1)
    axes.set_xscale("log", base=2)
    patients = [part.patients for part in curve.parts]
    axes.set_xticks(patients, [f"{count:.0f}" for count in patients])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.set(xlabel=f"patients of “{curve.group}” that a model learned from", ylabel="AUC out of fold",
             title=f"{curve.name} {curve.version}: {curve.folds} folds")
    if curve.reports:
        drawing.legend(fontsize=7, loc="outside lower center", ncols=2)
    return png(drawing)
