"""A small picture of a frame, for lists."""

import numpy as np
from numpy.typing import NDArray

from core.imaging.image import Frame
from core.imaging.render import default_voi, to_gray
from core.imaging.resample import shrink


def thumbnail(frame: Frame, side: int) -> NDArray[np.uint8]:
    """Return the whole frame in its default window, its longer side at most `side` pixels, in true proportions.

    (rows, columns) or (rows, columns, 3) uint8. What is smaller than that is not enlarged.
    """
    width, height = float(frame.columns), frame.rows * frame.pixel_aspect
    scale = min(1.0, side / max(width, height))
    small = shrink(frame.stored, (max(1, round(width * scale)), max(1, round(height * scale))))
    picture = small if frame.is_color else to_gray(small, frame, default_voi(frame))
    return np.ascontiguousarray(picture, dtype=np.uint8)
