"""Films of two drawn lungs at any place, a table of them with the lungs' boxes, and what learned to find them."""

import csv
from pathlib import Path

import numpy as np

from core.reading.model_card import CARD_NAME, LUNGS_NAME, ModelCard
from core.training.config import LungsConfig, TrainingConfig
from core.training.labels import read_labels
from core.training.lungs import FittedLungs, fit_lungs
from core.training.pointing import Box, read_boxes
from tests.make.picture import make_picture
from tests.make.training import made_config

SIDES = ("left lung", "right lung")


def draw_film(seed: int, side: int = 160, has_opacity: bool = False) -> tuple[np.ndarray, tuple[Box, Box]]:
    """Return a film, (side, side) uint8, and the boxes of its lungs: two dark ellipses in a body on black.

    One lung holds a bright blob where it has an opacity.
    """
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[0:side, 0:side] + 0.5) / side
    picture = np.where(np.abs(x - 0.5) < rng.uniform(0.44, 0.5), 150.0, 0.0) + rng.normal(0, 6, (side, side))
    width, height = rng.uniform(0.22, 0.3), rng.uniform(0.5, 0.7)
    middle, top = rng.uniform(0.45, 0.55), rng.uniform(0.05, 0.95 - height)
    boxes = []
    for name, left in zip(SIDES, (middle + 0.06, middle - 0.06 - width), strict=True):
        picture[((x - left - width / 2) / width) ** 2 + ((y - top - height / 2) / height) ** 2 < 0.25] -= 90
        boxes.append(Box(left, top, width, height, name))
    if has_opacity:
        picture += 110 * np.exp(-(((x - left - width / 2) ** 2 + (y - top - height / 2) ** 2) / 0.004))
    return np.clip(picture, 0, 255).astype(np.uint8), (boxes[0], boxes[1])


def make_films(folder: Path, count: int = 40) -> Path:
    """Write films, labels.csv and boxes.csv into a folder and return it; every other film is one with an opacity."""
    (folder / "images").mkdir(parents=True)
    rows, lines = [], []
    for index in range(count):
        path = f"images/{index:03d}.png"
        picture, boxes = draw_film(index, has_opacity=bool(index % 2))
        make_picture(folder / path, picture)
        label = "opacity" if index % 2 else "normal"
        rows.append((path, "clinic" if index % 3 else "school", "train", f"p{index}", label, "readers"))
        lines += [(path, box.x, box.y, box.width, box.height, box.what) for box in boxes]
    for name, header, written in (
        ("labels.csv", ("path", "source", "split", "patient", "label", "label_basis"), rows),
        ("boxes.csv", ("path", "x", "y", "w", "h", "what"), lines),
    ):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *written])
    return folder


def lungs_config(**changes: object) -> TrainingConfig:
    """Return the configuration of drawn chests, with lungs to be found in films of 96 pixels."""
    asked = LungsConfig(rows=96, columns=96, penalty=10.0)
    learning = made_config("imagenet", steps=16, batch=8, warmup_steps=2, ema_decay=0.5, evaluate_every=8)
    return learning.model_copy(update={"lungs": asked, **changes})


def make_lungs(films: Path, config: TrainingConfig) -> FittedLungs:
    """Return what learned to find lungs from a folder of `make_films`."""
    return fit_lungs(config, films, read_labels(films, config.labels), read_boxes(films))


def add_lungs(folder: Path, lungs: FittedLungs) -> Path:
    """Let a model folder see lungs alone, and return it."""
    path = folder / CARD_NAME
    card = ModelCard.model_validate_json(path.read_bytes()).model_copy(update={"lungs": lungs.spec})
    path.write_text(card.model_dump_json(indent=2), encoding="utf-8")
    (folder / LUNGS_NAME).write_bytes(lungs.content)
    return folder
