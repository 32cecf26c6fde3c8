"""The automatic window of a dragged rectangle."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.imaging.adjust import region_window
from core.imaging.region import Region, Shape
from gui.theme import color
from gui.tools.tool import Gesture, Modifier

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport


class AutoWindowTool(Gesture):
    """Applied at the release; a click, or color, changes nothing."""

    cursor = Qt.CursorShape.CrossCursor

    def moved(self, view: "Viewport", way: QPointF, modifiers: Modifier) -> None:
        """Show the rectangle."""
        view.update()

    def release(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Window the image by what lies in the rectangle."""
        if view.frame is None or self.is_click(at):
            return
        box = Region.between(view.image_point(self.start), view.image_point(at), Shape.RECTANGLE)
        window = region_window(view.frame, box)
        if window is not None:
            view.set_voi(window)

    def paint(self, painter: QPainter, view: "Viewport") -> None:
        """The rectangle so far."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(self.start, self.last).normalized()
        for pen in (QPen(color("picture"), 3), QPen(color("accent"), 1)):
            painter.setPen(pen)
            painter.drawRect(box)
