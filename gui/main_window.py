"""The window: what stands at once, and when the rest comes.

The first paint needs nothing but Qt: menu, toolbar, status line and the ground of the panels. Then comes the desk
(`gui.desk`), with all that works with images; importing it takes longer than everything before.
"""

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from core.settings import Settings
from gui.commands import MENUS
from gui.notice_bar import Notice, NoticeBar
from gui.remembered import Remembered
from gui.status_line import StatusLine
from gui.theme import color
from gui.toolbar import Toolbar

if TYPE_CHECKING:
    from gui.desk import Desk

# what takes long of what the desk imports, in pieces of some 50 ms
STEPS = ("numpy", "cv2", "core.findings.wording", "gui.canvas.canvas", "gui.workspace", "gui.panels.series_panel")
EMPTY = "Drop radiographs here, or press Ctrl+O"


class _Ground(QWidget):
    """Where the desk will stand: its panels' ground, so that nothing jumps or flashes when it comes."""

    painted = Signal()

    def __init__(self, remembered: Remembered) -> None:
        super().__init__()
        self._remembered = remembered
        self._was_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        settings, sizes = self._remembered.settings, self._remembered.panel_sizes
        left = sizes[0] if settings.show_series else 0
        right = sizes[1] if settings.show_findings else 0
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("panel"))
        canvas = self.rect().adjusted(left, 0, -right, 0)
        painter.fillRect(canvas, color("picture"))
        painter.setPen(color("dim"))
        painter.drawText(canvas, Qt.AlignmentFlag.AlignCenter, EMPTY)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)  # listeners must not work inside a paint


class MainWindow(QMainWindow):
    """The frame around the desk."""

    first_painted = Signal()
    ready = Signal()  # the desk stands

    def __init__(
        self, settings: Settings, settings_path: Path | None, model_folder: Path, problems: Iterable[str] = ()
    ) -> None:
        super().__init__()
        self.remembered = Remembered(settings, settings_path, self)
        self.model_folder = model_folder
        self.desk: Desk | None = None
        self.all_threads_ended = True
        self._to_open: list[Path] = []
        self._is_closed = False
        self._steps = list(STEPS)
        self.setWindowTitle("Wetread")
        self.setAcceptDrops(True)
        self.toolbar, self.notices, self.status = Toolbar(), NoticeBar(), StatusLine()
        for title in MENUS:
            self.menuBar().addMenu(title)
        self._ground = _Ground(self.remembered)
        self._ground.painted.connect(self._on_first_painted)
        middle = QWidget()
        self._column = QVBoxLayout(middle)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.toolbar)
        self._column.addWidget(self.notices)
        self._column.addWidget(self._ground, 1)
        self._column.addWidget(self.status)
        self.setCentralWidget(middle)
        self.resize(1400, 900)
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode(errors="replace")))
        for text in problems:
            self.say(text)

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Open files and folders, as soon as the desk stands."""
        if self.desk is None:
            self._to_open += paths
        else:
            self.desk.open_paths(paths)

    @Slot(str)
    def say(self, text: str) -> None:
        """Tell the person something, calmly."""
        self.notices.post(Notice(text))

    @Slot(str)
    def say_of_files(self, text: str) -> None:
        """Tell the person something of files; when they are closed nobody needs to read it any more."""
        self.notices.post(Notice(text, is_of_files=True))

    def answer(self, text: str) -> None:
        """Tell the person what was asked for of a file, before what waits to be read."""
        self.notices.post(Notice(text, is_of_files=True), is_asked=True)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back; a maximized window is maximized again."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    @Slot()
    def _on_first_painted(self) -> None:
        self.first_painted.emit()
        QTimer.singleShot(0, self, self._come_nearer)

    @Slot()
    def _come_nearer(self) -> None:
        """Import a step of what the desk needs, one a turn of the event loop, so that no turn is long."""
        if self._is_closed:
            return
        if self._steps:
            importlib.import_module(self._steps.pop(0))
            QTimer.singleShot(0, self, self._come_nearer)
        else:
            self._make_desk()

    def _make_desk(self) -> None:
        from gui.desk import Desk

        self.desk = Desk(self)
        self._column.replaceWidget(self._ground, self.desk.layout.body)
        self._ground.deleteLater()
        self.desk.canvas.active.setFocus()
        self.desk.start()
        self.ready.emit()
        if self._to_open:
            self.desk.open_paths(self._to_open)

    # events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.desk is not None:
            self.desk.drop_target.enter(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        if self.desk is not None:
            self.desk.drop_target.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.desk is not None:
            self.desk.drop_target.drop(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.desk is not None and event.key() != Qt.Key.Key_unknown:
            self.desk.say_why_not(QKeySequence(event.keyCombination()))
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_closed:
            self._is_closed = True
            geometry = bytes(self.saveGeometry().toBase64().data()).decode()
            self.remembered.change(geometry=geometry)
            self.hide()  # before the threads are waited for: a window that answers nothing looks frozen
            if self.desk is not None:
                self.all_threads_ended = self.desk.close()
            self.remembered.save()
        super().closeEvent(event)
