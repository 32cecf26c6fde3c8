"""Keeps the header panel at the file that is looked at; reads nothing while the panel is folded."""

from pathlib import Path

from PySide6.QtCore import QObject

from core.files import Stamp
from core.findings.wording import refusal_text
from core.refusal import Refusal
from gui.panels.header_panel import NOTHING, HeaderPanel
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Workspace

NO_HEADER = "{kind} picture: it has no DICOM header."
_NAME = "header"  # in which the thread is asked


def _read(path: Path, character_set: str, stamp: Stamp | None) -> object:
    # pydicom takes a while to import: in the background
    from core.dicom.header_tree import read_header_tree

    return read_header_tree(path, character_set, stamp)


class HeaderShowing(QObject):
    """Brings headers to the panel."""

    def __init__(
        self, panel: HeaderPanel, workspace: Workspace, showing: Showing, thread: ObjectThread, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panel, self._workspace, self._showing, self._thread = panel, workspace, showing, thread
        self._shown: Path | None = None
        self._character_set = ""

    def follow(self) -> None:
        """Show the header of what stands in the active cell."""
        place = self._showing.active_place
        shown_object = self._workspace.shown_objects.get(self._showing.active_cell)
        if shown_object is not None:
            self.look_at(shown_object.path)
        elif place is not None:
            self.look_at(place.image.path, place.image.kind)
        else:
            self.look_at(None)

    def look_at(self, path: Path | None, kind: str = "DICOM") -> None:
        """Show the header of an open or refused file of this kind; None is no file."""
        character_set = "" if path is None else self._workspace.character_set_of(path)
        if self._panel.isHidden() or (path, character_set) == (self._shown, self._character_set):
            return
        self._shown, self._character_set = path, character_set
        self._thread.forget(_NAME)
        if path is None:
            self._panel.show_nothing(NOTHING)
        elif kind != "DICOM":
            self._panel.show_nothing(NO_HEADER.format(kind=kind))
        else:
            file, stamp = self._workspace.file_of(path), self._workspace.stamp_of(path)
            self._panel.await_rows()
            self._thread.ask(_NAME, path, lambda: _read(file, character_set, stamp), self._on_read, is_looked_at=True)

    def forget(self) -> None:
        """Everything was closed: the next file may be another of the same path, even while the panel is folded."""
        self._shown, self._character_set = None, ""
        self._thread.forget(_NAME)
        self._panel.show_nothing(NOTHING)

    def _on_read(self, outcome: object) -> None:
        if self._shown is None:
            return
        if isinstance(outcome, Refusal):
            self._panel.show_nothing(refusal_text(outcome))
        elif isinstance(outcome, tuple):
            self._panel.show_rows(self._shown.name, outcome)
