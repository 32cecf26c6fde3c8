"""Grayscale softcopy presentation states to what each image's frames are to look like (PS3.3 A.33.1, PS3.4 N)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from core.dicom.dataset import open_dataset
from core.dicom.functional_groups import FrameAttributes
from core.dicom.guard import guarded
from core.dicom.modality import modality_transform
from core.dicom.values import integer, items, number, numbers, text
from core.dicom.voi import offered_voi
from core.imaging.image import Annotation, ModalityTransform, Voi
from core.imaging.presentation import Box, Point, Presentation, Shutter
from core.refusal import Refusal

Reference = dict[str, frozenset[int]]  # SOP Instance UID -> numbers of its frames from 1 on; none means all

_CURVE_POINTS = 96
_MAX_POINTS = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class PresentationState:
    """One state; ask it for each frame of an image that it may name."""

    path: Path
    name: str
    images: Reference
    dataset: Dataset

    def names(self, instance_uid: str, frame_index: int = 0) -> bool:
        """Return whether the state is made for this frame, index 0 is the first."""
        return _refers(self.images, instance_uid, frame_index)

    def of_frame(self, instance_uid: str, frame_index: int, is_signed: bool = False) -> Presentation | None:
        """Return how the frame is to look, None where the state does not name it or is damaged.

        `is_signed` says whether the image's stored values can be below zero.
        """
        if not self.names(instance_uid, frame_index):
            return None
        found = guarded(self.path, lambda: self._of_frame(instance_uid, frame_index, is_signed))
        return None if isinstance(found, Refusal) else found

    def _of_frame(self, instance_uid: str, frame_index: int, is_signed: bool) -> Presentation:
        dataset = self.dataset

        def here(keyword: str) -> Iterable[Dataset]:
            return (one for one in items(dataset, keyword) if _applies(one, instance_uid, frame_index))

        modality = modality_transform(FrameAttributes(dataset), is_signed)
        shape, has_table = text(dataset, "PresentationLUTShape"), "PresentationLUTSequence" in dataset
        notes = ("its presentation LUT is not applied",) if has_table else ()
        area = next(iter(here("DisplayedAreaSelectionSequence")), None)
        gray = integer(dataset, "ShutterPresentationValue") or 0
        return Presentation(
            self.name, modality, _voi(here("SoftcopyVOILUTSequence"), modality, is_signed), shape == "INVERSE",
            (integer(dataset, "ImageRotation") or 0) // 90 * 90 % 360, text(dataset, "ImageHorizontalFlip") == "Y",
            None if area is None else _area(area), None if area is None else _magnification(area),
            _shutters(dataset), min(max(gray >> 8, 0), 255),
            tuple(_annotations(here("GraphicAnnotationSequence"))), notes,
        )


def read_presentation_state(path: Path) -> PresentationState | Refusal:
    """Read a presentation state. Never raises for what a file can hold."""
    return guarded(path, lambda: _read(path))


def _read(path: Path) -> PresentationState:
    dataset = open_dataset(path).dataset
    images: Reference = {}
    for series in items(dataset, "ReferencedSeriesSequence"):
        images |= _references(series)
    name = text(dataset, "ContentDescription") or text(dataset, "ContentLabel") or "unnamed"
    return PresentationState(path, name, images, dataset)


def _references(holder: Dataset) -> Reference:
    return {
        text(one, "ReferencedSOPInstanceUID"): frozenset(int(frame) for frame in numbers(one, "ReferencedFrameNumber"))
        for one in items(holder, "ReferencedImageSequence")
    }


def _refers(images: Reference, instance_uid: str, frame_index: int) -> bool:
    frames = images.get(instance_uid)
    return frames is not None and (not frames or frame_index + 1 in frames)


def _applies(one: Dataset, instance_uid: str, frame_index: int) -> bool:
    """Return whether an item is for this frame: one that names no image is for all of the state's."""
    images = _references(one)
    return not images or _refers(images, instance_uid, frame_index)


