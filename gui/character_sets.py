"""Reads the text of a patient's files in another character set than they declare, as long as the program runs."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QWidget

from core.imaging.image import Header
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Change, Workspace

AS_DECLARED = "As the files say"
_NAME = "character set"  # in which the thread is asked


def _reread(files: list[tuple[Path, Path, Header]], character_set: str) -> dict[Path, Header]:
    """Return new headers by the files' names; `files` has their names, where their bytes lie, and their headers."""
    from core.dicom.character_set import reread_headers

    found = reread_headers([(file, header) for _, file, header in files], character_set)
    return {path: found[file] for path, file, _ in files if file in found}


class CharacterSets(QObject):
    """Asks for a character set and brings the text of all files of the patient, also of those that come in later."""

    def __init__(self, workspace: Workspace, showing: Showing, thread: ObjectThread, window: QWidget) -> None:
        super().__init__(window)
        self._workspace, self._showing, self._thread, self._window = workspace, showing, thread, window
        self._declared: dict[Path, Header] = {}  # of files whose text is read otherwise: as they declare it
        self.dialog: QInputDialog | None = None
        workspace.changed.connect(self._on_changed)

    def ask(self) -> None:
        """Let the person choose how the names of the patient in view are read."""
        from core.dicom.character_set import CHARACTER_SETS  # loaded with the first DICOM file

        place = self._showing.active_place
        key = None if place is None else self._workspace.patient_of(place.image.path)
        if key is None or self.dialog is not None:
            return
        names = [AS_DECLARED, *CHARACTER_SETS.values()]
        now = CHARACTER_SETS.get(self._workspace.character_sets.get(key, ""), AS_DECLARED)
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Character set")
        dialog.setLabelText("Read this patient's names and descriptions as:")
        dialog.setComboBoxItems(names)
        dialog.setTextValue(now)
        dialog.finished.connect(partial(self._on_finished, key))
        self.dialog = dialog
        dialog.open()

    def choose(self, key: str, character_set: str) -> None:
        """Read the text of a patient's files in a character set; "" is what they declare."""
        if character_set:
            self._workspace.character_sets[key] = character_set
            self._reread_patient(key)
            return
        self._workspace.character_sets.pop(key, None)
        self._thread.forget(_NAME + key)
        mine = {one.path for one in self._workspace.of_patient(key)}
        declared = {path: self._declared.pop(path) for path in mine & self._declared.keys()}
        self._show(declared)

    def _on_finished(self, key: str, result: int) -> None:
        from core.dicom.character_set import CHARACTER_SETS

        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return
        dialog.deleteLater()
        if result:
            name = dialog.textValue()
            self.choose(key, next((one for one, words in CHARACTER_SETS.items() if words == name), ""))

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        if Change.FILES not in change:
            return
        sets, known = self._workspace.character_sets, self._declared
        for path in [path for path in known if self._workspace.patient_of(path) is None]:
            del known[path]  # closed
        for key in sets:
            if any(one.path not in known for one in self._workspace.of_patient(key)):
                self._reread_patient(key)

    def _reread_patient(self, key: str) -> None:
        files = [(one.path, one.file, self._declared.setdefault(one.path, one.header))
                 for one in self._workspace.of_patient(key)]
        if files:
            work = partial(_reread, files, self._workspace.character_sets[key])
            self._thread.ask(_NAME + key, files[0][0], work, self._on_reread)

    def _on_reread(self, outcome: object) -> None:
        if isinstance(outcome, dict):
            self._show(outcome)

    def _show(self, headers: dict[Path, Header]) -> None:
        still_open = {path: header for path, header in headers.items() if self._workspace.patient_of(path) is not None}
        self._workspace.change_headers(still_open)
        self._showing.update_headers()
