"""How a presentation state shows a frame: transforms in place of the file's own, shutter, area and annotations.

PS3.3 C.11.10 and PS3.4 N: what a state does not give is the identity, never the image's own transform.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.display_state import DisplayState
from core.imaging.image import Annotation, Frame, ModalityTransform, Voi
from core.imaging.lookup import Rescale
from core.imaging.window import Window

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Shutter:
    """What stays in sight: a box, a circle of center and radius, or a polygon; image coordinates."""

    box: Box | None = None
    circle: tuple[Point, float] | None = None
    polygon: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Presentation:
    """One frame's share of a presentation state.

    `voi` None is the whole range of the modality values. `rotation` is clockwise, before `flip`. `area` is the part of
    the image to be seen, None is all; `magnification` is screen pixels for each image pixel, None fits the area.
    """

    name: str
    modality: ModalityTransform = field(default_factory=Rescale)
    voi: Voi | None = None
    inverse: bool = False
    rotation: int = 0
    flip: bool = False
    area: Box | None = None
    magnification: float | None = None
    shutters: tuple[Shutter, ...] = ()
    shutter_gray: int = 0
    annotations: tuple[Annotation, ...] = ()
    notes: tuple[str, ...] = ()


def presented(frame: Frame, presentation: Presentation) -> Frame:
    """Return the frame with the state's transforms, shutter and annotations; what it does not touch is shared."""
    notes = (f"presentation state: {presentation.name}", *frame.notes, *presentation.notes)
    shown = replace(frame, shutter=shutter_mask((frame.rows, frame.columns), presentation.shutters),
                    shutter_gray=presentation.shutter_gray, annotations=presentation.annotations, notes=notes)
    if frame.is_color:
        return shown
    voi = presentation.voi or _whole_range(frame, presentation.modality)
    return replace(shown, modality=presentation.modality, voi=(voi,), inverse=presentation.inverse)


def presented_state(frame: Frame, presentation: Presentation, view_size: tuple[int, int]) -> DisplayState:
    """Return how a view of this size, in device pixels, looks at a frame: turned, mirrored, at the displayed area."""
    # the state turns before it mirrors, a DisplayState mirrors before it turns
    rotation = -presentation.rotation % 360 if presentation.flip else presentation.rotation
    state = DisplayState(rotation=rotation, flip=presentation.flip)
    whole = (0.0, 0.0, float(frame.columns), float(frame.rows))
    area = presentation.area or whole
    if area == whole and presentation.magnification is None:
        return state
    left, top, right, bottom = area
    zoom = presentation.magnification
    if zoom is None:
        width, height = right - left, (bottom - top) * frame.pixel_aspect
        across, down = view_size if rotation % 180 == 0 else view_size[::-1]
        zoom = min(across / width, down / height)
    return replace(state, zoom=zoom, center=((left + right) / 2, (top + bottom) / 2))


def shutter_mask(shape: tuple[int, int], shutters: Sequence[Shutter]) -> NDArray[np.uint8] | None:
    """Return what is covered as (rows, columns) uint8, 255 is covered; None without shutters (PS3.3 C.7.6.11)."""
    if not shutters:
        return None
    rows, columns = shape
    y, x = np.ogrid[:rows, :columns]
    y, x = y + 0.5, x + 0.5
    seen = np.ones(shape, bool)
    for shutter in shutters:
        if shutter.box is not None:
            left, top, right, bottom = shutter.box
            seen &= (x > left) & (x < right) & (y > top) & (y < bottom)
        if shutter.circle is not None:
            (center_x, center_y), radius = shutter.circle
            seen &= (x - center_x) ** 2 + (y - center_y) ** 2 <= radius**2
        if len(shutter.polygon) >= 3:
            inside = np.zeros(shape, np.uint8)
            corners = np.clip(np.rint(np.array(shutter.polygon) - 0.5), -(1 << 15), 1 << 15).astype(np.int32)
            cv2.fillPoly(inside, [corners], 255)
            seen &= inside > 0
    covered: NDArray[np.uint8] = np.where(seen, 0, 255).astype(np.uint8)
    covered.flags.writeable = False
    return covered


def _whole_range(frame: Frame, modality: ModalityTransform) -> Window:
    low, high = modality.apply(np.array(frame.stored_range))
    return Window.between(float(low), float(high), "whole range")
