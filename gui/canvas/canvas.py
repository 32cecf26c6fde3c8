"""The grid of viewports: layouts, the active cell, one cell maximized and back."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.canvas.patient_band import PatientBand
from gui.canvas.viewport import Viewport
from gui.theme import color

LAYOUTS = {"1x1": (1, 1), "1x2": (1, 2), "2x2": (2, 2)}  # rows, columns
_MOST_CELLS = 4
_HAIRLINE = 1


class Canvas(QWidget):
    """Up to four viewports, made once; those outside the layout keep what they show."""

    active_changed = Signal(object)  # Viewport
    layout_changed = Signal(str)  # its name
    arranged = Signal()  # other cells can be seen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Image views")
        self._cells = tuple(Viewport(self) for _ in range(_MOST_CELLS))
        self._bands = tuple(PatientBand(number, self) for number in range(1, _MOST_CELLS + 1))
        self._layout_name = "1x1"
        self._active = self._cells[0]
        self._maximized: Viewport | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_HAIRLINE)
        for number, cell in enumerate(self._cells, 1):
            cell.setAccessibleName(f"Image view {number}")
            cell.activated.connect(lambda cell=cell: self.activate(cell))
            cell.maximize_asked.connect(lambda cell=cell: self.maximize(cell))
        self._arrange()

    @property
    def all_viewports(self) -> tuple[Viewport, ...]:
        """Every viewport there is, also those outside the layout."""
        return self._cells

    @property
    def viewports(self) -> tuple[Viewport, ...]:
        """The viewports of the layout, row by row."""
        rows, columns = LAYOUTS[self._layout_name]
        return self._cells[: rows * columns]

    @property
    def cells_in_view(self) -> tuple[int, ...]:
        """The numbers, as in `all_viewports`, of those that can be seen: the layout's, or the maximized one alone."""
        shown = self.viewports if self._maximized is None else (self._maximized,)
        return tuple(number for number, cell in enumerate(self._cells) if cell in shown)

    @property
    def active(self) -> Viewport:
        """The viewport that commands act on."""
        return self._active

    @property
    def maximized(self) -> Viewport | None:
        """The one viewport that fills the canvas for now."""
        return self._maximized

    @property
    def layout_name(self) -> str:
        """The layout: "1x1", "1x2" or "2x2"."""
        return self._layout_name

    def set_layout_name(self, name: str) -> None:
        """Choose a layout; the first cell becomes active where the active one is not part of it."""
        if name not in LAYOUTS:
            raise ValueError(f"{name!r} is none of {tuple(LAYOUTS)}")
        self._layout_name, self._maximized = name, None
        if self._active not in self.viewports:
            self._set_active(self._cells[0])
        self._arrange()
        self.layout_changed.emit(name)

    def maximize(self, viewport: Viewport) -> None:
        """Let a viewport fill the canvas, or go back to the layout where it does already."""
        if len(self.viewports) == 1:
            return
        self._maximized = None if self._maximized is viewport else viewport
        self._set_active(viewport)
        self._arrange()

    def activate(self, viewport: Viewport) -> None:
        """Make a viewport of the layout the active one, with the keyboard's focus; what lies over it may have that."""
        if viewport not in self.viewports:
            raise ValueError("the viewport is not part of the layout")
        self._set_active(viewport)
        if self._maximized is not None and self._maximized is not viewport:
            self._maximized = viewport
            self._arrange()
        if not holds_keyboard(viewport):
            viewport.setFocus(Qt.FocusReason.OtherFocusReason)

    def name_patients(self, lines: Mapping[int, str]) -> None:
        """Say above each of these cells, by their numbers, whose picture it shows; with no lines the bands go."""
        for number, band in enumerate(self._bands):
            band.setText(lines.get(number, ""))
        self._show_bands()

    def take_keyboard(self) -> None:
        """Give the keyboard to the active cell, before what has it goes: Qt gives it to whatever Tab comes to next."""
        self._active.setFocus(Qt.FocusReason.OtherFocusReason)

    def activate_next(self) -> None:
        """Make the next cell active; after the last comes the first."""
        self._activate_beside(1)

    def activate_previous(self) -> None:
        """Make the previous cell active; before the first comes the last."""
        self._activate_beside(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("line"))
        painter.end()

    def _activate_beside(self, step: int) -> None:
        cells = self.viewports
        self.activate(cells[(cells.index(self._active) + step) % len(cells)])

    def _set_active(self, viewport: Viewport) -> None:
        if viewport is not self._active:
            self._active = viewport
            self._show_border()
            self.active_changed.emit(viewport)

    def _arrange(self) -> None:
        columns = LAYOUTS[self._layout_name][1]
        shown = [self._cells[number] for number in self.cells_in_view]
        for cell in shown:
            cell.show()
        # the keyboard would go with its cell: to whatever Tab comes to next, another cell that is to be hidden too
        if any(holds_keyboard(cell) for cell in self._cells if cell not in shown):
            self.take_keyboard()
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.setVisible(cell in shown)
            cell.can_maximize = len(self.viewports) > 1
        self._show_bands()
        for band in self._bands:
            self._grid.removeWidget(band)
        for index, number in enumerate(self.cells_in_view):
            row, column = divmod(index, columns if self._maximized is None else 1)
            self._grid.addWidget(self._bands[number], 2 * row, column)
            self._grid.addWidget(self._cells[number], 2 * row + 1, column)
        # equal cells, and no room for empty rows and columns of an earlier layout
        for index in range(2):
            used = self._maximized is None and index < columns
            self._grid.setColumnStretch(index, 1 if used or index == 0 else 0)
            rows = LAYOUTS[self._layout_name][0]
            stretch = 1 if (self._maximized is None and index < rows) or index == 0 else 0
            self._grid.setRowStretch(2 * index + 1, stretch)
        self._show_border()
        self.arranged.emit()

    def _show_bands(self) -> None:
        """Show all bands or none: beside a band, a cell that shows nothing has an empty one."""
        seen, has_names = self.cells_in_view, any(band.text() for band in self._bands)
        for number, band in enumerate(self._bands):
            band.setVisible(has_names and number in seen)

    def _show_border(self) -> None:
        several = len(self.viewports) > 1 and self._maximized is None
        for cell in self._cells:
            cell.set_border(several and cell is self._active)


def holds_keyboard(widget: QWidget) -> bool:
    """Return whether a widget, or something in it, has the keyboard of its window."""
    keyboard = widget.window().focusWidget()
    return keyboard is not None and (keyboard is widget or widget.isAncestorOf(keyboard))
