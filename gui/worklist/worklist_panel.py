"""The list of work below the picture: urgent first, a double-click opens the case."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.triage.rows import TriageRow
from gui.list_keys import takes_key
from gui.theme import color
from gui.worklist.worklist_model import COLUMNS, OPENED_COLUMN, TITLES, Index, WorklistModel

ROW_PX = 28
STATE_COLUMN = TITLES.index("State")


class _RowDelegate(QStyledItemDelegate):
    """Paints what the style sheet leaves out: a row's own ground, and a line below the row that has the keyboard."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)
        table = self.parent()
        assert isinstance(table, QTableView)
        if table.hasFocus() and table.currentIndex().row() == index.row():  # Qt marks the current cell alone
            painter.fillRect(option.rect.adjusted(0, option.rect.height() - 2, 0, 0), color("accent"))


class _Table(QTableView):
    """A table whose letters are the window's and whose column of reasons has the room that the others leave."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not takes_key(self, event):
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Look for nothing: what is selected changes by arrows and clicks only."""

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()  # Qt paints two cells anew, the line is below whole rows

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_state()

    def fit_state(self) -> None:
        """Give the state what the others leave; its reasons are the longest texts, so never less than it needs."""
        header = self.horizontalHeader()
        others = header.length() - header.sectionSize(STATE_COLUMN)
        width = max(COLUMNS[STATE_COLUMN].width_px, self.viewport().width() - others)
        header.resizeSection(STATE_COLUMN, width)


class WorklistPanel(QWidget):
    """The table; it never changes the selection by itself."""

    opened = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = WorklistModel(self)
        self.table = _Table(self)
        self.table.setModel(self.model)
        self.table.setItemDelegate(_RowDelegate(self.table))
        self.table.setAccessibleName("Worklist")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setCornerButtonEnabled(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._size_columns()
        self.table.activated.connect(self._on_activated)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)

    def sizeHint(self) -> QSize:
        return QSize(1000, 5 * ROW_PX + 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 2 * ROW_PX)

    def show_rows(self, rows: Mapping[Path, TriageRow]) -> None:
        """Show these rows and no others. In a list that was scrolled, what is seen stays where it is."""
        table, bar = self.table, self.table.verticalScrollBar()
        first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
        seen = self.model.rows[first:last + 1 or None] if first >= 0 and bar.value() > 0 else ()
        top = next((row for row in seen if rows.get(row.path) == row), None)  # the others may move themselves
        place = None if top is None else self.model.place_of(top.path)
        above = 0 if place is None else table.rowViewportPosition(place)
        self.model.keep(rows)
        self.model.put(rows.values())
        place = None if top is None else self.model.place_of(top.path)
        if place is not None:
            table.updateGeometries()  # the bar's range waits for the next turn of the event loop
            bar.setValue(table.verticalHeader().sectionPosition(place) - above)

    def _size_columns(self) -> None:
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(ROW_PX)
        for number, column in enumerate(COLUMNS):
            self.table.setColumnWidth(number, column.width_px)
        self.table.setColumnWidth(OPENED_COLUMN, 80)
        header.sectionResized.connect(self._on_resized)

    def _on_resized(self, section: int, before: int, now: int) -> None:
        if section != STATE_COLUMN:
            self.table.fit_state()

    def _on_activated(self, index: QModelIndex) -> None:
        self.opened.emit(self.model.row_at(index).path)
