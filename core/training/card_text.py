"""CARD.md of a model folder: what the model is for, what it must not be used for, and all figures with intervals.

Every number comes from evaluation.json and model.json; the rest is the configuration's `card` text. Sections follow
Mitchell et al. 2019, Model Cards for Model Reporting.
"""

from core.reading.model_card import ModelCard
from core.training.config import TrainingConfig
from core.training.evaluation import Evaluation, Figure, ReportResult
from core.training.fit_calibration import Calibration

CARD_TEXT_NAME = "CARD.md"
SMALL = 50  # pictures of a class below which a figure is called small
WEAK = 0.75  # sensitivity or specificity below which a report says what that means


def card_text(config: TrainingConfig, card: ModelCard, calibration: Calibration, evaluation: Evaluation) -> str:
    """Return the text of CARD.md."""
    spec = card.findings[0]
    lines = [
        f"# {card.name} {card.version}",
        "",
        f"One question about {card.population.description}: does the image show **{spec.label.lower()}**?",
        "",
        "For research, not for diagnosis. Not a medical device.",
        "",
        "This page is written by `wetread-cli train` from `model.json` and `evaluation.json`.",
        "",
    ]
    for heading, text in config.card.items():
        lines += [f"## {heading}", "", text.strip(), ""]
    lines += ["## Not assessed", "", *(f"- {name}" for name in card.not_assessed), ""]
    lines += ["## Figures", "", *figure_lines(evaluation), ""]
    lines += ["## Operating point and calibration", "", *_calibration_lines(config, card, calibration), ""]
    lines += _curve_lines(evaluation)
    lines += ["## Data", "", *_data_lines(evaluation), ""]
    lines += ["## Network", "", *_network_lines(config, card)]
    return "\n".join(lines).rstrip() + "\n"


def figure_lines(evaluation: Evaluation) -> list[str]:
    """Return the table of all reports in Markdown, with the remarks below it."""
    lines = [
        "With 95 % intervals (AUC: DeLong; sensitivity and specificity at the operating point: Wilson). "
        "No picture of these was trained on or used for calibration.",
        "",
        "| Pictures | with / without | AUC | Sensitivity | Specificity | Brier | Calibration error | In the band |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for result in sorted(evaluation.results, key=lambda result: not result.report.headline):
        title = f"**{result.report.title}**" if result.report.headline else result.report.title
        cells = (
            title,
            f"{result.positives} / {result.negatives}",
            *(figure_text(figure) for figure in (result.auc, result.sensitivity, result.specificity)),
            *("–" if value is None else f"{value:.3f}" for value in (result.brier, result.calibration_error)),
            "–" if result.uncertain is None else f"{result.uncertain:.0%}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    remarks = [f"- {result.report.title}: {text}" for result in evaluation.results if (text := remark(result))]
    return [*lines, "", *remarks] if remarks else lines


def remark(result: ReportResult) -> str:
    """Return what a reader must know beside a report's figures: its remark, what is weak, small or not read."""
    parts = [result.report.remark] if result.report.remark else []
    if result.sensitivity is not None and result.sensitivity.value < WEAK:
        parts.append(f"{1 - result.sensitivity.value:.0%} of those with the finding are missed.")
    if result.specificity is not None and result.specificity.value < WEAK:
        parts.append(f"{1 - result.specificity.value:.0%} of those without the finding are flagged.")
    if result.pointing is not None:
        parts.append(
            f"the strongest cell of the map lies in a reader's box in {result.pointing.hits.value:.0%} "
            f"({result.pointing.hits.low:.0%}–{result.pointing.hits.high:.0%}) of {result.pointing.pictures} boxed "
            f"pictures; a random point would in {result.pointing.by_chance:.0%}."
        )
    least = min((count for count in (result.positives, result.negatives) if count), default=0)
    if least < SMALL:
        parts.append(f"small numbers: {result.positives} with and {result.negatives} without the finding.")
    if result.not_read:
        refused = ", ".join(f"{count} {reason}" for reason, count in result.not_read.items())
        parts.append(f"not read, and in no figure: {refused}.")
    sentences = [part if part.endswith(".") else f"{part}." for part in parts]
    return " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)


def figure_text(figure: Figure | None) -> str:
    """Return a figure as 0.975 (0.963–0.984)."""
    return "–" if figure is None else f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def _calibration_lines(config: TrainingConfig, card: ModelCard, calibration: Calibration) -> list[str]:
    spec = card.findings[0]
    lines = [
        f"Fitted on {calibration.positives} pictures with and {calibration.negatives} without the finding, of patients "
        "held out of training, weighted so that sources count in fixed shares and classes alike. A probability is "
        "therefore that of a population in which half of the images show the finding; where it is rarer, the number "
        "is too high.",
        "",
        f"- Operating threshold {spec.threshold:.3f}: the largest sensitivity + specificity (Youden) there; weighted "
        f"sensitivity {calibration.sensitivity:.3f} and specificity {calibration.specificity:.3f} on the fitting data "
        "itself, so a little too good.",
    ]
    if spec.uncertain is not None:
        low, high = spec.uncertain
        lines.append(
            f"- Uncertain between {low:.3f} and {high:.3f}: class-conditional split conformal prediction at "
            f"{config.uncertain_coverage:.0%}; there the answer is not one single class."
        )
    lines.append(
        f"- A map value of {spec.evidence_scale:.2f} logits is drawn as 1.0: the 95th percentile of supporting cells "
        "in held-out images with the finding."
    )
    return lines


def _curve_lines(evaluation: Evaluation) -> list[str]:
    lines: list[str] = []
    for result in evaluation.results:
        if result.curve:
            lines += [
                f"{result.report.title}, predicted probability against how many show the finding:",
                "",
                "| Probability | Pictures | Mean probability | Show the finding |",
                "|---|---|---|---|",
                *(
                    f"| {point.low:.1f}–{point.high:.1f} | {point.count} | {point.mean_probability:.3f} "
                    f"| {point.positive_rate:.3f} |"
                    for point in result.curve
                ),
                "",
            ]
    return lines


def _data_lines(evaluation: Evaluation) -> list[str]:
    return [
        "Labelled pictures; no picture is part of this folder.",
        "",
        "| Source | Licence | Trained | Held out | Tested | With the finding |",
        "|---|---|---|---|---|---|",
        *(
            f"| {count.source} | {count.licence or 'unknown'} | {count.trained} | {count.held_out} | {count.tested} "
            f"| {count.positives} |"
            for count in evaluation.sources
        ),
    ]


def _network_lines(config: TrainingConfig, card: ModelCard) -> list[str]:
    loop = config.loop
    start = "ImageNet weights (TensorFlow's, Apache-2.0)" if config.start == "imagenet" else "random weights"
    selects = any(group.selects for group in config.groups)
    kept = "the step with the best mean AUC on held-out patients" if selects else "the last step"
    return [
        f"EfficientNet-Lite0 on one gray channel, {card.input.rows} × {card.input.columns}, geometry "
        f"\"{card.input.geometry}\", global average pooling and a linear head: the score is the mean of the map plus "
        f"a constant. Started from {start}; {loop.steps} steps of {loop.batch} pictures; the moving average of the "
        f"weights at {kept}.",
        "",
        f"Weights SHA-256 `{card.weights_sha256}`.",
    ]
