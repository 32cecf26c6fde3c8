"""What other files lay over a picture, as a view draws it: marked segments and maps of values, each in its colors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.colormap import inferno
from core.imaging.lab import Rgb
from core.imaging.plane import Affine, chained, for_pixel_centers, inverted
from core.imaging.probe import number_text
from core.imaging.view_transform import Size, ViewTransform

HALF = 128  # a segment's outline lies where it covers half
OUTLINE = 0.95  # how opaque the outline is, whatever the opacity of what it surrounds

Rgba = NDArray[np.uint8]  # (rows, columns, 4), premultiplied by alpha


@dataclass(frozen=True, slots=True)
class Segment:
    """One thing that a segmentation marks; `meaning` is what its codes say, such as "Organ · Liver"."""

    number: int
    name: str
    color: Rgb
    meaning: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentMask:
    """A segment's part of one image: `share` is (rows, columns) uint8, 255 where all of the pixel belongs to it.

    `image_from_mask` is the (2, 3) affine from the mask's continuous coordinates to the image's.
    """

    segment: Segment
    share: NDArray[np.uint8]
    image_from_mask: Affine

    def share_at(self, x: float, y: float) -> int:
        """Return how much of an image position belongs to the segment, 0-255."""
        linear = self.image_from_mask[:, :2]
        column, row = np.linalg.solve(linear, np.array([x, y]) - self.image_from_mask[:, 2])
        rows, columns = self.share.shape
        if not (0 <= column < columns and 0 <= row < rows):
            return 0
        return int(self.share[int(row), int(column)])


@dataclass(frozen=True, slots=True, eq=False)
class ValueMap:
    """Values over one image: (rows, columns) float32, NaN where there is none, and the scale of their colors.

    `low` and `high` are the ends of the whole map's range, so that a color means the same on every image.
    """

    name: str
    values: NDArray[np.float32]
    image_from_map: Affine
    low: float
    high: float
    unit: str = ""

    def value_at(self, x: float, y: float) -> float | None:
        """Return the value at an image position, None where there is none."""
        column, row = np.linalg.solve(self.image_from_map[:, :2], np.array([x, y]) - self.image_from_map[:, 2])
        rows, columns = self.values.shape
        if not (0 <= column < columns and 0 <= row < rows):
            return None
        value = float(self.values[int(row), int(column)])
        return value if np.isfinite(value) else None


def range_text(low: float, high: float, unit: str) -> str:
    """Return a scale's range as a person reads it, such as "0 to 3.2 mm2/s"."""
    return f"{number_text(low, 3)} to {number_text(high, 3)} {unit}".strip()


def layers_text(masks: Sequence[SegmentMask], layer: ValueMap | None, x: float, y: float) -> str:
    """Return what lies over an image position: the segments' names and the map's value, "" for nothing."""
    parts = [mask.segment.name for mask in masks if mask.share_at(x, y) >= HALF]
    value = None if layer is None else layer.value_at(x, y)
    if layer is not None and value is not None:
        parts.append(f"{layer.name} {number_text(value)} {layer.unit}".strip())
    return " · ".join(parts)


def segments_on_view(masks: Sequence[SegmentMask], view: ViewTransform, opacity: float) -> tuple[Rgba, Size]:
    """Return segments as the view draws them, each filled with `opacity` (0-1) within an outline of a device pixel.

    The second value is the view position (x, y) of the first pixel; the picture is of size 0 where nothing is seen.
    """
    boxes = [_box(mask.share.shape, chained(view.matrix, mask.image_from_mask), view.view_size) for mask in masks]
    box = _around([one for one in boxes if one is not None])
    if box is None:
        return np.zeros((0, 0, 4), np.uint8), (0, 0)
    left, top, right, bottom = box
    drawn = np.zeros((bottom - top, right - left, 4), np.float32)
    for mask, own in zip(masks, boxes, strict=True):
        if own is not None:
            _lay(drawn[own[1] - top:own[3] - top, own[0] - left:own[2] - left], mask, view, own, opacity)
    return np.rint(drawn).astype(np.uint8), (left, top)


