"""Figures drawn: every plot of an evaluation as PNG. Points and lines only, never a picture of a patient."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing
from sklearn.metrics import precision_recall_curve, roc_curve

from core.training.answers import Scored
from core.training.evaluation import Evaluation, ReportResult
from core.training.plot_names import SHORTCUTS, SOURCE_LIMIT, failures_plot, parts_plot, report_plot

# Okabe and Ito 2008: told apart with any color vision
WITH, WITHOUT, LINE, FAINT = "#D55E00", "#0072B2", "#222222", "#999999"
DPI = 80
SPREAD = 0.3  # of the points of a group, so that they do not cover each other


def draw_all(evaluation: Evaluation, scored: Mapping[str, Scored]) -> dict[str, bytes]:
    """Return name -> PNG: for each headline report its curves, failures and parts, and the shortcuts of all.

    `scored` are the pictures of each report, by its name.
    """
    plots = {}
    for result in evaluation.results:
        name = result.report.name
        if result.curve and result.report.headline:
            plots[report_plot(name)] = draw_report(result, scored[name])
            plots[failures_plot(name)] = draw_failures(result, scored[name])
            if result.subgroups:
                plots[parts_plot(name)] = draw_subgroups(result)
    if evaluation.source_guesses or evaluation.correlations:
        plots[SHORTCUTS] = draw_shortcuts(evaluation)
    return plots


def draw_report(result: ReportResult, scored: Scored) -> bytes:
    """Return ROC, precision and recall, reliability, decision curve, probabilities and confusion matrix as one PNG."""
    drawing = Drawing(figsize=(13, 8), layout="constrained")
    drawing.suptitle(result.report.title)
    roc, precision, reliability, decision, spread, matrix = drawing.subplots(2, 3).flat
    _roc(roc, result, scored)
    _precision(precision, result, scored)
    _reliability(reliability, result)
    _decision(decision, result)
    _probabilities(spread, scored)
    _confusion(matrix, result)
    return png(drawing)


def draw_failures(result: ReportResult, scored: Scored) -> bytes:
    """Return every picture as a point: probability by source and label; those on the wrong side are filled."""
    kinds = sorted({(row.source, row.word) for row in scored.rows})
    drawing = Drawing(figsize=(9, 1.4 + 0.45 * len(kinds)), layout="constrained")
    axes = drawing.subplots()
    generator = np.random.default_rng(0)
    kind = np.array([kinds.index((row.source, row.word)) for row in scored.rows])
    height = kind + generator.uniform(-SPREAD, SPREAD, len(kind))
    wrong = scored.above != scored.positive
    for positive, color in ((True, WITH), (False, WITHOUT)):
        right = (scored.positive == positive) & ~wrong
        failed = (scored.positive == positive) & wrong
        axes.plot(scored.probability[right], height[right], "o", ms=3, mfc="none", mec=color, alpha=0.5)
        axes.plot(scored.probability[failed], height[failed], "o", ms=5, color=color)
    if scored.threshold_range is None:
        axes.axvline(result.threshold, color=LINE, ls="--", lw=1)
    labels = []
    for index, (source, word) in enumerate(kinds):
        labels.append(f"{source}: {word} ({int(wrong[kind == index].sum())} of {int((kind == index).sum())} wrong)")
    axes.set(xlim=(-0.02, 1.02), xlabel="probability", yticks=range(len(kinds)), yticklabels=labels)
    axes.set_title(f"{result.report.title}: what went wrong (filled)", fontsize=10)
    return png(drawing)


def draw_subgroups(result: ReportResult) -> bytes:
    """Return AUC, sensitivity and specificity of each part with intervals."""
    parts = result.subgroups
    drawing = Drawing(figsize=(12, 1.6 + 0.3 * len(parts)), layout="constrained")
    drawing.suptitle(f"{result.report.title}: parts")
    panels = drawing.subplots(1, 3, sharey=True)
    labels = [f"{part.by}: {part.group} ({part.positives} / {part.negatives})" for part in parts]
    for axes, name in zip(panels, ("auc", "sensitivity", "specificity"), strict=True):
        for place, part in enumerate(parts):
            figure = getattr(part, name)
            if figure is not None:
                axes.plot([figure.low, figure.high], [place, place], "-", color=WITHOUT)
                axes.plot([figure.value], [place], "o", color=WITHOUT, ms=5)
        whole = getattr(result, name)
        if whole is not None:
            axes.axvline(whole.value, color=FAINT, ls="--", lw=1)
        axes.set(xlim=(-0.02, 1.02), xlabel="AUC" if name == "auc" else name)
    panels[0].set(yticks=range(len(parts)), yticklabels=labels)
    panels[0].invert_yaxis()
    return png(drawing)


def draw_shortcuts(evaluation: Evaluation) -> bytes:
    """Return how well the score tells the source within a label, and its correlations with facts of the picture."""
    guesses, related = evaluation.source_guesses, evaluation.correlations
    drawing = Drawing(figsize=(13, 1.8 + 0.26 * max(len(guesses), len(related), 4)), layout="constrained")
    left, right = drawing.subplots(1, 2)
    for place, guess in enumerate(guesses):
        left.plot([guess.auc.low, guess.auc.high], [place, place], "-", color=WITHOUT)
        left.plot([guess.auc.value], [place], "o", color=WITHOUT, ms=5)
        if guess.without_children is not None:
            left.plot([guess.without_children.value], [place], "o", color=WITHOUT, mfc="none", ms=6)
    left.axvline(SOURCE_LIMIT, color=WITH, ls="--", lw=1)
    left.set(
        xlim=(0.45, 1.02), xlabel="AUC of telling the source by the score", yticks=range(len(guesses)),
        yticklabels=[f"{guess.label}: {guess.source} ({guess.pictures})" for guess in guesses],
        title="Is the score the source? (○ without children)",
    )
    for place, item in enumerate(related):
        right.plot([item.rho.low, item.rho.high], [place, place], "-", color=WITHOUT)
        right.plot([item.rho.value], [place], "o", color=WITHOUT, ms=4)
    right.axvline(0, color=FAINT, lw=1)
    right.set(
        xlim=(-1.02, 1.02), xlabel="Spearman's correlation with the score", yticks=range(len(related)),
        yticklabels=[f"{item.source}, {item.label}: {item.feature}" for item in related],
        title="Within one source and label",
    )
    for axes in (left, right):
        axes.tick_params(axis="y", labelsize=7)
        axes.invert_yaxis()
    return png(drawing)


def _roc(axes: Any, result: ReportResult, scored: Scored) -> None:
    false, true, _ = roc_curve(scored.positive, scored.score)
    axes.plot(false, true, color=WITHOUT)
    axes.plot([0, 1], [0, 1], color=FAINT, lw=1)
    if result.sensitivity is not None and result.specificity is not None:
        axes.plot([1 - result.specificity.value], [result.sensitivity.value], "o", color=WITH, label="operating point")
        axes.legend(loc="lower right")
    value = f"{result.auc.value:.3f} ({result.auc.low:.3f}–{result.auc.high:.3f})" if result.auc else "–"
    axes.set(title=f"ROC, AUC {value}", xlabel="1 − specificity", ylabel="sensitivity")


def _precision(axes: Any, result: ReportResult, scored: Scored) -> None:
    precision, recall, _ = precision_recall_curve(scored.positive, scored.score)
    axes.step(recall, precision, where="post", color=WITHOUT)
    axes.axhline(scored.positive.mean(), color=FAINT, lw=1)
    found = result.average_precision
    value = f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})" if found else "–"
    axes.set(title=f"average precision {value}", xlabel="sensitivity (recall)", ylabel="precision", ylim=(-0.02, 1.02))


def _reliability(axes: Any, result: ReportResult) -> None:
    axes.plot([0, 1], [0, 1], color=FAINT, lw=1)
    x = [point.mean_probability for point in result.curve]
    y = [point.positive_rate for point in result.curve]
    axes.plot(x, y, "o-", color=WITHOUT)
    for point in result.curve:
        axes.annotate(str(point.count), (point.mean_probability, point.positive_rate), fontsize=7, color=LINE,
                      xytext=(4, -9), textcoords="offset points")
    found = result.calibration_error
    value = f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})" if found else "–"
    axes.set(title=f"reliability, calibration error {value}", xlabel="probability shown",
             ylabel="part that shows the finding", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))


def _decision(axes: Any, result: ReportResult) -> None:
    x = [point.threshold for point in result.benefit]
    axes.plot(x, [point.model for point in result.benefit], color=WITHOUT, label="by the model")
    axes.plot(x, [point.everyone for point in result.benefit], color=FAINT, label="on all")
    axes.axhline(0, color=LINE, lw=1, label="on none")
    if result.threshold_range is None:
        axes.axvline(result.threshold, color=WITH, ls="--", lw=1)
    top = max((point.model for point in result.benefit), default=0.1)
    axes.set(title="decision curve", xlabel="probability from which one acts", ylabel="net benefit",
             ylim=(-0.1, max(0.1, top * 1.1)))
    axes.legend(loc="upper right", fontsize=8)


def _probabilities(axes: Any, scored: Scored) -> None:
    edges = np.linspace(0, 1, 26)
    axes.hist(scored.probability[scored.positive], edges, color=WITH, alpha=0.6, label="with the finding")
    axes.hist(scored.probability[~scored.positive], edges, color=WITHOUT, alpha=0.6, label="without")
    if scored.threshold_range is None:
        axes.axvline(scored.threshold, color=LINE, ls="--", lw=1)
    axes.set(title="probabilities", xlabel="probability", ylabel="pictures")
    axes.legend(fontsize=8)


def _confusion(axes: Any, result: ReportResult) -> None:
    matrix = result.confusion
    counts = np.array([
        [matrix.true_positives, matrix.false_negatives], [matrix.false_positives, matrix.true_negatives],
    ])
    parts = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(parts, cmap="Blues", vmin=0, vmax=1)
    for row in range(2):
        for column in range(2):
            axes.text(column, row, f"{counts[row, column]}\n{parts[row, column]:.0%}", ha="center", va="center",
                      color="white" if parts[row, column] > 0.5 else LINE)
    axes.set(title="at the operating point", xticks=(0, 1), xticklabels=("above", "below"), yticks=(0, 1),
             yticklabels=("with", "without"))


def png(drawing: Drawing) -> bytes:
    """Return a drawing as PNG, the same bytes for the same drawing."""
    content = io.BytesIO()
    drawing.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()
