"""A model folder from trained weights: weights, model.json, reference.json, gate; data only, no code."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as save_tensors

from core.files import sha256_of, write_atomically
from core.reading.model_card import CARD_NAME, GATE_NAME, WEIGHTS_NAME, AgeCalibration, FindingSpec, ModelCard
from core.reading.network import Network, fold_batch_norm
from core.reading.preprocess import normalize
from core.reading.reference import REFERENCE_NAME, Reference, reference_pictures
from core.training.card_text import CARD_TEXT_NAME, PLOTS_FOLDER
from core.training.checkpoint import State
from core.training.config import TrainingConfig
from core.training.effective_field import first_center
from core.training.evaluation import EVALUATION_NAME
from core.training.fit_calibration import DIGITS, Calibration
from core.training.gate_fit import FittedGate

RANDOM_LABELS = "+random-labels"  # after the version of a model that learned nothing but noise


def save_model(
    folder: Path, config: TrainingConfig, state: State, calibrations: Sequence[Calibration], gray: NDArray[np.uint8],
    gate: FittedGate | None = None, *, has_places: bool,
) -> ModelCard:
    """Write a model folder and return its card. Raises OSError; the card is written last, so half a folder has none.

    The figures of an earlier model there go: CARD.md, evaluation.json and its plots, which tell of its thresholds.
    On `gray`, held-out inputs (N, rows, columns) uint8, it is measured where the maps' cells look; not where readers
    taught them where to (`has_places`).
    """
    weights = weights_content(state)
    card = ModelCard(
        schema_version=1,
        name=config.name,
        version=f"{config.version}{RANDOM_LABELS * config.random_labels}",
        architecture=config.architecture,
        input=config.input,
        findings=finding_specs(config, calibrations),
        not_assessed=config.not_assessed,
        population=config.population,
        weights_sha256=sha256_of(weights),
        # readers' boxes and scores taught the cells the places that theory gives them
        first_center=None if has_places else _first_center(config, state, gray),
        gate=None if gate is None else gate.spec,
    )
    for old in (CARD_NAME, GATE_NAME, EVALUATION_NAME, CARD_TEXT_NAME):
        (folder / old).unlink(missing_ok=True)
    for plot in (folder / PLOTS_FOLDER).glob("*.png"):
        plot.unlink()
    if gate is not None:
        write_atomically(folder / GATE_NAME, gate.content)
    write_atomically(folder / WEIGHTS_NAME, weights)
    write_atomically(folder / REFERENCE_NAME, _reference(card, state).model_dump_json(indent=2) + "\n")
    write_atomically(folder / CARD_NAME, card.model_dump_json(indent=2) + "\n")
    return card


def weights_content(state: State) -> bytes:
    """Return weights as they stand in a model folder's file."""
    return save_tensors({name: value.contiguous() for name, value in state.items()})


def finding_specs(config: TrainingConfig, calibrations: Sequence[Calibration]) -> tuple[FindingSpec, ...]:
    """Return what model.json says of each finding, with its calibration, rounded."""
    first, *others = (
        _finding(label, calibration) for label, calibration in zip(config.finding_labels, calibrations, strict=True)
    )
    asked = (
        spec.model_copy(update={"given": first.label, "ages": question.ages})
        for spec, question in zip(others, config.questions, strict=True)
    )
    return (first, *asked)


def _finding(label: str, calibration: Calibration) -> FindingSpec:
    by_age = tuple(
        AgeCalibration(name=part.name, ages=part.ages, **_numbers(part))
        for part in calibration.by_age if part.ages is not None
    )
    scale = round(calibration.evidence_scale, DIGITS)
    return FindingSpec(label=label, evidence_scale=scale, calibrations=by_age, **_numbers(calibration))


def _numbers(calibration: Calibration) -> dict[str, Any]:
    band = calibration.uncertain
    return {
        "slope": round(calibration.slope, DIGITS),
        "intercept": round(calibration.intercept, DIGITS),
        "threshold": round(calibration.threshold, DIGITS),
        "uncertain": None if band is None else (round(band[0], DIGITS), round(band[1], DIGITS)),
        "prevalence": round(calibration.prevalence, DIGITS),
    }


def _first_center(config: TrainingConfig, state: State, gray: NDArray[np.uint8]) -> tuple[float, float] | None:
    network = Network(len(config.finding_labels), config.architecture)
    network.load_state_dict(state)
    center = first_center(fold_batch_norm(network), gray, config.input)
    return None if center is None else (round(center.x, 1), round(center.y, 1))


def _reference(card: ModelCard, state: State) -> Reference:
    """Return what the network, folded as a reading folds it, answers to the reference pictures."""
    network = Network(len(card.findings), card.architecture)
    network.load_state_dict(state)
    inputs = torch.from_numpy(normalize(reference_pictures(card.input), card.input)[:, None])
    with torch.inference_mode():
        logits, _ = fold_batch_norm(network)(inputs)
    return Reference(logits=tuple(tuple(row) for row in logits.tolist()))
