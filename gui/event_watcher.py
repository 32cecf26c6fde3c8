"""Hears the events of the whole program on behalf of one window, before whom they are meant for does."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget


class EventWatcher(QObject):
    """Between `watch` and `stop` its `eventFilter` is asked."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def watch(self) -> None:
        """Hear what is done from now on."""
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)

    def stop(self) -> None:
        """Hear no more, as where the window is closing."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
