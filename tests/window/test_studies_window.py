"""Studies through the window: split series, media, archives, copies."""

import tempfile
import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from tests.make import layers
from tests.make.archive import make_zip
from tests.make.dicom import make_dataset, make_dicom, make_dicomdir, to_bytes
from tests.make.latency import patch_load_image

PIXELS = np.arange(64, dtype=np.uint16).reshape(8, 8)
UIDS = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "Modality": "MR", "SeriesDescription": "ep2d"}


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def make_slice(path, z: int, echo: float, **attributes):
    return make_dicom(path, PIXELS, **UIDS, ImagePositionPatient=[0, 0, z], EchoTime=str(echo),
                      ImageOrientationPatient=[1, 0, 0, 0, 1, 0], InstanceNumber=z, **attributes)


def rows_of(window):
    model = window.desk.series_panel.model
    window.desk.refresher.refresh()
    return [model.index(number).data() for number in range(model.rowCount())]


def test_a_series_of_two_echoes_is_two_rows_that_say_why(open_window, tmp_path, wait_until_idle) -> None:
    (tmp_path / "mr").mkdir()
    for number in range(3):
        make_slice(tmp_path / "mr" / f"a{number}", number, 20.0)
        make_slice(tmp_path / "mr" / f"b{number}", number, 40.0)
    window = open_window(tmp_path / "mr")
    wait_until_idle(window)
    assert rows_of(window)[1:] == ["MR ep2d · echo 20 ms", "MR ep2d · echo 40 ms"]
    row = next(iter(window.desk.refresher._series_rows._made.values()))[1]
    assert (row.count, row.note) == (3, "The series is split: it holds 2 echo times.\nIn order of position.")
    desk = window.desk
    assert desk.showing.active_series is next(iter(desk.workspace.series.values()))
    desk.showing.scroll(1)
    assert desk.showing.active_place.image.path.name == "a1"
    desk.showing.step_series(1)
    assert desk.showing.active_place.image.path.name == "b0"


