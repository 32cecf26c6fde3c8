"""Draw a region, or move the one that is there; a click beside it takes it away."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from core.imaging.region import Region, Shape
from gui.tools.tool import Gesture, Modifier

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport


class RegionTool(Gesture):
    """A drag from corner to corner of the region's box; a drag that begins inside the region moves it."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, shape: Shape = Shape.ELLIPSE) -> None:
        self._shape = shape

    def press(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Decide between moving and drawing."""
        super().press(view, at, modifiers)
        self._corner = view.image_point(at)
        held = view.region
        self._held: Region | None = held if held is not None and held.holds(*self._corner) else None

    def move(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Show the region as it would be."""
        if self.is_click(at) and self.last == self.start:
            return
        self.last = QPointF(at)
        x, y = view.image_point(at)
        if self._held is not None:
            view.set_region(self._held.moved(x - self._corner[0], y - self._corner[1]))
        else:
            view.set_region(replace(Region.between(self._corner, (x, y)), shape=self._shape))

    def release(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """A click beside the region clears it."""
        if self.last == self.start and self._held is None:
            view.set_region(None)
