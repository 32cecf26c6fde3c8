"""File, Open recent."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui.remembered import Remembered


class RecentMenu(QMenu):
    """The recent files and folders, newest first."""

    def __init__(
        self, remembered: Remembered, open_paths: Callable[[Iterable[Path]], None], parent: QWidget
    ) -> None:
        super().__init__("Open recent", parent)
        self._remembered, self._open_paths = remembered, open_paths
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._on_chosen)

    @Slot()
    def fill(self) -> None:
        """List them as they are now."""
        self.clear()
        for text in self._remembered.settings.recent_files:
            self.addAction(text.replace("&", "&&")).setData(Path(text))  # Qt's text has no room for every name
        if self.isEmpty():
            self.addAction("None").setEnabled(False)

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        if action.data() is not None:
            self._open_paths([action.data()])
