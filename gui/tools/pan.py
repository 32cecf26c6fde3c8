"""Pan by a drag: the image follows the pointer."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from gui.tools.tool import Gesture, Modifier

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport


class PanTool(Gesture):
    """The image point under the press stays under the pointer."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def moved(self, view: "Viewport", way: QPointF, modifiers: Modifier) -> None:
        """Move the image by the pointer's way."""
        view.pan_by(way.x(), way.y())
