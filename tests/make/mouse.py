"""A hand on the mouse: presses, drags and the wheel as events to a widget."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from gui.canvas.viewport import Viewport

LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def send(widget: QWidget, kind: QEvent.Type, at: tuple[float, float], button=LEFT, modifiers=NO_KEY) -> None:
    """Send one mouse event at a point in logical pixels."""
    point = QPointF(*at)
    is_move, is_release = kind == QEvent.Type.MouseMove, kind == QEvent.Type.MouseButtonRelease
    event = QMouseEvent(
        kind, point, QPointF(widget.mapToGlobal(point)), Qt.MouseButton.NoButton if is_move else button,
        Qt.MouseButton.NoButton if is_release else button, modifiers,
    )
    QApplication.sendEvent(widget, event)


def press(widget: QWidget, at: tuple[float, float], button=LEFT, modifiers=NO_KEY) -> None:
    """Press a button."""
    send(widget, QEvent.Type.MouseButtonPress, at, button, modifiers)


def move(widget: QWidget, at: tuple[float, float], button=LEFT, modifiers=NO_KEY) -> None:
    """Move with the button held; `Qt.MouseButton.NoButton` for a pointer that only passes."""
    send(widget, QEvent.Type.MouseMove, at, button, modifiers)


def release(widget: QWidget, at: tuple[float, float], button=LEFT, modifiers=NO_KEY) -> None:
    """Let the button go."""
    send(widget, QEvent.Type.MouseButtonRelease, at, button, modifiers)


def drag(widget: QWidget, start: tuple[float, float], by: tuple[float, float], button=LEFT, modifiers=NO_KEY) -> None:
    """Press, move in five steps and let go."""
    press(widget, start, button, modifiers)
    for step in range(1, 6):
        move(widget, (start[0] + by[0] * step / 5, start[1] + by[1] * step / 5), button, modifiers)
    release(widget, (start[0] + by[0], start[1] + by[1]), button, modifiers)


def wheel(widget: QWidget, at: tuple[float, float], notches: float, modifiers=NO_KEY) -> None:
    """Turn the wheel; up is positive."""
    point = QPointF(*at)
    event = QWheelEvent(
        point, QPointF(widget.mapToGlobal(point)), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )
    QApplication.sendEvent(widget, event)


def view_point(view: Viewport, x: float, y: float) -> QPointF:
    """Return the point, in logical pixels of a view, of an image position."""
    return QPointF(*view.transform.to_view(x, y)) / view.devicePixelRatioF()
