"""A frame at view size in its stored type: area average when shrinking, linear or nearest when enlarging.

Two steps, so that each gesture costs no more than it must: `shrink` reads the whole frame and depends on the zoom
alone; `visible_pixels` reads what the view shows, and is a slice of the shrunk frame where nothing is enlarged.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.view_transform import Size, ViewTransform

Pixels = NDArray[Any]

DRAFT_FROM = 1 << 20  # pixels of a frame: a smaller one is averaged before anyone could notice
NEAREST_FROM = 8.0  # from this zoom on the stored pixels themselves are looked at, as squares

_OPENCV_TYPES = {np.dtype(name) for name in ("uint8", "uint16", "int16", "float32", "float64")}


def shrink(stored: Pixels, size: Size) -> Pixels:
    """Return the whole frame with each axis that is longer than `size` (columns, rows) averaged down to it.

    `stored` is (rows, columns) or (rows, columns, 3); the result has its type. Where nothing shrinks it is `stored`.
    """
    rows, columns = stored.shape[:2]
    target = min(columns, size[0]), min(rows, size[1])
    if target == (columns, rows):
        return stored
    working = _for_opencv(stored)
    return _as_stored(cv2.resize(working, target, interpolation=cv2.INTER_AREA), stored.dtype)


def has_draft(stored: Pixels, size: Size) -> bool:
    """Return whether `shrink` to this size takes so long that `draft` is worth being shown first."""
    rows, columns = int(stored.shape[0]), int(stored.shape[1])
    return rows * columns >= DRAFT_FROM and (columns > size[0] or rows > size[1])


def draft(stored: Pixels, size: Size) -> Pixels:
    """Return nearly what `shrink` returns, same shape and type, in a fraction of its time.

    Halved by averaging as often as that leaves enough pixels, then interpolated: up to a factor of two a little more
    noise than the average has. For what is replaced by the average at once, never for what is measured or kept.
    """
    target = min(stored.shape[1], size[0]), min(stored.shape[0], size[1])
    working = _for_opencv(stored)
    while working.shape[1] >= 2 * target[0] and working.shape[0] >= 2 * target[1]:
        half = working.shape[1] // 2, working.shape[0] // 2
        # only whole pairs are averaged fast; an odd line left out moves the draft by less than a pixel
        working = cv2.resize(working[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
    return _as_stored(cv2.resize(working, target, interpolation=cv2.INTER_LINEAR), stored.dtype)


def visible_pixels(shrunk: Pixels, view: ViewTransform) -> tuple[Pixels, Size]:
    """Return what the view shows of a frame, in device pixels, and the view position (x, y) of its first pixel.

    `shrunk` is ``shrink(stored, view.drawn_size)``. The result is contiguous, in the type of `shrunk`, flipped and
    turned as drawn, no larger than the view, and of size 0 where the view shows nothing of the image.
    """
    (x, y), (width, height) = view.origin, view.turned_size
    left, right = max(x, 0), min(x + width, view.view_size[0])
    top, bottom = max(y, 0), min(y + height, view.view_size[1])
    if left >= right or top >= bottom:
        return np.zeros((0, 0, *shrunk.shape[2:]), shrunk.dtype), (0, 0)
    across, down = _upright((left - x, right - x), (top - y, bottom - y), view)
    block = _enlarged(shrunk, view.drawn_size, across, down)
    if view.flip:
        block = block[:, ::-1]
    return np.ascontiguousarray(np.rot90(block, -(view.rotation // 90))), (left, top)


def resample(stored: Pixels, view: ViewTransform) -> tuple[Pixels, Size]:
    """Return `visible_pixels` of a whole frame as stored."""
    return visible_pixels(shrink(stored, view.drawn_size), view)


def _upright(across: Size, down: Size, view: ViewTransform) -> tuple[Size, Size]:
    """The same part of the drawn image before its rotation and flip: from and to along x, and along y."""
    width, height = view.drawn_size
    turns = view.rotation // 90 % 4
    if turns % 2:
        across, down = down, across
    if turns in (1, 2):
        down = height - down[1], height - down[0]
    if turns in (2, 3):
        across = width - across[1], width - across[0]
    if view.flip:
        across = width - across[1], width - across[0]
    return across, down


def _enlarged(shrunk: Pixels, drawn: Size, across: Size, down: Size) -> Pixels:
    """The part of the frame, drawn upright at size `drawn`, between these device pixels."""
    rows, columns = shrunk.shape[:2]
    scale_x, scale_y = drawn[0] / columns, drawn[1] / rows
    if scale_x == 1 and scale_y == 1:
        return shrunk[slice(*down), slice(*across)]
    if max(scale_x, scale_y) >= NEAREST_FROM:
        return shrunk[np.ix_(_nearest(down, scale_y), _nearest(across, scale_x))]
    (x0, x1), (y0, y1) = _needed(across, scale_x, columns), _needed(down, scale_y, rows)
    crop = _for_opencv(shrunk[y0:y1, x0:x1])
    # OpenCV puts pixel centers on whole numbers
    to_block = np.array(
        [
            [scale_x, 0, (x0 + 0.5) * scale_x - across[0] - 0.5],
            [0, scale_y, (y0 + 0.5) * scale_y - down[0] - 0.5],
        ]
    )
    size = across[1] - across[0], down[1] - down[0]
    block = cv2.warpAffine(crop, to_block, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _as_stored(block, shrunk.dtype)


def _nearest(drawn: Size, scale: float) -> NDArray[np.intp]:
    return ((np.arange(*drawn) + 0.5) / scale).astype(np.intp)


def _needed(drawn: Size, scale: float, limit: int) -> Size:
    """The stored pixels, along one axis, between which device pixels of this part are interpolated."""
    return max(int(drawn[0] / scale - 0.5) - 1, 0), min(int(drawn[1] / scale + 0.5) + 2, limit)


def _for_opencv(pixels: Pixels) -> Pixels:
    if pixels.dtype not in _OPENCV_TYPES:
        small = pixels.dtype.kind == "i" and pixels.dtype.itemsize == 1
        pixels = pixels.astype(np.int16 if small else np.float64)
    return np.ascontiguousarray(pixels)


def _as_stored(pixels: Pixels, dtype: np.dtype[Any]) -> Pixels:
    if pixels.dtype == dtype:
        return pixels
    return (np.rint(pixels) if dtype.kind in "iu" and pixels.dtype.kind == "f" else pixels).astype(dtype)
