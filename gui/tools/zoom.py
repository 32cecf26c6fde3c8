"""Zoom by a drag about the point of the press: up is closer."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from gui.tools.tool import Gesture, Modifier

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport

PIXELS_PER_E = 180.0  # logical pixels of a drag for a factor of e: about 125 for twice as close


class ZoomTool(Gesture):
    """The image point under the press stays there."""

    cursor = Qt.CursorShape.SizeVerCursor

    def moved(self, view: "Viewport", way: QPointF, modifiers: Modifier) -> None:
        """Zoom by the vertical way."""
        if way.y():
            view.zoom_by(math.exp(-way.y() / PIXELS_PER_E), self.start)
