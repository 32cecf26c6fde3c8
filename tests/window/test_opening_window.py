"""Through the real window: every way in, and each file in exactly one row."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEGBaseline8Bit
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from shiboken6 import isValid

from core.paths import program_folder
from core.settings import Settings, load_settings, save_settings
from gui import opening
from tests.make.archive import make_zip
from tests.make.dicom import make_dataset, make_dicom, to_bytes
from tests.make.latency import patch_load_image
from tests.make.picture import make_picture
from tests.window.conftest import noise

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag_in(window, data: QMimeData) -> bool:
    try:
        event = QDragEnterEvent(QPointF(300, 300), COPY, data, LEFT, NONE)
    except TypeError:  # before Qt 6.12
        event = QDragEnterEvent(QPointF(300, 300).toPoint(), COPY, data, LEFT, NONE)
    event.ignore()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def drop(window, data: QMimeData) -> None:
    assert drag_in(window, data)
    QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), COPY, data, LEFT, NONE))


class SlowDisk:
    """Holds back some files until `go_on()`; `reached` tells that one of them is being opened."""

    def __init__(self, monkeypatch, *held: Path) -> None:
        self._may_go_on, self.reached = threading.Event(), threading.Event()
        self.go_on = self._may_go_on.set

        def slowed(real):
            def load(path):
                if path in held:
                    self.reached.set()
                    self._may_go_on.wait(10)
                return real(path)

            return load

        patch_load_image(monkeypatch, slowed)


def cancelled_for(chest, open_window, chests, monkeypatch, qtbot):
    """A window where the opening of `chests` was cancelled, and `chest` asked for, while the disk still holds them."""
    disk = SlowDisk(monkeypatch, *chests)
    window = open_window(chests[0].parent)
    qtbot.waitUntil(disk.reached.is_set, timeout=15_000)
    window.desk.cancel_work()
    window.open_paths([chest])
    return window, disk


def test_a_dropped_file_is_shown(open_window, chest, wait_until_idle) -> None:
    window = open_window()
    drop(window, mime(chest))
    wait_until_idle(window)
    assert window.desk.canvas.active.image.path == chest
    assert window.desk.series_panel.model.rowCount() == 2  # the patient and one series


def test_an_outline_shows_where_files_may_be_let_go(open_window, chest) -> None:
    window = open_window()
    data = mime(chest)
    assert drag_in(window, data)
    assert window.desk.drop_target.isVisible()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.desk.drop_target.isVisible()


def test_what_is_no_file_is_not_taken(open_window) -> None:
    window = open_window()
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/chest.dcm")])
    assert not drag_in(window, data)
    assert not window.desk.drop_target.isVisible()


def test_files_and_folders_dropped_together_end_in_one_row_each(open_window, chest, chests, tmp_path, wait_until_idle):
    (tmp_path / "notes.txt").write_text("no picture")
    picture = make_picture(tmp_path / "photo.png", noise(7).astype(np.uint8))
    window = open_window()
    drop(window, mime(chest, chests[0].parent, tmp_path / "notes.txt", picture, chest))
    wait_until_idle(window)
    rows = window.desk.worklist.model.rows
    assert sorted(row.path.name for row in rows) == [
        "case0.dcm", "case1.dcm", "case2.dcm", "case3.dcm", "chest.dcm", "notes.txt", "photo.png",
    ]
    assert window.desk.status.counts.text() == "7 files · 6 read · 1 not opened"


def test_a_broken_file_gets_a_row_with_its_reason_and_the_rest_opens(open_window, chest, tmp_path, wait_until_idle):
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(chest.read_bytes()[:500])
    (tmp_path / "empty.dcm").write_bytes(b"")
    window = open_window(tmp_path)
    wait_until_idle(window)
    refusals, panel = window.desk.workspace.refusals, window.desk.series_panel
    assert set(refusals) == {broken, tmp_path / "empty.dcm"}
    assert panel.refused_title.text() == "Not opened · 2 files"
    sentences = [panel.refusals.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert any(sentence.startswith("broken.dcm: ") for sentence in sentences)
    assert any(sentence == "empty.dcm: The file is empty. Copy it again from its source." for sentence in sentences)
    assert window.desk.canvas.active.image.path == chest


def test_a_path_that_does_not_exist_is_a_row_too(open_window, tmp_path, wait_until_idle) -> None:
    window = open_window(tmp_path / "gone.dcm")
    wait_until_idle(window)
    assert window.desk.series_panel.refused_title.text() == "Not opened · 1 file"


def test_opening_a_file_again_shows_it_and_makes_no_second_row(open_window, chests, wait_until_idle) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    assert window.desk.canvas.active.image.path == chests[0]
    window.open_paths([chests[2]])
    wait_until_idle(window)
    assert window.desk.canvas.active.image.path == chests[2]
    assert len(window.desk.worklist.model.rows) == 4


def test_a_film_that_was_written_anew_while_it_is_open_is_not_shown_under_the_old_ones_name(
    open_window, tmp_path, wait_until_idle
) -> None:
    first = make_dicom(tmp_path / "a.dcm", noise(1), PatientName="Alpha", SOPInstanceUID="1.2.1")
    other = make_dicom(tmp_path / "b.dcm", noise(2), PatientName="Gamma", SOPInstanceUID="1.2.2")
    window = open_window(first, other)
    wait_until_idle(window)
    make_dicom(first, noise(3, (70, 80)), PatientName="Beta", SOPInstanceUID="1.2.3")
    window.open_paths([other])
    wait_until_idle(window)
    window.open_paths([first])
    wait_until_idle(window)
    assert window.desk.canvas.active.image.path == other
    assert window.notices.text() == (
        "a.dcm: The file has changed since it was opened. Close everything that is open, and open it again.")
    assert window.desk.workspace.image(first).header.patient_name == "Alpha"
    assert len(window.desk.worklist.model.rows) == 2


def test_of_a_copy_the_open_film_is_shown(open_window, chests, tmp_path, wait_until_idle) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    copy = tmp_path / "copy.dcm"
    copy.write_bytes(chests[1].read_bytes())
    window.open_paths([copy])
    wait_until_idle(window)
    assert window.desk.canvas.active.image.path == chests[1]


def test_a_file_that_was_repaired_opens_at_the_second_try(open_window, chest, tmp_path, wait_until_idle) -> None:
    path = tmp_path / "late.dcm"
    path.write_bytes(b"")
    window = open_window(path)
    wait_until_idle(window)
    path.write_bytes(chest.read_bytes())
    window.open_paths([path])
    wait_until_idle(window)
    assert window.desk.workspace.refusals == {}
    assert window.desk.status.counts.text() == "1 file · 1 read"


def test_a_file_that_turns_out_to_be_a_report_at_the_second_try_is_no_failure_any_more(
    open_window, tmp_path, wait_until_idle
) -> None:
    path = tmp_path / "late.dcm"
    path.write_bytes(b"")
    window = open_window(path)
    wait_until_idle(window)
    workspace = window.desk.workspace
    assert list(workspace.rows) == list(workspace.refusals) == [path]
    make_dicom(path, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR", ValueType="CONTAINER")
    window.open_paths([path])
    wait_until_idle(window)
    assert list(workspace.objects) == [path] and not workspace.rows and not workspace.refusals


def test_a_few_bad_files_say_why_they_did_not_open(open_window, chest, tmp_path, wait_until_idle) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "empty.dcm").write_bytes(b"")
    window = open_window(tmp_path / "notes.txt", tmp_path / "empty.dcm")
    wait_until_idle(window)
    first, second = window.notices.text().splitlines()
    assert first.startswith("notes.txt: This is neither DICOM nor a PNG")
    assert second == "empty.dcm: The file is empty. Copy it again from its source."
    window.notices.read()
    window.open_paths([chest, tmp_path / "gone.dcm"])  # named one by one, so meant to be opened
    wait_until_idle(window)
    assert window.notices.text() == "gone.dcm: There is no such file. Check the path."


@pytest.mark.parametrize("broken", [1, 2])
def test_a_folder_whose_first_files_are_broken_shows_the_first_readable_image(
    open_window, tmp_path, wait_until_idle, broken
) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(3):
        no_jpeg = {"syntax": JPEGBaseline8Bit, "frames": [b"no picture"]} if number < broken else {}
        make_dicom(folder / f"{number}.dcm", noise(number), PatientID=str(number), **no_jpeg)
    window = open_window(folder)
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    assert viewport.frame is not None
    assert viewport.image.path.name == f"{broken}.dcm"
    assert window.notices.text().startswith("0.dcm: The file is damaged")
    window.desk.showing.show_series(next(iter(window.desk.workspace.series)))  # a person may look at it all the same
    wait_until_idle(window)
    assert viewport.frame is None
    assert viewport.scene.message.startswith("0.dcm: The file is damaged")


def test_an_empty_folder_says_so(open_window, tmp_path, wait_until_idle) -> None:
    (tmp_path / "empty").mkdir()
    window = open_window(tmp_path / "empty")
    wait_until_idle(window)
    assert "no file" in window.notices.text()


@pytest.mark.parametrize("command, mode", [
    ("file.open", QFileDialog.FileMode.ExistingFiles), ("file.open-folder", QFileDialog.FileMode.Directory),
])
def test_the_dialogs_open_what_was_chosen(open_window, chests, wait_until_idle, qtbot, command, mode) -> None:
    window = open_window()
    window.desk.run_command(command)
    dialog = window.desk.opening.dialog
    assert dialog.fileMode() == mode
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setDirectory(str(chests[0].parent))
    if mode == QFileDialog.FileMode.Directory:
        dialog.selectFile(str(chests[0].parent))
    else:
        dialog.selectFile(str(chests[1]))
    dialog.accept()
    wait_until_idle(window)
    qtbot.waitUntil(lambda: window.desk.opening.dialog is None)
    expected = 4 if mode == QFileDialog.FileMode.Directory else 1
    assert len(window.desk.workspace.rows) == expected


def test_a_dialog_writes_no_folder_into_the_home(tmp_path) -> None:
    code = f"""
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from core.settings import Settings
from gui.main_window import MainWindow
from pathlib import Path
app = QApplication(["wetread"])
window = MainWindow(Settings(notice_seen=True), None, Path("none"))
window.show()
while window.desk is None:
    app.processEvents()
