"""Through the real window: what was closed is gone, also what was still on its way."""

import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices

from core.findings.wording import START_NOTICE
from core.settings import Settings
from gui.panels.header_panel import NOTHING
from gui.panels.series_model import PICTURE_ROLE
from tests.make.dicom import make_dicom
from tests.window.conftest import noise

WITH_HEADER = Settings(notice_seen=True, show_header=True)
OTHER = {"PatientName": "Other^Person", "PatientID": "OTHER"}


class Held:
    """Holds the work of a function back, in whichever thread, until `go_on()`; `reached` tells that it was called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.reached, self._may_go_on = threading.Event(), threading.Event()
        self.outcomes: list[object] = []
        self.go_on = self._may_go_on.set
        module, _, attribute = name.rpartition(".")
        real = getattr(__import__(module, fromlist=[attribute]), attribute)

        def held(*arguments):
            outcome = real(*arguments)  # of the file as it is now
            self.outcomes.append(outcome)
            self.reached.set()
            self._may_go_on.wait(10)
            return outcome

        monkeypatch.setattr(name, held)


@pytest.fixture
def held(monkeypatch):
    """A function that holds another back: `held("gui.module.function")`."""
    all_held: list[Held] = []

    def hold(name: str) -> Held:
        all_held.append(Held(monkeypatch, name))
        return all_held[-1]

    yield hold
    for one in all_held:
        one.go_on()


def values(panel) -> list[str]:
    model = panel.tree.model
    return [model.index(row, 3).data() for row in range(model.rowCount())]


def replace_after_closing(window, path: Path) -> None:
    """Close all, and put another person's file in the place of the one that was open."""
    window.desk.run_command("file.close-all")
    make_dicom(path, noise(9), WindowCenter=2000, WindowWidth=4000, **OTHER)


def test_a_folded_header_panel_unfolds_with_the_header_of_the_file_that_took_the_place_of_another(
    qtbot, open_window, chest, wait_until_idle
) -> None:
    window = open_window(chest, settings=WITH_HEADER)
    panel = window.desk.header_panel
    qtbot.waitUntil(lambda: bool(values(panel)))
    wait_until_idle(window)
    window.desk.run_command("view.header-panel")
    assert panel.isHidden()
    replace_after_closing(window, chest)
    window.open_paths([chest])
    wait_until_idle(window)
    window.desk.run_command("view.header-panel")
    qtbot.waitUntil(lambda: OTHER["PatientName"] in values(panel))


def test_a_header_on_its_way_does_not_come_after_closing_all(
    qtbot, open_window, chest, held, wait_until_idle
) -> None:
    reading = held("gui.header_showing._read")
    window = open_window(chest, settings=WITH_HEADER)
    panel = window.desk.header_panel
    qtbot.waitUntil(reading.reached.is_set, timeout=15_000)
    window.desk.run_command("view.header-panel")
    window.desk.run_command("file.close-all")
    reading.go_on()
    qtbot.waitUntil(lambda: not window.desk.objects.is_busy)
    assert values(panel) == []
    assert panel.state.text() == NOTHING


def test_a_document_on_its_way_is_not_opened_after_closing_all(qtbot, letter, held, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    extracting = held("gui.object_showing._extract")
    window, button = letter()
    button.click()
    qtbot.waitUntil(extracting.reached.is_set)
    window.desk.run_command("file.close-all")
    extracting.go_on()
    qtbot.waitUntil(lambda: not window.desk.objects.is_busy)
    assert not opened


def test_text_that_was_read_otherwise_does_not_come_into_a_file_opened_after_closing_all(
    qtbot, open_window, chest, held, wait_until_idle
) -> None:
    rereading = held("gui.character_sets._reread")
    window = open_window(chest)
    wait_until_idle(window)
    workspace = window.desk.workspace
    window.desk.character_sets.choose(workspace.patient_of(chest), "ISO_IR 144")
    qtbot.waitUntil(rereading.reached.is_set)
    replace_after_closing(window, chest)
    window.open_paths([chest])
    wait_until_idle(window)
    rereading.go_on()
    qtbot.waitUntil(lambda: not window.desk.objects.is_busy)
    assert workspace.image(chest).header.patient_id == OTHER["PatientID"]


def test_a_small_picture_on_its_way_does_not_come_after_closing_all(
    qtbot, open_window, chest, held, wait_until_idle
) -> None:
    shrinking = held("gui.threads.frame_thread._small")
    window = open_window(chest)
    desk = window.desk
    qtbot.waitUntil(shrinking.reached.is_set, timeout=15_000)
    replace_after_closing(window, chest)
    made = []
    desk.frames.thumbnail_made.connect(lambda path, index, pixels: made.append(pixels))
    window.open_paths([chest])
    qtbot.waitUntil(lambda: desk.series_panel.model.rowCount() == 2)
    shrinking.go_on()
    wait_until_idle(window)
    qtbot.waitUntil(lambda: desk.series_panel.model.index(1).data(PICTURE_ROLE) is not None)
    assert [pixels is shrinking.outcomes[0] for pixels in made] == [False]  # only that of the new file


def test_the_window_goes_before_what_still_works_is_waited_for(
    open_window, chest, wait_until_idle, monkeypatch
) -> None:
    window = open_window(chest)
    wait_until_idle(window)
    seen, close = [], window.desk.close
    monkeypatch.setattr(window.desk, "close", lambda: (seen.append(window.isVisible()), close())[1])
    window.close()
    assert seen == [False]


def test_what_was_said_of_files_goes_with_them_and_the_rest_stays(open_window, tmp_path, wait_until_idle) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    window = open_window(tmp_path / "notes.txt", tmp_path / "gone.dcm", settings=Settings(), problems=["A problem."])
    wait_until_idle(window)
    window.desk.open_case(tmp_path / "notes.txt")
    assert window.notices.text().startswith("notes.txt: ")
    window.desk.run_command("file.close-all")
    told = []
    while window.notices.text():
        told.append(window.notices.text())
        window.notices.read()
    assert told == ["A problem.", START_NOTICE]
    assert not window.notices.isVisible()
