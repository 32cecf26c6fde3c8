"""The extent by zones at a glance: six numbers as the lungs lie on the screen, the right one at the left."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.findings.extent import LEVELS, MOST_OF_ZONE, ZONES, Extent
from core.findings.wording import extent_error_text, extent_explanation, extent_text
from core.imaging.colormap import calm_ramp, ink_on
from gui.theme import CAPTION_PX, FINDING_PX, RADIUS_PX, color, font, mono

MARGIN_PX, CELL_PX, GAP_PX, BETWEEN_PX = 12, 22, 3, 10
GRID_TOP_PX = 53
HEIGHT_PX = GRID_TOP_PX + len(LEVELS) * (CELL_PX + GAP_PX) + 26
LEFT, RIGHT, MIDDLE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter


class ExtentStrip(QWidget):
    """Shows an `Extent`; what it is, and of whom, is told by its tooltip."""

    def __init__(self, extent: Extent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.extent = extent
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(extent_text(extent))
        self.setAccessibleDescription(extent_explanation(extent))
        self.setToolTip(f"<p>{extent_explanation(extent)}</p>")  # a paragraph wraps

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("line"))
        painter.setBrush(color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        inner = QRectF(self.rect()).adjusted(MARGIN_PX, 0, -MARGIN_PX, 0)
        self._draw_name(painter, QRectF(inner.left(), 11, inner.width(), 20))
        width = (inner.width() - BETWEEN_PX) / 2
        for side, name in enumerate(("right lung", "left lung")):
            left = inner.left() + side * (width + BETWEEN_PX)
            _draw_caption(painter, QRectF(left, 35, width, 14), name)
            for level, scores in enumerate(self.extent.rows()):
                top = GRID_TOP_PX + level * (CELL_PX + GAP_PX)
                _draw_score(painter, QRectF(left, top, width, CELL_PX), scores[side])
        _draw_caption(painter, QRectF(inner.left(), HEIGHT_PX - 24, inner.width(), 16), extent_error_text(self.extent))

    def _draw_name(self, painter: QPainter, box: QRectF) -> None:
        total = f"{self.extent.total:.1f} of {MOST_OF_ZONE * len(ZONES):g}"
        painter.setPen(color("text"))
        painter.setFont(mono(FINDING_PX))
        painter.drawText(box, RIGHT | MIDDLE, total)
        taken = QFontMetrics(mono(FINDING_PX)).horizontalAdvance(total) + 12
        painter.setFont(font(FINDING_PX))
        name = QFontMetrics(font(FINDING_PX)).elidedText(
            self.extent.label, Qt.TextElideMode.ElideRight, int(box.width()) - taken
        )
        painter.drawText(box, LEFT | MIDDLE, name)


def _draw_caption(painter: QPainter, box: QRectF, text: str) -> None:
    painter.setFont(font(CAPTION_PX))
    painter.setPen(color("dim"))
    elided = QFontMetrics(font(CAPTION_PX)).elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, LEFT | MIDDLE, elided)


def _draw_score(painter: QPainter, box: QRectF, score: float) -> None:
    ramp = calm_ramp()
    red, green, blue = ramp[round(score / MOST_OF_ZONE * (len(ramp) - 1))].tolist()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(red, green, blue))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(*ink_on((red, green, blue))))
    painter.setFont(mono())
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{score:.1f}")
