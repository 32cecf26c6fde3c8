"""Calm notices above the picture: one line each, shown until read, never a window that blocks."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gui.theme import color


@dataclass(frozen=True)
class Notice:
    """One line, the word on its button, and what is done when it was read."""

    text: str
    button: str = "Close"
    when_read: Callable[[], None] | None = None


class NoticeBar(QWidget):
    """Shows the oldest notice that was not read and how many wait behind it; takes no room when there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Notice] = []
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.read)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 7)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        self.hide()

    def post(self, notice: Notice) -> None:
        """Show a notice after those that wait; the same text is not shown twice."""
        if all(notice.text != other.text for other in self._waiting):
            self._waiting.append(notice)
            self._show_first()

    def read(self) -> None:
        """The first notice was read."""
        if self._waiting:
            notice = self._waiting.pop(0)
            if notice.when_read is not None:
                notice.when_read()
        self._show_first()

    def text(self) -> str:
        """Return the notice that is shown, "" where there is none."""
        return self._waiting[0].text if self._waiting else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("raised"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, color("line"))

    def _show_first(self) -> None:
        self.setVisible(bool(self._waiting))
        if self._waiting:
            notice, others = self._waiting[0], len(self._waiting) - 1
            self.label.setText(notice.text)
            self.button.setText(notice.button + (f" · {others} more" if others else ""))
