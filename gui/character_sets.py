"""Reads the text of a patient's files in another character set than they declare, as long as the program runs."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QWidget

from core.dicom.dicom_object import DicomObject
from core.imaging.image import Image
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Change, Workspace

AS_DECLARED = "As the files say"
_NAME = "character set"  # in which the thread is asked


def _reread(files: list[Image | DicomObject], character_set: str) -> object:
    # pydicom takes a while to import: in the background
    from core.dicom.reread import reread_files

    return reread_files(files, character_set)


class CharacterSets(QObject):
    """Asks for a character set and brings the text of all files of the patient, also of those that come in later."""

    def __init__(self, workspace: Workspace, showing: Showing, thread: ObjectThread, window: QWidget) -> None:
        super().__init__(window)
        self._workspace, self._showing, self._thread, self._window = workspace, showing, thread, window
        self._declared: dict[Path, Image | DicomObject] = {}  # files whose text is read otherwise, as they declare it
        self.dialog: QInputDialog | None = None
        workspace.changed.connect(self._on_changed)

    @property
    def can_ask(self) -> bool:
        """Whether a DICOM file is in view."""
        return self._file_in_view is not None

    @property
    def _file_in_view(self) -> Path | None:
        place, shown = self._showing.active_place, self._workspace.shown_objects.get(self._showing.active_cell)
        if shown is not None:
            return shown.path
        return None if place is None or place.image.kind != "DICOM" else place.image.path

    def ask(self) -> None:
        """Let the person choose how the names of the patient in view are read."""
        from core.dicom.character_set import CHARACTER_SETS  # loaded with the first DICOM file

        path = self._file_in_view
        key = None if path is None else self._workspace.patient_of(path)
        if key is None or self.dialog is not None:
            return
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Character set")
        dialog.setLabelText("Read this patient's names and descriptions as:")
        dialog.setComboBoxItems([AS_DECLARED, *CHARACTER_SETS.values()])
        dialog.setTextValue(CHARACTER_SETS.get(self._workspace.character_sets.get(key, ""), AS_DECLARED))
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
        self._show(tuple(self._declared.pop(path) for path in mine & self._declared.keys()))

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
        for path in [path for path in self._declared if self._workspace.patient_of(path) is None]:
            del self._declared[path]  # closed
        for key in self._workspace.character_sets:
            if any(one.path not in self._declared for one in self._workspace.of_patient(key)):
                self._reread_patient(key)

    def _reread_patient(self, key: str) -> None:
        files = [self._declared.setdefault(one.path, one) for one in self._workspace.of_patient(key)]
        if files:
            work = partial(_reread, files, self._workspace.character_sets[key])
            self._thread.ask(_NAME + key, files[0].path, work, self._on_reread)

    def _on_reread(self, outcome: object) -> None:
        if isinstance(outcome, tuple):
            self._show(outcome)

    def _show(self, files: tuple[Image | DicomObject, ...]) -> None:
        self._workspace.replace_files(files)
        self._showing.update_headers()
