"""A key that is tapped to switch and held to peek."""

import time

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.event_watcher import EventWatcher

TAP_S = 0.25


class HoldKey(EventWatcher):
    """Watches one key while its window is active; a press counts where no text field has the keyboard.

    A shortcut of the same key hears nothing of such a press. It is for keyboards on which the key has another letter:
    Qt finds the Latin one for shortcuts alone, and a shortcut knows no release.
    """

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
        elif isinstance(event, QKeyEvent) and event.key() == self._key and isinstance(watched, QWidget):
            if kind == QEvent.Type.ShortcutOverride:
                return self._keep_from_shortcut(watched, event)
            if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                return self._on_key(watched, event, kind == QEvent.Type.KeyPress)
        return False

    def _keep_from_shortcut(self, watched: QWidget, event: QKeyEvent) -> bool:
        """Have Qt send it as a press: it asks whoever has the keyboard before it looks for a shortcut."""
        if self._counts(watched, event):
            event.accept()
            return True
        return False

    def _on_key(self, watched: QWidget, event: QKeyEvent, is_press: bool) -> bool:
        if not is_press and self._since is not None and not event.isAutoRepeat():
            # whoever has the keyboard by now, and with whatever else held down: nothing else would end it
            self._end(is_tap=time.monotonic() - self._since < TAP_S)
            return True
        if not self._counts(watched, event):
            return False
        if is_press and self._since is None and not event.isAutoRepeat():
            self._since = time.monotonic()
            self.pressed.emit()
        return True

    def _counts(self, watched: QWidget, event: QKeyEvent) -> bool:
        is_here = watched.window() is self._window and not isinstance(watched, QLineEdit)
        return is_here and event.modifiers() == Qt.KeyboardModifier.NoModifier

    def _end(self, is_tap: bool) -> None:
        if self._since is not None:
            self._since = None
            (self.tapped if is_tap else self.released).emit()