for command in ("file.open", "file.open-folder"):
    window.desk.run_command(command)
    dialog = window.desk.opening.dialog
    dialog.setDirectory({str(tmp_path)!r})
    app.processEvents()
    dialog.reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
print("left", window.desk.opening.dialog)
window.close()
"""
    home = tmp_path / "home"
    home.mkdir()
    variables = {**os.environ, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(program_folder())}
    variables.pop("XDG_CONFIG_HOME", None)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.stdout == "left None\n", done.stderr
    assert not [path for path in home.rglob("*") if path.suffix == ".conf"]


def test_a_dialog_that_is_left_opens_nothing(open_window, qtbot) -> None:
    window = open_window()
    window.desk.run_command("file.open")
    window.desk.opening.dialog.reject()
    qtbot.waitUntil(lambda: window.desk.opening.dialog is None)
    assert not window.desk.workspace.rows


def test_recent_files_are_offered_newest_first_and_open(open_window, chest, chests, wait_until_idle) -> None:
    window = open_window(chest)
    window.open_paths([chests[0].parent])
    wait_until_idle(window)
    menu = window.desk.recent_menu
    menu.fill()
    assert [action.data() for action in menu.actions()] == [chests[0].parent, chest]
    window.desk.run_command("file.close-all")
    assert not window.desk.workspace.rows
    menu.actions()[1].trigger()
    wait_until_idle(window)
    assert list(window.desk.workspace.rows) == [chest]


def test_switching_recent_files_off_forgets_them_on_the_disk_too(open_window, chest, tmp_path, wait_until_idle) -> None:
    window = open_window(chest, settings=Settings(notice_seen=True, recent_files=("/old",)))
    wait_until_idle(window)
    window.desk.run_command("file.keep-recent")
    stored = json.loads((tmp_path / "settings" / "settings.json").read_text())
    assert (stored["keep_recent"], stored["recent_files"]) == (False, [])
    window.open_paths([chest])
    wait_until_idle(window)
    assert window.remembered.settings.recent_files == ()


def test_opening_can_be_cancelled_and_what_is_open_stays(open_window, tmp_path, wait_until_idle, qtbot, monkeypatch):
    import time

    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(40):
        make_dicom(folder / f"{number}.dcm", noise(number, (100, 100)), Modality="CT")

    def slowed(real):
        def load(path):
            time.sleep(0.05)
            return real(path)

        return load

    patch_load_image(monkeypatch, slowed)
    window = open_window(folder)
    qtbot.waitUntil(lambda: len(window.desk.workspace.rows) > 3, timeout=15_000)
    window.desk.refresher.refresh()
    assert window.desk.status.work.text().startswith("Opening · ")
    qtbot.mouseClick(window.desk.status.cancel, Qt.MouseButton.LeftButton)
    wait_until_idle(window)
    opened = len(window.desk.workspace.rows)
    assert 3 < opened < 40
    assert "cancelled" in window.notices.text()
    assert window.desk.canvas.active.frame is not None


def test_the_first_image_is_shown_while_the_rest_is_still_opened(open_window, chests, monkeypatch, qtbot) -> None:
    disk = SlowDisk(monkeypatch, *chests[1:])
    window = open_window(chests[0].parent)
    qtbot.waitUntil(lambda: window.desk.canvas.active.frame is not None, timeout=15_000)
    assert window.desk.scan.is_busy
    disk.go_on()
    qtbot.waitUntil(lambda: not window.desk.scan.is_busy)


def test_the_sample_study_opens(open_window, wait_until_idle) -> None:
    window = open_window()
    window.desk.run_command("file.open-sample")
    wait_until_idle(window)
    assert window.desk.canvas.active.image.path.name == "RG1_UNCR.dcm"
    assert window.desk.status.counts.text() == "5 files · 1 read · 4 not analysed"


def test_a_file_that_was_written_anew_shows_its_new_pixels_after_closing(open_window, chest, wait_until_idle) -> None:
    window = open_window(chest)
    wait_until_idle(window)
    before = window.desk.canvas.active.frame.stored
    window.desk.run_command("file.close-all")
    make_dicom(chest, noise(5), WindowCenter=2000, WindowWidth=4000)
    window.open_paths([chest])
    wait_until_idle(window)
    assert (window.desk.canvas.active.frame.stored != before).any()


def test_an_empty_folder_beside_other_paths_is_told(open_window, chest, tmp_path, wait_until_idle) -> None:
    (tmp_path / "nothing" / "below").mkdir(parents=True)
    window = open_window(chest, tmp_path / "nothing")
    wait_until_idle(window)
    assert window.notices.text() == "There is no file in nothing."
    assert window.desk.status.counts.text() == "1 file · 1 read"


def test_what_was_asked_for_last_is_shown_though_a_folder_is_still_being_opened(
    open_window, chest, chests, monkeypatch, qtbot, wait_until_idle
) -> None:
    slower, disk = SlowDisk(monkeypatch, chest), SlowDisk(monkeypatch, *chests)
    window = open_window(chests[0].parent)
    qtbot.waitUntil(disk.reached.is_set, timeout=15_000)
    window.open_paths([chest])
    disk.go_on()
    qtbot.waitUntil(slower.reached.is_set, timeout=15_000)
    qtbot.waitUntil(lambda: len(window.desk.workspace.rows) == 4, timeout=15_000)
    qtbot.wait(100)
    assert window.desk.showing.active_place is None  # the folder is open, and its image would give way at once
    slower.go_on()
    wait_until_idle(window)
    assert len(window.desk.workspace.rows) == 5
    assert window.desk.canvas.active.image.path == chest


def test_what_still_comes_in_after_cancelling_is_not_shown_instead_of_what_was_asked_for_then(
    open_window, chest, chests, monkeypatch, qtbot, wait_until_idle
) -> None:
    window, disk = cancelled_for(chest, open_window, chests, monkeypatch, qtbot)
    shown = []
    window.desk.workspace.changed.connect(lambda change: shown.append(window.desk.showing.active_place))
    disk.go_on()
    wait_until_idle(window)
    assert list(window.desk.workspace.rows) == [chests[0], chest]
    assert {place.image.path for place in shown if place is not None} == {chest}


def test_a_film_without_a_picture_does_not_give_way_to_those_of_the_opening_before(
    open_window, chests, tmp_path, monkeypatch, qtbot, wait_until_idle
) -> None:
    broken = make_dicom(tmp_path / "broken.dcm", noise(9), syntax=JPEGBaseline8Bit, frames=[b"no picture"])
    disk = SlowDisk(monkeypatch, *chests)
    window = open_window(chests[0].parent)
    qtbot.waitUntil(disk.reached.is_set, timeout=15_000)
    window.open_paths([broken])
    disk.go_on()
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    assert window.desk.showing.active_place.image.path == broken
    assert viewport.frame is None and viewport.scene.message.startswith("broken.dcm: The file is damaged")


def test_each_opening_tells_of_what_was_named_for_it(
    open_window, chest, chests, tmp_path, monkeypatch, qtbot, wait_until_idle
) -> None:
    disk = SlowDisk(monkeypatch, *chests)
    window = open_window(chests[0].parent)
    qtbot.waitUntil(disk.reached.is_set, timeout=15_000)
    window.open_paths([chest, tmp_path / "gone.dcm"])
    disk.go_on()
    wait_until_idle(window)
    assert window.notices.text() == "gone.dcm: There is no such file. Check the path."


def test_an_archive_that_gets_its_password_is_shown_though_a_folder_is_still_being_opened(
    open_window, chests, tmp_path, monkeypatch, qtbot, wait_until_idle
) -> None:
    archive = make_zip(tmp_path / "a.zip", {"1.dcm": to_bytes(make_dataset(noise(9)))}, password="word")
    window = open_window(archive)
    opening = window.desk.opening
    qtbot.waitUntil(lambda: opening.password_dialog is not None, timeout=15_000)
    disk = SlowDisk(monkeypatch, *chests[1:])
    window.open_paths([chests[0].parent])
    qtbot.waitUntil(lambda: window.desk.canvas.active.frame is not None and disk.reached.is_set(), timeout=15_000)
    shown = []
    window.desk.workspace.changed.connect(lambda change: shown.append(window.desk.showing.active_place.image.path))
    assert {label.textFormat() for label in opening.password_dialog.findChildren(QLabel)} == {Qt.TextFormat.PlainText}
    opening.password_dialog.setTextValue("word")
    opening.password_dialog.accept()
    disk.go_on()
    wait_until_idle(window)
    assert set(shown) == {chests[0], archive / "1.dcm"}  # and none of the folder's others on the way
    assert window.desk.canvas.active.image.path == archive / "1.dcm"


def test_nothing_is_read_of_what_still_comes_in_after_cancelling_until_somebody_asks(
    open_window, chests, monkeypatch, qtbot, wait_until_idle
) -> None:
    disk = SlowDisk(monkeypatch, *chests)
    window = open_window(chests[0].parent)
    desk = window.desk
    qtbot.waitUntil(lambda: disk.reached.is_set() and desk.workspace.can_read, timeout=15_000)
    desk.cancel_work()
    disk.go_on()
    wait_until_idle(window)
    assert list(desk.workspace.rows) == list(desk.workspace.cancelled) == [chests[0]]
    assert not desk.workspace.readings
    desk.run_command("findings.resume")
    wait_until_idle(window)
    assert [path for path, _ in desk.workspace.readings] == [chests[0]]


def test_what_was_asked_for_after_cancelling_is_read(
    open_window, chest, chests, monkeypatch, qtbot, wait_until_idle
) -> None:
    window, disk = cancelled_for(chest, open_window, chests, monkeypatch, qtbot)
    disk.go_on()
    wait_until_idle(window)
    assert list(window.desk.workspace.cancelled) == [chests[0]]
    assert [path for path, _ in window.desk.workspace.readings] == [chest]


def test_what_is_opened_after_closing_all_during_an_opening_is_read(
    open_window, chest, chests, monkeypatch, qtbot, wait_until_idle
) -> None:
    disk = SlowDisk(monkeypatch, *chests[1:])
    window = open_window(chests[0].parent)
    qtbot.waitUntil(lambda: disk.reached.is_set() and bool(window.desk.workspace.rows), timeout=15_000)
    window.desk.run_command("file.close-all")
    window.open_paths([chest])
    disk.go_on()
    wait_until_idle(window)
    assert [path for path, _ in window.desk.workspace.readings] == [chest]


def test_a_name_that_begins_with_a_tilde_opens_beside_others(
    open_window, chest, tmp_path, monkeypatch, wait_until_idle
) -> None:
    monkeypatch.chdir(tmp_path)
    odd = make_dicom(tmp_path / "~nobody1.dcm", noise(3), PatientID="odd")
    window = open_window()
    window.open_paths([Path(odd.name), Path(chest.name)])
    wait_until_idle(window)
    assert set(window.desk.workspace.rows) == {odd, chest}


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_file_whose_name_is_no_utf_8_is_dropped_and_opened_from_the_recent_files(
    open_window, chest, wait_until_idle
) -> None:
    odd = chest.rename(chest.with_name(os.fsdecode(b"caf\xe9.dcm")))
    data = QMimeData()
    data.setData("text/uri-list", odd.as_uri().encode())
    window = open_window()
    drop(window, data)
    wait_until_idle(window)
    assert list(window.desk.workspace.series) and list(window.desk.workspace.rows) == [odd]
    window.desk.run_command("file.close-all")
    menu = window.desk.recent_menu
    menu.fill()
    menu.actions()[0].trigger()
    wait_until_idle(window)
    assert list(window.desk.workspace.series) and list(window.desk.workspace.rows) == [odd]


def test_files_let_go_over_a_field_are_opened_and_not_typed(open_window, chest, qtbot, wait_until_idle) -> None:
    window = open_window(settings=Settings(notice_seen=True, show_header=True))
    field = window.desk.header_panel.tree.field
    window.desk.header_panel.tree.show()
    qtbot.waitUntil(field.isVisible)
    data = mime(chest)
    data.setText(str(chest))  # as some file managers send along
    at = QPointF(field.mapTo(window, field.rect().center()))
    try:
        enter = QDragEnterEvent(at, COPY, data, LEFT, NONE)
    except TypeError:  # before Qt 6.12
        enter = QDragEnterEvent(at.toPoint(), COPY, data, LEFT, NONE)
    # Qt's window chooses the widget, as for a real drag
    QApplication.sendEvent(window.windowHandle(), enter)
    QApplication.sendEvent(window.windowHandle(), QDropEvent(at, COPY, data, LEFT, NONE))
    wait_until_idle(window)
    assert field.text() == ""
    assert list(window.desk.workspace.rows) == [chest]


def test_names_that_one_window_forgot_do_not_come_back_from_another(
    open_window, chest, chests, tmp_path, wait_until_idle
) -> None:
    file = tmp_path / "settings" / "settings.json"
    settings = Settings(notice_seen=True, recent_files=("/old",))
    file.parent.mkdir()
    save_settings(file, settings)
    first, second, third = (open_window(settings=settings) for _ in range(3))
    first.desk.run_command("file.clear-recent")
    second.open_paths([chest])
    wait_until_idle(second)
    second.close()
    assert load_settings(file)[0].recent_files == (str(chest),)
    first.desk.run_command("file.keep-recent")
    third.open_paths(chests[:1])
    wait_until_idle(third)
    third.close()
    stored, _ = load_settings(file)
    assert (stored.keep_recent, stored.recent_files) == (False, ())


def test_a_dialog_leaves_no_folder_in_the_settings_of_a_system_that_has_its_own(
    open_window, tmp_path, monkeypatch, qtbot
) -> None:
    where = QSettings.Format.NativeFormat, QSettings.Scope.UserScope
    real = QSettings.setPath
    monkeypatch.setattr(opening, "HAS_SETTINGS_OF_ITS_OWN", True)
    monkeypatch.setattr(QSettings, "setPath", lambda *_: real(*where, str(tmp_path / "native")))  # no effect, as there
    real(*where, str(tmp_path / "native"))
    QSettings(QSettings.Scope.UserScope, "QtProject").setValue("FileDialog/lastVisited", "another program's")
    window = open_window()
    window.desk.run_command("file.open")
    dialog = window.desk.opening.dialog
    dialog.setDirectory(str(tmp_path))
    dialog.reject()
    qtbot.waitUntil(lambda: not isValid(dialog))
    monkeypatch.undo()
    left = QSettings(QSettings.Scope.UserScope, "QtProject")
    assert left.fileName().startswith(str(tmp_path))
    assert {key: left.value(key) for key in left.allKeys()} == {"FileDialog/lastVisited": "another program's"}
    QSettings.setPath(*where, os.devnull)
