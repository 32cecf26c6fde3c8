"""One map against a reader's boxes: on a raster of the whole image, whatever grid the map came on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.imaging.placement import Placement
from core.reading.read_image import Model
from core.training.heatmap_checks import curves
from core.training.pointing import Box, named

LUNG_WORDS = ("left lung", "right lung")
RASTER = 256  # pixels along each side of the image, on which all maps are compared
LEVELS = np.arange(0.05, 1.0, 0.05)  # of a map's largest value: the thresholds that are tried
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Map:
    """A map on a grid, where that lies on the image, and the seconds that it took."""

    grid: Floats
    placement: Placement
    seconds: float

    def on_input(self) -> Floats:
        """Return the map on the pixels of the network's input."""
        size = self.placement.input_size
        return replace(self.placement, image_size=size, scale=(1.0, 1.0), offset=(0.0, 0.0)).on_image(self.grid)


@dataclass(eq=False)
class Marks:
    """One method's marks, a value for each picture; `overlaps` a line of LEVELS for each."""

    hits: list[bool] = field(default_factory=list)
    energy: list[float] = field(default_factory=list)
    overlaps: list[NDArray[np.float64]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    deletion: list[float] = field(default_factory=list)
    insertion: list[float] = field(default_factory=list)
    likeness: list[float] = field(default_factory=list)  # to the map of random weights
    label_likeness: list[float] = field(default_factory=list)  # to the map of a network that learned random labels

    def check(self, found: Map, model: Model, x: torch.Tensor) -> None:
        """Mark what the score does along the map."""
        spec = model.card.findings[0]
        areas = curves(model.network, x, 0, found.on_input(), spec.slope, spec.intercept)
        self.deletion.append(areas.deletion)
        self.insertion.append(areas.insertion)

    def add(self, raster: Floats, boxes: Mask, seconds: float | None = None) -> None:
        """Mark one map on the raster."""
        self.hits.append(bool(boxes[strongest_place(raster)]))
        positive = np.maximum(raster, 0)
        total = float(positive.sum())
        self.energy.append(float(positive[boxes].sum()) / total if total > 0 else 0.0)
        self.overlaps.append(overlaps(positive, boxes))
        self.seconds += [] if seconds is None else [seconds]


def strongest_place(raster: Floats) -> tuple[int, int]:
    """Return the (row, column) of the largest value; of several alike the one nearest to their middle.

    Maps are constant beyond their outer cells' centers: the first of these pixels would lie in the image's corner.
    """
    alike = np.argwhere(raster >= raster.max() - 1e-6 * max(float(np.ptp(raster)), 1e-12))
    nearest = ((alike - alike.mean(0)) ** 2).sum(1).argmin()
    return int(alike[nearest, 0]), int(alike[nearest, 1])


def overlaps(positive: Floats, boxes: Mask) -> NDArray[np.float64]:
    """Return intersection over union of boxes and the map above each of LEVELS of its largest value."""
    peak = float(positive.max())
    if peak <= 0:
        return np.zeros(len(LEVELS))
    above = positive[None] >= (LEVELS * peak)[:, None, None]
    return np.asarray((above & boxes).sum((1, 2)) / (above | boxes).sum((1, 2)))


def box_mask(boxes: Sequence[Box]) -> Mask:
    """Return the raster's pixels whose middles lie in any box."""
    middle = (np.arange(RASTER) + 0.5) / RASTER
    inside = np.zeros((RASTER, RASTER), bool)
    for box in boxes:
        across = (middle >= box.x) & (middle <= box.x + box.width)
        inside |= ((middle >= box.y) & (middle <= box.y + box.height))[:, None] & across
    return inside


def lung_prior(boxes: Mapping[str, Sequence[Box]]) -> Floats | None:
    """Return how often each place lies in a lung, over all pictures with lung boxes; None where there are none."""
    masks = [box_mask(lungs) for found in boxes.values() if (lungs := named(found, LUNG_WORDS))]
    return np.mean(masks, axis=0, dtype=np.float32) if masks else None


def on_raster(grid: Floats, placement: Placement) -> Floats:
    """Return a map on the raster of the whole image; where the network did not look it is as low as it gets."""
    columns, rows = placement.image_size
    view = np.array([[RASTER / columns, 0, 0], [0, RASTER / rows, 0]])
    raster = placement.on_view(grid, view, (RASTER, RASTER))
    left, top, right, bottom = placement.analyzed()
    x, y = (np.arange(RASTER) + 0.5) * columns / RASTER, (np.arange(RASTER) + 0.5) * rows / RASTER
    seen = ((y >= top) & (y <= bottom))[:, None] & ((x >= left) & (x <= right))
    return np.where(seen, raster, min(0.0, float(raster.min()))).astype(np.float32)
