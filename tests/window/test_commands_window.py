"""Through the real window: every command, whatever is open."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMenu

from gui.command_handlers import NO_STORED_WINDOW
from gui.commands import BY_ID, COMMANDS, Situation, is_enabled
from gui.dialogs.about import About
from gui.dialogs.keys import KeysPage
from gui.dialogs.palette import NO_MATCH, Palette
from tests.make.dicom import make_dicom
from tests.window.conftest import noise

ENDS = ("file.quit",)


def close_dialogs(window, qtbot) -> None:
    if window.desk.opening.dialog is not None:
        window.desk.opening.dialog.reject()
    if window.desk.handlers.dialog is not None:
        window.desk.handlers.dialog.reject()
    qtbot.wait(1)


@pytest.fixture
def no_desktop(monkeypatch) -> list[str]:
    """The log folder is not really opened in a file manager."""
    asked: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url.toLocalFile()))
    return asked


def test_every_command_has_a_handler(open_window) -> None:
    assert open_window().desk.handlers.ids == set(BY_ID)


def test_every_command_runs_on_an_empty_window(open_window, qtbot, no_desktop) -> None:
    window = open_window()
    for command in COMMANDS:
        if command.id not in (*ENDS, "file.open-sample"):
            window.desk.run_command(command.id)
            close_dialogs(window, qtbot)
    if window.isFullScreen():
        window.showNormal()


def test_every_handler_survives_an_empty_window_even_if_its_command_is_disabled(open_window, qtbot, no_desktop) -> None:
    window = open_window()
    for command in COMMANDS:
        if command.id not in (*ENDS, "file.open-sample"):
            window.desk.handlers._table[command.id]()
            close_dialogs(window, qtbot)
    if window.isFullScreen():
        window.showNormal()


def test_every_command_runs_on_a_read_image(open_window, chests, wait_until_idle, qtbot, no_desktop) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    last = ("file.close-all", *ENDS)
    for command in sorted(COMMANDS, key=lambda one: one.id in last):
        if command.id not in (*ENDS, "file.open-sample"):
            window.desk.run_command(command.id)
            close_dialogs(window, qtbot)
    assert not window.desk.workspace.rows
    if window.isFullScreen():
        window.showNormal()
    wait_until_idle(window)


def test_menus_hold_every_command(open_window) -> None:
    window = open_window()
    shown = {action.objectName() for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()}
    assert set(BY_ID) <= shown


def test_only_what_can_act_is_enabled_on_an_empty_window(open_window) -> None:
    window = open_window()
    window.desk.update_actions()
    for command in COMMANDS:
        now = window.desk.handlers.situation()
        assert window.desk.actions.by_id[command.id].isEnabled() == is_enabled(command, now)
    assert not window.toolbar.buttons["view.invert"].isEnabled()
    assert "needs an open image" in window.toolbar.buttons["view.invert"].toolTip()
    assert not is_enabled(BY_ID["findings.heatmap"], Situation())


@pytest.mark.parametrize("key, why", [
    (Qt.Key.Key_4, "Lung (-600 / 1500): needs a CT in Hounsfield units"),
    (Qt.Key.Key_2, "Next stored window: the file stores no second window"),
    (Qt.Key.Key_1, NO_STORED_WINDOW),
    (Qt.Key.Key_PageDown, "Next series: needs several series"),
])
def test_a_key_that_does_nothing_says_why_in_the_status_line(
    open_window, tmp_path, wait_until_idle, qtbot, key, why
) -> None:
    window = open_window(make_dicom(tmp_path / "film.dcm", noise(), Modality="CR"))
    wait_until_idle(window)
    before = window.desk.canvas.active.shown_voi
    qtbot.keyClick(window.desk.canvas.active, key)
    assert window.status.hint.text() == why
    assert window.desk.canvas.active.shown_voi is before
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_0)
    assert window.desk.canvas.active.shown_voi == before
    assert window.notices.text() == ""


def test_a_key_that_is_held_to_peek_does_nothing_and_says_why_where_its_command_is_disabled(
    open_window, chest, wait_until_idle, qtbot
) -> None:
    window = open_window()
    desk = window.desk
    for key, why in ((Qt.Key.Key_Q, "Heatmap: no map of a finding over a picture"),
                     (Qt.Key.Key_O, "Segmentations and maps: needs an open segmentation or parametric map")):
        qtbot.keyClick(desk.canvas.active, key)
        assert window.status.hint.text() == why
    assert desk.opinion.is_map_on and desk.layers.is_on
    window.open_paths([chest])
    wait_until_idle(window)
    assert desk.canvas.active.heat_is_visible


def test_ctrl_k_finds_and_runs_a_command(open_window, qtbot) -> None:
    window = open_window()
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.desk.handlers.dialog
    assert isinstance(palette, Palette)
    qtbot.keyClicks(palette.line, "findings panel")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert not window.desk.findings_panel.isVisible()
    qtbot.waitUntil(lambda: window.desk.handlers.dialog is None)


def test_ctrl_k_says_that_nothing_matches_and_cuts_no_reason_off(open_window, qtbot) -> None:
    window = open_window()
    window.desk.run_command("help.commands")
    palette = window.desk.handlers.dialog
    assert isinstance(palette, Palette)
    assert palette.list.sizeHintForColumn(0) <= palette.list.viewport().width()
    palette.line.setText("no such thing")
    assert [palette.list.item(row).text() for row in range(palette.list.count())] == [NO_MATCH]
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()  # there is nothing to run


def test_f1_shows_the_keys_and_another_dialog_takes_its_place(open_window, qtbot) -> None:
    window = open_window()
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_F1)
    assert isinstance(window.desk.handlers.dialog, KeysPage)
    window.desk.run_command("help.about")
    about = window.desk.handlers.dialog
    assert isinstance(about, About)
    assert "Version" in about.facts.text()
    about.close()


def test_escape_leaves_the_full_screen_first(open_window, qtbot) -> None:
    window = open_window()
    window.desk.run_command("view.full-screen")
    assert window.isFullScreen()
    window.desk.reset()
    assert not window.isFullScreen()


def test_quit_closes_the_window(open_window) -> None:
    window = open_window()
    window.desk.run_command("file.quit")
    assert not window.isVisible()
    assert QApplication.instance() is not None


def test_a_right_click_offers_what_acts_on_the_picture(open_window, chest, wait_until_idle) -> None:
    from tests.make.mouse import RIGHT, press, release

    window = open_window(chest)
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    press(viewport, (100, 100), RIGHT)
    release(viewport, (100, 100), RIGHT)
    menu = window.desk._context_menu
    assert menu.isVisible()
    enabled = {action.objectName() for action in menu.actions() if action.isEnabled()}
    assert {"view.fit", "view.invert", "findings.heatmap"} <= enabled
    assert "window.lung" not in enabled
    menu.close()


@pytest.mark.parametrize("back", ["view.full-screen", "view.reset"])
def test_a_maximized_window_is_maximized_again_after_the_full_screen(open_window, back) -> None:
    window = open_window()
    window.showMaximized()
    window.desk.run_command("view.full-screen")
    assert window.isFullScreen()
    window.desk.run_command(back)
    assert window.isMaximized() and not window.isFullScreen()


def test_the_list_of_a_single_file_cannot_be_folded_and_says_why(
    open_window, chest, chests, wait_until_idle, qtbot
) -> None:
    window = open_window(chest)
    wait_until_idle(window)
    action = window.desk.actions.by_id["view.worklist"]
    assert not action.isChecked()
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.status.hint.text() == "Worklist: needs several files"
    window.open_paths(chests)
    wait_until_idle(window)
    assert window.desk.worklist.isVisible() and action.isChecked()


def test_the_palette_follows_what_there_is_to_act_on(open_window, chest, wait_until_idle, qtbot) -> None:
    window = open_window()
    window.desk.run_command("help.commands")
    palette = window.desk.handlers.dialog
    palette.line.setText("turn")
    palette.list.setCurrentRow(1)
    assert "only projection" in palette.list.item(1).text()
    window.open_paths([chest])
    wait_until_idle(window)
    assert palette.list.item(1).text() == "View: Turn right   ·   Alt+R"
    assert palette.list.currentRow() == 1
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.desk.canvas.active.state.rotation == 90
