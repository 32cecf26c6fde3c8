"""Window and level by a drag: right is wider, up is brighter (IHE BIR) or darker, as the viewport is set."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from core.imaging.adjust import drag_start, drag_step, dragged
from gui.tools.tool import Gesture, Modifier

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport

FINE = 0.2  # with Shift and Ctrl held
FINE_KEYS = Modifier.ShiftModifier | Modifier.ControlModifier


class WindowTool(Gesture):
    """Each pixel is worth a 256th of the width at the press. Color, which has no VOI, is windowed over 0-255."""

    cursor = Qt.CursorShape.SizeAllCursor

    def press(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Take the window in use; for a VOI LUT the range in which it changes."""
        super().press(view, at, modifiers)
        if view.frame is not None:
            self._window = drag_start(view.frame, view.shown_voi)
            self._step = drag_step(view.frame, self._window)

    def moved(self, view: "Viewport", way: QPointF, modifiers: Modifier) -> None:
        """Widen and shift the window."""
        if view.frame is None:
            return
        step = self._step * (FINE if modifiers & FINE_KEYS == FINE_KEYS else 1.0)
        is_inverse = view.state.invert if view.frame.is_color else view.frame.inverse != view.state.invert
        # an inverted picture gets brighter as the center rises
        lowers = view.drag_up_is_brighter != is_inverse
        self._window = dragged(self._window, way.x() * step, -way.y() * step, lowers, view.frame.from_zero)
        view.set_voi(self._window)
