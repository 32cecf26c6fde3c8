"""How a presentation state shows a frame: transforms in place of the file's own, shutter, area and annotations.

PS3.3 C.11.10 and PS3.4 N: what a state does not give is the identity, never the image's own transform.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.display_state import DisplayState
from core.imaging.image import Annotation, Frame, ModalityTransform, OverlayPlane, Voi
from core.imaging.lookup import LookupTable, Rescale, is_same_transform
from core.imaging.probe import STORED_VALUE
from core.imaging.window import Window

MASK_NOTE = "its mask subtraction is not applied"

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Shutter:
    """What stays in sight: a box, a circle of center and radius in widths of a pixel, or a polygon; image coordinates.

    `bitmap` is (rows, columns) uint8 of the image's size, 255 is covered.
    """

    box: Box | None = None
    circle: tuple[Point, float] | None = None
    polygon: tuple[Point, ...] = ()
    bitmap: NDArray[np.uint8] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Presentation:
    """One frame's share of a presentation state.

    `voi` None is the whole range that `modality` can give. `rotation` is clockwise, before `flip`. `area` is the part
    of the image to be seen, None is all; `magnification` is screen pixels for each image pixel, None fits the area.
    `true_spacing_mm` is how far apart rows and columns are to be on the screen, `pixel_aspect` the height of a pixel
    over its width there, None is the image's. `palette` is (256, 3) uint8, the colors of display gray. `active_groups`
    are the groups of those overlays that are seen, `overlays` the state's own.
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
    presentation_lut: LookupTable | None = None
    palette: NDArray[np.uint8] | None = None
    true_spacing_mm: tuple[float, float] | None = None
    overlays: tuple[OverlayPlane, ...] = ()
    active_groups: frozenset[int] = frozenset()
    pixel_aspect: float | None = None


def presented(frame: Frame, presentation: Presentation) -> Frame:
    """Return the frame with the state's transforms, shutter and graphics; what it does not touch is shared.

    The state says how pixels are to look (PS3.3 C.10.4), not how far apart they are: spacing stays the image's.
    """
    new = tuple(note for note in presentation.notes if note not in frame.notes)
    notes = (f"presentation state: {presentation.name}", *frame.notes, *new)
    own = {plane.group for plane in presentation.overlays}
    kept = tuple(plane for plane in frame.overlays if plane.group in presentation.active_groups - own)
    aspect = presentation.pixel_aspect or frame.pixel_aspect
    shown = replace(frame, shutter=shutter_mask((frame.rows, frame.columns), presentation.shutters, aspect),
                    shutter_gray=presentation.shutter_gray, annotations=presentation.annotations, notes=notes,
                    overlays=kept + presentation.overlays, pixel_aspect=aspect)
    if frame.is_color:
        return shown
    voi = presentation.voi or _whole_range(frame, presentation.modality)
    # the file's unit is that of its own modality values
    other = STORED_VALUE if presentation.modality == Rescale() else ""
    unit = frame.unit if is_same_transform(presentation.modality, frame.modality) else other
    return replace(shown, modality=presentation.modality, unit=unit, voi=(voi,), inverse=presentation.inverse,
                   presentation_lut=presentation.presentation_lut, palette=presentation.palette)


def true_zoom(presentation: Presentation, screen_mm: float | None) -> float | None:
    """Return the zoom at which the size is true, None where the state asks for no true size.

    `screen_mm` is the size of a device pixel; None, where the screen does not tell it, gives None.
    """
    spacing = presentation.true_spacing_mm
    return spacing[1] / screen_mm if spacing is not None and screen_mm else None


def presented_state(
    frame: Frame, presentation: Presentation, view_size: tuple[int, int], screen_mm: float | None = None,
    rotation: int | None = None,
) -> DisplayState:
    """Return how a view of this size, in device pixels, looks at a frame: turned, mirrored, at the displayed area.

    A true size needs `screen_mm`, the size of a device pixel; without it the area is fitted. `rotation` is how a
    reader has turned the frame, in place of the state's own.
    """
    if rotation is None:
        # the state turns before it mirrors, a DisplayState mirrors before it turns
        rotation = -presentation.rotation % 360 if presentation.flip else presentation.rotation
    state = DisplayState(rotation=rotation, flip=presentation.flip)
    whole = (0.0, 0.0, float(frame.columns), float(frame.rows))
    area = presentation.area or whole
    zoom = true_zoom(presentation, screen_mm) or presentation.magnification
    if area == whole and zoom is None:
        return state
    left, top, right, bottom = area
    if zoom is None:
        width, height = right - left, (bottom - top) * (presentation.pixel_aspect or frame.pixel_aspect)
        across, down = view_size if rotation % 180 == 0 else view_size[::-1]
        zoom = min(across / width, down / height)
    return replace(state, zoom=zoom, center=((left + right) / 2, (top + bottom) / 2))


def shutter_mask(
    shape: tuple[int, int], shutters: Sequence[Shutter], pixel_aspect: float = 1.0
) -> NDArray[np.uint8] | None:
    """Return what is covered as (rows, columns) uint8, 255 is covered; None without shutters (PS3.3 C.7.6.11).

    `pixel_aspect` is the height of a pixel over its width: a circle is one as it is seen.
    """
    if not shutters:
        return None
    rows, columns = shape
    y, x = (np.arange(size) + 0.5 for size in (rows, columns))
    seen = np.ones(shape, bool)  # a byte for each pixel, and nothing larger: every frame of a film has it made
    for shutter in shutters:
        if shutter.box is not None:
            left, top, right, bottom = shutter.box
            seen[~((y > top) & (y < bottom))] = False
            seen[:, ~((x > left) & (x < right))] = False
        if shutter.circle is not None:
            (center_x, center_y), radius = shutter.circle
            squares = radius**2 - ((y - center_y) * pixel_aspect) ** 2  # of half the width that is seen of each row
            for row, square in enumerate(squares.tolist()):
                seen[row, (x - center_x) ** 2 > square] = False
        if len(shutter.polygon) >= 3:
            inside = np.zeros(shape, np.uint8)
            corners = np.clip(np.rint(np.array(shutter.polygon) - 0.5), -(1 << 15), 1 << 15).astype(np.int32)
            cv2.fillPoly(inside, [corners], 255)
            seen &= inside > 0
        if shutter.bitmap is not None:
            seen &= shutter.bitmap == 0
    covered: NDArray[np.uint8] = seen.view(np.uint8)
    covered -= 1  # 0 where it is seen, 255 elsewhere
    covered.flags.writeable = False
    return covered


def _whole_range(frame: Frame, modality: ModalityTransform) -> Window:
    """Return the window over all that the modality transform can give (PS3.3 C.11.1), the same for all frames.

    Without a VOI this range is what the Presentation LUT is spread over (PS3.4 N.2.1.3, PS3.3 C.11.6), not the part
    of it that a frame happens to have; that stands in only where nothing says what the stored values can be.
    """
    if isinstance(modality, LookupTable):
        return Window.between(0.0, 2.0**modality.bits - 1.0, "whole range")  # its ends need not be its extremes
    low, high = modality.apply(np.array(frame.nominal_range or frame.stored_range))
    return Window.between(float(low), float(high), "whole range")
