"""Words over a picture: orientation letters, the corners, the state of the reading, what an empty cell says."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QTextLayout, QTextOption

from core.imaging.image import Annotation
from gui.canvas.color_bars import bars_room
from gui.canvas.corner_text import Lines, voi_text
from gui.canvas.overlay_boxes import MARGIN, corner_lift, line_box
from gui.canvas.scene import Scene
from gui.canvas.text import elided, line_height, metrics, outlined, picture_font, text_width
from gui.theme import color

LETTER = 14
EDGE = 4  # of what an annotation says from the view's edges, in logical pixels
ALWAYS_ABOVE = 2  # lines of an upper corner, the name and the ID, that stay in the smallest view
FREE_AT_LEFT = {"CENTER": 0.5, "RIGHT": 1.0}  # how much of the room beside a text lies left of it, by justification


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
    """The lines of each corner where they stand: beside the letter at the left or right edge, never over it.

    A small view has no room for all of them: see `_fitting`.
    """
    corners, room = scene.corners, corner_room(scene)
    ascent, step = metrics().ascent(), line_height()
    width, height = scene.size
    bottom = height - MARGIN - _lift_over(reading_box(scene), scene)
    most = int((bottom - MARGIN) // step)
    top_left, bottom_left = _fitting(scene, corners.top_left, corners.bottom_left, most)
    top_right, bottom_right = _fitting(scene, corners.top_right, corners.bottom_right, most)
    letter_top = _middle_baseline(scene) - metrics(LETTER).ascent()
    letter_bottom = letter_top + metrics(LETTER).height()
    for lines, at_right, at_bottom in (
        (top_left, False, False),
        (top_right, True, False),
        (bottom_left, False, True),
        (bottom_right, True, True),
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


def _fitting(scene: Scene, upper: Lines, lower: Lines, most: int) -> tuple[Lines, Lines]:
    """Leave out what of a side's two corners is more than so many lines: the last of the lower corner first.

    Then goes what stands below the name and the ID, then the frame's notes; the window and the lossy mark stay.
    """
    surplus = len(upper) + len(lower) - most
    if surplus <= 0 or scene.image is None or scene.frame is None:
        return upper, lower
    always, notes = (voi_text(scene.frame, scene.voi, scene.state.invert), scene.image.header.lossy), scene.frame.notes
    below = [line for line in reversed(lower) if line not in always]
    spare = (*(line for line in below if line not in notes), *reversed(upper[ALWAYS_ABOVE:]),
             *(line for line in below if line in notes))
    out = spare[:surplus]
    return tuple(line for line in upper if line not in out), tuple(line for line in lower if line not in out)


def _letter_room(scene: Scene, at_right: bool) -> float:
    """How much of a line the letter at its edge takes, with the color bars beyond it."""
    letters = scene.letters
    letter = "" if letters is None else letters.right if at_right else letters.left
    return text_width(letter, LETTER) + MARGIN + (bars_room(scene) if at_right else 0.0) if letter else 0.0


def cut_corner(scene: Scene, at: QPointF) -> str:
    """All lines of the corner under a point where not all of them are there and whole, "" elsewhere."""
    corners = scene.corners
    said = corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right
    for lines, placed in zip(said, placed_corners(scene), strict=True):
        if tuple(line.shown for line in placed) != lines and _corner_box(placed).contains(at):
            return "\n".join(lines)
    return ""


def _corner_box(lines: list[CornerLine]) -> QRectF:
    font, box = metrics(), QRectF()
    for line in lines:
        box |= QRectF(line.at.x(), line.at.y() - font.ascent(), text_width(line.shown), font.height())
    return box


def said_boxes(scene: Scene) -> list[QRectF]:
    """Where the reading line and, above or beside it, the corners' text stand."""
    line = reading_box(scene)
    return [*([] if line is None else [line]), *(_corner_box(lines) for lines in placed_corners(scene) if lines)]


def placed_words(scene: Scene, one: Annotation, said: list[QRectF]) -> list[tuple[str, QPointF]]:
    """The lines of an annotation's text, and where the baseline of each begins: in its box, as that justifies them.

    What lies in the view is moved to be whole there, and all of it off the `said_boxes`.
    """
    first, last = (QPointF(*scene.logical_point(point)) for point in (one.points[0], one.points[-1]))
    box, (width, height) = QRectF(first, last).normalized(), scene.size
    room = width - 2 * EDGE
    lines = _wrapped(one.text, min(box.width(), room), room)
    share = FREE_AT_LEFT.get(one.justification, 0.0)
    taken = QRectF(0, box.top(), max(map(text_width, lines), default=0.0), len(lines) * line_height())
    taken.moveLeft(box.left() + share * (box.width() - taken.width()))
    if box.left() <= width and box.right() >= 0 and box.top() <= height and box.bottom() >= 0:
        # a box that begins out of sight was scrolled there
        taken.moveLeft(max(min(taken.left(), width - EDGE - taken.width()), min(box.left(), EDGE)))
        taken.moveTop(max(min(taken.top(), height - EDGE - taken.height()), min(box.top(), EDGE)))
    for other in filter(taken.intersects, said):
        if other.center().y() < height / 2:
            taken.moveTop(other.bottom())
        else:
            taken.moveBottom(other.top())
    return [
        (line, QPointF(taken.left() + share * (taken.width() - text_width(line)),
                       taken.top() + metrics().ascent() + number * line_height()))
        for number, line in enumerate(lines)
    ]


@lru_cache(maxsize=128)  # asked for again at every paint
def _wrapped(text: str, width: float, room: float) -> Lines:
    """A text in lines no wider than `width`, or than its longest word; never than `room`. Width 0 is no box."""
    if width > 0:
        words = _broken(text, width, QTextOption.WrapMode.WordWrap)
        room = min(max((width, *map(text_width, words))), room)
    return tuple(_broken(text, room, QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere))


def _broken(text: str, width: float, mode: QTextOption.WrapMode) -> Iterator[str]:
    option = QTextOption()
    option.setWrapMode(mode)
    for paragraph in text.splitlines():
        units = paragraph.encode("utf-16-le", "surrogatepass")  # in which Qt counts
        layout = QTextLayout(paragraph, picture_font())
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            part = units[2 * line.textStart():2 * (line.textStart() + line.textLength())]
            yield part.decode("utf-16-le", "surrogatepass").rstrip()
        layout.endLayout()


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
