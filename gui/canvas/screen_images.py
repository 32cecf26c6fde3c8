"""What is drawn of a frame and of what lies over it, made when something changed and kept until then.

A window step works on the pixels at view size; a pan slices the shrunk frame; only a zoom reads the whole frame.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.imaging.image import Frame, Voi
from core.imaging.line_steps import Ends, ends_of
from core.imaging.render import to_color, to_gray
from core.imaging.resample import draft, has_draft, shrink, visible_pixels
from core.imaging.view_transform import Size, ViewTransform
from gui.canvas.qt_image import qimage


@dataclass(frozen=True, slots=True)
class Drawn:
    """An image and the view position, in device pixels, of its top left corner; as an array too, where it is gray."""

    image: QImage
    left: int
    top: int
    gray: NDArray[np.uint8] | None = None


class ScreenPicture:
    """The picture of one frame as one view shows it; where averaging takes its time, a draft until `refine`."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget the frame."""
        self._frame: Frame | None = None
        self._shrunk: NDArray[Any] | None = None
        self._shrunk_size: Size = (0, 0)
        self.is_draft = False
        self._view: ViewTransform | None = None
        self._visible: tuple[NDArray[Any], Size] | None = None
        self._ends: Ends | None = None
        self._look: tuple[Voi, bool] | None = None
        self._drawn: Drawn | None = None
        self._gray = np.empty((0, 0), np.uint8)

    def drawn(self, frame: Frame, voi: Voi, invert: bool, view: ViewTransform) -> Drawn:
        """Return what the view shows of the frame, in grays (or colors) ready to draw."""
        if frame is not self._frame:
            self.clear()
            self._frame = frame
        pixels, (left, top) = self._resampled(frame, view)
        if self._drawn is None or self._look != (voi, invert):
            if frame.is_color:
                self._drawn = Drawn(qimage(to_color(pixels, voi, invert)), left, top)
            else:
                gray = to_gray(pixels, frame, voi, invert, self._room(pixels), self._ends)
                if frame.palette is not None:
                    self._drawn = Drawn(qimage(frame.palette[gray]), left, top)
                elif self._drawn is None or gray is not self._gray:  # else its image holds the new grays already
                    self._drawn = Drawn(qimage(gray), left, top, gray)
                self._gray = gray
            self._look = voi, invert
        return self._drawn

    def _room(self, pixels: NDArray[Any]) -> NDArray[np.uint8] | None:
        """Memory for the grays of a new look, those of the last one where they fit: what was drawn of it is void."""
        return self._gray if self._gray.shape == pixels.shape and pixels.size else None

    def refine(self) -> None:
        """Let the average take the place of a draft."""
        if self.is_draft and self._frame is not None:
            self.is_draft = False
            self._shrunk = shrink(self._frame.stored, self._shrunk_size)
            self._visible = None

    def _resampled(self, frame: Frame, view: ViewTransform) -> tuple[NDArray[Any], Size]:
        if self._shrunk is None or self._shrunk_size != view.drawn_size:
            self.is_draft = has_draft(frame.stored, view.drawn_size)
            self._shrunk = (draft if self.is_draft else shrink)(frame.stored, view.drawn_size)
            self._shrunk_size, self._visible = view.drawn_size, None
        if self._visible is None or self._view != view:
            self._visible = visible_pixels(self._shrunk, view)
            self._view, self._drawn = view, None
            pixels = self._visible[0]
            self._ends = None if frame.is_color or pixels.size == 0 else ends_of(pixels)
        return self._visible


class ScreenLayer:
    """What lies over the picture, as one view shows it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget it."""
        self._what: object = None
        self._asked: tuple[Hashable, ...] = ()
        self._drawn: Drawn | None = None

    def drawn(self, what: object, make: Callable[..., tuple[NDArray[np.uint8], Size]], *asked: Hashable) -> Drawn:
        """Return the layer ready to draw: what `make` gave for `asked`, RGBA and where it begins.

        It is made anew for another `what`, which is told by identity, or where something else is asked.
        """
        if self._drawn is None or self._what is not what or self._asked != asked:
            colors, (left, top) = make(*asked)
            # converted once here, else at every paint
            image = qimage(colors).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._drawn, self._what, self._asked = Drawn(image, left, top), what, asked
        return self._drawn
