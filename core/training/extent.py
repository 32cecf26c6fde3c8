"""Extent by zones, from radiologists' scores to a part of a model folder, and its figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_arrays

from core.files import sha256_of, write_atomically
from core.reading.extent import ExtentHead
from core.reading.model_card import CARD_NAME, EXTENT_NAME, ExtentSpec, ModelCard
from core.reading.read_image import Model, load_model, read_file
from core.refusal import Refusal
from core.training.config import ExtentConfig, TrainingConfig
from core.training.dataset import load_input
from core.training.evaluation import ExtentPart, ExtentResult
from core.training.extent_figures import measure_extent
from core.training.fit_extent import features_both_ways, fit, out_of_fold
from core.training.labels import TEST_SPLIT, LabelRow
from core.training.resampling import DRAWS
from core.training.zones import LEAST, ZONES_NAME, ZoneScores, parts_with_scores, scored_rows

DIGITS = 2  # of the errors in model.json


def add_extent(
    model_folder: Path, config: TrainingConfig, data_folder: Path, rows: Sequence[LabelRow]
) -> ExtentResult | None:
    """Fit the extent to a saved model folder and write it there; return its out-of-fold figures.

    None where the configuration has no extent: what an earlier run left is taken away. Raises OSError, and ValueError
    where the scores are damaged, too few, or their pictures cannot be opened.
    """
    if config.extent is None:
        (model_folder / EXTENT_NAME).unlink(missing_ok=True)
        return None
    model = load_model(model_folder)
    if isinstance(model, Refusal):
        raise ValueError(f"{model_folder} does not load: {dict(model.facts)}")
    scored = scored_rows(data_folder, rows, config.extent.raters, config.extent.rows)
    learned, _ = parts_with_scores(scored, config.train_splits, config.extent.folds)
    learned, gray = _pictures(learned, data_folder, model)
    features, sizes = features_both_ways(model, gray, config.extent)
    found, constant = out_of_fold(features, learned.mean, learned.patients, sizes, config.extent, config.seed)
    figures = measure_extent(learned, found, constant)
    head = fit(features, learned.mean, sizes, config.extent)
    spec = save_extent(model_folder, model.card, config.extent, head, figures)
    return ExtentResult(
        config=config.extent, sha256=spec.sha256, out_of_fold=figures,
        knew_scores=bool(config.loop.zone_weight),
        guess=tuple(round(float(value), DIGITS) for value in learned.mean.mean(0)),
    )


def save_extent(
    folder: Path, card: ModelCard, config: ExtentConfig, head: ExtentHead, figures: ExtentPart
) -> ExtentSpec:
    """Write extent.safetensors and a model.json that names it; return the card's new part. Raises OSError."""
    content = save_arrays({"weights": head.weights, "offsets": head.offsets})
    spec = ExtentSpec(
        label=config.label,
        zones=head.zones,
        ages=config.ages,
        given=card.findings[0].label,
        population=config.population,
        error=round(figures.zone_error, DIGITS),
        error_of_sum=round(figures.sum_error, DIGITS),
        sha256=sha256_of(content),
    )
    write_atomically(folder / EXTENT_NAME, content)
    write_atomically(folder / CARD_NAME, card.model_copy(update={"extent": spec}).model_dump_json(indent=2) + "\n")
    return spec


def with_test(
    model: Model, result: ExtentResult, data_folder: Path, rows: Sequence[LabelRow], draws: int = DRAWS
) -> ExtentResult:
    """Return the result with figures on the scored pictures of the test split, read as everywhere.

    Without test pictures, or where none can be read, it has none. Raises as `scored_rows`.
    """
    if not (data_folder / ZONES_NAME).is_file():
        return result.model_copy(update={"test": None})
    scored = scored_rows(data_folder, rows, result.config.raters, result.config.rows)
    tested = scored.where(np.array([row.split == TEST_SPLIT for row in scored.rows], dtype=bool))
    found, is_read = [], []
    for row in tested.rows:
        reading = read_file(data_folder / row.path, model, asks_all=True)
        extent = None if reading is None else reading.extent
        is_read.append(extent is not None)
        if extent is not None:
            found.append(extent.scores)
    tested = tested.where(np.array(is_read, dtype=bool))
    if len(tested.rows) < LEAST:
        return result.model_copy(update={"test": None})
    constant = np.tile(np.array(result.guess), (len(found), 1))
    return result.model_copy(update={"test": measure_extent(tested, np.array(found), constant, draws)})


def _pictures(scored: ZoneScores, folder: Path, model: Model) -> tuple[ZoneScores, NDArray[np.uint8]]:
    """Return the pictures that open, with their scores, as the network's pictures (N, rows, columns) uint8."""
    found = [load_input(folder / row.path, model.card.input) for row in scored.rows]
    opened = [picture for picture in found if not isinstance(picture, Refusal)]
    if len(opened) < LEAST:
        raise ValueError(f"{len(opened)} pictures with zone scores to learn from: too few")
    return scored.where(np.array([not isinstance(picture, Refusal) for picture in found])), np.stack(opened)
