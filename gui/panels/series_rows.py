"""What the series panel lists of a workspace: patients, and below each their series."""

from collections.abc import Mapping
from dataclasses import replace

from core.imaging.image import Image
from core.studies.study import Patient, Series
from gui.panels.series_model import PatientRow, Row, SeriesRow
from gui.workspace import Place, Workspace

NO_PATIENT = "no patient data"


class SeriesRows:
    """Makes the rows. Of a series that did not change the row is the same object as before, so that telling what
    changed among thousands costs little.
    """

    def __init__(self) -> None:
        self._made: dict[str, tuple[Series, SeriesRow]] = {}
        self._patients: dict[str, tuple[Patient, PatientRow]] = {}

    def of(self, workspace: Workspace, shown: Mapping[int, Place | None], active_cell: int) -> list[Row]:
        """Return the panel's rows: patients in the order in which they came, below each the series of its studies.

        `shown` is what stands in which cell of the layout.
        """
        keys = {place.series_key for place in shown.values() if place is not None}
        active = shown.get(active_cell)
        active_key = None if active is None else active.series_key
        before, self._made = self._made, {}
        rows: list[Row] = []
        for patient in workspace.patients:
            rows.append(self._patient_row(patient))
            for series in (one for study in patient.studies for one in study.series):
                known, row = before.get(series.uid, (None, None))
                if row is None or known is not series:
                    first = series.images[0]
                    row = SeriesRow(series.uid, series_title(first), len(workspace.series[series.uid]), first.path)
                marks = series.uid in workspace.flagged, series.uid in keys, series.uid == active_key
                if marks != (row.is_flagged, row.is_shown, row.is_active):
                    row = replace(row, is_flagged=marks[0], is_shown=marks[1], is_active=marks[2])
                self._made[series.uid] = series, row
                rows.append(row)
        return rows

    def _patient_row(self, patient: Patient) -> PatientRow:
        known, row = self._patients.get(patient.key, (None, None))
        if row is None or known is not patient:
            row = PatientRow(f"patient {patient.key}", _patient_text(patient))
            self._patients[patient.key] = patient, row
        return row


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