def values_on_view(layer: ValueMap, view: ViewTransform, opacity: float) -> tuple[Rgba, Size]:
    """Return a map as the view draws it, `opacity` (0-1) wherever it has a value; see `segments_on_view`."""
    view_from_map = chained(view.matrix, layer.image_from_map)
    box = _box(layer.values.shape, view_from_map, view.view_size)
    if box is None:
        return np.zeros((0, 0, 4), np.uint8), (0, 0)
    there = np.isfinite(layer.values).astype(np.float32)
    values = _warped(np.nan_to_num(layer.values, posinf=0, neginf=0), view_from_map, box)
    weight = _warped(there, view_from_map, box)
    is_there = _warped(there, view_from_map, box, cv2.INTER_NEAREST) > 0.5
    unit = np.divide(values, weight, out=np.zeros_like(values), where=is_there)
    index = np.clip(np.rint((unit - layer.low) * (255 / max(layer.high - layer.low, 1e-30))), 0, 255).astype(np.uint8)
    alpha = np.where(is_there, np.float32(np.clip(opacity, 0, 1)), 0)
    colors = np.dstack([inferno()[index] * alpha[..., None], alpha * 255])
    return np.rint(colors).astype(np.uint8), (box[0], box[1])


Box = tuple[int, int, int, int]  # left, top, right, bottom in device pixels of the view


def _box(shape: tuple[int, ...], view_from_mask: Affine, view_size: Size) -> Box | None:
    """Return the part of the view that a mask may touch, None where it lies outside."""
    rows, columns = shape[:2]
    corners = _corners(0, 0, columns, rows) @ view_from_mask.T
    left, top = (int(value) for value in np.clip(np.floor(corners.min(axis=0)) - 1, 0, view_size))
    right, bottom = (int(value) for value in np.clip(np.ceil(corners.max(axis=0)) + 1, 0, view_size))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _corners(left: float, top: float, right: float, bottom: float) -> NDArray[np.float64]:
    return np.array([[left, top, 1], [right, top, 1], [left, bottom, 1], [right, bottom, 1]], np.float64)


def _needed(pixels: NDArray[Any], view_from_pixels: Affine, box: Box) -> tuple[NDArray[Any], Affine]:
    """Return the part of the pixels that a box of the view shows, and the affine for it: the whole may be huge."""
    corners = _corners(*box) @ inverted(view_from_pixels).T
    left, top = np.clip(np.floor(corners.min(axis=0)) - 2, 0, None).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 2
    part = pixels[top:bottom, left:right]
    return (part if part.size else pixels[:1, :1]), chained(view_from_pixels, np.array([[1.0, 0, left], [0, 1.0, top]]))


def _around(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _lay(drawn: NDArray[np.float32], mask: SegmentMask, view: ViewTransform, box: Box, opacity: float) -> None:
    """Lay one segment over what is drawn in its box of the view."""
    # the pixels that are marked, as they are: between them nothing is known
    share = _warped(mask.share, chained(view.matrix, mask.image_from_mask), box, cv2.INTER_NEAREST)
    inside = (share >= HALF).astype(np.uint8)
    edge = inside - cv2.erode(inside, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    # what covers a pixel in part, or at random, is fainter; a wholly marked one is even to its edge
    covered = share if _is_graded(mask.share) else inside * np.uint8(255)
    alpha = covered.astype(np.float32) * (np.clip(opacity, 0, 1) / 255)
    alpha[edge > 0] = OUTLINE
    drawn *= 1 - alpha[..., None]
    drawn += alpha[..., None] * np.array([*mask.segment.color, 255], np.float32)


def _is_graded(share: NDArray[np.uint8]) -> bool:
    return bool(((share > 0) & (share < 255)).any())


def _warped(pixels: NDArray[Any], view_from_pixels: Affine, box: Box, between: int = cv2.INTER_LINEAR) -> NDArray[Any]:
    """Return pixels on the device pixels of a box: averaged where they are smaller, else as `between` says."""
    pixels, view_from_pixels = _needed(pixels, view_from_pixels, box)
    rows, columns = pixels.shape
    scale = np.sqrt((view_from_pixels[:, :2] ** 2).sum(axis=0))  # device pixels for each column and row
    size = max(1, min(columns, round(columns * scale[0]))), max(1, min(rows, round(rows * scale[1])))
    if size != (columns, rows):
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        shrink = np.array([[columns / size[0], 0, 0], [0, rows / size[1], 0]])
        view_from_pixels = chained(view_from_pixels, shrink)
    moved = view_from_pixels - np.array([[0, 0, box[0]], [0, 0, box[1]]])
    warped = cv2.warpAffine(np.ascontiguousarray(pixels), for_pixel_centers(moved), (box[2] - box[0], box[3] - box[1]),
                            flags=between, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(warped)
