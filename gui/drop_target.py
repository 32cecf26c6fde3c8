"""Files and folders dropped anywhere on the window; an outline says that they may be let go."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QObject, QRectF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import RADIUS_PX, color


def local_paths(data: QMimeData) -> list[Path]:
    """Return the files and folders on this machine that a drag carries."""
    return [_local_path(url) for url in data.urls() if url.isLocalFile() and url.toLocalFile()]


def _local_path(url: QUrl) -> Path:
    """Return the path of a URL, where the system allows it of any bytes: what is no UTF-8 is lost in Qt's own text."""
    as_text, encoding = url.toLocalFile(), QUrl.ComponentFormattingOption.FullyEncoded
    encoded = url.path(encoding)
    if os.name == "posix" and QUrl.fromLocalFile(as_text).path(encoding) != encoded:
        return Path(os.fsdecode(unquote_to_bytes(encoded)))
    return Path(as_text)


def _take(event: QDropEvent) -> bool:
    """Accept files as a copy, whatever key is held, and say so: of what was moved here the source deletes its own."""
    if not local_paths(event.mimeData()) or not event.possibleActions() & Qt.DropAction.CopyAction:
        event.ignore()
        return False
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return True


class DropTarget(QWidget):
    """Lies over the window while something is dragged over it; takes no events of its own."""

    def __init__(self, window: QWidget, open_paths: Callable[[Iterable[Path]], None]) -> None:
        super().__init__(window)
        self._open_paths = open_paths
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def enter(self, event: QDragEnterEvent) -> None:
        """Something is dragged over the window."""
        if _take(event):
            parent: QObject | None = self.parent()
            if isinstance(parent, QWidget):
                self.setGeometry(parent.rect())
            self.raise_()
            self.show()

    def leave(self) -> None:
        """It went elsewhere."""
        self.hide()

    def drop(self, event: QDropEvent) -> None:
        """It was let go."""
        self.hide()
        if _take(event):
            self._open_paths(local_paths(event.mimeData()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), RADIUS_PX, RADIUS_PX)
