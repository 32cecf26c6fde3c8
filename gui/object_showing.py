"""Shows objects that are no pictures in the cells of the canvas, and hands documents on to the desktop's programs."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QKeyEvent

from core.dicom.dicom_object import DicomObject, ObjectText
from core.files import write_atomically
from core.findings.wording import refusal_text
from core.private_folder import PrivateFolder
from core.refusal import Reason, Refusal
from gui.canvas.canvas import Canvas, holds_keyboard
from gui.panels.object_view import ObjectView
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Change, Workspace

NO_PROGRAM = "No program is there to open the document. It was saved to {path}."


def _describe(shown: DicomObject, character_set: str) -> object:
    # pydicom takes a while to import: in the background
    from core.dicom.load_object import describe_object

    return describe_object(shown.file, character_set, shown.stamp)


def _extract(shown: DicomObject, target: Path) -> object:
    from core.dicom.encapsulated_document import read_document

    document = read_document(shown.file, shown.stamp)
    if isinstance(document, Refusal):
        return document
    try:
        write_atomically(target, document)
    except OSError as error:
        return Refusal(Reason.FAILED, shown.file, {"detail": error.strerror or ""})
    return target


class ObjectShowing(QObject):
    """Which object lies over which cell; the workspace knows, this shows."""

    said = Signal(str)  # a sentence for the person

    def __init__(
        self, canvas: Canvas, workspace: Workspace, showing: Showing, thread: ObjectThread, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._canvas, self._workspace, self._showing, self._thread = canvas, workspace, showing, thread
        self.views: dict[int, ObjectView] = {}
        self._folder: PrivateFolder | None = None
        self._documents = 0
        workspace.changed.connect(self._on_changed)

    @property
    def active(self) -> DicomObject | None:
        """What lies over the active cell."""
        return self._workspace.shown_objects.get(self._showing.active_cell)

    @Slot(object)
    def show(self, path: Path) -> None:
        """Show an open object in the active cell."""
        found = self._workspace.objects.get(path)
        if found is None or found is self.active:
            return
        cell = self._showing.active_cell
        self._showing.leave(cell)
        self._workspace.show_object(cell, found)

    def _draw(self, cell: int, shown: DicomObject) -> None:
        view = self._view(cell)
        view.show_object(shown)
        self._place(cell)
        view.show()
        view.raise_()
        character_set = self._workspace.character_set_of(shown.path)
        self._thread.ask(f"object {cell}", shown.path, lambda: _describe(shown, character_set),
                         lambda text: self._on_described(cell, text), is_looked_at=True)

    def close(self) -> None:
        """Remove what was written for other programs to open."""
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    def _on_described(self, cell: int, text: object) -> None:
        if isinstance(text, ObjectText):
            self.views[cell].show_text(text)
        elif isinstance(text, Refusal):
            self.views[cell].show_problem(refusal_text(text))

    def _view(self, cell: int) -> ObjectView:
        if cell not in self.views:
            viewport = self._canvas.all_viewports[cell]
            view = self.views[cell] = ObjectView(viewport)
            view.document_asked.connect(self._on_document_asked)
            view.touched.connect(lambda: self._on_touched(cell))
            view.come_after(viewport)
            viewport.installEventFilter(self)
        return self.views[cell]

    def _place(self, cell: int) -> None:
        """Leave a pixel for the border of the active cell."""
        self.views[cell].setGeometry(self._canvas.all_viewports[cell].rect().adjusted(1, 1, -1, -1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        cell = next((cell for cell in self.views if self._canvas.all_viewports[cell] is watched), None)
        if cell is not None and event.type() == QEvent.Type.Resize:
            self._place(cell)
        elif cell is not None and _is_tab(event) and self.views[cell].isVisible():
            event.accept()  # Tab goes into the report first, and from its end to the next cell
            return True
        return super().eventFilter(watched, event)

    def _on_touched(self, cell: int) -> None:
        viewport = self._canvas.all_viewports[cell]
        if viewport in self._canvas.viewports and viewport is not self._canvas.active:
            self._canvas.activate(viewport)

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        if Change.SHOWN not in change:
            return
        for cell, view in self.views.items():
            if cell not in self._workspace.shown_objects:
                self._thread.forget(f"object {cell}")
                if holds_keyboard(view):  # it stays in the cell
                    self._canvas.all_viewports[cell].setFocus(Qt.FocusReason.OtherFocusReason)
                view.hide()
        for cell, shown in self._workspace.shown_objects.items():
            if cell not in self.views or self.views[cell].isHidden() or self.views[cell].shown is not shown:
                self._draw(cell, shown)

    # documents are opened on request only, and what was written for it goes with the window

    @Slot(object)
    def _on_document_asked(self, shown: DicomObject) -> None:
        if self._folder is None:
            self._folder = PrivateFolder()
        self._documents += 1
        view = next((one for one in self.views.values() if one.shown is shown), None)
        suffix = "" if view is None else view.suffix
        target = self._folder.path / f"document{self._documents}{suffix}"
        self._thread.ask("document", shown.path, lambda: _extract(shown, target), self._on_extracted,
                         is_looked_at=True)

    def _on_extracted(self, outcome: object) -> None:
        if isinstance(outcome, Refusal):
            self.said.emit(refusal_text(outcome))
        elif isinstance(outcome, Path) and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(outcome))):
            self.said.emit(NO_PROGRAM.format(path=outcome))


def _is_tab(event: QEvent) -> bool:
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    return event.key() == Qt.Key.Key_Tab
