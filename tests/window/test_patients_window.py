"""Through the real window: pictures of several patients side by side cannot be missed."""

import pytest
from PySide6.QtCore import QEvent, Qt

from gui.canvas.patient_band import PatientBand
from tests.make.dicom import make_dicom
from tests.make.mouse import send
from tests.window.conftest import noise
from tests.window.test_objects_window import make_report


def bands(window) -> list[str]:
    """What the bands that can be seen say of the patients."""
    seen = [band for band in window.desk.canvas.findChildren(PatientBand) if band.isVisible()]
    return [band.text().removeprefix("▲ ").removesuffix(" · several patients in view") for band in seen]


@pytest.fixture
def two_patients(open_window, tmp_path, wait_until_idle):
    """The window on two films of one patient in two cells; a third film, of another patient, is open too."""
    folder = tmp_path / "films"
    folder.mkdir()
    films = [
        make_dicom(folder / f"{at}.dcm", noise(at), PatientID=patient, PatientName=name, StudyDate=f"2020010{9 - at}")
        for at, (patient, name) in enumerate((("1", "Doe^Jane"), ("2", "Roe^Richard"), ("1", "Doe^Jane")))
    ]
    window = open_window(folder)
    wait_until_idle(window)
    window.desk.run_command("view.layout-1x2")
    wait_until_idle(window)
    return window, films


def test_empty_cells_are_filled_with_the_active_patients_films_first(open_window, tmp_path, wait_until_idle) -> None:
    films = [make_dicom(tmp_path / f"{at}.dcm", noise(at), PatientID=patient, SeriesNumber=at)
             for at, patient in enumerate("1223")]
    window = open_window(*films)
    desk = window.desk
    wait_until_idle(window)
    desk.open_case(films[2])
    desk.run_command("view.layout-1x2")
    wait_until_idle(window)
    assert [viewport.image.path for viewport in desk.canvas.viewports] == [films[2], films[1]]
    assert bands(window) == []
    desk.run_command("view.layout-2x2")
    wait_until_idle(window)
    assert [viewport.image.path for viewport in desk.canvas.viewports[2:]] == [films[0], films[3]]
    assert len(bands(window)) == 4


def test_another_patients_case_beside_a_film_names_both_at_every_level_of_the_corners(
    two_patients, qtbot, wait_until_idle
) -> None:
    window, films = two_patients
    desk = window.desk
    window.desk.open_case(films[1])
    wait_until_idle(window)
    for _ in range(3):
        qtbot.keyClick(desk.canvas.active, Qt.Key.Key_I)
        assert bands(window) == ["Roe Richard · ID 2", "Doe Jane · ID 1"]
    desk.canvas.activate_next()
    desk.open_case(films[1])
    wait_until_idle(window)
    assert bands(window) == []


def test_names_go_where_one_cell_is_in_sight_and_come_back(two_patients, wait_until_idle) -> None:
    window, films = two_patients
    canvas = window.desk.canvas
    window.desk.open_case(films[1])
    wait_until_idle(window)
    send(canvas.active, QEvent.Type.MouseButtonDblClick, (50, 50))
    assert canvas.maximized is not None
    assert bands(window) == []
    send(canvas.active, QEvent.Type.MouseButtonDblClick, (50, 50))
    assert len(bands(window)) == 2
    canvas.set_layout_name("1x1")
    assert bands(window) == []
    canvas.set_layout_name("2x2")
    assert bands(window) == ["Roe Richard · ID 2", "Doe Jane · ID 1", "Doe Jane · ID 1", ""]
    window.desk.run_command("file.close-all")
    assert bands(window) == []


def test_the_names_are_those_of_the_pictures_that_stand_there(two_patients, monkeypatch, wait_until_idle) -> None:
    window, films = two_patients
    desk = window.desk
    with monkeypatch.context() as held:
        held.setattr(desk.frames, "ask", lambda *job: None)
        desk.open_case(films[1])
    assert desk.canvas.active.image.path == films[0]
    assert bands(window) == []
    desk.showing.draw_again()
    wait_until_idle(window)
    assert len(bands(window)) == 2


def test_a_report_of_another_patient_is_named_too(two_patients, tmp_path, wait_until_idle) -> None:
    window, _ = two_patients
    report = make_report(tmp_path / "report.dcm", PatientID="2", PatientName="Roe^Richard")
    window.open_paths([report])
    wait_until_idle(window)
    window.desk.series_panel.object_chosen.emit(report)
    assert bands(window) == ["Roe Richard · ID 2", "Doe Jane · ID 1"]


def test_two_people_with_one_id_are_named_above_their_films_and_in_the_series_panel(
    open_window, tmp_path, wait_until_idle
) -> None:
    alpha = make_dicom(tmp_path / "a.dcm", noise(), PatientID="1", PatientName="Alpha^A", PatientBirthDate="19500102")
    beta = make_dicom(tmp_path / "b.dcm", noise(1), PatientID="1", PatientName="Beta^B", PatientBirthDate="19900304",
                      StudyDate="20190102")
    window = open_window(alpha, beta)
    wait_until_idle(window)
    window.desk.run_command("view.layout-1x2")
    wait_until_idle(window)
    assert bands(window) == ["Alpha A · born 1950-01-02 · same ID 1", "Beta B · born 1990-03-04 · same ID 1"]
    assert window.desk.series_panel.model.index(0).data() == (
        "▲ same ID: Alpha A, born 1950-01-02; Beta B, born 1990-03-04 · 2 studies"
    )
