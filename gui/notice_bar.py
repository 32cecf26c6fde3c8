"""Calm notices above the picture: one line each, shown until read, never a window that blocks."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gui.theme import color


@dataclass(frozen=True)
class Notice:
    """One line, the word on its button, and what is done when it was read; one of open files goes with them."""

    text: str
    button: str = "Close"
    when_read: Callable[[], None] | None = None
    is_of_files: bool = False


class NoticeBar(QWidget):
    """Shows the oldest notice that was not read and how many wait behind it; takes no room when there is none."""

    keyboard_left = Signal()  # the button that has it is about to go

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

    def post(self, notice: Notice, *, is_asked: bool = False) -> None:
        """Show a notice after those that wait, what a person asked for before them; no text is shown twice."""
        same = next((other for other in self._waiting if other.text == notice.text), None)
        if same is not None and is_asked:
            self._waiting.remove(same)
        if same is None or is_asked:
            self._waiting.insert(0 if is_asked else len(self._waiting), same or notice)
            self._show_first()

    def read(self) -> None:
        """The first notice was read."""
        if self._waiting:
            notice = self._waiting.pop(0)
            if notice.when_read is not None:
                notice.when_read()
        self._show_first()

    def forget_files(self) -> None:
        """All files were closed: what was said of them goes, be it read or not."""
        self._waiting = [notice for notice in self._waiting if not notice.is_of_files]
        self._show_first()

    def text(self) -> str:
        """Return the notice that is shown, "" where there is none."""
        return self._waiting[0].text if self._waiting else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("raised"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, color("line"))

    def _show_first(self) -> None:
        if not self._waiting and self.button.hasFocus():
            self.keyboard_left.emit()
        self.setVisible(bool(self._waiting))
        if self._waiting:
            notice, others = self._waiting[0], len(self._waiting) - 1
            self.label.setText(notice.text)
            self.button.setText(notice.button + (f" · {others} more" if others else ""))
