"""What is painted over what: `LAYERS`, bottom first. Each reads the scene and paints in logical pixels."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QTransform

from core.imaging.colormap import inferno
from core.imaging.region import Shape
from gui.canvas.overlay_boxes import BAR_WIDTH, around, bar_box, line_box, text_beside
from gui.canvas.qt_image import qimage
from gui.canvas.scene import Scene
from gui.canvas.text import elided, line_height, metrics, outlined, picture_font
from gui.theme import color

Layer = Callable[[QPainter, Scene], None]

MARGIN = 10
CAPTION = 11
LETTER = 14
SHADE = QPen(QColor(0, 0, 0, 70), 3.5)


@contextmanager
def device_pixels(painter: QPainter) -> Iterator[None]:
    """Let the painter work in whole device pixels of the view, whatever the screen's scaling."""
    painter.save()
    to_device = painter.deviceTransform()
    origin = QTransform.fromTranslate(round(to_device.dx()), round(to_device.dy()))
    painter.setWorldTransform(origin * to_device.inverted()[0] * painter.worldTransform())
    yield
    painter.restore()


def paint_picture(painter: QPainter, scene: Scene) -> None:
    """The picture, and black around it."""
    with device_pixels(painter):
        # a pixel more on each side: on fractional scalings a widget may reach into a pixel that it only partly covers
        ground = QRect(0, 0, *scene.device_size).adjusted(-1, -1, 1, 1)
        picture = QRect()
        if scene.frame is not None:
            drawn = scene.drawn_picture()
            picture = QRect(drawn.left, drawn.top, drawn.image.width(), drawn.image.height())
            painter.drawImage(drawn.left, drawn.top, drawn.image)
        for rect in around(ground, picture):
            painter.fillRect(rect, color("picture"))


def paint_shutter(painter: QPainter, scene: Scene) -> None:
    """What a presentation state covers of the picture."""
    if scene.frame is not None and scene.frame.shutter is not None:
        with device_pixels(painter):
            drawn = scene.drawn_shutter()
            painter.drawImage(drawn.left, drawn.top, drawn.image)


def paint_annotations(painter: QPainter, scene: Scene) -> None:
    """Lines and words of a presentation state."""
    if scene.frame is None or scene.overlays_hidden or not scene.frame.annotations:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for one in scene.frame.annotations:
        ink = color("text") if one.color is None else QColor(*one.color)
        points = QPolygonF([QPointF(*scene.logical_point(point, one.is_on_view)) for point in one.points])
        if one.text:
            for number, line in enumerate(one.text.splitlines()):
                down = QPointF(0, metrics().ascent() + number * line_height())
                outlined(painter, points.first() + down, line, ink)
            continue
        for pen in (SHADE, QPen(ink, 1.5)):
            painter.setPen(pen)
            painter.setBrush(ink if one.is_filled else Qt.BrushStyle.NoBrush)
            if len(one.points) == 1:
                painter.drawEllipse(points.first(), 2.0, 2.0)
            elif one.is_filled:
                painter.drawPolygon(points)
            else:
                painter.drawPolyline(points)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_overlays(painter: QPainter, scene: Scene) -> None:
    """The graphics that the file lays over its picture."""
    if scene.has_visible_overlays:
        with device_pixels(painter):
            drawn = scene.drawn_overlays()
            painter.drawImage(drawn.left, drawn.top, drawn.image)


def paint_values(painter: QPainter, scene: Scene) -> None:
    """A parametric map."""
    if scene.visible_map is not None:
        with device_pixels(painter):
            drawn = scene.drawn_values()
            painter.drawImage(drawn.left, drawn.top, drawn.image)


def paint_segments(painter: QPainter, scene: Scene) -> None:
    """What segmentations mark."""
    if scene.visible_segments:
        with device_pixels(painter):
            drawn = scene.drawn_segments()
            painter.drawImage(drawn.left, drawn.top, drawn.image)


