"""Buttons and wheel to gestures: which tool a press starts, and when a press is only a click."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent

from gui.tools.auto_window import AutoWindowTool
from gui.tools.pan import PanTool
from gui.tools.region import RegionTool
from gui.tools.scroll import ScrollTool
from gui.tools.tool import CLICK_DISTANCE, Button, Modifier, Tool, tool_name
from gui.tools.window import WindowTool
from gui.tools.zoom import ZoomTool

if TYPE_CHECKING:
    from gui.canvas.viewport import Viewport

LEFT_TOOLS = ("window", "zoom", "pan", "region", "scroll")
WHEEL_NOTCH = 120  # eighths of a degree (QWheelEvent.angleDelta)
ZOOM_PER_NOTCH = 1.15


class Mouse:
    """The gesture in progress on one viewport, if there is one; other buttons wait until it ends."""

    def __init__(self, view: "Viewport") -> None:
        self._view = view
        self._tool: Tool | None = None
        self._button = Button.NoButton
        self._start = QPointF()
        self._is_click = False
        self._wheel = 0.0
        self.left_tool = "window"
        self._makers: dict[str, Callable[[], Tool]] = {
            "window": WindowTool, "zoom": ZoomTool, "pan": PanTool, "scroll": ScrollTool,
            "auto-window": AutoWindowTool, "region": lambda: RegionTool(view.region_shape),
        }

    def set_left_tool(self, name: str) -> None:
        """Give the left button a tool."""
        if name not in LEFT_TOOLS:
            raise ValueError(f"{name!r} is none of {LEFT_TOOLS}")
        self.left_tool = name
        self._show_cursor()

    def press(self, event: QMouseEvent) -> None:
        """Begin the gesture of a button."""
        if self._is_lost(event):
            self.stop()
        if self._button != Button.NoButton:
            return
        self._button, self._start, self._is_click = event.button(), event.position(), True
        name = tool_name(event.button(), event.modifiers(), self.left_tool)
        if name is None or (self._view.frame is None and name != "scroll"):  # a series goes on after a damaged image
            return
        self._tool = self._makers[name]()
        self._tool.press(self._view, event.position(), event.modifiers())
        if event.button() != Button.RightButton:
            self._show_cursor()

    def move(self, event: QMouseEvent) -> None:
        """Go on with the gesture; the right button's begins where the press is no click any more."""
        if self._is_lost(event):
            self.stop()
        at = event.position()
        if self._is_click and (at - self._start).manhattanLength() >= CLICK_DISTANCE:
            self._is_click = False
            self._show_cursor()
        if self._tool is not None and not (self._is_click and self._button == Button.RightButton):
            self._tool.move(self._view, at, event.modifiers())

    def release(self, event: QMouseEvent) -> bool:
        """End the gesture; return whether it was a click of the right button."""
        if event.button() != self._button:
            return False
        was_right_click = self._is_click and self._button == Button.RightButton
        tool = self._tool
        self.stop()
        if tool is not None and not was_right_click:
            tool.release(self._view, event.position(), event.modifiers())
        return was_right_click

    def cancel(self) -> None:
        """Break off the gesture: its frame goes. Scrolling goes on over all frames."""
        if self._tool is not None and not self._tool.outlives_frames:
            self.stop()

    def stop(self) -> None:
        """Let go of the gesture where it is."""
        self._tool, self._button, self._is_click = None, Button.NoButton, False
        self._show_cursor()
        self._view.update()

    def paint(self, painter: QPainter) -> None:
        """Paint what the gesture shows of itself."""
        if self._tool is not None:
            self._tool.paint(painter, self._view)

    def wheel(self, event: QWheelEvent) -> None:
        """Scroll a series; zoom at the pointer with Ctrl or where there is a single image."""
        # with Alt, Qt turns the wheel sideways
        turned = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Modifier.ControlModifier or self._view.image_count <= 1:
            self._view.zoom_by(ZOOM_PER_NOTCH ** (turned / WHEEL_NOTCH), event.position())
            return
        if turned * self._wheel < 0:
            self._wheel = 0.0
        self._wheel += turned
        while abs(self._wheel) >= WHEEL_NOTCH:
            step = 1 if self._wheel > 0 else -1
            self._wheel -= step * WHEEL_NOTCH
            self._view.scroll_by(-step)  # up is the previous image

    def _is_lost(self, event: QMouseEvent) -> bool:
        """Whether the button of the gesture was let go where nobody told: over a dialog that opened meanwhile."""
        if self._button == Button.NoButton:
            return False
        return event.button() == self._button or not event.buttons() & self._button

    def _show_cursor(self) -> None:
        idle = Qt.CursorShape.CrossCursor if self.left_tool == "region" else Qt.CursorShape.ArrowCursor
        self._view.setCursor(idle if self._tool is None else self._tool.cursor)
