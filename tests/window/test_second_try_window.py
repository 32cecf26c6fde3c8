"""Through the real window: what had no picture is tried again in its place."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from core.refusal import Reason, Refusal
from tests.make.latency import patch_load_image
from tests.make.mouse import wheel


@pytest.fixture
def failing(monkeypatch):
    """The names of files whose frames fail, and of every one that was asked for; the test changes the first."""
    failing: set[str] = set()
    asked: list[str] = []

    def change(load_image):
        def load(path: Path):
            image = load_image(path)
            if isinstance(image, Refusal):
                return image
            real = image.load_frame

            def frame(index: int):
                asked.append(path.name)
                return Refusal(Reason.FAILED, path) if path.name in failing else real(index)

            return type(image)(**{**vars(image), "load_frame": frame})

        return load

    patch_load_image(monkeypatch, change)
    return failing, asked


def click(window, row: int, qtbot) -> None:
    panel = window.desk.series_panel
    place = panel.list.visualRect(panel.model.index(row)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


@pytest.mark.parametrize("way", ["thumbnail", "list", "drop", "key"])
def test_a_film_that_had_no_picture_is_tried_again_in_its_place(
    open_window, chests, failing, wait_until_idle, qtbot, way
) -> None:
    names, _ = failing
    names.add(chests[0].name)
    window = open_window(chests[0])
    wait_until_idle(window)
    desk, viewport = window.desk, window.desk.canvas.active
    assert viewport.scene.message.startswith("case0.dcm: An unexpected error")
    names.clear()
    if way == "thumbnail":
        click(window, 1, qtbot)
    elif way == "list":
        desk.worklist.opened.emit(chests[0])
    elif way == "drop":
        window.open_paths([chests[0]])
    else:
        desk.showing.scroll_to(0)
    wait_until_idle(window)
    assert viewport.frame is not None


def at_damaged_slice(open_window, ct_series, failing_names, number, wait_until_idle, qtbot):
    """Open a series of which one slice has no picture, and stand on that; return the window."""
    failing_names.add(f"slice{number:02d}.dcm")
    window = open_window(ct_series)
    wait_until_idle(window)
    window.desk.showing.scroll_to(number)
    qtbot.waitUntil(lambda: window.desk.canvas.active.scene.message.startswith(f"slice{number:02d}.dcm"))
    wait_until_idle(window)
    return window


def test_a_slice_that_had_no_picture_is_tried_again_where_it_is(
    open_window, ct_series, failing, wait_until_idle, qtbot
) -> None:
    names, _ = failing
    window = at_damaged_slice(open_window, ct_series, names, 5, wait_until_idle, qtbot)
    viewport = window.desk.canvas.active
    names.clear()
    click(window, 1, qtbot)
    qtbot.waitUntil(lambda: viewport.frame is not None)
    assert viewport.scene.position == "6 / 12"


def test_what_stands_there_or_is_on_its_way_is_not_asked_for_again(
    open_window, chests, gate, qtbot, monkeypatch, wait_until_idle
) -> None:
    window = open_window(chests[0])
    desk = window.desk
    qtbot.waitUntil(lambda: bool(gate.asked), timeout=15_000)
    asked, ask = [], desk.frames.ask
    monkeypatch.setattr(desk.frames, "ask", lambda *job: (asked.append(job), ask(*job)))
    desk.open_case(chests[0])
    gate.open()
    wait_until_idle(window)
    desk.open_case(chests[0])
    desk.showing.show_series(next(iter(desk.workspace.series)))
    assert asked == []


def test_the_wheel_at_the_end_does_not_try_a_picture_again(
    open_window, ct_series, failing, wait_until_idle, qtbot
) -> None:
    names, asked = failing
    window = at_damaged_slice(open_window, ct_series, names, 11, wait_until_idle, qtbot)
    viewport = window.desk.canvas.active
    before, message = list(asked), viewport.scene.message
    for _ in range(3):
        wheel(viewport, (200, 200), -1)
        assert viewport.scene.message == message
    wait_until_idle(window)
    assert asked == before
    wheel(viewport, (200, 200), 1)
    qtbot.waitUntil(lambda: viewport.frame is not None)
