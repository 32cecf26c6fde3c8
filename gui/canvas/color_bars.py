"""The scales of what is drawn in colors: bars at the right edge, with their figures and names."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter

from core.imaging.colormap import inferno
from core.imaging.probe import number_text
from gui.canvas.overlay_boxes import BAR_WIDTH, MARGIN, bar_box
from gui.canvas.qt_image import qimage
from gui.canvas.scene import Scene
from gui.canvas.text import metrics, outlined, text_width
from gui.theme import color

CAPTION = 11


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
        top, middle, bottom = (number_text(one, 3) for one in (layer.high, (layer.low + layer.high) / 2, layer.low))
        found.append(Scale(f"{layer.name}{', ' if layer.unit else ''}{layer.unit}", (top, middle, bottom)))
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
            outlined(painter, QPointF(box.left() - 6 - text_width(text, CAPTION), y), text, color("text"), CAPTION)
        # the names of several bars stand above one another
        y = box.top() - font.height() * (1 if not taken else 2.2)
        label = font.elidedText(scale.name, Qt.TextElideMode.ElideRight, scene.size[0] / 3)
        outlined(painter, QPointF(box.right() - text_width(label, CAPTION), y), label, color("text"), CAPTION)
        taken += bar_width(scale)


def bar_width(scale: Scale) -> float:
    """How much room a color bar and its figures take beside one another, in logical pixels."""
    return BAR_WIDTH + 6 + max(text_width(figure, CAPTION) for figure in scale.figures) + MARGIN


def bars_room(scene: Scene) -> float:
    """How much of the right edge the color bars and their figures take, in logical pixels."""
    found = scales(scene)
    return scene.size[0] - MARGIN - bar_box(scene.size).right() + sum(map(bar_width, found)) if found else 0.0


def bar_image() -> QImage:
    """The palette, 1 at the top."""
    return qimage(inferno()[::-1, None])
