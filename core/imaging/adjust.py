"""What gestures do to a window: a drag, and the automatic window of a part of the image."""

from dataclasses import replace

import numpy as np

from core.imaging.image import Frame, Voi
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.region import Region
from core.imaging.render import adjustable_window, auto_window, image_values
from core.imaging.window import VoiFunction, Window

STEPS_PER_WIDTH = 256  # of one logical pixel of a drag
COLOR_WINDOW = Window(128.0, 256.0)  # shows color as stored


def drag_start(frame: Frame, voi: Voi) -> Window:
    """Return the window from which a drag starts; for color, which has no VOI step, the whole range of its values."""
    if frame.is_color:
        return COLOR_WINDOW if isinstance(voi, LookupTable) else voi
    return adjustable_window(frame, voi)


def drag_step(frame: Frame, window: Window) -> float:
    """Return by how many modality units one logical pixel of a drag changes a window: a 256th of its width.

    For 8-bit data it is at least one display step, one stored value.
    """
    step = window.width / STEPS_PER_WIDTH
    if frame.stored.dtype.kind in "ui" and frame.stored.dtype.itemsize == 1:
        slope = frame.modality.slope if isinstance(frame.modality, Rescale) else 1.0
        step = max(step, abs(slope))
    return step


def dragged(window: Window, right: float, up: float, brighter: bool, from_zero: bool = False) -> Window:
    """Return the window after a drag by `right` and `up`, in modality units: right is wider, up moves the center.

    `brighter` says that dragging up lowers the center, as IHE BIR has it for a picture that is not inverted. The
    width stays one that the function allows; the name of a preset is lost. `from_zero` keeps the lower end at 0, and
    the drag moves the upper one (IHE BIR, 5.4, for NM and PET).
    """
    least = 1.0 if window.function is VoiFunction.LINEAR else max(abs(window.width), abs(window.center), 1.0) * 1e-6
    center, width = window.center + (-up if brighter else up), max(window.width + right, least)
    if from_zero:
        width = max(center + width / 2, least)
        center = width / 2
    return replace(window, center=center, width=width, explanation="")


def region_window(frame: Frame, region: Region) -> Window | None:
    """Return the automatic window of the image values in a region's box; None for color or where nothing is.

    Padding and values that are no numbers are nothing.
    """
    mask, (x, y) = region.mask(frame.rows, frame.columns)
    if frame.is_color or mask.size == 0:
        return None
    part = replace(frame, stored=np.array(frame.stored[y : y + mask.shape[0], x : x + mask.shape[1]]))
    if image_values(part).size == 0:
        return None
    return replace(auto_window(part), explanation="auto, region")
