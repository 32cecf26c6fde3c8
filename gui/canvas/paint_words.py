"""Words over a picture: orientation letters, the corners, the state of the reading, what an empty cell says."""

from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from gui.canvas.color_bars import bars_room
from gui.canvas.overlay_boxes import MARGIN, corner_lift, line_box
from gui.canvas.scene import Scene
from gui.canvas.text import elided, line_height, metrics, outlined, picture_font, text_width
from gui.theme import color

LETTER = 14


class CornerLine(NamedTuple):
    """A line of a corner: all of it, what of it has room, and where the baseline of that begins."""

    text: str
    shown: str
    at: QPointF


def paint_letters(painter: QPainter, scene: Scene) -> None:
    """Which way of the patient lies at each edge of the view."""
    letters = scene.letters
    if letters is None:
        return
    font = metrics(LETTER)
    width = scene.size[0]
    middle = _middle_baseline(scene)
    right = width - MARGIN - bars_room(scene)
    for text, x, y in (
        (letters.left, MARGIN, middle),
        (letters.right, right - text_width(letters.right, LETTER), middle),
        (letters.top, (width - text_width(letters.top, LETTER)) / 2, MARGIN + font.ascent()),
        (letters.bottom, (width - text_width(letters.bottom, LETTER)) / 2, bottom_letter_baseline(scene)),
    ):
        if text:
            outlined(painter, QPointF(x, y), text, color("text"), LETTER)


def bottom_letter_baseline(scene: Scene) -> float:
    """At the edge, or above a reading line that lies there."""
    line = reading_box(scene)
    return scene.size[1] - MARGIN if line is None else line.top() - MARGIN


def _middle_baseline(scene: Scene) -> float:
    return scene.size[1] / 2 + metrics(LETTER).capHeight() / 2


def corner_room(scene: Scene) -> float:
    """How wide a corner's text may be: the letters at the middle of the upper and lower edge stay free."""
    letters, between = scene.letters, float(MARGIN)
    if letters is not None:
        between += max(text_width(letters.top, LETTER), text_width(letters.bottom, LETTER)) + MARGIN
    return (scene.size[0] - 2 * MARGIN - between) / 2


def paint_corners(painter: QPainter, scene: Scene) -> None:
    """The corner text."""
    ink = color("text")
    for lines in placed_corners(scene):
        for line in lines:
            outlined(painter, line.at, line.shown, ink)


def placed_corners(scene: Scene) -> Iterator[list[CornerLine]]:
    """The lines of each corner where they stand: beside the letter at the left or right edge, never over it."""
    corners, room = scene.corners, corner_room(scene)
    ascent, step = metrics().ascent(), line_height()
    width, height = scene.size
    bottom = height - MARGIN - _lift_over(reading_box(scene), scene)
    letter_top = _middle_baseline(scene) - metrics(LETTER).ascent()
    letter_bottom = letter_top + metrics(LETTER).height()
    for lines, at_right, at_bottom in (
        (corners.top_left, False, False),
        (corners.top_right, True, False),
        (corners.bottom_left, False, True),
        (corners.bottom_right, True, True),
    ):
        top = bottom - len(lines) * step if at_bottom else MARGIN
        is_beside = top < letter_bottom and top + len(lines) * step > letter_top
        beside = _letter_room(scene, at_right) if is_beside else 0.0
        placed = []
        for index, line in enumerate(lines):
            y = top + index * step
            aside = beside if y < letter_bottom and y + step > letter_top else 0.0
            shown = elided(line, room - aside)
            x = width - MARGIN - aside - text_width(shown) if at_right else MARGIN + aside
            placed.append(CornerLine(line, shown, QPointF(x, y + ascent)))
        yield placed


def _letter_room(scene: Scene, at_right: bool) -> float:
    """How much of a line the letter at its edge takes, with the color bars beyond it."""
    letters = scene.letters
    letter = "" if letters is None else letters.right if at_right else letters.left
    return text_width(letter, LETTER) + MARGIN + (bars_room(scene) if at_right else 0.0) if letter else 0.0


def cut_corner(scene: Scene, at: QPointF) -> str:
    """All lines of the corner under a point where not all of them are whole, "" elsewhere."""
    for lines in placed_corners(scene):
        if any(line.shown != line.text for line in lines) and _corner_box(lines).contains(at):
            return "\n".join(line.text for line in lines)
    return ""


def _corner_box(lines: list[CornerLine]) -> QRectF:
    font, box = metrics(), QRectF()
    for line in lines:
        box |= QRectF(line.at.x(), line.at.y() - font.ascent(), text_width(line.shown), font.height())
    return box


def reading_box(scene: Scene) -> QRectF | None:
    """Where the reading line lies, which the corners make room for; None where there is none."""
    text = reading_text(scene)
    return _box_of(text, scene) if text else None


def reading_text(scene: Scene) -> str:
    """The reading line as it fits between the corners, or its few words where it does not."""
    line = scene.reading_line
    return scene.reading_words if line and _lift_over(_box_of(line, scene), scene) else line


def _box_of(text: str, scene: Scene) -> QRectF:
    return line_box(scene.size, (text_width(text), metrics().height()), MARGIN)


def _lift_over(line: QRectF | None, scene: Scene) -> float:
    """How far the bottom corners go up for a line, or for none."""
    def widest(lines: tuple[str, ...]) -> float:
        return min(max(map(text_width, lines), default=0.0), room)

    if line is None:
        return 0.0
    corners, room = scene.corners, corner_room(scene)
    sides = widest(corners.bottom_left), widest(corners.bottom_right)
    return corner_lift(line, scene.size, *sides, MARGIN)


def paint_reading_line(painter: QPainter, scene: Scene) -> None:
    """The state of the reading, bottom center."""
    box = reading_box(scene)
    if box is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setOpacity(0.85)
    painter.setBrush(color("raised"))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setOpacity(1.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setFont(picture_font())
    painter.setPen(color("text"))
    text = elided(reading_text(scene), box.width() - box.height())
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_message(painter: QPainter, scene: Scene) -> None:
    """What an empty cell says."""
    if scene.message:
        painter.setFont(picture_font())
        painter.setPen(color("dim"))
        width, height = scene.size
        box = QRectF(width * 0.1, MARGIN, width * 0.8, height - 2 * MARGIN)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, scene.message)
