"""What the series panel lists of a workspace: patients, and below each their series."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice, permutations

from core.findings.wording import gaps_text, order_text, split_text
from core.imaging.image import Header, Image
from core.studies.order import Order, order_in_use
from core.studies.study import Patient, are_two_people
from gui.open_series import OpenSeries, Place
from gui.panels.series_model import PatientRow, Row, SeriesRow
from gui.workspace import Workspace

NO_PATIENT = "no patient data"
_MOST_COMPARED = 10  # what is said of one ID: thousands of people may have the ID "0"


class SeriesRows:
    """Makes the rows. Of a series that did not change the row is the same object as before, so that telling what
    changed among thousands costs little.
    """

    def __init__(self) -> None:
        self._made: dict[str, tuple[OpenSeries, SeriesRow]] = {}
        self._patients: dict[str, tuple[Patient, PatientRow]] = {}

    def of(self, workspace: Workspace, shown: Mapping[int, Place | None], active_cell: int) -> list[Row]:
        """Return the panel's rows: patients in the order in which they came, below each the series of its studies.

        `shown` is what stands in which cell of the layout.
        """
        keys = {workspace.key_of(place) for place in shown.values() if place is not None}
        active_key = workspace.key_of(shown.get(active_cell))
        before, self._made = self._made, {}
        patients_before, self._patients = self._patients, {}
        rows: list[Row] = []
        for patient in workspace.patients:
            rows.append(self._patient_row(patient, *patients_before.get(patient.key, (None, None))))
            whole = (series for study in patient.studies for series in study.series)
            for series in (part for one in whole for part in workspace.parts_of(one.key)):
                known, row = before.get(series.key, (None, None))
                if row is None or known is not series:
                    row = _series_row(series)
                marks = series.key in workspace.flagged, series.key in keys, series.key == active_key
                if marks != (row.is_flagged, row.is_shown, row.is_active):
                    row = replace(row, is_flagged=marks[0], is_shown=marks[1], is_active=marks[2])
                self._made[series.key] = series, row
                rows.append(row)
        return rows

    def _patient_row(self, patient: Patient, known: Patient | None, row: PatientRow | None) -> PatientRow:
        if row is None or known is not patient:
            row = PatientRow(f"patient {patient.key}", _patient_text(patient))
        self._patients[patient.key] = patient, row
        return row


def _series_row(series: OpenSeries) -> SeriesRow:
    stack, first = series.stack, series.stack.first
    label = "joined" if stack.is_joined else stack.label
    parts = (series_title(first), label, "mosaic" if first.header.is_mosaic else "")
    notes = (
        split_text(((split.what, split.count) for split in stack.splits), stack.is_joined),
        order_text(order_in_use(stack.order, stack.frames, series.orders)), _gaps_note(series),
    )
    return SeriesRow(series.key, " · ".join(filter(None, parts)), len(series), first.path,
                     "\n".join(filter(None, notes)), has_gaps=bool(series.gaps), frame_index=series.at(0).frame_index)


def _gaps_note(series: OpenSeries) -> str:
    gaps = [(gap.gap_mm, gap.index + 1, gap.position_mm) for gap in series.gaps]
    return gaps_text(gaps, series.gaps[0].usual_mm if gaps else 0.0, series.stack.order is Order.POSITION)


def _patient_text(patient: Patient) -> str:
    """Return such as "DOE JANE · 2 studies", only the name where there is one study.

    Where several people have the ID: "▲ same ID: ALPHA A, born 1950-01-02; BETA B, born 1990-03-04 · 2 studies".
    """
    said = {_what_is_said(series.header): series.header for study in patient.studies for series in study.series}
    compared = tuple(islice(said.items(), _MOST_COMPARED))
    people = list(dict.fromkeys(
        text for (text, one), (_, other) in permutations(compared, 2) if are_two_people(one, other)
    ))
    name = patient.header.patient_name.replace("^", " ").strip() or patient.header.patient_id
    if people:
        people += ["and others"] * (len(said) > len(compared))
        name = f"▲ same {'ID' if patient.header.patient_id else 'study'}: {'; '.join(people)}"
    several = f" · {len(patient.studies)} studies" if len(patient.studies) > 1 else ""
    return f"{name}{several}" if name else NO_PATIENT


def _what_is_said(header: Header) -> str:
    """Return such as "DOE JANE, born 1950-01-02"."""
    name = header.patient_name.replace("^", " ").strip() or "no name"
    return f"{name}, born {header.birth_date}" if header.birth_date else name


def series_title(image: Image) -> str:
    """Return such as "CR chest PA" or "MR T2 tse sag", the file's name where the header says nothing."""
    header = image.header
    where = " ".join(part for part in (header.body_part.lower(), header.view_position) if part)
    return " ".join(part for part in (header.modality, header.series_description or where) if part) or image.path.name
