"""Rows of text with rows below them, for Qt's tree views."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.dicom.text_tree import TreeRow
from gui.elided_label import plain_tip
from gui.theme import color, mono

Index = QModelIndex | QPersistentModelIndex
TOOLTIP_CHARACTERS = 400


class _Node:
    """A row with its place; the rows below it are made when they are first asked for."""

    __slots__ = ("_children", "number", "parent", "row")

    def __init__(self, row: TreeRow, number: int, parent: "_Node | None") -> None:
        self.row, self.number, self.parent = row, number, parent
        self._children: list[_Node] | None = None

    @property
    def children(self) -> list["_Node"]:
        if self._children is None:
            self._children = [_Node(row, number, self) for number, row in enumerate(self.row.children)]
        return self._children


class TextTreeModel(QAbstractItemModel):
    """Shows rows as they are; `mono_columns` hold codes, which are set in the font of equally wide figures."""

    def __init__(
        self, columns: Sequence[str], mono_columns: Sequence[int] = (), dim_columns: Sequence[int] = (),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns, self._mono, self._dim = tuple(columns), frozenset(mono_columns), frozenset(dim_columns)
        self._root = _Node(TreeRow(()), 0, None)

    def show_rows(self, rows: Sequence[TreeRow]) -> None:
        """Show these rows instead of the last ones."""
        self.beginResetModel()
        self._root = _Node(TreeRow((), tuple(rows)), 0, None)
        self.endResetModel()

    def row_at(self, index: Index) -> TreeRow:
        """Return the row under an index."""
        return self._node(index).row

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self._node(parent).children[row])

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008
        above = self._node(index).parent
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.number, 0, above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._node(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cells, column = self._node(index).row.cells, index.column()
        text = cells[column] if column < len(cells) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text[:TOOLTIP_CHARACTERS])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(cell for cell in cells if cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        if role == Qt.ItemDataRole.FontRole and column in self._mono:
            return mono()
        if role == Qt.ItemDataRole.ForegroundRole and column in self._dim:
            return color("dim")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_name = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self._columns[section] if is_name and section < len(self._columns) else None

    def _node(self, index: Index) -> _Node:
        return index.internalPointer() if index.isValid() else self._root
