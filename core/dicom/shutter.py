"""Display shutters: what of a picture stays in sight (PS3.3 C.7.6.11; of a single frame C.7.6.16.2.16)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.functional_groups import FrameAttributes
from core.dicom.presentation_graphics import pairs
from core.dicom.values import integer, number, numbers, texts
from core.imaging.lab import gray_of_cielab
from core.imaging.presentation import Shutter, shutter_mask

_EDGES = ("LeftVerticalEdge", "UpperHorizontalEdge", "RightVerticalEdge", "LowerHorizontalEdge")
_FARTHEST = 1e9  # pixels: a damaged circle's square would be no number
_MOST_CORNERS = 2000  # filling one of many that cross takes the square of their number


@dataclass(frozen=True, slots=True)
class OwnShutters:
    """The shutters of an image itself, and the gray (0-255) of what they cover."""

    shutters: tuple[Shutter, ...] = ()
    gray: int = 0

    def covered(self, shape: tuple[int, int], pixel_aspect: float) -> NDArray[np.uint8] | None:
        """Return what is covered, as `shutter_mask` does; None too where nothing would be seen: they are damaged."""
        covered = shutter_mask(shape, self.shutters, pixel_aspect)
        return None if covered is None or covered.all() else covered


def shutters_of(frame: FrameAttributes) -> OwnShutters:
    """Return a frame's own shutters: the shapes that its Shutter Shape names, whatever else is written (C.7.6.11)."""
    holder = frame.group("FrameDisplayShutterSequence") or frame.dataset
    shapes = texts(holder, "ShutterShape")
    if not shapes:
        return OwnShutters()
    return OwnShutters(tuple(one for one in read_shutters(holder) if _shape(one) in shapes), shutter_gray(holder))


def read_shutters(dataset: Dataset) -> tuple[Shutter, ...]:
    """Return the shutters; edges are numbers of the first and last rows and columns that are seen, counted from 1."""
    found = []
    left, top, right, bottom = (number(dataset, f"Shutter{edge}") for edge in _EDGES)
    if left is not None and top is not None and right is not None and bottom is not None:
        found.append(Shutter(box=(left - 1, top - 1, right, bottom)))
    center, radius = numbers(dataset, "CenterOfCircularShutter"), number(dataset, "RadiusOfCircularShutter")
    if len(center) == 2 and radius and max(map(abs, (*center, radius))) <= _FARTHEST:
        found.append(Shutter(circle=((center[1] - 0.5, center[0] - 0.5), radius)))
    corners = numbers(dataset, "VerticesOfThePolygonalShutter")
    if 6 <= len(corners) <= 2 * _MOST_CORNERS:
        found.append(Shutter(polygon=tuple((x - 0.5, y - 0.5) for y, x in pairs(corners))))
    return tuple(found)


def shutter_gray(dataset: Dataset) -> int:
    """Return the gray, 0-255, of what is covered: that of a color, else a P-Value of 16 bits, else black (C.7.6.11).

    What is covered is painted in gray: a color has the gray that is as light as it is.
    """
    color = numbers(dataset, "ShutterPresentationColorCIELabValue")
    if len(color) == 3:
        return gray_of_cielab(int(color[0]))
    gray = integer(dataset, "ShutterPresentationValue") or 0
    return min(max(gray >> 8, 0), 255)


def _shape(one: Shutter) -> str:
    return "RECTANGULAR" if one.box is not None else "CIRCULAR" if one.circle is not None else "POLYGONAL"
