"""Where the map of the first finding should lie, as readers say: in their boxes, and over zones as they scored them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.reading.extent import zone_shares
from core.reading.model_card import Zones
from core.training.config import TrainingConfig
from core.training.labels import LabelRow
from core.training.pointing import Box, named, read_boxes
from core.training.zones import scored_rows

Kind = Literal["boxes", "zones"]
Float = NDArray[np.float64]
BOX_MARGIN = 0.03  # of the side, around a box: a cell next to it is no error


@dataclass(frozen=True, slots=True)
class InBoxes:
    """A picture's boxes, taken together, in which the map should lie; `weight` is what it counts in the loss."""

    boxes: tuple[Box, ...]
    weight: float
    kind: ClassVar[Kind] = "boxes"

    @property
    def numbers(self) -> list[float]:
        """What readers marked: x, y, width and height of each box, one box after another."""
        return [side for box in self.boxes for side in (box.x, box.y, box.width, box.height)]

    def holds(self, across: Float, down: Float) -> Float:
        """Return 1 for places, parts of width and height, that lie in a box or next to it, and 0 for others."""
        inside = np.zeros(across.shape, bool)
        for box in self.boxes:
            inside |= (
                (across >= box.x - BOX_MARGIN) & (across <= box.x + box.width + BOX_MARGIN)
                & (down >= box.y - BOX_MARGIN) & (down <= box.y + box.height + BOX_MARGIN)
            )
        return inside.astype(np.float64)


@dataclass(frozen=True, slots=True)
class InZone:
    """A zone in which a share of the map should lie; `weight` is what that counts in the loss."""

    zone: int  # of `ZONES`
    zones: Zones
    weight: float
    kind: ClassVar[Kind] = "zones"

    @property
    def numbers(self) -> list[float]:
        """What readers marked: the zone, and what it counts by its score among all zones."""
        return [self.zone, self.weight]

    def holds(self, across: Float, down: Float) -> Float:
        """Return how far places, parts of width and height, belong to the zone, 0-1."""
        shares: Float = zone_shares(self.zones, across, down)[self.zone]
        return shares


Places = tuple[InBoxes | InZone, ...]  # of one picture


@dataclass(frozen=True, eq=False)
class Marks:
    """What readers marked, by path: boxes, and the mean of their scores of the six zones, (zones,)."""

    boxes: Mapping[str, tuple[Box, ...]] = field(default_factory=dict)
    zones: Mapping[str, Float] = field(default_factory=dict)


def read_marks(folder: Path, rows: Sequence[LabelRow], config: TrainingConfig) -> Marks:
    """Read the boxes in a table's folder, and its zones' scores where they are learned from (`loop.zone_weight`).

    Raises OSError and ValueError for damaged files.
    """
    boxes = read_boxes(folder)
    if config.extent is None or not config.loop.zone_weight:
        return Marks(boxes)
    scored = scored_rows(folder, rows, config.extent.raters, config.extent.rows)
    return Marks(boxes, {row.path: mean for row, mean in zip(scored.rows, scored.mean, strict=True)})


def places_of(rows: Sequence[LabelRow], marks: Marks, config: TrainingConfig) -> tuple[Places, ...]:
    """Return the places of each row: of those with the first finding alone, and where a weight says that they count.

    All boxes of a picture are one place. Zones are one each, and share their weight as readers scored them.
    """
    loop = config.loop
    found: list[Places] = []
    for row in rows:
        own: list[InBoxes | InZone] = []
        if row.is_positive and loop.box_weight and (boxes := named(marks.boxes.get(row.path, ()), config.boxes)):
            own.append(InBoxes(boxes, loop.box_weight))
        scores = marks.zones.get(row.path)
        if row.is_positive and scores is not None and scores.any() and config.extent is not None:
            own += [InZone(zone, config.extent.zones, loop.zone_weight * share)
                    for zone, share in enumerate((scores / scores.sum()).tolist()) if share]
        found.append(tuple(own))
    return tuple(found)


def kinds_taught(places: Sequence[Places]) -> frozenset[Kind]:
    """Return of what kinds the places are that teach where the map should lie."""
    return frozenset(place.kind for own in places for place in own)
