"""Text over a picture: legible on black and on white, sized by font metrics, with figures of one width."""

import math
from functools import cache, lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QStaticText, QTransform

from gui import theme

TEXT_PX = theme.BASE_PX
LINE_HEIGHT = 1.2  # of the font's own
OUTLINE = QColor(0, 0, 0, 90)  # eight times over: dark at the strokes, soft at its own edge
_EDGE = 2  # logical pixels around a line for its outline
_CORNER = QPointF(_EDGE, _EDGE)
_AROUND = tuple(QPointF(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y)


@cache
def picture_font(px: int = TEXT_PX, bold: bool = False) -> QFont:
    """Return the font of text over pictures, with tabular figures."""
    font = QFont(theme.font(px, bold))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@cache
def metrics(px: int = TEXT_PX, bold: bool = False) -> QFontMetricsF:
    """Return the metrics of `picture_font`."""
    return QFontMetricsF(picture_font(px, bold))


def line_height() -> float:
    """Return the distance of lines of `picture_font`."""
    return round(metrics().height() * LINE_HEIGHT)


def outlined(painter: QPainter, at: QPointF, text: str, color: QColor, px: int = TEXT_PX) -> None:
    """Draw a line of text with its baseline beginning at `at`, put on whole device pixels so that it stays sharp."""
    ratio = painter.device().devicePixelRatioF()
    image = _line(text, color.rgba(), px, ratio)
    x, y = at.x() - _EDGE, at.y() - metrics(px).ascent() - _EDGE
    painter.drawImage(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), image)


@lru_cache(maxsize=256)  # asked for again at every paint
def text_width(text: str, px: int = TEXT_PX) -> float:
    """Return how wide a line of text is in `picture_font`, in logical pixels."""
    return metrics(px).horizontalAdvance(text)


@lru_cache(maxsize=128)
def _line(text: str, rgba: int, px: int, ratio: float) -> QImage:
    """A line of text with its outline, drawn once: most lines stay while a window is dragged."""
    font = metrics(px)
    width, height = text_width(text, px) + 2 * _EDGE, font.height() + 2 * _EDGE
    image = QImage(
        math.ceil(width * ratio), math.ceil(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    laid_out = QStaticText(text)  # once for its nine drawings
    laid_out.setTextFormat(Qt.TextFormat.PlainText)
    laid_out.prepare(QTransform(), picture_font(px))
    painter = QPainter(image)
    painter.setFont(picture_font(px))
    painter.setPen(OUTLINE)
    for offset in _AROUND:
        painter.drawStaticText(_CORNER + offset, laid_out)
    painter.setPen(QColor.fromRgba(rgba))
    painter.drawStaticText(_CORNER, laid_out)
    painter.end()
    return image


@lru_cache(maxsize=128)
def elided(text: str, width: float) -> str:
    """Return the text, in `picture_font`, cut with an ellipsis where it is wider."""
    return metrics().elidedText(text, Qt.TextElideMode.ElideRight, max(width, 0))
