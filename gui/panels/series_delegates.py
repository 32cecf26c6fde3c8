"""How the rows of the series panel are drawn: fixed slots, so that nothing moves while pictures come in."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.panels.series_model import PICTURE_ROLE, ROW_ROLE, UNEVEN, ObjectRow, PatientRow, SeriesRow
from gui.theme import CAPTION_PX, RADIUS_PX, color, font

Index = QModelIndex | QPersistentModelIndex


class SeriesDelegate(QStyledItemDelegate):
    """A picture in a slot, its title and number of images below; a patient's line above its series."""

    SLOT_PX, CAPTION_ROW_PX, HEADER_PX, MARGIN_PX, OBJECT_PX = 116, 24, 28, 10, 48

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        if isinstance(row, SeriesRow):
            return QSize(100, self.SLOT_PX + self.CAPTION_ROW_PX + 8)
        return QSize(100, self.OBJECT_PX if isinstance(row, ObjectRow) else self.HEADER_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        box = option.rect.adjusted(self.MARGIN_PX, 0, -self.MARGIN_PX, 0)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(option.rect.left() + 3, box.top() + 4, 2, box.height() - 8), color("accent"))
        if isinstance(row, SeriesRow):
            slot = QRect(box.left(), box.top() + 4, box.width(), self.SLOT_PX)
            self._paint_slot(painter, slot, row, index.data(PICTURE_ROLE))
            self._paint_caption(painter, QRect(box.left(), slot.bottom() + 1, box.width(), self.CAPTION_ROW_PX), row)
        elif isinstance(row, ObjectRow):
            self._paint_object(painter, box.adjusted(0, 2, 0, -4), row)
        elif isinstance(row, PatientRow):
            _paint_elided(painter, box.adjusted(2, 0, -2, 0), row.text, "dim", CAPTION_PX + 1)
        painter.restore()

    def _paint_slot(self, painter: QPainter, slot: QRect, row: SeriesRow, picture: QImage | None) -> None:
        painter.setBrush(color("picture"))
        active, shown = row.is_active, row.is_shown
        painter.setPen(color("accent" if active else "faint" if shown else "line"))
        painter.drawRoundedRect(QRectF(slot).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX - 2, RADIUS_PX - 2)
        inner = slot.adjusted(2, 2, -2, -2)
        if picture is not None:
            size = picture.size().scaled(inner.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(0, 0, size.width(), size.height())
            target.moveCenter(inner.center())
            painter.drawImage(target, picture)
        if row.has_gaps:
            self._paint_gaps(painter, slot)
        if row.is_flagged:
            center = QPointF(slot.right() - 11, slot.top() + 12)
            painter.setPen(color("picture"))
            painter.setBrush(color("flag"))
            painter.drawPolygon(QPolygonF([center + QPointF(*at) for at in ((0, -6), (6, 0), (0, 6), (-6, 0))]))

    def _paint_gaps(self, painter: QPainter, slot: QRect) -> None:
        """A triangle and its word on a dark ground at the lower edge."""
        width = QFontMetrics(font(CAPTION_PX)).horizontalAdvance(UNEVEN)
        ground = QRect(slot.left() + 4, slot.bottom() - 22, width + 26, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("room"))
        painter.drawRoundedRect(ground, 3, 3)
        painter.setBrush(color("stop"))
        at = QPointF(ground.left() + 10, ground.center().y() + 1)
        painter.drawPolygon(QPolygonF([at + QPointF(*to) for to in ((0, -5), (5, 4), (-5, 4))]))
        _paint_elided(painter, ground.adjusted(20, 0, 0, 0), UNEVEN, "text", CAPTION_PX)

    def _paint_object(self, painter: QPainter, box: QRect, row: ObjectRow) -> None:
        """A framed row of two lines: what it is called, and what it is."""
        painter.setBrush(color("room"))
        painter.setPen(color("accent" if row.is_active else "faint" if row.is_shown else "line"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX - 2, RADIUS_PX - 2)
        upper, lower = box.adjusted(8, 3, -8, 0), box.adjusted(8, 0, -8, -4)
        upper.setHeight(box.height() // 2)
        lower.setTop(box.top() + box.height() // 2)
        _paint_elided(painter, upper, row.title, "text" if row.is_active else "dim", CAPTION_PX + 1)
        _paint_elided(painter, lower, row.kind, "faint", CAPTION_PX)

    def _paint_caption(self, painter: QPainter, box: QRect, row: SeriesRow) -> None:
        count = str(row.count)
        painter.setFont(font(CAPTION_PX))
        painter.setPen(color("dim"))
        painter.drawText(box.adjusted(0, 0, -2, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        taken = QFontMetrics(font(CAPTION_PX)).horizontalAdvance(count) + 10
        title = row.title
        ink = "text" if row.is_active else "dim"
        _paint_elided(painter, box.adjusted(2, 0, -taken, 0), title, ink, CAPTION_PX)


class RefusalDelegate(QStyledItemDelegate):
    """A file's name, and below it why it was not opened."""

    HEIGHT_PX = 40

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self.HEIGHT_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box = option.rect.adjusted(12, 0, -12, 0)
        upper, lower = box.adjusted(0, 4, 0, 0), box.adjusted(0, 0, 0, -4)
        upper.setHeight(box.height() // 2 - 4)
        lower.setTop(box.top() + box.height() // 2)
        painter.save()
        _paint_elided(painter, upper, index.data(Qt.ItemDataRole.DisplayRole), "dim", CAPTION_PX, middle=True)
        _paint_elided(painter, lower, index.data(ROW_ROLE), "faint", CAPTION_PX)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(color("accent"))
            painter.drawRect(box.adjusted(-6, 1, 6, -2))
        painter.restore()


def _paint_elided(painter: QPainter, box: QRect, text: str, role: str, px: int, middle: bool = False) -> None:
    painter.setFont(font(px))
    painter.setPen(color(role))
    mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
    text = QFontMetrics(font(px)).elidedText(text, mode, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
