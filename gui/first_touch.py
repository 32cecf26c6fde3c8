"""Hears when a person begins to do something in a window: a key, the mouse, or the keyboard that goes into a panel."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.canvas.viewport import Viewport
from gui.event_watcher import EventWatcher

GESTURES = frozenset({
    QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel, QEvent.Type.NativeGesture,
    QEvent.Type.TouchBegin,
})
# on their way to another key, or to another window
ALONE = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta})
# the window came back, or its menu went: nobody went anywhere in it
COMES_BACK = frozenset({
    Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason,
})


class FirstTouch(EventWatcher):
    """After `watch`, `happened` until `stop`. Commands that come without a key or a click are not heard."""

    happened = Signal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if watched is self._window and event.type() == QEvent.Type.Close:
            self.stop()
        elif _is_touch(watched, event):
            self.happened.emit()
        return False


def _is_touch(watched: QWidget, event: QEvent) -> bool:
    if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
        return event.key() not in ALONE
    if event.type() == QEvent.Type.FocusIn and isinstance(event, QFocusEvent):
        return event.reason() not in COMES_BACK and not isinstance(watched, Viewport)
    return event.type() in GESTURES
