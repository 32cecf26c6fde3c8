"""The line at the bottom: counts that add up, what goes on with a way to stop it, the value under the pointer."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from gui.elided_label import ElidedLabel
from gui.panels.parts import set_ink
from gui.theme import CAPTION_PX, color, font, mono

HEIGHT_PX, LEAST_PX = 26, 320
MARGIN_PX, SPACING_PX = 12, 14
HINT_MS = 6_000
# what stays of a text where the line has no more room
COUNTS_PX, WORK_PX, HINT_PX, NOTICE_PX, DEVICE_PX = 120, 150, 60, 120, 40
POINTER_PX, LEAST_POINTER_PX, PROGRESS_PX = 260, 150, 120
ANY_WIDTH_PX = 16_777_215  # as Qt has it of a widget without a limit


class StatusLine(QWidget):
    """Fixed slots with fixed widths, so that nothing jumps while numbers change.

    What has no room in a narrow line is decided by its width and not by what goes on: the value under the pointer
    shrinks, then the bar of the progress goes, then that value.
    """

    cancel_asked = Signal()
    keyboard_left = Signal()  # the button that has it is about to go

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT_PX)
        self.counts = _label("Counts", COUNTS_PX)
        self.work = _label("What goes on", WORK_PX)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(PROGRESS_PX)
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
        self.device = _label("Where the network runs", DEVICE_PX)
        self.notice = _label("Notice", NOTICE_PX)
        self.notice.hide()
        self._has_bar = True  # room for the progress
        self._lay_out()
        self.show_work("")
        self._make_fit()

    def show_work(self, text: str, done: int = 0, total: int = 0) -> None:
        """Say what goes on in the background, "" for nothing; with `total` 0 nobody knows how much it is."""
        self.work.setText(text)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self._total = total if text else 0
        self._show_progress()
        if not text and self.cancel.hasFocus():
            self.keyboard_left.emit()
        self.cancel.setVisible(bool(text))

    def show_notice(self, visible: bool) -> None:
        """Show the notice, where no panel shows it."""
        self.notice.setVisible(visible)
        self._make_fit()

    def show_hint(self, text: str) -> None:
        """Say something that is worth no notice, for a while."""
        self.hint.setText(text)
        self._hint_over.start()

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, HEIGHT_PX)  # whatever goes on: else the window would grow with the work

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._make_fit()
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._hint_over.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, color("line"))

    def _make_fit(self) -> None:
        notice_px = 0 if self.notice.isHidden() else self.notice.sizeHint().width() + SPACING_PX
        others = (COUNTS_PX, WORK_PX, self.cancel.sizeHint().width(), HINT_PX, DEVICE_PX)
        room = self.width() - 2 * MARGIN_PX - sum(others) - (len(others) - 1) * SPACING_PX - notice_px - SPACING_PX
        with_bar = room - PROGRESS_PX - SPACING_PX
        self._has_bar = with_bar >= LEAST_POINTER_PX
        self._show_progress()
        pointer_px = with_bar if self._has_bar else room
        self.pointer.setVisible(pointer_px >= LEAST_POINTER_PX)
        self.pointer.setMinimumWidth(min(POINTER_PX, max(LEAST_POINTER_PX, pointer_px)))
        # in a narrow line a longer text would take from those beside it
        self.pointer.setMaximumWidth(ANY_WIDTH_PX if pointer_px >= POINTER_PX else max(LEAST_POINTER_PX, pointer_px))

    def _show_progress(self) -> None:
        self.progress.setVisible(self._has_bar and self._total > 0)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN_PX, 1, MARGIN_PX, 0)
        row.setSpacing(SPACING_PX)
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
