"""Where the boxes over a picture lie, in logical pixels: arithmetic alone."""

from PySide6.QtCore import QPointF, QRect, QRectF

Size = tuple[float, float]

MARGIN = 10  # of text from the view's edges
BAR_WIDTH = 9
PADDING = 5  # of the reading line, above and below its text
GAP = 12


def around(ground: QRect, hole: QRect) -> list[QRect]:
    """Return the rectangles that fill `ground` around a hole in it; the whole of it where the hole is empty."""
    if hole.isEmpty():
        return [ground]
    left, top, right, bottom = ground.left(), ground.top(), ground.right() + 1, ground.bottom() + 1
    inner_right, inner_bottom = hole.right() + 1, hole.bottom() + 1
    return [
        QRect(left, top, right - left, hole.top() - top),
        QRect(left, inner_bottom, right - left, bottom - inner_bottom),
        QRect(left, hole.top(), hole.left() - left, hole.height()),
        QRect(inner_right, hole.top(), right - inner_right, hole.height()),
    ]


def bar_box(view: Size) -> QRectF:
    """Return the color bar's place: at the right edge, in the middle of the height, clear of the corners."""
    height = max(48.0, min(0.3 * view[1], 280.0))
    return QRectF(round(view[0] - 16 - BAR_WIDTH), round((view[1] - height) / 2), BAR_WIDTH, round(height))


def line_box(view: Size, text: Size, margin: float) -> QRectF:
    """Return the reading line's place: at the lower edge in the middle, where it hides least; no wider than the view.
    """
    height = text[1] + 2 * PADDING
    width = min(text[0] + height, view[0] - 2 * margin)  # with the round ends
    return QRectF((view[0] - width) / 2, view[1] - margin - height, width, height)


def corner_lift(line: QRectF, view: Size, left: float, right: float, margin: float) -> float:
    """Return how far the bottom corners' text, so wide at the left and right, goes up to leave room for the line."""
    taken = max(left, right)
    fits = not taken or line.width() <= view[0] - 2 * (margin + taken + GAP)
    return 0.0 if fits else line.height() + GAP / 2


def text_beside(box: QRectF, text_width: float, ascent: float, view: Size) -> QPointF:
    """Return the baseline's beginning of a text beside a box: right of it, or left where there is no room."""
    x = box.right() + 6
    if x + text_width > view[0] - 4:
        x = max(box.left() - 6 - text_width, 4.0)
    y = box.top() + box.height() * 0.3
    return QPointF(x, min(max(y, ascent + 4), view[1] - 4))
