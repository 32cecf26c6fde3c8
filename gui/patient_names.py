"""Whose pictures stand side by side: named above every cell while they are of several patients."""

from collections.abc import Mapping
from itertools import permutations

from PySide6.QtCore import QObject, Slot

from core.dicom.dicom_object import DicomObject
from core.imaging.image import Image
from core.studies.study import are_two_people, patient_key
from gui.canvas.canvas import Canvas
from gui.panels.series_rows import NO_PATIENT
from gui.showing import Showing
from gui.workspace import Change, Workspace

SEVERAL = "several patients in view"


def patient_lines(files: Mapping[int, Image | DicomObject]) -> dict[int, str]:
    """Return what the band above each cell says of its file: nothing while all are of one patient."""
    keys = {cell: patient_key(one.header, one.identity) for cell, one in files.items()}
    alike = {cell for cell, other in permutations(files, 2)
             if keys[cell] == keys[other] and are_two_people(files[cell].header, files[other].header)}
    if len(set(keys.values())) < 2 and not alike:
        return {}
    return {cell: _line(one, cell in alike) for cell, one in files.items()}


def _line(file: Image | DicomObject, is_alike: bool) -> str:
    """Return such as "▲ DOE JANE · ID 123 · several patients in view": the name first, since the end may be cut.

    Of one who has another's ID the birth date is told before it: "▲ DOE JANE · born 1950-01-02 · same ID 123 · …".
    """
    header = file.header
    name, number = header.patient_name.replace("^", " ").strip(), header.patient_id
    if not (name or number):  # nobody knows whether it is another one
        return f"▲ {NO_PATIENT} · {file.path.name}"
    born = f"born {header.birth_date}" if is_alike and header.birth_date else ""
    identified = f"{'same ' * is_alike}ID {number}" if number else "no ID"
    return f"▲ {' · '.join(filter(None, (name or 'no name', born, identified, SEVERAL)))}"


class PatientNames(QObject):
    """Follows what stands in the cells that can be seen."""

    def __init__(self, canvas: Canvas, workspace: Workspace, showing: Showing, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self._workspace, self._showing = canvas, workspace, showing
        workspace.changed.connect(self._on_changed)
        showing.frame_shown.connect(self._on_frame_shown)
        canvas.arranged.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Name the patients, or take the names away."""
        found = {cell: self._file_in(cell) for cell in self._canvas.cells_in_view}
        self._canvas.name_patients(patient_lines({cell: file for cell, file in found.items() if file is not None}))

    def _file_in(self, cell: int) -> Image | DicomObject | None:
        """Return whose picture stands in a cell: while another is awaited, that of the one before."""
        shown = self._workspace.shown_objects.get(cell)
        if shown is not None:
            return shown
        place = self._showing.standing(cell)
        return None if place is None else self._workspace.image(place.image.path) or place.image

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        if change & (Change.SHOWN | Change.FILES):
            self.refresh()

    @Slot(int)
    def _on_frame_shown(self, cell: int) -> None:
        self.refresh()
