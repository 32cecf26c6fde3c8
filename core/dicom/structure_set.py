"""RT structure sets: outlines in patient coordinates as lines on the images that they were drawn on (PS3.3 C.8.8.6)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.dataset import open_dataset
from core.dicom.guard import guarded
from core.dicom.references import References, references, refers
from core.dicom.values import first_item, integer, items, numbers, text
from core.imaging.image import Annotation, Frame, Image
from core.imaging.lab import calm_color
from core.imaging.plane import THIN_MM, plane_of
from core.refusal import Refusal

MAX_CONTOURS = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """One outline: its structure's name and color (RGB, 0-255), its points (n, 3) in mm, and the frames it names.

    The points are in the coordinates of `frame_of_reference`, "" where the file does not say which.
    """

    name: str
    color: tuple[int, int, int]
    points: NDArray[np.float64]
    is_closed: bool
    images: References
    frame_of_reference: str


@dataclass(frozen=True, slots=True, eq=False)
class StructureSet:
    """The outlines of one file; its structures may lie in several frames of reference."""

    path: Path
    contours: tuple[Contour, ...]

    def on_frame(self, image: Image, index: int, frame: Frame) -> tuple[Annotation, ...]:
        """Return the outlines that lie in a frame, in image coordinates, each structure named once.

        A contour that names frames lies in those; one that names a whole image of several frames in that frame within
        half of whose thickness all of it lies; any other in such a frame of any image of the same frame of reference.
        Nothing where position, orientation or spacing of the frame are unknown.
        """
        plane = plane_of(image, index, frame)
        if plane is None:
            return ()
        origin, half = plane.position, _thickness(frame) / 2
        axes = np.stack([plane.across, plane.down])
        found: list[Annotation] = []
        named: set[str] = set()
        for contour in self.contours:
            is_told = _is_named(contour, image, index)
            if is_told is None:
                is_told = float(np.abs((contour.points - origin) @ plane.normal).max()) <= half
            if is_told:
                flat = (contour.points - origin) @ axes.T / plane.step_mm + 0.5
                found += _lines(contour, flat, contour.name not in named)
                named.add(contour.name)
        return tuple(found)


def read_structure_set(path: Path) -> StructureSet | Refusal:
    """Read a structure set. Never raises for what a file can hold; malformed outlines are left out."""
    return guarded(path, lambda: _read(path))


def _read(path: Path) -> StructureSet:
    dataset = open_dataset(path).dataset
    structures = {integer(one, "ROINumber"): one for one in items(dataset, "StructureSetROISequence")}
    referenced = first_item(dataset, "ReferencedFrameOfReferenceSequence")
    usual = text(dataset, "FrameOfReferenceUID") or ("" if referenced is None
                                                     else text(referenced, "FrameOfReferenceUID"))
    contours: list[Contour] = []
    for number, one in enumerate(items(dataset, "ROIContourSequence")):
        key = integer(one, "ReferencedROINumber")
        structure, color = structures.get(key, Dataset()), _color(one, number)
        name = text(structure, "ROIName") or f"ROI {key}"
        frame_of_reference = text(structure, "ReferencedFrameOfReferenceUID") or usual  # (3006,0024)
        for drawn in items(one, "ContourSequence")[:MAX_CONTOURS - len(contours)]:
            data = numbers(drawn, "ContourData")
            if data and len(data) % 3 == 0:
                images = references(image for image in items(drawn, "ContourImageSequence")
                                    if text(image, "ReferencedSOPInstanceUID"))
                is_closed = text(drawn, "ContourGeometricType").startswith("CLOSED")
                contours.append(Contour(name, color, np.array(data).reshape(-1, 3), is_closed, images,
                                        frame_of_reference))
    return StructureSet(path, tuple(contours))


def _is_named(contour: Contour, image: Image, index: int) -> bool | None:
    """Return whether what a contour names says that it lies in a frame; None where only its distance can tell."""
    uid = image.identity.instance_uid
    if contour.images:
        is_whole = contour.images.get(uid) == frozenset()
        return None if is_whole and image.frame_count > 1 else refers(contour.images, uid, index)
    is_same = bool(contour.frame_of_reference) and contour.frame_of_reference == image.header.frame_of_reference
    return None if is_same else False


def _color(one: Dataset, number: int) -> tuple[int, int, int]:
    rgb = [min(max(int(part), 0), 255) for part in numbers(one, "ROIDisplayColor")]
    return (rgb[0], rgb[1], rgb[2]) if len(rgb) == 3 else calm_color(number)


def _thickness(frame: Frame) -> float:
    told = frame.thickness_mm
    return THIN_MM if told is None or told < 0 else told


def _lines(contour: Contour, flat: NDArray[np.float64], is_first: bool) -> list[Annotation]:
    points = tuple((float(x), float(y)) for x, y in flat)
    if contour.is_closed and len(points) > 2:
        points += points[:1]
    lines = [Annotation(points, color=contour.color)]
    if is_first:
        right = max(points, key=lambda point: point[0])
        lines.append(Annotation((right,), f" {contour.name}", color=contour.color))
    return lines
