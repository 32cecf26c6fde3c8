"""The extent part of a made model folder."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save

from core.files import sha256_of
from core.reading.model_card import EXTENT_NAME, ExtentSpec, ModelCard, load_card
from core.reading.network import FEATURE_CHANNELS, STAGES

FEATURES = 2 * (FEATURE_CHANNELS + STAGES[4][4])  # in the zone and over the picture, of cells and of middle


def add_made_extent(folder: Path, *, offsets=(0.0, 0.5, 1.0, 1.5, 2.0, 2.5), **more) -> ModelCard:
    """Give a model folder an extent whose scores are its offsets; `more` changes its part of the card."""
    card = load_card(folder)
    content = save({"weights": np.zeros(FEATURES, np.float32), "offsets": np.array(offsets, np.float32)})
    spec = ExtentSpec(label="Extent by zones", ages=(18, 120), given=card.findings[0].label, population="made adults",
                      error=0.5, error_of_sum=2.0, sha256=sha256_of(content))
    card = card.model_copy(update={"extent": spec.model_copy(update=more)})
    (folder / EXTENT_NAME).write_bytes(content)
    (folder / "model.json").write_text(card.model_dump_json(indent=2), encoding="utf-8")
    return card
