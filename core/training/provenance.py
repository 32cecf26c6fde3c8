"""How a model came about, for its card: what the configuration says, what was trained, what was fitted."""

from collections.abc import Mapping, Sequence

from core.reading.network import stages_of
from core.training.config import OperatingPoint, TrainingConfig
from core.training.evaluation import Fitted, Provenance
from core.training.fit_calibration import Calibration
from core.training.fold_plan import Plan
from core.training.places import Kind


def provenance_of(
    config: TrainingConfig, calibrations: Sequence[Calibration], taught: frozenset[Kind], folds: Plan | None = None
) -> Provenance:
    """Return what CARD.md tells of a run beside its figures; `calibrations` are those of all findings.

    `taught` says by what readers taught where its map should lie, `folds` which cross-validation calibrated it.
    """
    limits: dict[str, OperatingPoint | None] = {"": config.operating_point} | {
        group.name: group.operating_point for group in config.calibrations}
    first, *others = calibrations
    return Provenance(
        texts=config.card,
        network=(network_text(config, taught),),
        fitted=(_fitted(first, config.uncertain_coverage, limits),
                *(_fitted(other, config.uncertain_coverage, {}) for other in others)),
        history=config.history,
        train_splits=config.train_splits,
        unlabelled=None if config.unlabelled is None else config.unlabelled.rows,
        is_out_of_fold=folds is not None,
        with_tests=() if folds is None else folds.with_tests,
        without_numbers=() if config.random_labels else tuple(sorted({
            group.name for group in config.calibrations} - {part.name for part in first.by_age})),
    )


def _fitted(calibration: Calibration, coverage: float, limits: Mapping[str, OperatingPoint | None]) -> Fitted:
    """Return what is told of one finding's numbers; `limits` of false alarms by the name of the ages, "" for all."""
    return Fitted(
        positives=calibration.positives,
        negatives=calibration.negatives,
        sensitivity=calibration.sensitivity,
        specificity=calibration.specificity,
        coverage=coverage,
        prevalence=calibration.prevalence,
        name=calibration.name,
        by_age=tuple(_fitted(part, coverage, limits) for part in calibration.by_age),
        sources=calibration.sources,
        limit=limits.get(calibration.name),
        is_limited=calibration.is_limited,
        limited_by=calibration.limited_by,
        is_limit_kept=calibration.is_limit_kept,
    )


def network_text(config: TrainingConfig, taught: frozenset[Kind]) -> str:
    """Return the sentences on architecture, start and training."""
    loop = config.loop
    network = config.architecture.replace("efficientnet-lite", "EfficientNet-Lite")
    start = "ImageNet weights (TensorFlow's, Apache-2.0)" if config.start == "imagenet" else "random weights"
    selects = any(group.selects for group in config.groups)
    kept = "the step with the best mean AUC on held-out patients" if selects else "the last step"
    return (
        f"{network} on one gray channel, {config.input.rows} × {config.input.columns}, geometry "
        f"\"{config.input.geometry}\", global average pooling and a linear head: the score is the mean of the map plus "
        f"a constant. Started from {start}; {loop.steps} steps of {loop.batch} pictures; the moving average of the "
        f"weights at {kept}.{_also(config, taught)}"
    )


def _also(config: TrainingConfig, taught: frozenset[Kind]) -> str:
    """Return what was done beside the usual: further findings, places, frozen blocks, smaller pictures at first."""
    loop = config.loop
    noise = "Its labels were dealt out at random: what it answers means nothing, and is not calibrated."
    parts = [noise] if config.random_labels else []
    parts += [f"Learned in the same pass: {question.label.lower()}." for question in config.questions]
    if "boxes" in taught:
        parts.append("Readers' boxes taught where the first finding's map should lie.")
    if "zones" in taught:
        parts.append("Radiologists' scores of six zones taught how much of that map should lie in each.")
    if config.unlabelled is not None:
        parts.append(f"{config.unlabelled.share:.0%} of the pictures drawn were seen without their label, in two views "
                     "that were to be answered alike.")
    if loop.frozen_blocks:
        blocks = sum(stage.repeats for stage in stages_of(config.architecture))
        parts.append(f"The stem and the first {loop.frozen_blocks} of {blocks} blocks stayed as they started.")
    if loop.smaller_until:
        parts.append(
            f"For the first {loop.smaller_until:.0%} of the steps pictures had {loop.smaller_side:.0%} of the side."
        )
    return "".join(f" {part}" for part in parts)
