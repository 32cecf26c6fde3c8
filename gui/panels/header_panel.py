"""The whole DICOM header of the file that is looked at."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from core.dicom.text_tree import TreeRow
from gui.named_label import NamedSentence
from gui.panels.parts import Caption
from gui.panels.text_tree import TextTree
from gui.panels.text_tree_model import TextTreeModel

COLUMNS = ("Tag", "Name", "VR", "Value")
WIDTHS_PX = (116, 176, 44)
NOTHING = "Open an image to see its header."


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
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 14, 4, 4)
        box.setSpacing(8)
        box.addWidget(Caption("DICOM header"))
        box.addWidget(self.state)
        box.addWidget(self.tree, 1)
        box.addStretch(0)
        self.show_nothing(NOTHING)

    def show_rows(self, name: str, rows: Sequence[TreeRow]) -> None:
        """Show a file's elements under its name."""
        self._name = name
        self.tree.show()
        self.tree.show_rows(rows)

    def show_nothing(self, why: str) -> None:
        """Show no elements and say why."""
        self.tree.show_rows(())
        self.tree.hide()
        self.state.set_text(why)

    def sizeHint(self) -> QSize:
        return QSize(480, 600)

    def _on_searched(self, shown: int, total: int) -> None:
        count = f"{total} rows" if shown == total else f"{shown} of {total} rows"
        self.state.set_text(f"{self._name} · {count}")
