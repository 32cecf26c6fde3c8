"""What the series panel lists of a workspace: patients, and below each their series."""

from collections.abc import Mapping

from core.imaging.image import Image
from core.studies.study import Patient
from gui.panels.series_model import PatientRow, Row, SeriesRow
from gui.workspace import Place, Workspace

NO_PATIENT = "no patient data"


def series_rows(workspace: Workspace, shown: Mapping[int, Place | None], active_cell: int) -> list[Row]:
    """Return the panel's rows: patients in the order in which they came, below each the series of its studies."""
    keys = {place.series_key for place in shown.values() if place is not None}
    active = shown.get(active_cell)
    rows: list[Row] = []
    for patient in workspace.patients:
        rows.append(PatientRow(f"patient {patient.key}", _patient_text(patient)))
        for series in (one for study in patient.studies for one in study.series):
            first = series.images[0]
            rows.append(SeriesRow(
                series.uid, series_title(first), len(workspace.series[series.uid]), first.path,
                workspace.is_flagged(workspace.series[series.uid]), series.uid in keys,
                active is not None and active.series_key == series.uid,
            ))
    return rows


def _patient_text(patient: Patient) -> str:
    """Return such as "DOE JANE · 2 studies", only the name where there is one study."""
    name = patient.header.patient_name.replace("^", " ").strip() or patient.header.patient_id
    several = f" · {len(patient.studies)} studies" if len(patient.studies) > 1 else ""
    return f"{name}{several}" if name else NO_PATIENT


def series_title(image: Image) -> str:
    """Return such as "CR chest PA" or "MR T2 tse sag", the file's name where the header says nothing."""
    header = image.header
    where = " ".join(part for part in (header.body_part.lower(), header.view_position) if part)
    return " ".join(part for part in (header.modality, header.series_description or where) if part) or image.path.name
