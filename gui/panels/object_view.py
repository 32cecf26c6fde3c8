"""An object without a picture as a reader goes through it: its name, what it is, its content as a tree."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QPushButton, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from core.dicom.dicom_object import DicomObject, ObjectText
from core.findings.wording import object_note
from gui.panels.parts import Caption, Sentence
from gui.panels.text_tree import TextTree
from gui.panels.text_tree_model import TextTreeModel
from gui.theme import BASE_PX

COLUMNS = ("Name", "Value")
READING = "Reading what it holds…"
PATIENCE_MS = 300  # content that takes longer to come is said to be read; sooner the view would flicker
NAME_WIDTH_PX, NAME_SHARE = 300, 0.4  # of the name column: at most, and of a narrow view
INDENT_PX = 14
EXPAND_AT_MOST = 5_000
# while a report has the keyboard these go through it, not through series and cells
OWN_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
_DOCUMENTS = {
    ".pdf": "PDF document", ".xml": "CDA document", ".stl": "STL model", ".obj": "OBJ model", ".mtl": "MTL file",
}


def _depth(index: QModelIndex | QPersistentModelIndex) -> int:
    depth = 0
    while index.isValid():
        depth, index = depth + 1, index.parent()
    return depth


class _Wrapped(QStyledItemDelegate):
    """Rows as high as their wrapped value needs: a report's sentences are to be read, not cut."""

    def __init__(self, view: QWidget, header: QHeaderView) -> None:
        super().__init__(view)
        self._header = header

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        plain = super().sizeHint(option, index)
        text, column = index.data(), index.column()
        if not text:
            return QSize(plain.width(), BASE_PX + 9)
        indent = INDENT_PX * _depth(index) if column == 0 else 0
        width = max(self._header.sectionSize(column) - 12 - indent, 40)
        lines = QFontMetrics(option.font).boundingRect(0, 0, width, 100_000, int(Qt.TextFlag.TextWordWrap), text)
        return QSize(width, max(lines.height() + 6, BASE_PX + 9))


class ObjectView(QWidget):
    """Lies over a cell of the canvas."""

    document_asked = Signal(object)  # DicomObject
    touched = Signal()  # the keyboard came here

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.shown: DicomObject | None = None
        self.suffix = ""  # of the document inside
        self._is_awaited = False  # what it holds
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show_reading)
        self.caption = Caption("")
        self.title = Sentence("", px=BASE_PX + 4)
        self.note = Sentence("", role="dim")
        self.document = QPushButton()
        self.document.clicked.connect(self._on_document)
        self.tree = TextTree(TextTreeModel(COLUMNS, dim_columns=(0,)), "content")
        view = self.tree.view
        view.setUniformRowHeights(False)
        view.setWordWrap(True)
        view.setHeaderHidden(True)
        view.header().setStretchLastSection(True)
        view.header().sectionResized.connect(view.scheduleDelayedItemsLayout)
        view.setItemDelegate(_Wrapped(view, view.header()))
        view.installEventFilter(self)
        self.tree.field.installEventFilter(self)
        self.document.installEventFilter(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 16, 12)
        box.setSpacing(8)
        for part in (self.caption, self.title, self.note):
            box.addWidget(part)
        box.addWidget(self.document, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self.tree, 1)
        self.document.hide()

    def show_object(self, shown: DicomObject) -> None:
        """Say what is opened; its content comes later."""
        self.shown = shown
        self.caption.setText(shown.kind.value.upper())
        self.title.set_text(shown.title)
        self.note.set_text(object_note(shown.kind.value))
        self.document.hide()
        self.tree.field.clear()
        self.tree.show_rows(())
        self.setAccessibleName(f"{shown.kind.value}: {shown.title}")
        self._is_awaited = True
        if self.isVisible():  # else when it is shown
            self._patience.start()

    def show_text(self, text: ObjectText) -> None:
        """Show the content."""
        self._end_waiting()
        self.note.set_text("" if self.shown is None else object_note(self.shown.kind.value))
        self.suffix = text.document_suffix
        self.tree.show_rows(text.rows, is_expanded=len(text.rows) <= EXPAND_AT_MOST)
        name = _DOCUMENTS.get(text.document_suffix)
        self.document.setVisible(name is not None)
        self.document.setText(f"Open the {name} ({max(1, round(text.document_bytes / 1024))} KiB)…")

    def show_problem(self, why: str) -> None:
        """Say why there is no content."""
        self._end_waiting()
        self.note.set_text(why)

    def come_after(self, widget: QWidget) -> None:
        """Let Tab go from a widget through all that can be worked with here."""
        for one in (self.document, self.tree.field, self.tree.view):
            QWidget.setTabOrder(widget, one)
            widget = one

    def text(self) -> str:
        """Return what it says above the content, as a screen reader goes through it."""
        return "\n".join(part.text() for part in (self.caption, self.title, self.note) if part.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in OWN_KEYS:
            event.accept()
            return True
        if event.type() == QEvent.Type.FocusIn:
            self.touched.emit()
        elif event.type() == QEvent.Type.Resize and watched is self.tree.view:
            self.tree.view.header().resizeSection(0, min(NAME_WIDTH_PX, round(self.tree.view.width() * NAME_SHARE)))
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        if self._is_awaited:
            self._patience.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._patience.stop()

    def _show_reading(self) -> None:
        self.note.set_text(READING)

    def _end_waiting(self) -> None:
        self._is_awaited = False
        self._patience.stop()

    def _on_document(self) -> None:
        if self.shown is not None:
            self.document_asked.emit(self.shown)
