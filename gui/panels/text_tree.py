"""A searchable tree of text: type to narrow it down, copy a row or a value."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeView, QVBoxLayout, QWidget

from core.dicom.text_tree import TreeRow, count_rows, search
from gui.panels.parts import Field
from gui.panels.text_tree_model import TextTreeModel

SEARCH_MS = 80  # after the last key: long rows are not searched for each letter of a fast hand
EXPAND_AT_MOST = 2_000  # rows found that are opened up to what was sought

Path = tuple[str, ...]


class _View(QTreeView):
    """A tree view whose copy key copies whole rows; Qt's own copies one cell."""

    copy_asked = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        else:
            super().keyPressEvent(event)


class TextTree(QWidget):
    """The field to search and the tree; `searched` says how many rows of how many are shown."""

    searched = Signal(int, int)

    def __init__(self, model: TextTreeModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._rows: tuple[TreeRow, ...] = ()
        self._total = 0
        self._is_expanded = False
        self._dropped: tuple[set[Path], int] | None = None  # what was opened of rows that others will follow, the place
        self.field = Field()
        self.field.setPlaceholderText("Search")
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName(f"Search the {name}")
        self.view = _View()
        self.view.copy_asked.connect(self._copy_rows)
        self.view.setModel(model)
        self.view.setAccessibleName(name)
        self.view.setUniformRowHeights(True)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setIndentation(14)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_MS)
        self._timer.timeout.connect(self.search_now)
        self.field.textChanged.connect(self._on_typed)
        self.field.escaped.connect(self.field.clear)
        self.copy_rows = self._action("Copy rows", self._copy_rows, QKeySequence.StandardKey.Copy)
        self.copy_value = self._action("Copy value", self._copy_value, "Ctrl+Shift+C")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.view, 1)

    def show_rows(self, rows: Sequence[TreeRow], is_expanded: bool = False) -> None:
        """Show rows; what is sought, what was opened and the place stay, as in the next image of a series."""
        self._rows, self._total, self._is_expanded = tuple(rows), count_rows(rows), is_expanded
        self.search_now()

    def drop_rows(self) -> None:
        """Show no rows while others are awaited; what was opened is opened again in those."""
        if self._rows:
            self._dropped = self._opened(), self.view.verticalScrollBar().value()
            self._rows, self._total = (), 0
            self.search_now()

    def search_now(self) -> None:
        """Show the rows that hold what is in the field."""
        self._timer.stop()
        wanted = self.field.text()
        found = search(self._rows, wanted)
        opened, place = self._dropped or (self._opened(), self.view.verticalScrollBar().value())
        if self._rows:
            self._dropped = None
        self.model.show_rows(found)
        shown = count_rows(found) if wanted.strip() else self._total
        if self._is_expanded or (wanted.strip() and shown <= EXPAND_AT_MOST):
            self.view.expandAll()
        else:
            self._open(opened)
        self.view.verticalScrollBar().setValue(place)
        self.searched.emit(shown, self._total)

    def selected_rows(self) -> list[TreeRow]:
        """Return the selected rows, from top to bottom."""
        indexes = self.view.selectionModel().selectedRows()
        below = sorted(indexes, key=lambda index: self.view.visualRect(index).top())
        return [self.model.row_at(index) for index in below]

    def _action(self, text: str, deed: object, keys: QKeySequence.StandardKey | str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(deed)
        self.view.addAction(action)
        return action

    def _copy_rows(self) -> None:
        _copy("\t".join(row.cells) for row in self.selected_rows())

    def _copy_value(self) -> None:
        _copy(row.cells[-1] for row in self.selected_rows() if row.cells)

    def _on_typed(self, text: str) -> None:
        self._timer.start()

    def _on_menu(self, at: QPoint) -> None:
        if self.view.indexAt(at).isValid():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions([self.copy_rows, self.copy_value])
            menu.popup(self.view.viewport().mapToGlobal(at))

    # what is opened is known by the first two cells of the rows on the way: a tag and a name

    def _opened(self, parent: QModelIndex | None = None, way: Path = ()) -> set[Path]:
        parent = QModelIndex() if parent is None else parent
        found: set[Path] = set()
        for number in range(self.model.rowCount(parent)):
            index = self.model.index(number, 0, parent)
            if self.view.isExpanded(index):
                here = (*way, *self.model.row_at(index).cells[:2])
                found |= {here} | self._opened(index, here)
        return found

    def _open(self, opened: set[Path], parent: QModelIndex | None = None, way: Path = ()) -> None:
        if not opened:
            return
        parent = QModelIndex() if parent is None else parent
        for number in range(self.model.rowCount(parent)):
            index = self.model.index(number, 0, parent)
            here = (*way, *self.model.row_at(index).cells[:2])
            if here in opened:
                self.view.expand(index)
                self._open(opened, index, here)


def _copy(lines: Iterable[str]) -> None:
    """Copy lines; where there are none, what was copied before stays."""
    text = "\n".join(lines)
    if text:
        QGuiApplication.clipboard().setText(text)
