"""What a gesture is, and which one a button starts.

A tool lives for one press: the viewport makes it, gives it the pointer's way in logical pixels and paints it last.
"""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport

Button = Qt.MouseButton
Modifier = Qt.KeyboardModifier

CLICK_DISTANCE = 4.0  # logical pixels: a press that moves less is a click


class Tool(Protocol):
    """One gesture on one viewport, which shows a frame; scrolling needs none."""

    cursor: Qt.CursorShape
    outlives_frames: bool

    def press(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Begin at a position in logical pixels of the view."""

    def move(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Go on to a position."""

    def release(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """End at a position."""

    def paint(self, painter: QPainter, view: "Viewport") -> None:
        """Paint what the gesture shows of itself, in logical pixels, over everything else."""


def tool_name(button: Button, modifiers: Modifier, left: str) -> str | None:
    """Return the tool that a press starts, None for a button without one; `left` is the left button's own.

    Right zooms, middle pans; with the left button Shift pans, Ctrl takes the automatic window of a rectangle, and Alt
    windows whatever the tool, as Shift+Ctrl does in fine steps.
    """
    if button == Button.RightButton:
        return "zoom"
    if button == Button.MiddleButton:
        return "pan"
    if button != Button.LeftButton:
        return None
    shift, ctrl = bool(modifiers & Modifier.ShiftModifier), bool(modifiers & Modifier.ControlModifier)
    if modifiers & Modifier.AltModifier or (shift and ctrl):
        return "window"
    if shift:
        return "pan"
    return "auto-window" if ctrl else left


class Gesture:
    """A tool that does nothing yet: what most tools share."""

    cursor = Qt.CursorShape.ArrowCursor
    outlives_frames = False  # whether it goes on when another frame is shown

    def press(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Remember where the pointer is."""
        self.last = self.start = QPointF(at)

    def move(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """Go on by the way since the last move."""
        way = at - self.last
        self.last = QPointF(at)
        self.moved(view, way, modifiers)

    def moved(self, view: "Viewport", way: QPointF, modifiers: Modifier) -> None:
        """Follow the pointer by so many logical pixels."""

    def release(self, view: "Viewport", at: QPointF, modifiers: Modifier) -> None:
        """End."""

    def paint(self, painter: QPainter, view: "Viewport") -> None:
        """Show nothing."""

    def is_click(self, at: QPointF) -> bool:
        """Whether the pointer has not left the place of the press."""
        return (at - self.start).manhattanLength() < CLICK_DISTANCE
