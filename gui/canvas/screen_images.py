"""What is drawn of a frame and of a heat map, made when something changed and kept until then.

A window step works on the pixels at view size; a pan slices the shrunk frame; only a zoom reads the whole frame.
"""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.imaging.graphics import overlay_on_view
from core.imaging.image import Frame, OverlayPlane, Voi
from core.imaging.overlay import heat_on_view
from core.imaging.placement import FloatGrid, Placement
from core.imaging.render import to_color, to_gray
from core.imaging.resample import shrink, visible_pixels
from core.imaging.view_transform import Size, ViewTransform
from gui.canvas.qt_image import qimage


@dataclass(frozen=True, slots=True)
class Drawn:
    """An image and the view position, in device pixels, of its top left corner."""

    image: QImage
    left: int
    top: int


class ScreenPicture:
    """The picture of one frame as one view shows it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget the frame."""
        self._frame: Frame | None = None
        self._shrunk: NDArray[Any] | None = None
        self._shrunk_size: Size = (0, 0)
        self._view: ViewTransform | None = None
        self._visible: tuple[NDArray[Any], Size] | None = None
        self._look: tuple[Voi, bool] | None = None
        self._drawn: Drawn | None = None

    def drawn(self, frame: Frame, voi: Voi, invert: bool, view: ViewTransform) -> Drawn:
        """Return what the view shows of the frame, in grays (or colors) ready to draw."""
        if frame is not self._frame:
            self.clear()
            self._frame = frame
        pixels, (left, top) = self._resampled(frame, view)
        if self._drawn is None or self._look != (voi, invert):
            mapped = to_color(pixels, voi, invert) if frame.is_color else to_gray(pixels, frame, voi, invert)
            self._drawn = Drawn(qimage(mapped), left, top)
            self._look = voi, invert
        return self._drawn

    def _resampled(self, frame: Frame, view: ViewTransform) -> tuple[NDArray[Any], Size]:
        if self._shrunk is None or self._shrunk_size != view.drawn_size:
            self._shrunk = shrink(frame.stored, view.drawn_size)
            self._shrunk_size = view.drawn_size
        if self._visible is None or self._view != view:
            self._visible = visible_pixels(self._shrunk, view)
            self._view, self._drawn = view, None
        return self._visible


class ScreenOverlay:
    """The graphics that a file lays over its picture as one view shows them: white with a dark rim."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget the frame."""
        self._planes: tuple[OverlayPlane, ...] = ()
        self._view: ViewTransform | None = None
        self._drawn: Drawn | None = None

    def drawn(self, planes: tuple[OverlayPlane, ...], view: ViewTransform) -> Drawn:
        """Return the graphics over the view, ready to draw. Only with planes."""
        if self._drawn is None or self._planes is not planes or self._view != view:
            colors, (left, top) = overlay_on_view([plane.mask for plane in planes], view)
            image = qimage(colors).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._drawn, self._planes, self._view = Drawn(image, left, top), planes, view
        return self._drawn


class ScreenHeat:
    """One heat map as one view shows it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget the map."""
        self._heat: FloatGrid | None = None
        self._asked: tuple[Placement, ViewTransform, float] | None = None
        self._drawn: Drawn | None = None

    def drawn(self, heat: FloatGrid, placement: Placement, view: ViewTransform, opacity: float) -> Drawn:
        """Return the map's colors over the view, ready to draw."""
        asked = placement, view, opacity
        if self._drawn is None or self._heat is not heat or self._asked != asked:
            colors, (left, top) = heat_on_view(heat, placement, view, opacity)
            # converted once here, else at every paint
            image = qimage(colors).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._drawn, self._heat, self._asked = Drawn(image, left, top), heat, asked
        return self._drawn
