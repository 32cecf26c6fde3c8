"""Keeps the header panel at the file that is looked at; reads nothing while the panel is folded."""

from pathlib import Path

from PySide6.QtCore import QObject

from core.findings.wording import refusal_text
from core.refusal import Refusal
from gui.panels.header_panel import NOTHING, HeaderPanel
from gui.threads.object_thread import ObjectThread

NO_HEADER = "{kind} picture: it has no DICOM header."
_NAME = "header"  # in which the thread is asked


def _read(path: Path, character_set: str) -> object:
    # pydicom takes a while to import: in the background
    from core.dicom.header_tree import read_header_tree

    return read_header_tree(path, character_set)


class HeaderShowing(QObject):
    """Brings headers to the panel."""

    def __init__(self, panel: HeaderPanel, thread: ObjectThread, parent: QObject) -> None:
        super().__init__(parent)
        self._panel, self._thread = panel, thread
        self._shown: Path | None = None
        self._character_set = ""

    def look_at(
        self, path: Path | None, kind: str = "DICOM", file: Path | None = None, character_set: str = ""
    ) -> None:
        """Show the header of a file of this kind; None is no file.

        `file` is where its bytes lie if not there, `character_set` the one in which its text is read, "" is its own.
        """
        if self._panel.isHidden() or (path, character_set) == (self._shown, self._character_set):
            return
        self._shown, self._character_set = path, character_set
        self._thread.forget(_NAME)
        if path is None:
            self._panel.show_nothing(NOTHING)
        elif kind != "DICOM":
            self._panel.show_nothing(NO_HEADER.format(kind=kind))
        else:
            self._thread.ask(_NAME, path, lambda: _read(file or path, character_set), self._on_read)

    def _on_read(self, outcome: object) -> None:
        if self._shown is None:
            return
        if isinstance(outcome, Refusal):
            self._panel.show_nothing(refusal_text(outcome))
        elif isinstance(outcome, tuple):
            self._panel.show_rows(self._shown.name, outcome)
