"""Graphics and words of presentation states as lines and texts over an image (PS3.3 C.10.5, C.10.7)."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
from pydicom.dataset import Dataset

from core.dicom.display_color import display_color
from core.dicom.values import integer, items, numbers, text
from core.imaging.image import Annotation
from core.imaging.lab import Rgb
from core.imaging.plane import Affine, chained
from core.imaging.presentation import Box, Point

_CURVE_POINTS = 96
_MAX_POINTS = 100_000


def layer_colors(dataset: Dataset) -> Mapping[str, Rgb]:
    """Return the colors of a state's graphic layers that state one, by the layers' names."""
    colors = {text(one, "GraphicLayer"): display_color(one, "GraphicLayerRecommendedDisplayCIELabValue")
              for one in items(dataset, "GraphicLayerSequence")}
    return {name: color for name, color in colors.items() if color is not None}


def in_layer_order(dataset: Dataset, found: Iterable[Dataset]) -> list[Dataset]:
    """Return annotation items in the order in which their layers are drawn, the lowest first (C.10.7)."""
    orders = {text(one, "GraphicLayer"): integer(one, "GraphicLayerOrder", 0) or 0
              for one in items(dataset, "GraphicLayerSequence")}
    return sorted(found, key=lambda one: orders.get(text(one, "GraphicLayer"), 0))


def image_from_display(area: Box, rotation: int, flip: bool) -> Affine:
    """Return the (2, 3) affine from DISPLAY units to image coordinates.

    They are parts (0-1) of the displayed area as it is seen, turned clockwise by `rotation` and then mirrored (PS3.3
    C.10.5, C.10.4); on the image they stay where they point to however it is looked at.
    """
    left, top, right, bottom = area
    placed = np.array([[right - left, 0.0, left], [0.0, bottom - top, top]])
    # the place on the upright area of a point that is seen at (x, y), before mirroring
    turned = {0: [[1, 0, 0], [0, 1, 0]], 90: [[0, 1, 0], [-1, 0, 1]], 180: [[-1, 0, 1], [0, -1, 1]],
              270: [[0, -1, 1], [1, 0, 0]]}[rotation % 360]
    upright = chained(placed, np.array(turned, np.float64))
    return chained(upright, np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])) if flip else upright


def annotations(
    found: Iterable[Dataset], colors: Mapping[str, Rgb], from_display: Affine | None
) -> Iterable[Annotation]:
    """Yield the graphics and words of items of a Graphic Annotation Sequence, each in its layer's color.

    `from_display` is the affine from DISPLAY units to image coordinates; without it what is in those is left out.
    """
    for one in found:
        color = colors.get(text(one, "GraphicLayer"))
        for drawn in items(one, "GraphicObjectSequence"):
            points = _on_image(drawn, "GraphicData", "GraphicAnnotationUnits", from_display)
            outline = _outline(text(drawn, "GraphicType"), points)
            if outline:
                yield Annotation(outline, "", text(drawn, "GraphicFilled") == "Y", color)
        for written in items(one, "TextObjectSequence"):
            yield from _text(written, color, from_display)


def _text(written: Dataset, color: Rgb | None, from_display: Affine | None) -> Iterable[Annotation]:
    """Yield a text in its box, or else at its anchor, and the line between the two (PS3.3 Table C.10-5)."""
    words, box_units = text(written, "UnformattedTextValue"), "BoundingBoxAnnotationUnits"
    corner = _on_image(written, "BoundingBoxTopLeftHandCorner", box_units, from_display)
    anchor = _on_image(written, "AnchorPoint", "AnchorPointAnnotationUnits", from_display)
    if corner:
        end = _on_image(written, "BoundingBoxBottomRightHandCorner", box_units, from_display)
        box = corner[:1] + end[:1]
        justification = text(written, "BoundingBoxTextHorizontalJustification") or "LEFT"
        if words:
            yield Annotation(box, words, False, color, justification)
        if anchor and text(written, "AnchorPointVisibility") == "Y":
            edges = zip(box[0], box[-1], strict=True)
            x, y = (min(max(at, min(ends)), max(ends)) for at, ends in zip(anchor[0], edges, strict=True))
            yield Annotation(((x, y), anchor[0]), "", False, color)
    elif anchor:
        yield Annotation(anchor[:1], words, False, color)


def _on_image(drawn: Dataset, keyword: str, units: str, from_display: Affine | None) -> tuple[Point, ...]:
    """Return the points of an attribute in image coordinates; none where their place is not known."""
    points = pairs(numbers(drawn, keyword)[:2 * _MAX_POINTS])
    if text(drawn, units) != "DISPLAY":
        return points
    if from_display is None:
        return ()
    (a, b, c), (d, e, f) = from_display.tolist()
    return tuple((a * x + b * y + c, d * x + e * y + f) for x, y in points)


def _outline(kind: str, points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return a graphic as points to be joined (C.10.5.1.2); an interpolated one goes through its points."""
    turns = [2 * math.pi * step / _CURVE_POINTS for step in range(_CURVE_POINTS + 1)]
    if kind == "CIRCLE" and len(points) >= 2:
        (x, y), radius = points[0], math.dist(points[0], points[1])
        return tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns)
    if kind == "ELLIPSE" and len(points) >= 4:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[:4]
        x, y = (ax + bx) / 2, (ay + by) / 2
        return tuple((x + (bx - ax) / 2 * math.cos(turn) + (dx - cx) / 2 * math.sin(turn),
                      y + (by - ay) / 2 * math.cos(turn) + (dy - cy) / 2 * math.sin(turn)) for turn in turns)
    return points


def pairs(values: tuple[float, ...]) -> tuple[Point, ...]:
    """Return coordinates that follow one another as points."""
    return tuple(zip(values[::2], values[1::2], strict=False))
