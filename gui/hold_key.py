"""A key that is tapped to switch and held to peek."""

import time

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.event_watcher import EventWatcher

TAP_S = 0.25


class HoldKey(EventWatcher):
    """Watches one key while its window is active; a press counts where no text field has the keyboard."""

    pressed = Signal()
    tapped = Signal()  # released soon after
    released = Signal()  # released after it was held, or the window lost the keyboard meanwhile

    def __init__(self, key: Qt.Key, window: QWidget) -> None:
        super().__init__(window)
        self._key = key
        self._since: float | None = None
        self.watch()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.WindowDeactivate and watched is self._window:
            self._end(is_tap=False)
        elif kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and isinstance(event, QKeyEvent):
            return self._on_key(watched, event, kind == QEvent.Type.KeyPress)
        return False

    def _on_key(self, watched: QObject, event: QKeyEvent, is_press: bool) -> bool:
        if event.key() != self._key or not isinstance(watched, QWidget):
            return False
        if not is_press and self._since is not None and not event.isAutoRepeat():
            # whoever has the keyboard by now, and with whatever else held down: nothing else would end it
            self._end(is_tap=time.monotonic() - self._since < TAP_S)
            return True
        if watched.window() is not self._window or isinstance(watched, QLineEdit):
            return False
        if event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        if is_press and self._since is None and not event.isAutoRepeat():
            self._since = time.monotonic()
            self.pressed.emit()
        return True

    def _end(self, is_tap: bool) -> None:
        if self._since is not None:
            self._since = None
            (self.tapped if is_tap else self.released).emit()
