"""Through the real window: all of it by keys, in a layout of several cells too."""

import pytest
from PySide6.QtCore import Qt

from core.settings import Settings
from gui.canvas.canvas import holds_keyboard

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def four_cells(open_window, chests, wait_until_idle, qtbot):
    """The window with read radiographs in four cells and all its panels."""
    window = open_window(*chests, settings=Settings(notice_seen=True, layout="2x2", show_header=True))
    wait_until_idle(window)
    qtbot.waitUntil(lambda: window.desk.header_panel.tree.isVisible(), timeout=15_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.desk.canvas.take_keyboard()
    return window


def area_of(window) -> str:
    """Return the name of the area that has the keyboard."""
    names = ("series_panel", "canvas", "findings_panel", "layers_panel", "header_panel", "worklist")
    return next((name for name in names if holds_keyboard(getattr(window.desk, name))), "")


def test_f6_goes_through_all_areas_that_are_there_and_shift_f6_back(four_cells, qtbot) -> None:
    way = []
    for _ in range(5):
        qtbot.keyClick(four_cells.focusWidget(), Qt.Key.Key_F6)
        way.append(area_of(four_cells))
    assert way == ["findings_panel", "header_panel", "worklist", "series_panel", "canvas"]
    back = []
    for _ in range(5):
        qtbot.keyClick(four_cells.focusWidget(), Qt.Key.Key_F6, SHIFT)
        back.append(area_of(four_cells))
    assert back == ["series_panel", "worklist", "header_panel", "findings_panel", "canvas"]
    assert four_cells.focusWidget() is four_cells.desk.canvas.active


def test_areas_that_are_folded_are_left_out(four_cells, qtbot) -> None:
    for command in ("view.series-panel", "view.header-panel", "findings.panel"):
        four_cells.desk.run_command(command)
    for expected in ("worklist", "canvas"):
        qtbot.keyClick(four_cells.focusWidget(), Qt.Key.Key_F6)
        assert area_of(four_cells) == expected


def test_an_area_gives_the_keyboard_back_to_what_had_it_there(four_cells, qtbot) -> None:
    opacity = four_cells.desk.findings_panel.opacity
    opacity.setFocus()
    qtbot.keyClick(opacity, Qt.Key.Key_F6)
    assert area_of(four_cells) == "header_panel"
    qtbot.keyClick(four_cells.focusWidget(), Qt.Key.Key_F6, SHIFT)
    assert four_cells.focusWidget() is opacity


def test_the_series_list_the_cards_and_the_opacity_are_reached_from_a_cell(four_cells, qtbot) -> None:
    desk = four_cells.desk
    qtbot.keyClick(four_cells.focusWidget(), Qt.Key.Key_F6)
    panel = desk.findings_panel
    for expected in (panel.cards[0], panel.opacity):
        assert four_cells.focusWidget() is expected
        qtbot.keyClick(expected, Qt.Key.Key_Tab)
    desk.canvas.take_keyboard()
    qtbot.keyClick(desk.canvas.active, Qt.Key.Key_F6, SHIFT)
    assert four_cells.focusWidget() is desk.series_panel.list


def test_an_empty_window_has_one_area(open_window, qtbot) -> None:
    window = open_window(settings=Settings(notice_seen=True, show_findings=False))
    window.desk.canvas.take_keyboard()
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_F6)
    assert window.focusWidget() is window.desk.canvas.active
