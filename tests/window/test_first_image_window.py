"""Through the real window: which image an opening shows by itself, and that it stays once the reader has begun."""

import threading

import pytest
from pydicom.uid import JPEGBaseline8Bit
from PySide6.QtCore import Qt

from core.refusal import Reason, Refusal
from core.settings import Settings
from gui.threads.frame_thread import FrameAnswer
from tests.make.dicom import make_dicom
from tests.make.latency import patch_load_image
from tests.make.mouse import press, release, wheel
from tests.window.conftest import noise

NO_PICTURE = {"syntax": JPEGBaseline8Bit, "frames": [b"no picture"]}
EARLY, HELD = "12", "05"  # comes before those that stand before it; is held back by the disk


class ManyFilms:
    """A folder of films of which one comes early; a disk holds back first all others, then those from `HELD` on."""

    def __init__(self, tmp_path, monkeypatch, broken: tuple[str, ...] = ()) -> None:
        self.folder = tmp_path / "many"
        self.folder.mkdir()
        for number in range(16):
            name = f"{number:02d}"
            make_dicom(self.folder / name, noise(number, (64, 64)), PatientID=name,
                       **NO_PICTURE if name in broken else {})
        self._first, self._rest = threading.Event(), threading.Event()
        monkeypatch.setattr("core.studies.scan.HEAD", 4)  # 12 to 15
        monkeypatch.setattr("core.studies.scan.first_names", self._backwards)
        patch_load_image(monkeypatch, self._held)

    def let_first_come(self) -> None:
        self._first.set()

    def let_all_come(self) -> None:
        self._first.set()
        self._rest.set()

    @staticmethod
    def _backwards(path, count):
        return sorted((one.name for one in path.iterdir()), reverse=True)[:count]

    def _held(self, real):
        def load(path):
            if path.name != EARLY:
                (self._first if path.name < HELD else self._rest).wait(20)
            return real(path)

        return load


@pytest.fixture
def films(tmp_path, monkeypatch):
    films = ManyFilms(tmp_path, monkeypatch)
    yield films
    films.let_all_come()


def name_of(window) -> str:
    image = window.desk.canvas.active.image
    return "" if image is None else image.path.name


def open_early(films, open_window, qtbot, **settings):
    """Open the window on a folder until the early film stands there."""
    window = open_window(films.folder, settings=Settings(notice_seen=True, **settings))
    qtbot.waitUntil(lambda: name_of(window) == EARLY, timeout=15_000)
    return window


def test_the_first_image_takes_the_place_of_an_early_one_as_soon_as_it_comes_in(open_window, films, qtbot) -> None:
    window = open_early(films, open_window, qtbot)
    films.let_first_come()
    qtbot.waitUntil(lambda: name_of(window) == "00", timeout=15_000)
    assert window.desk.scan.is_busy
    assert len(window.desk.workspace.rows) < 16


def another_cell(window, qtbot) -> None:
    window.desk.canvas.activate_next()


def a_key(window, qtbot) -> None:
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_Q)


def a_click(window, qtbot) -> None:
    press(window.desk.canvas.active, (50, 50))
    release(window.desk.canvas.active, (50, 50))


def the_wheel_over_a_panel(window, qtbot) -> None:
    wheel(window.desk.header_panel.tree.view.viewport(), (5, 5), 1)


def the_keyboard_in_a_panel(window, qtbot) -> None:
    window.desk.header_panel.tree.field.setFocus()


def a_command(window, qtbot) -> None:
    window.desk.run_command("view.corner-text")


@pytest.mark.parametrize("begin", [
    another_cell, a_key, a_click, the_wheel_over_a_panel, the_keyboard_in_a_panel, a_command,
])
def test_the_picture_stays_once_the_reader_has_begun(open_window, films, qtbot, wait_until_idle, begin) -> None:
    window = open_early(films, open_window, qtbot, layout="1x2", show_header=True)
    first = window.desk.canvas.viewports[0]
    qtbot.waitUntil(window.desk.header_panel.tree.field.isVisible, timeout=15_000)
    begin(window, qtbot)
    films.let_all_come()
    wait_until_idle(window)
    assert first.image.path.name == EARLY
    assert len(window.desk.workspace.rows) == 16


def test_a_window_that_comes_to_the_front_has_nobody_begun_in(open_window, films, qtbot, wait_until_idle) -> None:
    window = open_early(films, open_window, qtbot)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_Alt)  # on the way to another window
    films.let_all_come()
    wait_until_idle(window)
    assert name_of(window) == "00"


def test_a_window_that_is_closed_while_the_first_image_is_awaited_watches_no_more(open_window, films, qtbot) -> None:
    window = open_early(films, open_window, qtbot)
    films.let_all_come()
    window.close()
    assert window.all_threads_ended


@pytest.mark.parametrize("broken", [("00",), ("00", "01", "02")])
def test_the_first_image_that_has_a_picture_comes_after_those_that_have_none(
    tmp_path, monkeypatch, open_window, qtbot, wait_until_idle, broken
) -> None:
    films = ManyFilms(tmp_path, monkeypatch, broken)
    window = open_early(films, open_window, qtbot)
    films.let_all_come()
    wait_until_idle(window)
    assert name_of(window) == f"{len(broken):02d}"


def test_an_early_image_is_shown_again_where_none_of_those_before_it_has_a_picture(
    tmp_path, monkeypatch, open_window, qtbot, wait_until_idle
) -> None:
    films = ManyFilms(tmp_path, monkeypatch, tuple(f"{number:02d}" for number in range(16) if f"{number:02d}" != EARLY))
    window = open_early(films, open_window, qtbot)
    films.let_all_come()
    wait_until_idle(window)
    assert name_of(window) == EARLY


def test_a_film_that_stood_there_and_can_be_read_no_more_gives_way_to_no_other(
    open_window, chests, wait_until_idle
) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    desk, viewport = window.desk, window.desk.canvas.active
    assert viewport.image.path == chests[0]
    image = desk.workspace.image(chests[0])
    desk.frames.answered.emit(FrameAnswer(0, image, 0, Refusal(Reason.NOT_FOUND, chests[0])))
    wait_until_idle(window)
    assert desk.showing.active_place.image.path == chests[0]
    assert viewport.frame is None and viewport.scene.message.startswith("case0.dcm: There is no such file")


def test_a_film_that_the_reader_came_back_to_and_that_has_no_picture_gives_way_to_no_other(
    open_window, tmp_path, gate, wait_until_idle, qtbot
) -> None:
    films = [make_dicom(tmp_path / f"{number}.dcm", noise(number), PatientID=str(number),
                        **{} if number else NO_PICTURE) for number in range(3)]
    window = open_window(*films)
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 3, timeout=15_000)
    assert desk.showing.active_place.image.path == films[0]  # and is not decoded yet
    desk.open_case(films[2])
    desk.open_case(films[0])
    gate.open()
    wait_until_idle(window)
    assert desk.showing.active_place.image.path == films[0]
    assert desk.canvas.active.scene.message.startswith("0.dcm: The file is damaged")
