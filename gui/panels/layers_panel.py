"""What other files lay over the image that is looked at: segments and maps by name and color, each with a switch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QSlider, QVBoxLayout, QWidget

from core.imaging.colormap import inferno
from core.imaging.lab import Rgb
from gui.elided_label import plain_tip
from gui.panels.parts import Caption, Sentence
from gui.theme import color

EMPTY = "Nothing that is open lies over this image."
SWATCH_PX = 12


@dataclass(frozen=True)
class LayerRow:
    """One thing that can be switched: a segment, or with `number` None a map. `is_here`: it lies on the image."""

    path: Path
    number: int | None
    name: str
    detail: str
    color: Rgb | None
    is_on: bool
    is_here: bool


class LayersPanel(QWidget):
    """Lists all that can lie over the image; what does not reach this slice is dim."""

    switched = Signal(object, bool)  # LayerRow, whether it is wanted
    opacity_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LayerRow, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("Segments and maps")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        self.list.setUniformItemSizes(True)
        self.list.itemChanged.connect(self._on_item)
        self.empty = Sentence(EMPTY, role="dim")
        self.notes = Sentence("", role="dim", px=12)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setAccessibleName("Opacity of segments and maps")
        self.opacity.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addWidget(Caption("Segments and maps"))
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addWidget(self.notes)
        column.addWidget(Caption("Opacity"))
        column.addWidget(self.opacity)

    def show_rows(self, rows: Sequence[LayerRow], notes: Sequence[str] = ()) -> None:
        """Show what can lie over the image, and why some of it does not; the place in the list stays."""
        self.notes.set_text("\n".join(notes))
        self.empty.setVisible(not rows)
        self.list.setVisible(bool(rows))
        if tuple(rows) == self._rows:
            return
        is_same = [(row.path, row.number) for row in rows] == [(row.path, row.number) for row in self._rows]
        self._rows = tuple(rows)
        self.list.blockSignals(True)
        if not is_same:
            self.list.clear()
            self.list.addItems([""] * len(rows))
        for at, row in enumerate(rows):
            self._fill(self.list.item(at), row)
        self.list.blockSignals(False)

    def set_opacity(self, opacity: float) -> None:
        """Show the opacity, 0-1."""
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(opacity * 100))
        self.opacity.blockSignals(False)

    def sizeHint(self) -> QSize:
        return QSize(300, 240)

    def _fill(self, item: QListWidgetItem, row: LayerRow) -> None:
        is_map = row.number is None
        item.setText(f"{row.name} · {row.detail}" if is_map and row.detail else row.name)
        told = " · ".join(filter(None, (row.name, row.detail, "" if row.is_here else "not on this image")))
        item.setToolTip(plain_tip(told))
        item.setIcon(_map_icon() if row.color is None else _swatch(QColor(*row.color)))
        item.setForeground(color("text" if row.is_here else "dim"))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if row.is_on else Qt.CheckState.Unchecked)

    def _on_item(self, item: QListWidgetItem) -> None:
        at = self.list.row(item)
        row, wanted = self._rows[at], item.checkState() == Qt.CheckState.Checked
        if wanted != row.is_on:
            self.switched.emit(row, wanted)
            self._mark_what_is(at, row)

    def _mark_what_is(self, at: int, row: LayerRow) -> None:
        """Show a row as it is where nothing came of the click: a map that is not on this image is only chosen."""
        if at < len(self._rows) and self._rows[at] == row:
            self.list.blockSignals(True)
            self._fill(self.list.item(at), row)
            self.list.blockSignals(False)


def _swatch(ink: QColor) -> QIcon:
    pixels = QPixmap(SWATCH_PX, SWATCH_PX)
    pixels.fill(ink)
    return QIcon(pixels)


def _map_icon() -> QIcon:
    """The palette in four steps, dark to light."""
    pixels = QPixmap(SWATCH_PX, SWATCH_PX)
    painter = QPainter(pixels)
    for step in range(4):
        painter.fillRect(step * SWATCH_PX // 4, 0, SWATCH_PX // 4, SWATCH_PX,
                         QColor(*inferno()[40 + 60 * step].tolist()))
    painter.end()
    return QIcon(pixels)
