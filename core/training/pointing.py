"""Does the map point at the finding? The pointing game: is the strongest cell inside a reader's box.

Zhang et al. 2016, Top-down Neural Attention by Excitation Backprop. Boxes are a CSV file beside the label table:
path, x, y, w, h (fractions of width and height, from the top left), what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.findings.finding import Finding
from core.imaging.placement import Placement
from core.training.csv_table import table_lines

BOXES_NAME = "boxes.csv"
BOX_COLUMNS = ("path", "x", "y", "w", "h", "what")
BEYOND = 0.05  # of the side, that a box may lie beside the picture: a reader's hand, or a margin that was cut
SAMPLES = 200  # along each side, when the area of overlapping boxes is counted

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A reader's box: fractions of the image's width and height, from the top left; `what` says what it marks."""

    x: float
    y: float
    width: float
    height: float
    what: str

    @property
    def is_inside(self) -> bool:
        """Whether it has a size and lies in the picture, or no more than `BEYOND` beside it."""
        return all(size > 0 and start >= -BEYOND and start + size <= 1 + BEYOND
                   for start, size in ((self.x, self.width), (self.y, self.height)))

    def holds(self, point: Point) -> bool:
        """Whether a point (x, y), in fractions, lies inside."""
        return 0 <= point[0] - self.x <= self.width and 0 <= point[1] - self.y <= self.height


def read_boxes(folder: Path) -> dict[str, tuple[Box, ...]]:
    """Return the boxes of each picture path; empty where the folder has no boxes.csv. Raises ValueError, OSError."""
    path = folder / BOXES_NAME
    if not path.is_file():
        return {}
    boxes: dict[str, tuple[Box, ...]] = {}
    for where, line in table_lines(path, BOX_COLUMNS):
        try:
            box = Box(float(line["x"]), float(line["y"]), float(line["w"]), float(line["h"]), line["what"])
        except ValueError as error:
            raise ValueError(f"{where}: x, y, w and h are numbers, in fractions of the picture") from error
        if not box.is_inside:
            raise ValueError(f"{where}: the box of {line['path']} does not lie inside the picture: x, y, w and h are "
                             "fractions of its width and height, from 0 to 1, and no pixels")
        boxes[line["path"]] = (*boxes.get(line["path"], ()), box)
    return boxes


def strongest_point(finding: Finding, placement: Placement) -> Point:
    """Return where the strongest cell of a map looks: the (x, y) fraction of the image's width and height."""
    row, column = np.unravel_index(int(finding.evidence.argmax()), finding.evidence.shape)
    x, y = placement.cell_center(int(column), int(row))
    columns, rows = placement.image_size
    return x / columns, y / rows


def named(boxes: Sequence[Box], words: Sequence[str]) -> tuple[Box, ...]:
    """Return the boxes whose `what` contains any of the words."""
    return tuple(box for box in boxes if any(word in box.what for word in words))


def covered(boxes: Sequence[Box]) -> float:
    """Return the part of the image that boxes cover together: what a random point would hit."""
    middle = (np.arange(SAMPLES) + 0.5) / SAMPLES
    inside = np.zeros((SAMPLES, SAMPLES), bool)
    for box in boxes:
        across = (middle >= box.x) & (middle <= box.x + box.width)
        down = (middle >= box.y) & (middle <= box.y + box.height)
        inside |= down[:, None] & across
    return float(inside.mean())


def hits(points: Mapping[str, Point], boxes: Mapping[str, Sequence[Box]]) -> tuple[dict[str, bool], float]:
    """Return of each picture with both a point and boxes whether it is a hit, and the mean part that boxes cover."""
    both = [path for path in points if boxes.get(path)]
    found = {path: any(box.holds(points[path]) for box in boxes[path]) for path in both}
    return found, float(np.mean([covered(boxes[path]) for path in both])) if both else 0.0
