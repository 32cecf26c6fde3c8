"""A region drawn on an image: an ellipse or a rectangle in continuous image coordinates."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Shape(StrEnum):
    """What the bounding box of a region holds."""

    ELLIPSE = "ellipse"
    RECTANGLE = "rectangle"


@dataclass(frozen=True, slots=True)
class Region:
    """The ellipse in, or the whole of, the box from (`left`, `top`) to (`right`, `bottom`), in image coordinates.

    Coordinates are continuous, the corner of the first pixel at (0, 0); they may lie outside the image.
    """

    left: float
    top: float
    right: float
    bottom: float
    shape: Shape = Shape.ELLIPSE

    @staticmethod
    def between(start: tuple[float, float], end: tuple[float, float], shape: Shape = Shape.ELLIPSE) -> "Region":
        """Return the region whose box has these opposite corners (x, y), given in any order."""
        left, right = sorted((start[0], end[0]))
        top, bottom = sorted((start[1], end[1]))
        return Region(left, top, right, bottom, shape)

    def moved(self, dx: float, dy: float) -> "Region":
        """Return the region shifted by so many image pixels."""
        return Region(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy, self.shape)

    def holds(self, x: float, y: float) -> bool:
        """Return whether an image point lies inside; the left and top border belong to a rectangle."""
        if self.shape is Shape.RECTANGLE:
            return self.left <= x < self.right and self.top <= y < self.bottom
        width, height = self.right - self.left, self.bottom - self.top
        if width <= 0 or height <= 0:
            return False
        across, down = (2 * x - self.left - self.right) / width, (2 * y - self.top - self.bottom) / height
        return across * across + down * down <= 1

    def mask(self, rows: int, columns: int) -> tuple[NDArray[np.bool_], tuple[int, int]]:
        """Return which pixels of an image of that size belong to the region, and where the mask lies on it.

        A pixel belongs when its center lies inside. The mask is (rows, columns) bool of the box's part on the image,
        of size 0 where that is empty; the second value is the (x, y) of its first pixel.
        """
        x0, x1 = pixels_between(self.left, self.right, columns)
        y0, y1 = pixels_between(self.top, self.bottom, rows)
        if self.shape is Shape.RECTANGLE or x0 == x1 or y0 == y1:
            return np.ones((y1 - y0, x1 - x0), np.bool_), (x0, y0)
        across = (2 * (np.arange(x0, x1) + 0.5) - self.left - self.right) / (self.right - self.left)
        down = (2 * (np.arange(y0, y1) + 0.5) - self.top - self.bottom) / (self.bottom - self.top)
        return across[None, :] ** 2 + down[:, None] ** 2 <= 1, (x0, y0)


def pixels_between(low: float, high: float, limit: int) -> tuple[int, int]:
    """Return the first of `limit` pixels with a center between low and high, and the one after the last of them."""
    first = int(np.clip(np.ceil(low - 0.5), 0, limit))
    return first, int(np.clip(np.ceil(high - 0.5), first, limit))
