"""The line at the bottom: counts that add up, what goes on with a way to stop it, the value under the pointer."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from gui.elided_label import ElidedLabel
from gui.panels.parts import set_ink
from gui.theme import CAPTION_PX, color, font, mono

HEIGHT_PX = 26
HINT_MS = 6_000
COUNTS_PX, WORK_PX, HINT_PX, POINTER_PX = 120, 150, 60, 260  # what stays of a text where the line has no more room


class StatusLine(QWidget):
    """Fixed slots with fixed widths, so that nothing jumps while numbers change."""

    cancel_asked = Signal()
    keyboard_left = Signal()  # the button that has it is about to go

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT_PX)
        self.counts = _label("Counts", COUNTS_PX)
        self.work = _label("What goes on", WORK_PX)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(120)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.cancel = QPushButton("Cancel")
        self.cancel.setFont(font(CAPTION_PX))
        self.cancel.setFixedHeight(20)
        self.cancel.setStyleSheet("padding: 0 8px; min-height: 0;")
        self.cancel.setToolTip("Stop opening and reading; what is done stays (Ctrl+.)")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(self.cancel_asked)
        self.hint = _label("Why a key did nothing", HINT_PX)
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # it has what is left over
        self.hint.setMinimumWidth(HINT_PX)
        self._hint_over = QTimer(self)
        self._hint_over.setSingleShot(True)
        self._hint_over.setInterval(HINT_MS)
        self._hint_over.timeout.connect(self.hint.clear)
        self.pointer = _label("Value under the pointer", POINTER_PX)
        self.pointer.setFont(mono(CAPTION_PX))
        self.pointer.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.pointer.setMinimumWidth(POINTER_PX)
        self.device = _label("Where the network runs")
        self.notice = _label("Notice")
        self.notice.hide()
        self._lay_out()
        self.show_work("")

    def show_work(self, text: str, done: int = 0, total: int = 0) -> None:
        """Say what goes on in the background, "" for nothing; with `total` 0 nobody knows how much it is."""
        self.work.setText(text)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.progress.setVisible(bool(text) and total > 0)
        if not text and self.cancel.hasFocus():
            self.keyboard_left.emit()
        self.cancel.setVisible(bool(text))

    def show_hint(self, text: str) -> None:
        """Say something that is worth no notice, for a while."""
        self.hint.setText(text)
        self._hint_over.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._hint_over.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, color("line"))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 12, 0)
        row.setSpacing(14)
        for widget in (self.counts, self.work, self.progress, self.cancel):
            row.addWidget(widget)
        row.addWidget(self.hint, 1)
        for widget in (self.notice, self.pointer, self.device):
            row.addWidget(widget)


def _label(name: str, least_px: int | None = None) -> ElidedLabel:
    label = ElidedLabel(least_px)
    label.set_name(name)
    label.setFont(font(CAPTION_PX))
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_ink(label, "dim")
    return label
