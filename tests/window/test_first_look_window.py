"""Through the real window: findings after the reader's look, and the map that stays switched off."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from core.findings.finding import Verdict
from core.refusal import Reason, Refusal
from core.settings import Settings
from gui.panels.findings_panel import LOOK_FIRST
from gui.second_opinion import HELD_LINE
from gui.worklist.worklist_model import TITLES
from tests.make.dicom import make_dicom
from tests.make.mouse import drag
from tests.window.conftest import noise

AFTER_LOOK = Settings(notice_seen=True, findings_after_look=True)


@pytest.fixture
def held(open_window, chests, wait_until_idle):
    """The window on four read radiographs whose findings, all above threshold, wait until they are asked for."""
    window = open_window(*chests, settings=AFTER_LOOK)
    wait_until_idle(window)
    return window


def tells_findings(window) -> dict[str, bool]:
    """Return where something of the findings in the active image is told."""
    desk = window.desk
    scene, panel = desk.canvas.active.scene, desk.findings_panel
    told = {
        "panel": "above threshold" in panel.text() or "Not assessed" in panel.text() or bool(panel.cards),
        "map": scene.heat is not None,
        "line": scene.reading_line != HELD_LINE,
        "screen reader": HELD_LINE not in desk.canvas.active.accessibleDescription(),
        "region": bool(scene.region_share),
    }
    return told if scene.region is not None else {name: is_told for name, is_told in told.items() if name != "region"}


def ask_by_q(window, qtbot) -> None:
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_Q)


def ask_by_a_long_q(window, qtbot) -> None:
    qtbot.keyPress(window.desk.canvas.active, Qt.Key.Key_Q)
    qtbot.wait(300)
    qtbot.keyRelease(window.desk.canvas.active, Qt.Key.Key_Q)


def ask_by_r(window, qtbot) -> None:
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_R)


def ask_by_the_button(window, qtbot) -> None:
    qtbot.mouseClick(window.desk.findings_panel.ask, Qt.MouseButton.LeftButton)


def ask_by_enter_in_the_panel(window, qtbot) -> None:
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_F6)
    assert window.focusWidget() is window.desk.findings_panel.ask
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)


def ask_by_the_toolbar(window, qtbot) -> None:
    qtbot.mouseClick(window.toolbar.buttons["findings.heatmap"], Qt.MouseButton.LeftButton)


WAYS = [ask_by_q, ask_by_a_long_q, ask_by_r, ask_by_the_button, ask_by_enter_in_the_panel, ask_by_the_toolbar]


def test_findings_are_shown_at_once_unless_it_is_wished_otherwise(open_window, chest, wait_until_idle) -> None:
    window = open_window(chest)
    wait_until_idle(window)
    assert all(tells_findings(window).values())
    assert not window.desk.actions.by_id["findings.after-look"].isChecked()


@pytest.mark.parametrize("ask", WAYS)
def test_findings_wait_until_the_reader_asks_and_stay_shown_then(held, chests, wait_until_idle, qtbot, ask) -> None:
    desk = held.desk
    qtbot.keyClick(desk.canvas.active, Qt.Key.Key_G)
    drag(desk.canvas.active, (desk.canvas.active.width() / 2 - 60, desk.canvas.active.height() / 2 - 60), (120, 120))
    assert len(desk.workspace.readings) == 4
    assert not any(tells_findings(held).values())
    assert desk.findings_panel.text().startswith(LOOK_FIRST)
    ask(held, qtbot)
    assert all(tells_findings(held).values())
    assert desk.canvas.active.heat_is_visible and desk.findings_panel.isVisible()
    assert desk.canvas.active.region is not None
    desk.open_case(chests[1])
    wait_until_idle(held)
    assert not any(tells_findings(held).values())  # of another image they were not asked for
    desk.open_case(chests[0])
    wait_until_idle(held)
    assert all(tells_findings(held).values())


def test_the_keys_are_what_they_were_once_the_findings_are_shown(held, qtbot) -> None:
    desk = held.desk
    ask_by_q(held, qtbot)
    assert held.toolbar.buttons["findings.heatmap"].isChecked()
    ask_by_q(held, qtbot)
    assert not desk.canvas.active.heat_is_visible
    ask_by_r(held, qtbot)
    assert not desk.findings_panel.isVisible()


def test_a_folded_panel_is_unfolded_by_its_key_with_the_findings_in_it(
    open_window, chest, wait_until_idle, qtbot
) -> None:
    window = open_window(chest, settings=Settings(notice_seen=True, findings_after_look=True, show_findings=False))
    wait_until_idle(window)
    assert window.desk.canvas.active.scene.reading_line == HELD_LINE
    ask_by_r(window, qtbot)
    assert window.desk.findings_panel.isVisible()
    assert all(tells_findings(window).values())


def test_the_keyboard_goes_to_the_picture_from_the_button_that_goes(held, qtbot) -> None:
    ask_by_enter_in_the_panel(held, qtbot)
    assert held.focusWidget() is held.desk.canvas.active


def test_nothing_tells_whether_there_is_something_to_wait_for(open_window, chest, calm_model_folder, wait_until_idle,
                                                              qtbot) -> None:
    window = open_window(chest, model=calm_model_folder, settings=AFTER_LOOK)
    wait_until_idle(window)
    desk = window.desk
    actions = desk.actions.by_id
    assert not any(tells_findings(window).values())
    assert actions["findings.heatmap"].isEnabled() and not actions["findings.show-below"].isEnabled()
    desk.opinion.toggle_below()
    assert not any(tells_findings(window).values())
    ask_by_q(window, qtbot)
    assert "No listed finding above threshold" in desk.findings_panel.text()
    assert actions["findings.show-below"].isEnabled()


def test_why_an_image_was_not_read_is_said_at_once(open_window, tmp_path, wait_until_idle) -> None:
    window = open_window(make_dicom(tmp_path / "lateral.dcm", noise(), ViewPosition="LL"), settings=AFTER_LOOK)
    wait_until_idle(window)
    assert "Not analysed: lateral view" in window.desk.findings_panel.text()
    assert "Not analysed: lateral view" in window.desk.canvas.active.scene.reading_line


def test_each_cell_holds_its_own_findings_back(held, chests, wait_until_idle, qtbot) -> None:
    desk = held.desk
    ask_by_q(held, qtbot)
    desk.run_command("view.layout-1x2")
    wait_until_idle(held)
    first, second = desk.canvas.viewports
    assert second.image.path == chests[1]
    assert first.heat_is_visible and not second.heat_is_visible
    desk.canvas.activate(second)
    assert second.scene.reading_line == HELD_LINE and desk.findings_panel.text().startswith(LOOK_FIRST)
    ask_by_q(held, qtbot)
    assert first.heat_is_visible and second.heat_is_visible


def told_in_the_list(window) -> list[tuple[str, str]]:
    window.desk.refresher.refresh()
    model = window.desk.worklist.model
    columns = TITLES.index("Priority"), TITLES.index("Finding")
    return [tuple(model.index(row, column).data() for column in columns) for row in range(model.rowCount())]


def test_the_list_has_its_order_and_flags_but_tells_no_finding_that_is_held_back(held, qtbot) -> None:
    assert told_in_the_list(held) == [("◆ flagged", "after your look")] * 4
    assert held.desk.worklist.model.index(0, TITLES.index("Probability")).data() == "–"
    ask_by_q(held, qtbot)
    waiting = [("◆ flagged", "after your look")] * 3
    assert sorted(told_in_the_list(held)) == [("◆ flagged", "Opacity / consolidation"), *waiting]


def test_switching_it_keeps_what_was_seen_and_is_remembered(open_window, chests, wait_until_idle, qtbot) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    desk = window.desk
    desk.run_command("findings.after-look")
    assert desk.actions.by_id["findings.after-look"].isChecked()
    assert all(tells_findings(window).values())  # was seen before
    desk.open_case(chests[1])
    wait_until_idle(window)
    assert not any(tells_findings(window).values())
    desk.run_command("findings.after-look")
    assert all(tells_findings(window).values())
    desk.run_command("findings.after-look")
    window.close()
    assert json.loads(window.remembered._path.read_text())["findings_after_look"] is True


def test_after_closing_all_the_same_path_is_looked_at_anew(held, chests, wait_until_idle, qtbot) -> None:
    ask_by_q(held, qtbot)
    held.desk.run_command("file.close-all")
    held.open_paths([chests[0]])
    wait_until_idle(held)
    assert not any(tells_findings(held).values())


@pytest.mark.parametrize("leaves", ["release", "another window"])
def test_a_look_without_the_map_that_ends_on_another_image_does_not_show_its_findings(
    held, chests, wait_until_idle, qtbot, leaves
) -> None:
    desk = held.desk
    ask_by_q(held, qtbot)
    qtbot.keyPress(desk.canvas.active, Qt.Key.Key_Q)
    assert not desk.canvas.active.heat_is_visible
    desk.open_case(chests[1])
    wait_until_idle(held)
    qtbot.wait(300)
    if leaves == "release":
        qtbot.keyRelease(desk.canvas.active, Qt.Key.Key_Q)
    else:
        QApplication.sendEvent(held, QEvent(QEvent.Type.WindowDeactivate))
    assert not any(tells_findings(held).values())
    assert desk.opinion.holds_back(chests[1])
    desk.open_case(chests[0])
    wait_until_idle(held)
    assert desk.canvas.active.heat_is_visible


def test_what_was_read_in_a_cell_out_of_sight_is_seen_when_that_comes_into_sight(
    open_window, chests, gate, wait_until_idle, qtbot
) -> None:
    window = open_window(*chests[:2])
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 2 and not desk.scan.is_busy, timeout=15_000)
    desk.run_command("view.layout-1x2")
    desk.run_command("view.maximize")
    gate.open()
    wait_until_idle(window)
    assert desk.canvas.viewports[1].scene.heat is not None
    desk.run_command("findings.after-look")
    assert [desk.opinion.holds_back(path) for path in chests[:2]] == [False, True]
    desk.run_command("findings.after-look")
    desk.run_command("view.maximize")
    desk.run_command("findings.after-look")
    assert [desk.opinion.holds_back(path) for path in chests[:2]] == [False, False]


def test_the_findings_of_an_image_that_could_not_be_read_before_were_not_seen(
    open_window, chest, wait_until_idle
) -> None:
    window = open_window(chest)
    wait_until_idle(window)
    desk = window.desk
    found, opinion = desk.opinion.current_reading(), desk.opinion
    opinion._first_look.forget()
    failed = replace(found, verdict=Verdict.FAILED, findings=(), refusal=Refusal(Reason.FAILED, chest))
    for reading in (failed, found):
        desk.workspace.add_reading(reading)
        opinion.reading_arrived(reading)
        opinion.set_after_look(True)
    assert opinion.holds_back(chest)
    assert not any(tells_findings(window).values())


def test_the_map_stays_switched_off_at_the_next_start(open_window, chest, wait_until_idle, qtbot) -> None:
    window = open_window(chest)
    wait_until_idle(window)
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_Q)
    window.close()
    stored = window.remembered.settings
    assert json.loads(window.remembered._path.read_text())["show_map"] is False
    again = open_window(chest, settings=stored)
    wait_until_idle(again)
    assert not again.desk.canvas.active.heat_is_visible
    assert not again.toolbar.buttons["findings.heatmap"].isChecked()
    qtbot.keyClick(again.desk.canvas.active, Qt.Key.Key_Q)
    assert again.desk.canvas.active.heat_is_visible
    assert again.remembered.settings.show_map
