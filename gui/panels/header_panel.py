"""The whole DICOM header of the file that is looked at."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from core.dicom.text_tree import TreeRow
from gui.named_label import NamedSentence
from gui.panels.parts import Caption
from gui.panels.text_tree import TextTree
from gui.panels.text_tree_model import TextTreeModel

COLUMNS = ("Tag", "Name", "VR", "Value")
WIDTHS_PX = (116, 176, 44)
NOTHING = "Open an image to see its header."
READING = "Reading the header…"
PATIENCE_MS = 300  # a header that takes longer to come is said to be read; sooner the panel would flicker


class HeaderPanel(QWidget):
    """A searchable tree of elements; a sentence where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree = TextTree(TextTreeModel(COLUMNS, mono_columns=(0, 2), dim_columns=(0, 2)), "DICOM header")
        self.state = NamedSentence(NOTHING, role="dim", px=12)
        self.state.set_name("State of the header")
        header = self.tree.view.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(WIDTHS_PX):
            header.resizeSection(column, width)
        self.tree.searched.connect(self._on_searched)
        self._name = ""
        self._is_awaited = False  # a header that takes long, so that no rows are there
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show_reading)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 14, 4, 4)
        box.setSpacing(8)
        box.addWidget(Caption("DICOM header"))
        box.addWidget(self.state)
        box.addWidget(self.tree, 1)
        box.addStretch(0)
        self.show_nothing(NOTHING)

    def await_rows(self) -> None:
        """Another file's elements are awaited: those that are there go, unless the others come at once."""
        if not self._is_awaited and not self._patience.isActive():  # not anew at each step of a fast hand
            self._patience.start()

    def show_rows(self, name: str, rows: Sequence[TreeRow]) -> None:
        """Show a file's elements under its name."""
        self._patience.stop()
        self._name, self._is_awaited = name, False
        self.tree.show()
        self.tree.show_rows(rows)

    def show_nothing(self, why: str) -> None:
        """Show no elements and say why."""
        self._patience.stop()
        self._is_awaited = False
        self.tree.show_rows(())
        self.tree.hide()
        self.state.set_text(why)

    def sizeHint(self) -> QSize:
        return QSize(480, 600)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._patience.isActive():  # when the panel comes back, nobody will know whose rows these are
            self._show_reading()

    def _show_reading(self) -> None:
        self._patience.stop()
        self._is_awaited = True
        self.tree.drop_rows()
        self.state.set_text(READING)

    def _on_searched(self, shown: int, total: int) -> None:
        if self._is_awaited:  # typed meanwhile
            return
        count = f"{total} rows" if shown == total else f"{shown} of {total} rows"
        self.state.set_text(f"{self._name} · {count}")
