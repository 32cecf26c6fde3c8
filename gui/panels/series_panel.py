"""What is open, as small pictures; and below, what was not opened and why."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from core.refusal import Refusal
from gui.list_keys import takes_key
from gui.panels.parts import Caption, Sentence, Stretched
from gui.panels.series_delegates import RefusalDelegate, SeriesDelegate
from gui.panels.series_model import ROW_ROLE, ObjectRow, RefusalModel, Row, SeriesModel, SeriesRow


class _List(QListView):
    """A list whose letters are the window's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not takes_key(self, event):
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Look for nothing."""


class SeriesPanel(QWidget):
    """The left panel; a click or Enter on a series shows it in the active cell."""

    chosen = Signal(str)  # series key
    object_chosen = Signal(object)  # Path
    refusal_chosen = Signal(object)  # Path of a file that was not opened
    thumbnail_wanted = Signal(str)
    menu_asked = Signal(QPoint)  # on the screen; what was clicked on is chosen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = SeriesModel(self)
        self.model.thumbnail_wanted.connect(self.thumbnail_wanted)
        self.refusals = RefusalModel(self)
        self.list = _list_view(self.model, "Series")
        self.list.setItemDelegate(SeriesDelegate(self.list))
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.empty = Sentence("Nothing is open.", role="dim")
        self.refused_title = Sentence("", role="dim", px=12)
        self.refused_list = _list_view(self.refusals, "Files that were not opened")
        self.refused_list.setItemDelegate(RefusalDelegate(self.refused_list))
        self.refused_list.clicked.connect(self._on_refusal_chosen)
        self.refused_list.activated.connect(self._on_refusal_chosen)
        self._lay_out()

    def show_rows(self, rows: Sequence[Row]) -> None:
        self.model.show_rows(rows)
        self.empty.setVisible(not rows)
        self.list.setVisible(bool(rows))

    def show_refusals(self, refusals: Sequence[tuple[Path, Refusal]]) -> None:
        """List what was not opened; the panel's lower part is there only when there is something to say."""
        self.refusals.show_refusals(refusals)
        count = len(refusals)
        self.refused_title.set_text(f"Not opened · {count} {'file' if count == 1 else 'files'}" if count else "")
        self._refused_title_box.setVisible(bool(count))
        self.refused_list.setVisible(bool(count))
        self.refused_list.setFixedHeight(min(count, 6) * RefusalDelegate.HEIGHT_PX + 8)

    def sizeHint(self) -> QSize:
        return QSize(176, 600)

    def _on_chosen(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, SeriesRow):
            self.chosen.emit(row.key)
        elif isinstance(row, ObjectRow):
            self.object_chosen.emit(row.path)

    def _on_menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if isinstance(index.data(ROW_ROLE), SeriesRow):
            self._on_chosen(index)
            self.menu_asked.emit(self.list.viewport().mapToGlobal(at))

    def _on_refusal_chosen(self, index: QModelIndex) -> None:
        self.refusal_chosen.emit(self.refusals.path_at(index))

    def _lay_out(self) -> None:
        self._refused_title_box = Stretched(self.refused_title, (12, 10, 12, 4))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Stretched(Caption("Series"), (12, 14, 12, 4)))
        column.addWidget(Stretched(self.empty, (12, 2, 12, 0)))
        column.addWidget(self.list, 1)
        column.addWidget(self._refused_title_box)
        column.addWidget(self.refused_list)
        column.addStretch(0)
        self.show_rows(())
        self.show_refusals(())


def _list_view(model: QAbstractListModel, name: str) -> QListView:
    view = _List()
    view.setModel(model)
    view.setAccessibleName(name)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setMouseTracking(True)
    view.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    view.setUniformItemSizes(False)
    return view


