"""Scroll a series by a drag: down is the next image."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from gui.tools.tool import Gesture, Modifier

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport

PIXELS_PER_IMAGE = 12.0


class ScrollTool(Gesture):
    """One image for each twelve logical pixels."""

    cursor = Qt.CursorShape.SizeVerCursor
    outlives_frames = True

    def press(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Begin to count."""
        super().press(view, at, modifiers)
        self._rest = 0.0

    def moved(self, view: "Viewport", way: QPointF, modifiers: Modifier) -> None:
        """Ask for the next or the previous image at each full step."""
        self._rest += way.y()
        while abs(self._rest) >= PIXELS_PER_IMAGE:
            step = 1 if self._rest > 0 else -1
            self._rest -= step * PIXELS_PER_IMAGE
            view.scroll_by(step)
