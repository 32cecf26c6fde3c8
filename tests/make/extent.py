"""Zone scores of drawn chests, and the extent part of a made model folder."""

import csv
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from core.files import sha256_of
from core.reading.model_card import EXTENT_NAME, ExtentSpec, ModelCard, load_card
from core.reading.network import BASE, FEATURE_CHANNELS, MIDDLE_STAGES
from core.training.config import ExtentConfig, TrainingConfig
from tests.make.training import made_config

# in the zone and over the picture, of cells and of middle
FEATURES = 2 * (FEATURE_CHANNELS + BASE[MIDDLE_STAGES - 1].channels)
RATERS = ("first", "second")


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


def made_extent_config(**changes) -> ExtentConfig:
    """Return a configuration for the scores of `make_zones`."""
    return ExtentConfig.model_validate({"label": "Blobs by zones", "raters": RATERS, "population": "drawn chests",
                                        "ages": (18, 120), "folds": 4} | changes)


def zones_teach(start: str = "random", **loop) -> TrainingConfig:
    """Return the drawn configuration in which these scores also teach the network where its map should lie."""
    raw = made_config(start, **loop).model_dump()
    return TrainingConfig.model_validate(raw | {
        "extent": made_extent_config().model_dump(), "loop": raw["loop"] | {"zone_weight": 0.5}})


def make_zones(folder: Path) -> Path:
    """Write zones.csv beside a drawn label table: two raters who see a blob as 3 in every zone, one of them as 2."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] in ("opacity", "normal", "other")]
    with (folder / "zones.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "rater", *"ABCDEF", "global"))
        for row in rows:
            for rater, seen in zip(RATERS, (3, 2), strict=True):
                score = seen if row["label"] == "opacity" else 0
                writer.writerow((row["path"], rater, *[score] * 6, score * 6))
            writer.writerow((row["path"], "a third who scores no zones", *[""] * 6, 4))
    return folder