def paint_heat(painter: QPainter, scene: Scene) -> None:
    """The heat map, where the network looked."""
    if scene.has_visible_heat:
        with device_pixels(painter):
            drawn = scene.drawn_heat()
            painter.drawImage(drawn.left, drawn.top, drawn.image)


def paint_analyzed(painter: QPainter, scene: Scene) -> None:
    """The border of what the network saw, where that is not the whole image."""
    if not scene.has_visible_heat or scene.placement is None or scene.frame is None:
        return
    left, top, right, bottom = analyzed = scene.placement.analyzed()
    if max(left, top, scene.frame.columns - right, scene.frame.rows - bottom) < 0.5:
        return
    box = QRectF(*scene.logical_box(analyzed))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color("picture"), 1))
    painter.drawRect(box)
    painter.setPen(QPen(color("dim"), 1, Qt.PenStyle.DashLine))
    painter.drawRect(box)


def paint_region(painter: QPainter, scene: Scene) -> None:
    """The drawn region, and beside it what part of the score it holds."""
    if scene.region is None or scene.frame is None:
        return
    region = scene.region
    box = QRectF(*scene.logical_box((region.left, region.top, region.right, region.bottom)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (SHADE, QPen(color("accent"), 1.5)):
        painter.setPen(pen)
        if region.shape is Shape.ELLIPSE:
            painter.drawEllipse(box)
        else:
            painter.drawRect(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if scene.region_share and box.intersects(QRectF(0, 0, *scene.size)):
        at = text_beside(box, metrics().horizontalAdvance(scene.region_share), metrics().ascent(), scene.size)
        outlined(painter, at, scene.region_share, color("accent"))


def paint_letters(painter: QPainter, scene: Scene) -> None:
    """Which way of the patient lies at each edge of the view."""
    letters = scene.letters
    if letters is None or scene.corner_level == "off":
        return
    font = metrics(LETTER)
    width, height = scene.size
    middle = height / 2 + font.capHeight() / 2
    right = width - MARGIN - bars_room(scene)
    for text, x, y in (
        (letters.left, MARGIN, middle),
        (letters.right, right - font.horizontalAdvance(letters.right), middle),
        (letters.top, (width - font.horizontalAdvance(letters.top)) / 2, MARGIN + font.ascent()),
        (letters.bottom, (width - font.horizontalAdvance(letters.bottom)) / 2, bottom_letter_baseline(scene)),
    ):
        if text:
            outlined(painter, QPointF(x, y), text, color("text"), LETTER)


def bottom_letter_baseline(scene: Scene) -> float:
    """Above the reading line, where there is one."""
    line = reading_box(scene)
    return (line.top() if line is not None else scene.size[1]) - MARGIN


def corner_room(scene: Scene) -> float:
    """How wide a corner's text may be: the letters at the middle of the upper and lower edge stay free."""
    letters, between = scene.letters, float(MARGIN)
    if letters is not None and scene.corner_level != "off":
        between += max(map(metrics(LETTER).horizontalAdvance, (letters.top, letters.bottom))) + MARGIN
    return (scene.size[0] - 2 * MARGIN - between) / 2


def paint_corners(painter: QPainter, scene: Scene) -> None:
    """The corner text."""
    corners = scene.corners
    font = metrics()
    width, height = scene.size
    for lines, at_right, at_bottom in (
        (corners.top_left, False, False),
        (corners.top_right, True, False),
        (corners.bottom_left, False, True),
        (corners.bottom_right, True, True),
    ):
        top = height - MARGIN - len(lines) * line_height() if at_bottom else MARGIN
        for index, line in enumerate(lines):
            text = elided(line, corner_room(scene))
            x = width - MARGIN - font.horizontalAdvance(text) if at_right else MARGIN
            outlined(painter, QPointF(x, top + index * line_height() + font.ascent()), text, color("text"))


@dataclass(frozen=True)
class Scale:
    """What stands beside a color bar: its name, and the figures of its top, middle and bottom."""

    name: str
    figures: tuple[str, str, str]


def scales(scene: Scene) -> list[Scale]:
    """The scales in sight, the rightmost first: a heat map's is always 0 to 1, a parametric map's its own range."""
    found = []
    if scene.has_visible_heat:
        found.append(Scale(scene.heat_label, ("1.0", "0.5", "0")))
    if (layer := scene.visible_map) is not None:
        figures = f"{layer.high:.3g}", f"{(layer.low + layer.high) / 2:.3g}", f"{layer.low:.3g}"
        found.append(Scale(f"{layer.name}{', ' if layer.unit else ''}{layer.unit}", figures))
    return found


def paint_color_bars(painter: QPainter, scene: Scene) -> None:
    """The scales of what is drawn in colors, at the right edge; the same for every image."""
    font, taken = metrics(CAPTION), 0.0
    for scale in scales(scene):
        box = bar_box(scene.size).translated(-taken, 0)
        painter.drawImage(box, bar_image())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(color("line"))
        painter.drawRect(box)
        for text, share in zip(scale.figures, (0.0, 0.5, 1.0), strict=True):
            y = box.top() + share * box.height() + font.capHeight() / 2
            outlined(painter, QPointF(box.left() - 6 - font.horizontalAdvance(text), y), text, color("text"), CAPTION)
        # the names of several bars stand above one another
        y = box.top() - font.height() * (1 if not taken else 2.2)
        label = font.elidedText(scale.name, Qt.TextElideMode.ElideRight, scene.size[0] / 3)
        outlined(painter, QPointF(box.right() - font.horizontalAdvance(label), y), label, color("text"), CAPTION)
        taken += bar_width(scale)


def bar_width(scale: Scale) -> float:
    """How much room a color bar and its figures take beside one another, in logical pixels."""
    return BAR_WIDTH + 6 + max(map(metrics(CAPTION).horizontalAdvance, scale.figures)) + MARGIN


def bars_room(scene: Scene) -> float:
    """How much of the right edge the color bars and their figures take, in logical pixels."""
    found = scales(scene)
    return scene.size[0] - MARGIN - bar_box(scene.size).right() + sum(map(bar_width, found)) if found else 0.0


def bar_image() -> QImage:
    """The palette, 1 at the top."""
    return qimage(inferno()[::-1, None])


def reading_box(scene: Scene) -> QRectF | None:
    """Where the reading line lies, never over a corner; None where there is none."""
    if not scene.reading_line:
        return None
    corners, font = scene.corners, metrics()

    def size(lines: tuple[str, ...]) -> tuple[float, float]:
        widest = max(map(font.horizontalAdvance, lines), default=0.0)
        return min(widest, corner_room(scene)), len(lines) * line_height()

    text = font.horizontalAdvance(scene.reading_line), font.height()
    return line_box(scene.size, text, size(corners.bottom_left), size(corners.bottom_right), MARGIN)


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
    text = elided(scene.reading_line, box.width() - box.height())
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_message(painter: QPainter, scene: Scene) -> None:
    """What an empty cell says."""
    if scene.message:
        painter.setFont(picture_font())
        painter.setPen(color("dim"))
        width, height = scene.size
        box = QRectF(width * 0.1, MARGIN, width * 0.8, height - 2 * MARGIN)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, scene.message)


def paint_border(painter: QPainter, scene: Scene) -> None:
    """Which of several cells is the active one, and where the keyboard is."""
    if scene.has_border or scene.has_focus_ring:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color("accent"), 1))
        painter.drawRect(QRectF(0.5, 0.5, scene.size[0] - 1, scene.size[1] - 1))


LAYERS: tuple[Layer, ...] = (
    paint_picture,
    paint_values,
    paint_segments,
    paint_heat,
    paint_shutter,
    paint_overlays,
    paint_annotations,
    paint_analyzed,
    paint_region,
    paint_letters,
    paint_corners,
    paint_color_bars,
    paint_reading_line,
    paint_message,
    paint_border,
)
