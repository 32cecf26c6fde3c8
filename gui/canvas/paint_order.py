"""What is painted over what: `PAINT_ORDER`, bottom first. Each reads the scene and paints in logical pixels."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from core.imaging.region import Shape
from gui.canvas.color_bars import paint_color_bars
from gui.canvas.overlay_boxes import around, text_beside
from gui.canvas.paint_words import (
    paint_corners,
    paint_letters,
    paint_message,
    paint_reading_line,
    placed_words,
    said_boxes,
)
from gui.canvas.qt_image import draw_gray
from gui.canvas.scene import Scene
from gui.canvas.screen_images import Drawn
from gui.canvas.text import metrics, outlined, text_width
from gui.theme import color

Paint = Callable[[QPainter, Scene], None]

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


def draw(painter: QPainter, drawn: Drawn) -> None:
    """Draw what is ready, on its device pixels."""
    with device_pixels(painter):
        painter.drawImage(drawn.left, drawn.top, drawn.image)


def paint_picture(painter: QPainter, scene: Scene) -> None:
    """The picture, and black around it."""
    with device_pixels(painter):
        # a pixel more on each side: on fractional scalings a widget may reach into a pixel that it only partly covers
        ground = QRect(0, 0, *scene.device_size).adjusted(-1, -1, 1, 1)
        covered = QRect()
        if scene.frame is not None:
            drawn = scene.drawn_picture()
            covered = QRect(drawn.left, drawn.top, drawn.image.width(), drawn.image.height())
            if drawn.gray is None or covered.isEmpty():
                painter.drawImage(covered.topLeft(), drawn.image)
            else:
                draw_gray(painter, drawn.left, drawn.top, drawn.image, drawn.gray)
        for rect in around(ground, covered):
            painter.fillRect(rect, color("picture"))


def paint_shutter(painter: QPainter, scene: Scene) -> None:
    """What a shutter, of the file or of a presentation state, covers of the picture."""
    if scene.frame is not None and scene.frame.shutter is not None:
        draw(painter, scene.drawn_shutter())


def paint_annotations(painter: QPainter, scene: Scene) -> None:
    """Lines and words of a presentation state, outlines of structures."""
    if scene.frame is None or scene.overlays_hidden or not scene.frame.annotations:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    said = said_boxes(scene) if any(one.text for one in scene.frame.annotations) else []
    for one in scene.frame.annotations:
        ink = color("text") if one.color is None else QColor(*one.color)
        if one.text:
            for line, at in placed_words(scene, one, said):
                outlined(painter, at, line, ink)
            continue
        points = QPolygonF([QPointF(*scene.logical_point(point)) for point in one.points])
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
        draw(painter, scene.drawn_overlays())


def paint_values(painter: QPainter, scene: Scene) -> None:
    """A parametric map."""
    if scene.visible_map is not None:
        draw(painter, scene.drawn_values())


def paint_segments(painter: QPainter, scene: Scene) -> None:
    """What segmentations mark."""
    if scene.visible_segments:
        draw(painter, scene.drawn_segments())


def paint_heat(painter: QPainter, scene: Scene) -> None:
    """The heat map, where the network looked."""
    if scene.has_visible_heat:
        draw(painter, scene.drawn_heat())


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
        at = text_beside(box, text_width(scene.region_share), metrics().ascent(), scene.size)
        outlined(painter, at, scene.region_share, color("accent"))


def paint_border(painter: QPainter, scene: Scene) -> None:
    """Which of several cells is the active one, and where the keyboard is."""
    if scene.has_border or scene.has_focus_ring:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color("accent"), 1))
        painter.drawRect(QRectF(0.5, 0.5, scene.size[0] - 1, scene.size[1] - 1))


PAINT_ORDER: tuple[Paint, ...] = (
    paint_picture,
    paint_shutter,  # of the picture alone: what a network saw beneath it is not hidden
    paint_values,
    paint_segments,
    paint_heat,
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
