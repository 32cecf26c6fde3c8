"""Lists objects without a picture among the series, below their patient."""

from collections.abc import Iterable

from core.dicom.dicom_object import DicomObject
from core.studies.study import patient_key
from gui.panels.series_model import ObjectRow, PatientRow, Row
from gui.workspace import Workspace


def with_objects(rows: Iterable[Row], workspace: Workspace, active_cell: int) -> list[Row]:
    """Return the series panel's rows with the open objects behind the series of the same patient or study."""
    waiting: dict[str, list[Row]] = {}
    for one in workspace.objects.values():
        waiting.setdefault(_patient_key(one), []).append(_row(one, workspace, active_cell))
    found: list[Row] = []
    key = ""
    for row in rows:
        if isinstance(row, PatientRow):
            found += waiting.pop(key, [])
            key = row.key
        found.append(row)
    found += waiting.pop(key, [])
    names = {_patient_key(one): one for one in reversed(workspace.objects.values())}
    for key, below in waiting.items():
        found += [PatientRow(key, _patient_text(names[key])), *below]
    return found


def _patient_key(one: DicomObject) -> str:
    """Return the key of the row above it: an image of the same patient, or study, has the same."""
    return f"patient {patient_key(one.header, one.identity)}"


def _patient_text(one: DicomObject) -> str:
    return one.header.patient_name.replace("^", " ").strip() or one.header.patient_id or "no patient data"


def _row(one: DicomObject, workspace: Workspace, active_cell: int) -> ObjectRow:
    shown = workspace.shown_objects
    return ObjectRow(
        f"object {one.path}", one.title, one.kind.value, one.path, one in shown.values(), shown.get(active_cell) is one
    )