def _voi(found: Iterable[Dataset], modality: ModalityTransform, is_signed: bool) -> Voi | None:
    for one in found:
        offered, _ = offered_voi(FrameAttributes(one), modality, is_signed)
        if offered:
            return offered[0]
    return None


def _area(one: Dataset) -> Box | None:
    """Return the displayed area: its corners are the first and last pixel that are seen, counted from 1 (C.10.4)."""
    first, last = numbers(one, "DisplayedAreaTopLeftHandCorner"), numbers(one, "DisplayedAreaBottomRightHandCorner")
    if len(first) != 2 or len(last) != 2:
        return None
    # on a turned or mirrored image the "top left" corner of the view may be any of the image's
    (left, right), (top, bottom) = sorted((first[0], last[0])), sorted((first[1], last[1]))
    return left - 1, top - 1, right, bottom


def _magnification(one: Dataset) -> float | None:
    if text(one, "PresentationSizeMode") != "MAGNIFY":
        return None  # a true size would need the screen's
    ratio = number(one, "PresentationPixelMagnificationRatio")
    return ratio if ratio and ratio > 0 else None


def _shutters(dataset: Dataset) -> tuple[Shutter, ...]:
    """Return the shutters; edges are numbers of the first and last rows and columns that are seen, counted from 1."""
    found = []
    edges = [number(dataset, f"Shutter{edge}") for edge in
             ("LeftVerticalEdge", "UpperHorizontalEdge", "RightVerticalEdge", "LowerHorizontalEdge")]
    left, top, right, bottom = edges
    if left is not None and top is not None and right is not None and bottom is not None:
        found.append(Shutter(box=(left - 1, top - 1, right, bottom)))
    center, radius = numbers(dataset, "CenterOfCircularShutter"), number(dataset, "RadiusOfCircularShutter")
    if len(center) == 2 and radius:
        found.append(Shutter(circle=((center[1] - 0.5, center[0] - 0.5), radius)))
    corners = numbers(dataset, "VerticesOfThePolygonalShutter")
    if len(corners) >= 6:
        found.append(Shutter(polygon=tuple((x - 0.5, y - 0.5) for y, x in _pairs(corners))))
    return tuple(found)


def _annotations(found: Iterable[Dataset]) -> Iterable[Annotation]:
    for one in found:
        for drawn in items(one, "GraphicObjectSequence"):
            points = _outline(text(drawn, "GraphicType"), _pairs(numbers(drawn, "GraphicData")[:2 * _MAX_POINTS]))
            on_view = text(drawn, "GraphicAnnotationUnits") == "DISPLAY"
            if points:
                yield Annotation(points, "", text(drawn, "GraphicFilled") == "Y", on_view)
        for written in items(one, "TextObjectSequence"):
            yield from _text(written)


def _text(written: Dataset) -> Iterable[Annotation]:
    words = text(written, "UnformattedTextValue")
    corner = numbers(written, "BoundingBoxTopLeftHandCorner")
    anchor = numbers(written, "AnchorPoint")
    on_view = text(written, "BoundingBoxAnnotationUnits") == "DISPLAY"
    anchor_on_view = text(written, "AnchorPointAnnotationUnits") == "DISPLAY"
    if len(corner) == 2:
        yield Annotation(((corner[0], corner[1]),), words, False, on_view)
        is_line = len(anchor) == 2 and text(written, "AnchorPointVisibility") == "Y" and anchor_on_view == on_view
        if is_line:
            ends = numbers(written, "BoundingBoxBottomRightHandCorner")
            box = zip(corner, ends if len(ends) == 2 else corner, strict=True)
            x, y = (min(max(at, min(low, high)), max(low, high)) for at, (low, high) in zip(anchor, box, strict=True))
            yield Annotation(((x, y), (anchor[0], anchor[1])), "", False, on_view)
    elif len(anchor) == 2:
        yield Annotation(((anchor[0], anchor[1]),), words, False, anchor_on_view)


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


def _pairs(values: tuple[float, ...]) -> tuple[Point, ...]:
    return tuple(zip(values[::2], values[1::2], strict=False))
