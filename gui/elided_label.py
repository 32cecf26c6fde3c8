"""Labels that are cut with an ellipsis where they have no room, and then tell all of it under the pointer."""

from html import escape

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from gui.named_label import NamedLabel


class ElidedLabel(NamedLabel):
    """One line of plain text that asks for no more than `least_px` of room; with None it is never cut."""

    def __init__(self, least_px: int | None = None) -> None:
        super().__init__()
        self._least_px = least_px

    def shown_text(self) -> str:
        """Return what of the text has room."""
        if self.width() >= self.sizeHint().width():  # to the pixel, elidedText may see it otherwise
            return self.text()
        room = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def minimumSizeHint(self) -> QSize:
        whole = super().minimumSizeHint()
        return whole if self._least_px is None else QSize(min(whole.width(), self._least_px), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.style().drawItemText(
            painter, self.contentsRect(), int(self.alignment()), self.palette(), self.isEnabled(), self.shown_text(),
            self.foregroundRole(),
        )

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            is_cut = self.shown_text() != self.text()
            QToolTip.showText(event.globalPos(), plain_tip(self.text()) if is_cut else "", self)
            return True
        return super().event(event)


def plain_tip(text: str) -> str:
    """Return a tooltip that says a text as it stands, marks of HTML among it too; long lines are wrapped."""
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>" if text else ""
