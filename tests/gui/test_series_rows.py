"""gui.panels.series_rows: rows of what is open, and nothing of what was."""

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.imaging.image import Frame, Identity
from core.studies.opened import Opened
from core.studies.study import are_two_people
from gui.panels import series_rows
from gui.panels.series_rows import SeriesRows
from gui.workspace import Workspace
from tests.make.image import make_image


def opened(name: str, study: str = "1", **header: str) -> Opened:
    image = replace(make_image(Frame(np.zeros((8, 8), np.uint8)), patient_name=name, **header), path=Path(name),
                    identity=Identity(study, f"{study}.1", f"{study}.1.1"))
    return Opened(image.path, image)


def test_a_patient_whose_files_were_closed_is_forgotten(qapp) -> None:
    workspace, rows = Workspace(), SeriesRows()
    workspace.add([opened("a")])
    assert rows.of(workspace, {}, 0)[0].text == "a"
    closed = weakref.ref(workspace.image(Path("a")))
    workspace.close_all()
    assert rows.of(workspace, {}, 0) == []
    gc.collect()
    assert closed() is None


def test_the_row_of_a_patient_that_did_not_change_is_the_same_as_before(qapp) -> None:
    workspace, rows = Workspace(), SeriesRows()
    workspace.add([opened("a")])
    first = [rows.of(workspace, {}, 0)[0] for _ in range(3)]
    assert first[0] is first[1] is first[2]


def test_people_who_have_one_id_in_common_are_all_named(qapp) -> None:
    workspace, rows = Workspace(), SeriesRows()
    workspace.add([opened("Alpha^A", "1", patient_id="1", birth_date="1950-01-02", date="2020-01-02")])
    assert rows.of(workspace, {}, 0)[0].text == "Alpha A"
    workspace.add([opened("Alpha", "2", patient_id="1", date="2020-01-01")])
    assert rows.of(workspace, {}, 0)[0].text == "Alpha A · 2 studies"
    workspace.add([opened("Beta^B", "3", patient_id="1", birth_date="1990-03-04")])
    assert rows.of(workspace, {}, 0)[0].text == (
        "▲ same ID: Alpha A, born 1950-01-02; Alpha; Beta B, born 1990-03-04 · 3 studies"
    )


def test_a_study_of_two_names_without_an_id_is_told_as_such(qapp) -> None:
    workspace, rows = Workspace(), SeriesRows()
    workspace.add([opened("Beta^B", "1")])
    other = opened("Alpha^A", "1")
    workspace.add([replace(other, outcome=replace(other.outcome, identity=Identity("1", "1.2", "1.2.1")))])
    assert rows.of(workspace, {}, 0)[0].text == "▲ same study: Beta B; Alpha A"


def test_thousands_of_people_who_have_one_id_in_common_are_not_compared_with_each_other(qapp, monkeypatch) -> None:
    compared = []
    monkeypatch.setattr(series_rows, "are_two_people", lambda *two: compared.append(two) or are_two_people(*two))
    workspace, rows = Workspace(), SeriesRows()
    workspace.add([opened(f"Case^{at}", str(at), patient_id="0") for at in range(500)])
    text = rows.of(workspace, {}, 0)[0].text
    assert text.startswith("▲ same ID: Case 0; Case 1; ") and text.endswith("; Case 9; and others · 500 studies")
    assert len(compared) < 100
