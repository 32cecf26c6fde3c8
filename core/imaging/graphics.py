"""Graphics of one bit a pixel as a view draws them: thin lines stay visible however small the picture is shown."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.resample import shrink, visible_pixels
from core.imaging.view_transform import Size, ViewTransform

INK, RIM = 235, 0.7  # the gray of the graphics, and how much of the picture their rim takes away


def overlay_on_view(masks: Sequence[NDArray[np.uint8]], view: ViewTransform) -> tuple[NDArray[np.uint8], Size]:
    """Return masks, (rows, columns) uint8 of the image's size with 255 where it is drawn, as the view draws them.

    The result is (rows, columns, 4) uint8 RGBA premultiplied by alpha, light with a dark rim of a device pixel, and
    the view position (x, y) of its first pixel; of size 0 where the view shows nothing of the image.
    """
    merged = masks[0] if len(masks) == 1 else np.maximum.reduce(list(masks))
    ink, at = visible_pixels(_shrunk(merged, view.drawn_size), view)
    if ink.size == 0:
        return np.zeros((0, 0, 4), np.uint8), at
    rim = cv2.dilate(ink, np.ones((3, 3), np.uint8)).astype(np.float32) * RIM
    alpha = np.maximum(ink, rim.astype(np.uint8))
    light = (ink.astype(np.uint16) * INK // 255).astype(np.uint8)
    return np.dstack([light, light, light, alpha]), at


def shutter_on_view(
    covered: NDArray[np.uint8], gray: int, view: ViewTransform
) -> tuple[NDArray[np.uint8], Size]:
    """Return what a shutter covers as the view draws it: RGBA as in `overlay_on_view`, opaque `gray` (0-255)."""
    alpha, at = visible_pixels(shrink(covered, view.drawn_size), view)
    if alpha.size == 0:
        return np.zeros((0, 0, 4), np.uint8), at
    light = (alpha.astype(np.uint16) * gray // 255).astype(np.uint8)
    return np.dstack([light, light, light, alpha]), at


def _shrunk(mask: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Return the mask with each longer axis shrunk to `size` (columns, rows): a pixel drawn in part is drawn.

    An average would let a line of one pixel fade in a large film.
    """
    rows, columns = mask.shape
    target = min(columns, size[0]), min(rows, size[1])
    if target == (columns, rows):
        return mask
    kernel = np.ones((max(-(-rows // target[1]), 1), max(-(-columns // target[0]), 1)), np.uint8)
    widened = cv2.dilate(mask, kernel)
    return np.asarray(cv2.resize(widened, target, interpolation=cv2.INTER_NEAREST))