def test_mosaics_are_called_so(open_window, tmp_path, wait_until_idle) -> None:
    window = open_window(make_slice(tmp_path / "m", 0, 20.0, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"]))
    wait_until_idle(window)
    assert rows_of(window)[1:] == ["MR ep2d · mosaic"]


def test_a_dicomdir_shows_its_images_and_lists_what_is_missing(open_window, tmp_path, wait_until_idle) -> None:
    (tmp_path / "cd").mkdir()
    make_slice(tmp_path / "cd" / "A", 0, 20.0)
    window = open_window(make_dicomdir(tmp_path / "cd" / "DICOMDIR", ["A", "GONE"]))
    wait_until_idle(window)
    assert [path.name for path in window.desk.workspace.refusals] == ["GONE"]
    assert window.notices.text().endswith("3 files: 1 image, 1 not opened (1 missing on the medium), 1 DICOMDIR.")


def test_a_copy_is_open_once_and_counted(open_window, tmp_path, wait_until_idle) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    first = make_slice(tmp_path / "one" / "a", 0, 20.0)
    (tmp_path / "two" / "b").write_bytes(first.read_bytes())
    make_slice(tmp_path / "two" / "c", 5, 20.0)
    window = open_window(tmp_path / "one", tmp_path / "two")
    wait_until_idle(window)
    (series,) = window.desk.workspace.series.values()
    assert [image.path.name for image in series.images] == ["a", "c"]
    assert window.desk.workspace.duplicates == {tmp_path / "two" / "b": first}
    assert "1 copy of open files" in window.notices.text()


def test_an_archive_with_a_password_asks_for_it_and_leaves_nothing_behind(
    open_window, tmp_path, wait_until_idle, qtbot, temporary
) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.dcm": to_bytes(make_dataset(PIXELS))}, password="word")
    window = open_window(archive)
    wait_until_idle(window)
    for password in ("wrong", "word"):
        qtbot.waitUntil(lambda: window.desk.opening.password_dialog is not None)
        dialog = window.desk.opening.password_dialog
        assert isinstance(dialog, QInputDialog)
        assert ("was wrong" in dialog.labelText()) == (password == "word")
        dialog.setTextValue(password)
        dialog.accept()
        wait_until_idle(window)
    assert list(window.desk.workspace.rows) == [archive / "1.dcm"]
    assert list(temporary.iterdir())
    window.desk.close_all()
    qtbot.waitUntil(lambda: not list(temporary.iterdir()))
    window.desk.open_paths([archive])  # and again, after all was forgotten
    wait_until_idle(window)
    assert window.desk.opening.password_dialog is not None
    window.desk.opening.password_dialog.reject()
    assert [path.name for path in window.desk.workspace.refusals] == ["a.zip"]


def test_an_archive_that_opens_at_the_second_try_is_no_longer_among_the_refused(
    open_window, tmp_path, wait_until_idle, qtbot
) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.dcm": to_bytes(make_dataset(PIXELS))}, password="word")
    window = open_window(archive)
    opening, workspace = window.desk.opening, window.desk.workspace
    qtbot.waitUntil(lambda: opening.password_dialog is not None)
    opening.password_dialog.reject()
    assert list(workspace.refusals) == [archive]
    assert window.notices.text().startswith("a.zip: The archive asks for a password. Open it again")
    window.desk.refresher.refresh()
    window.desk.open_paths([archive])
    qtbot.waitUntil(lambda: opening.password_dialog is not None)
    opening.password_dialog.setTextValue("word")
    opening.password_dialog.accept()
    wait_until_idle(window)
    window.desk.refresher.refresh()
    assert not workspace.refusals
    assert [row.path for row in window.desk.worklist.model.rows] == [archive / "1.dcm"]


def test_an_archive_with_nothing_to_open_is_told_with_its_count(open_window, tmp_path, wait_until_idle) -> None:
    window = open_window(make_zip(tmp_path / "letter.docx", {"a": b"text", "b": b"more"}))
    wait_until_idle(window)
    assert window.notices.text().startswith(
        "letter.docx: The archive holds nothing that can be opened (2 files tried).")
    (refusal,) = window.desk.workspace.refusals.values()
    assert refusal.facts["files"] == "2"


def test_what_an_archive_holds_is_named_by_the_archive_everywhere(
    open_window, tmp_path, wait_until_idle, wait_for_text, qtbot, temporary
) -> None:
    report = to_bytes(make_dataset(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", PatientID="R"))
    cut = to_bytes(make_dataset(PIXELS))[:300]
    archive = make_zip(tmp_path / "a.zip", {"s/1.dcm": to_bytes(make_dataset(PIXELS)), "report": report, "cut": cut})
    window = open_window(archive)
    wait_until_idle(window)
    desk = window.desk
    assert set(desk.workspace.rows) == {archive / "s" / "1.dcm", archive / "cut"}
    assert set(desk.workspace.readings) == {(archive / "s" / "1.dcm", 0)}
    assert list(desk.workspace.objects) == [archive / "report"]
    tips = [desk.worklist.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(2)]
    assert not any(str(temporary) in tip for tip in tips)
    desk.run_command("view.header-panel")
    for path in (archive / "s" / "1.dcm", archive / "report", archive / "cut"):
        if path.name == "report":
            desk.object_showing.show(path)
        elif path.name == "cut":
            desk.series_panel.refusal_chosen.emit(path)
        wait_for_text(desk.header_panel.state.text, f"{path.name} · ")
    qtbot.waitUntil(lambda: desk.object_showing.views[0].tree.model.rowCount() > 0)


def test_a_file_by_another_spelling_is_the_same_file(open_window, tmp_path, wait_until_idle) -> None:
    (tmp_path / "mr").mkdir()
    first = make_slice(tmp_path / "mr" / "a", 0, 20.0)
    (tmp_path / "mr" / "text").write_text("no image, but a text")
    (tmp_path / "link").symlink_to(tmp_path / "mr", target_is_directory=True)
    window = open_window(tmp_path / "mr")
    wait_until_idle(window)
    window.open_paths([tmp_path / "mr" / ".." / "mr" / "a", tmp_path / "link"])
    wait_until_idle(window)
    assert set(window.desk.workspace.rows) == {first, tmp_path / "mr" / "text"}
    assert not window.desk.workspace.duplicates


def test_a_large_folder_ends_at_its_first_image_unless_the_reader_has_begun(
    open_window, tmp_path, wait_until_idle, monkeypatch, qtbot
) -> None:
    (tmp_path / "many").mkdir()
    for number in range(20):
        make_slice(tmp_path / "many" / f"{number:02d}", number, 20.0, PatientID=f"P{number:02d}")
    gate = threading.Event()

    def held(real):
        def load(path):
            if path.name != "12":
                gate.wait(10)
            return real(path)

        return load

    def backwards(path, count):
        return sorted((one.name for one in path.iterdir()), reverse=True)[:count]

    monkeypatch.setattr("core.studies.scan.HEAD", 8)  # 12 to 19
    monkeypatch.setattr("core.studies.scan.first_names", backwards)
    patch_load_image(monkeypatch, held)
    for is_touched in (False, True):
        gate.clear()
        window = open_window(tmp_path / "many")
        desk = window.desk
        try:
            qtbot.waitUntil(lambda desk=desk: desk.canvas.active.frame is not None, timeout=15_000)
            assert desk.canvas.active.image.path.name == "12"
            if is_touched:
                desk.canvas.active.zoom_by(2)
        finally:
            gate.set()
        wait_until_idle(window)
        assert desk.canvas.active.image.path.name == ("12" if is_touched else "00")
        patients = [patient.header.patient_id for patient in desk.workspace.patients]
        assert patients == [f"P{number:02d}" for number in range(20)]


def test_what_belongs_to_an_image_is_found_in_an_archive_too(open_window, tmp_path, wait_until_idle, qtbot) -> None:
    mask = np.zeros((1, 16, 20), np.uint8)
    mask[0, 2:8, 2:8] = 1
    uids = {"StudyInstanceUID": "1.1"}
    files = {
        "slice": layers.make_slice(tmp_path / "slice", np.full((16, 20), 100, np.uint16), **uids),
        "organs": layers.make_segmentation(tmp_path / "organs", mask, positions=[(0, 0, 0)], numbers=[1], **uids),
    }
    archive = make_zip(tmp_path / "a.zip", {f"cd/{name}": path.read_bytes() for name, path in files.items()})
    window = open_window(archive)
    wait_until_idle(window)
    window.desk.open_case(archive / "cd" / "slice")
    qtbot.waitUntil(lambda: len(window.desk.canvas.active.scene.segments) == 1)


def test_a_locked_archive_in_an_archive_asks_for_its_password(open_window, tmp_path, wait_until_idle, qtbot) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"1.dcm": to_bytes(make_dataset(PIXELS))}, password="word").read_bytes()
    archive = make_zip(tmp_path / "outer.zip", {"inner.zip": inner, "2.dcm": to_bytes(make_dataset(PIXELS))})
    window = open_window(archive)
    wait_until_idle(window)
    qtbot.waitUntil(lambda: window.desk.opening.password_dialog is not None)
    dialog = window.desk.opening.password_dialog
    assert "inner.zip" in dialog.labelText()
    dialog.setTextValue("word")
    dialog.accept()
    wait_until_idle(window)
    assert set(window.desk.workspace.rows) == {archive / "2.dcm", archive / "inner.zip" / "1.dcm"}
    assert not window.desk.workspace.refusals
