"""One finding at a glance: name, number, bar with the threshold's tick, above or below."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from core.findings.finding import Finding
from core.findings.wording import digits_apart, probability_text, threshold_text
from gui.elided_label import plain_tip
from gui.theme import CAPTION_PX, FINDING_PX, RADIUS_PX, color, font, mono

HEIGHT_PX, MARGIN_PX, BAR_PX = 80, 12, 7


class FindingCard(QAbstractButton):
    """A finding; a click chooses whose map is shown."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(finding.label)
        doubt = ", uncertain" if finding.is_uncertain else ""
        self._digits = digits_apart(finding)
        self.setAccessibleName(f"{finding.label}: {self._number}, {self._threshold}{doubt}")
        digits = max(self._digits, 3)
        number = probability_text(finding.probability, digits)
        told = f"Calibrated probability {number}, {threshold_text(finding, digits)}{doubt}."
        self.setToolTip(plain_tip(f"{finding.label}\n{told}"))

    @property
    def _number(self) -> str:
        return probability_text(self.finding.probability, self._digits)

    @property
    def _threshold(self) -> str:
        return threshold_text(self.finding, self._digits)

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT_PX)

    def nextCheckState(self) -> None:
        """A click only asks; the window decides what is chosen."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("accent") if self.hasFocus() else color("faint") if self.isChecked() else color("line"))
        painter.setBrush(color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        inner = QRectF(self.rect()).adjusted(MARGIN_PX, 0, -MARGIN_PX, 0)
        self._draw_name(painter, QRectF(inner.left(), 11, inner.width(), 20))
        self._draw_bar(painter, QRectF(inner.left(), 38, inner.width(), BAR_PX))
        self._draw_state(painter, QRectF(inner.left(), 53, inner.width(), 16))

    def _draw_name(self, painter: QPainter, box: QRectF) -> None:
        number = self._number
        painter.setPen(color("text"))
        painter.setFont(mono(FINDING_PX))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        taken = QFontMetrics(mono(FINDING_PX)).horizontalAdvance(number) + 12
        painter.setFont(font(FINDING_PX))
        name = QFontMetrics(font(FINDING_PX)).elidedText(
            self.finding.label, Qt.TextElideMode.ElideRight, int(box.width()) - taken
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _draw_bar(self, painter: QPainter, box: QRectF) -> None:
        groove = QPainterPath()
        groove.addRoundedRect(box, 3, 3)
        painter.fillPath(groove, color("room"))
        filled = QRectF(box.left(), box.top(), box.width() * self.finding.probability, box.height())
        painter.save()
        painter.setClipPath(groove)
        painter.fillRect(filled, self._ink())
        painter.restore()
        tick = box.left() + box.width() * self.finding.threshold
        painter.fillRect(QRectF(round(tick) - 1, box.top() - 3, 2, box.height() + 6), color("text"))

    def _draw_state(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(font(CAPTION_PX + 1, bold=self.finding.above))
        painter.setPen(self._ink() if self.finding.above else color("dim"))
        text = ("▲ " if self.finding.above else "") + self._threshold
        right = "uncertain" if self.finding.is_uncertain else "calibrated"
        room = int(box.width()) - QFontMetrics(font(CAPTION_PX)).horizontalAdvance(right) - 8
        if painter.fontMetrics().horizontalAdvance(text) > room:  # the two would be one blot
            right = right if self.finding.is_uncertain else ""
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room) if right else text
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setFont(font(CAPTION_PX))
        painter.setPen(color("dim"))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)

    def _ink(self) -> QColor:
        return color("flag") if self.finding.above else color("dim")
