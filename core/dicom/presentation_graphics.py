"""Graphics and words of presentation states as lines and texts over an image (PS3.3 C.10.5, C.10.7)."""

import math
from collections.abc import Iterable, Mapping

from pydicom.dataset import Dataset

from core.dicom.display_color import display_color
from core.dicom.values import integer, items, numbers, text
from core.imaging.image import Annotation
from core.imaging.lab import Rgb
from core.imaging.presentation import Point

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


def annotations(found: Iterable[Dataset], colors: Mapping[str, Rgb]) -> Iterable[Annotation]:
    """Yield the graphics and words of items of a Graphic Annotation Sequence, each in its layer's color."""
    for one in found:
        color = colors.get(text(one, "GraphicLayer"))
        for drawn in items(one, "GraphicObjectSequence"):
            points = _outline(text(drawn, "GraphicType"), pairs(numbers(drawn, "GraphicData")[:2 * _MAX_POINTS]))
            on_view = text(drawn, "GraphicAnnotationUnits") == "DISPLAY"
            if points:
                yield Annotation(points, "", text(drawn, "GraphicFilled") == "Y", on_view, color)
        for written in items(one, "TextObjectSequence"):
            yield from _text(written, color)


def _text(written: Dataset, color: Rgb | None) -> Iterable[Annotation]:
    words = text(written, "UnformattedTextValue")
    corner = numbers(written, "BoundingBoxTopLeftHandCorner")
    anchor = numbers(written, "AnchorPoint")
    on_view = text(written, "BoundingBoxAnnotationUnits") == "DISPLAY"
    anchor_on_view = text(written, "AnchorPointAnnotationUnits") == "DISPLAY"
    if len(corner) == 2:
        yield Annotation(((corner[0], corner[1]),), words, False, on_view, color)
        is_line = len(anchor) == 2 and text(written, "AnchorPointVisibility") == "Y" and anchor_on_view == on_view
        if is_line:
            ends = numbers(written, "BoundingBoxBottomRightHandCorner")
            box = zip(corner, ends if len(ends) == 2 else corner, strict=True)
            x, y = (min(max(at, min(low, high)), max(low, high)) for at, (low, high) in zip(anchor, box, strict=True))
            yield Annotation(((x, y), (anchor[0], anchor[1])), "", False, on_view, color)
    elif len(anchor) == 2:
        yield Annotation(((anchor[0], anchor[1]),), words, False, anchor_on_view, color)


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
