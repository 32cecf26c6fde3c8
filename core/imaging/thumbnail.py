"""A small picture of a frame, or of a map of values, for lists."""

import numpy as np
from numpy.typing import NDArray

from core.imaging.colormap import inferno
from core.imaging.image import Frame
from core.imaging.render import default_voi, to_gray
from core.imaging.resample import shrink


def thumbnail(frame: Frame, side: int) -> NDArray[np.uint8]:
    """Return the whole frame in its default window, its longer side at most `side` pixels, in true proportions.

    (rows, columns) or (rows, columns, 3) uint8. What is smaller than that is not enlarged.
    """
    small = shrink(frame.stored, _size(frame, side))
    picture = small if frame.is_color else to_gray(small, frame, default_voi(frame))
    return np.ascontiguousarray(picture, dtype=np.uint8)


def map_thumbnail(frame: Frame, values: NDArray[np.float32], low: float, high: float, side: int) -> NDArray[np.uint8]:
    """Return a map's values on a frame, (rows, columns) with NaN for none, in the colors in which cells draw them.

    (rows, columns, 3) uint8 of the size of `thumbnail`; `low` and `high` are the ends of the colors, black is no value.
    """
    unit = (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / max(high - low, 1e-30)
    colors = inferno()[np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8)]
    colors[~np.isfinite(values)] = 0
    return np.ascontiguousarray(shrink(colors, _size(frame, side)), dtype=np.uint8)


def _size(frame: Frame, side: int) -> tuple[int, int]:
    """The columns and rows of a small picture in true proportions."""
    width, height = float(frame.columns), frame.rows * frame.pixel_aspect
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
