"""Through the real window: what the network says, in the words for it, over the right image."""

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

import core.reading.read_image
from core.findings.wording import RESEARCH_NOTICE
from core.refusal import Reason, Refusal
from core.settings import Settings
from core.triage.rows import State
from gui.canvas.overlay_boxes import MARGIN
from gui.canvas.paint_words import reading_box, reading_text
from gui.threads.frame_thread import FrameAnswer
from gui.worklist.worklist_model import TITLES
from tests.make.dicom import make_dicom
from tests.make.extent import add_made_extent
from tests.make.mouse import drag
from tests.window.conftest import noise


@pytest.fixture
def read_chest(open_window, chest, wait_until_idle):
    """The window on a chest radiograph that was read, its finding above threshold."""
    window = open_window(chest)
    wait_until_idle(window)
    return window


def test_the_findings_are_said_with_threshold_model_and_device(read_chest) -> None:
    text = read_chest.desk.findings_panel.text()
    assert "Opacity / consolidation: 0.50, above threshold 0.30" in text
    assert "Not assessed: nodule, pneumothorax" in text
    assert "Model: made 0.0 · " in text
    assert "Read on: CPU · " in text
    assert RESEARCH_NOTICE in text
    assert read_chest.desk.status.device.text() == "CPU"


def test_the_map_of_a_finding_above_threshold_lies_over_its_image(read_chest) -> None:
    viewport = read_chest.desk.canvas.active
    assert viewport.heat_is_visible
    assert viewport.scene.placement.image_size == (180, 220)
    assert "area that drove the score" in viewport.scene.reading_line


def test_a_tap_on_q_hides_the_map_and_another_brings_it_back(read_chest, qtbot) -> None:
    viewport = read_chest.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_Q)
    assert not viewport.heat_is_visible
    assert not read_chest.toolbar.buttons["findings.heatmap"].isChecked()
    qtbot.keyClick(viewport, Qt.Key.Key_Q)
    assert viewport.heat_is_visible
    assert read_chest.toolbar.buttons["findings.heatmap"].isChecked()


def test_holding_q_looks_without_the_map_while_it_is_held(read_chest, qtbot) -> None:
    viewport = read_chest.desk.canvas.active
    qtbot.keyPress(viewport, Qt.Key.Key_Q)
    assert not viewport.heat_is_visible
    qtbot.wait(300)
    assert not viewport.heat_is_visible
    qtbot.keyRelease(viewport, Qt.Key.Key_Q)
    assert viewport.heat_is_visible


def test_on_a_keyboard_with_other_letters_q_switches_the_map_once_a_tap_and_fields_take_the_letter(
    read_chest, qtbot
) -> None:
    desk = read_chest.desk
    heatmap = desk.actions.by_id["findings.heatmap"]
    assert [keys.toString() for keys in heatmap.shortcuts()] == ["Q"] and not heatmap.autoRepeat()
    # Qt finds a Latin key for shortcuts where the keyboard has another letter, offscreen it knows no keyboard
    heatmap.setShortcuts([QKeySequence(Qt.Key.Key_Eacute) for _ in heatmap.shortcuts()])

    def type_into(widget) -> None:
        QTest.sendKeyEvent(QTest.KeyAction.Click, widget, Qt.Key.Key_Eacute, "é", Qt.KeyboardModifier.NoModifier)

    viewport = desk.canvas.active
    for is_visible in (False, True):
        type_into(viewport)
        assert viewport.heat_is_visible is is_visible
    desk.run_command("view.header-panel")
    type_into(desk.header_panel.tree.field)
    assert desk.header_panel.tree.field.text() == "é" and viewport.heat_is_visible


def test_q_is_taken_once_whatever_has_the_keyboard_and_fields_take_the_letter(read_chest, qtbot) -> None:
    desk = read_chest.desk
    done = []
    desk.actions.by_id["findings.heatmap"].triggered.connect(lambda: done.append("shortcut"))
    viewport = desk.canvas.active
    desk.run_command("view.header-panel")
    for widget, is_visible in ((viewport, False), (desk.series_panel.list, True), (read_chest, False)):
        qtbot.keyClick(widget, Qt.Key.Key_Q)
        assert viewport.heat_is_visible is is_visible
    qtbot.keyClick(desk.header_panel.tree.field, Qt.Key.Key_Q)
    assert desk.header_panel.tree.field.text() == "q" and not viewport.heat_is_visible
    assert done == []


@pytest.mark.parametrize("held", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier])
def test_the_look_without_the_map_ends_with_the_key_whatever_else_is_held(read_chest, qtbot, held) -> None:
    viewport = read_chest.desk.canvas.active
    qtbot.keyPress(viewport, Qt.Key.Key_Q)
    qtbot.wait(300)
    assert not viewport.heat_is_visible
    qtbot.keyRelease(viewport, Qt.Key.Key_Q, held)
    assert viewport.heat_is_visible
    assert read_chest.toolbar.buttons["findings.heatmap"].isChecked()


def test_the_toolbar_switches_the_map(read_chest, qtbot) -> None:
    button = read_chest.toolbar.buttons["findings.heatmap"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not read_chest.desk.canvas.active.heat_is_visible
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert read_chest.desk.canvas.active.heat_is_visible


def test_the_slider_sets_the_opacity_and_it_is_remembered(read_chest) -> None:
    read_chest.desk.findings_panel.opacity.setValue(30)
    assert read_chest.desk.canvas.active.scene.heat_opacity == pytest.approx(0.3)
    read_chest.close()
    path = read_chest.remembered._path
    assert json.loads(path.read_text())["heatmap_opacity"] == pytest.approx(0.3)


def test_a_drawn_region_says_what_part_of_the_score_comes_from_it(read_chest, qtbot) -> None:
    viewport, panel = read_chest.desk.canvas.active, read_chest.desk.findings_panel
    qtbot.keyClick(viewport, Qt.Key.Key_G)
    middle = (viewport.width() / 2, viewport.height() / 2)
    drag(viewport, (middle[0] - 60, middle[1] - 60), (120, 120))
    share = viewport.scene.region_share
    assert share
    assert panel.region.text() == share
    assert "score" in share or "logits" in share


def test_two_cells_with_one_film_have_each_the_share_of_its_own_region(
    read_chest, chest, qtbot, wait_until_idle
) -> None:
    desk, panel = read_chest.desk, read_chest.desk.findings_panel
    desk.run_command("view.layout-1x2")
    desk.canvas.activate_next()
    desk.open_case(chest)
    wait_until_idle(read_chest)
    reading = desk.workspace.readings[chest, 0]
    finding = replace(reading.findings[0], evidence=np.full_like(reading.findings[0].evidence, 3), constant=0.0)
    desk.workspace.add_reading(replace(reading, findings=(finding,)))
    qtbot.keyClick(desk.canvas.active, Qt.Key.Key_G)
    for viewport, size in zip(desk.canvas.viewports, (60, 160), strict=True):
        at = (viewport.width() / 2 - size / 2, viewport.height() / 2 - size / 2)
        drag(viewport, at, (size, size))
    shares = [viewport.scene.region_share for viewport in desk.canvas.viewports]
    assert all(shares) and shares[0] != shares[1]
    for _ in range(2):
        desk.canvas.activate_next()
        assert panel.region.text() == desk.canvas.active.scene.region_share


def test_about_says_where_readings_run_after_a_card_gave_up(read_chest, chest, wait_until_idle, monkeypatch) -> None:
    look = core.reading.read_image.Model.look

    def gives_up(self, inputs):
        self.fall_back("made up")
        return look(self, inputs)

    monkeypatch.setattr(core.reading.read_image.Model, "look", gives_up)
    read_chest.desk.run_command("findings.read-again")
    wait_until_idle(read_chest)
    read_chest.desk.run_command("help.about")
    about = read_chest.desk.handlers.dialog
    assert "Reads on: cpu (cpu failed: made up)" in about.facts.text()
    about.close()


def test_nothing_is_drawn_for_a_finding_below_threshold_unless_asked(
    open_window, chest, calm_model_folder, wait_until_idle, qtbot
) -> None:
    window = open_window(chest, model=calm_model_folder)
    wait_until_idle(window)
    panel, viewport = window.desk.findings_panel, window.desk.canvas.active
    assert "No listed finding above threshold (1 looked for). Does not exclude disease." in panel.text()
    assert not viewport.heat_is_visible
    assert "normal" not in panel.text().casefold()
    qtbot.mouseClick(panel.below, Qt.MouseButton.LeftButton)
    assert viewport.heat_is_visible
    assert "below threshold" in viewport.scene.heat_label
    qtbot.mouseClick(panel.below, Qt.MouseButton.LeftButton)
    assert not viewport.heat_is_visible


def is_said(desk, path: Path, *findings: tuple[str, float]) -> None:
    """Let a file's reading come again, with findings of these labels and probabilities, their thresholds 0.5."""
    before = desk.workspace.readings[path, 0]
    reading = replace(before, findings=tuple(
        replace(before.findings[0], label=label, probability=probability, threshold=0.5)
        for label, probability in findings
    ))
    desk.workspace.add_reading(reading)
    desk.opinion.reading_arrived(reading)


def marked(panel) -> list[str]:
    return [card.finding.label for card in panel.cards if card.isChecked()]


@pytest.fixture
def one_above_one_below(read_chest, chest):
    """The window on a radiograph with a finding above its threshold and two below theirs."""
    is_said(read_chest.desk, chest, ("High", 0.9), ("Low", 0.2), ("Middle", 0.4))
    return read_chest


def test_the_map_of_a_finding_below_threshold_can_be_seen_beside_one_above(one_above_one_below, qtbot) -> None:
    panel, viewport = one_above_one_below.desk.findings_panel, one_above_one_below.desk.canvas.active
    assert (viewport.scene.heat_label, marked(panel)) == ("High", ["High"])
    for _ in range(2):
        qtbot.mouseClick(panel.below, Qt.MouseButton.LeftButton)
        assert (viewport.scene.heat_label, marked(panel)) == ("Middle, below threshold", ["Middle"])
        assert panel.below.isChecked()
        qtbot.mouseClick(panel.below, Qt.MouseButton.LeftButton)
        assert (viewport.scene.heat_label, marked(panel)) == ("High", ["High"])
        assert not panel.below.isChecked()


def test_the_panel_marks_the_card_whose_map_is_drawn_whichever_is_clicked(one_above_one_below, qtbot) -> None:
    panel, viewport = one_above_one_below.desk.findings_panel, one_above_one_below.desk.canvas.active

    def seen_after_click(button) -> tuple[str, list[str], bool]:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        return viewport.scene.heat_label, marked(panel), panel.below.isChecked()

    high, low, _ = panel.cards
    assert seen_after_click(high) == ("High", ["High"], False)
    assert seen_after_click(panel.below) == ("Middle, below threshold", ["Middle"], True)
    assert seen_after_click(low) == ("Low, below threshold", ["Low"], True)
    assert seen_after_click(high) == ("High", ["High"], False)
    assert seen_after_click(panel.below) == ("Middle, below threshold", ["Middle"], True)
    assert seen_after_click(panel.below) == ("High", ["High"], False)
    assert seen_after_click(low) == ("High", ["High"], False)  # it needs its wish
    assert seen_after_click(panel.below) == ("Low, below threshold", ["Low"], True)


def test_a_map_is_chosen_in_every_cell_with_that_image(one_above_one_below, chest, qtbot) -> None:
    desk = one_above_one_below.desk
    desk.run_command("view.layout-1x2")
    desk.canvas.activate_next()
    desk.open_case(chest)
    qtbot.waitUntil(lambda: desk.showing.on_screen(1) is not None)
    desk.run_command("findings.show-below")
    assert [view.scene.heat_label for view in desk.canvas.viewports] == ["Middle, below threshold"] * 2


@pytest.mark.parametrize("now", [(("Opacity", 0.9),), (("High", 0.9), ("Low", 0.2))])
def test_what_was_chosen_among_other_findings_is_chosen_no_more(one_above_one_below, chest, qtbot, now) -> None:
    desk = one_above_one_below.desk
    panel, viewport = desk.findings_panel, desk.canvas.active
    qtbot.mouseClick(panel.below, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.cards[2], Qt.MouseButton.LeftButton)
    assert marked(panel) == ["Middle"]
    is_said(desk, chest, *now)  # as for another age
    assert (viewport.scene.heat_label, marked(panel)) == (now[0][0], [now[0][0]])
    assert not panel.below.isChecked()
    is_said(desk, chest, ("High", 0.9), ("Low", 0.2), ("Middle", 0.4))
    assert viewport.scene.heat_label == "High"


def test_what_was_chosen_stays_chosen_when_the_same_is_said_again(one_above_one_below, chest, qtbot) -> None:
    desk = one_above_one_below.desk
    qtbot.mouseClick(desk.findings_panel.below, Qt.MouseButton.LeftButton)
    is_said(desk, chest, ("High", 0.8), ("Low", 0.3), ("Middle", 0.2))
    assert desk.canvas.active.scene.heat_label == "Low, below threshold"
    assert desk.findings_panel.below.isChecked()


@pytest.fixture
def on_the_way(open_window, chests, wait_until_idle, monkeypatch):
    """The window on the first radiograph while the second, read too, is asked for and does not come."""
    window = open_window(*chests)
    wait_until_idle(window)
    desk = window.desk
    assert desk.canvas.active.image.path == chests[0]
    is_said(desk, chests[0], ("Here high", 0.9), ("Here low", 0.1))
    is_said(desk, chests[1], ("There high", 0.9), ("There low", 0.1), ("There too", 0.2))
    with monkeypatch.context() as held:
        held.setattr(desk.frames, "ask", lambda *job: None)
        desk.open_case(chests[1])
    assert desk.showing.on_screen(0) is None and desk.canvas.active.image.path == chests[0]
    return window


def test_no_map_of_an_awaited_image_is_drawn_over_the_picture_before(on_the_way, chests, qtbot) -> None:
    desk = on_the_way.desk
    panel, viewport = desk.findings_panel, desk.canvas.active
    panel.finding_chosen.emit(0)
    assert viewport.scene.heat_label == "Here high"
    panel.below_asked.emit()
    assert viewport.scene.heat_label == "Here low, below threshold"
    assert marked(panel) == ["Here low"]
    is_said(desk, chests[1], ("There high", 0.9), ("There low", 0.1))
    assert viewport.scene.heat_label == "Here low, below threshold"
    desk.showing.draw_again()
    qtbot.waitUntil(lambda: desk.showing.on_screen(0) is not None)
    assert viewport.scene.heat_label == "There high"
    assert marked(panel) == ["There high"]


def test_the_panel_tells_of_the_picture_that_is_there_and_then_that_another_is_opened(on_the_way, qtbot) -> None:
    desk = on_the_way.desk
    panel = desk.findings_panel
    assert "Here high: 0.90" in panel.text()  # at first, so that scrolling does not flicker
    assert "There" not in panel.text()
    qtbot.waitUntil(lambda: panel.text().startswith("Opening…"))
    assert "high" not in panel.text() and not panel.cards
    desk.showing.draw_again()
    qtbot.waitUntil(lambda: desk.showing.on_screen(0) is not None)
    assert "There high: 0.90" in panel.text()


def test_the_panel_follows_to_a_cell_whose_picture_is_on_its_way(on_the_way, chests, qtbot) -> None:
    desk = on_the_way.desk
    desk.run_command("view.layout-1x2")
    desk.canvas.activate_next()
    desk.open_case(chests[1])
    qtbot.waitUntil(lambda: desk.showing.on_screen(1) is not None)
    assert "There high: 0.90" in desk.findings_panel.text()
    desk.canvas.activate_next()
    assert "There" not in desk.findings_panel.text()
    desk.run_command("view.layout-1x1")


def test_the_panel_tells_of_an_image_that_cannot_be_shown(on_the_way, chests) -> None:
    desk = on_the_way.desk
    image = desk.workspace.image(chests[1])
    desk.frames.answered.emit(FrameAnswer(0, image, 0, Refusal(Reason.DAMAGED, chests[1])))
    assert desk.canvas.active.frame is None
    assert "There high: 0.90" in desk.findings_panel.text()


@pytest.mark.parametrize("attributes, words", [
    ({"ViewPosition": "LL"}, "Not analysed: lateral view"),
    ({"Modality": "CT"}, "Not analysed: CT, not a chest radiograph"),
    ({"BodyPartExamined": "HAND"}, "Not analysed: hand, not a chest"),
])
def test_a_refused_image_says_why_and_shows_no_map(open_window, tmp_path, wait_until_idle, attributes, words) -> None:
    window = open_window(make_dicom(tmp_path / "other.dcm", noise(), **attributes))
    wait_until_idle(window)
    assert words in window.desk.findings_panel.text()
    assert not window.desk.findings_panel.cards
    assert not window.desk.canvas.active.heat_is_visible
    assert words in window.desk.canvas.active.scene.reading_line


def test_several_frames_are_refused(open_window, tmp_path, wait_until_idle) -> None:
    window = open_window(make_dicom(tmp_path / "cine.dcm", noise(shape=(3, 200, 200))))
    wait_until_idle(window)
    assert "Not analysed: 3 frames, not one film" in window.desk.findings_panel.text()


def test_a_model_whose_weights_are_not_the_cards_is_refused_and_the_image_is_still_shown(
    open_window, chest, tmp_path, model_folder, wait_until_idle
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in model_folder.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    weights = bytearray((broken / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (broken / "weights.safetensors").write_bytes(weights)
    window = open_window(chest, model=broken)
    wait_until_idle(window)
    text = window.desk.findings_panel.text()
    assert text.startswith("AI: off")
    assert "SHA-256" in text
    assert window.desk.canvas.active.frame is not None
    assert window.desk.status.device.text() == "AI: off"
    assert window.desk.status.counts.text() == "1 file · 0 read · 1 failed"


def test_a_missing_model_leaves_a_viewer(open_window, chest, tmp_path, wait_until_idle) -> None:
    window = open_window(chest, model=tmp_path / "none")
    wait_until_idle(window)
    assert window.desk.findings_panel.text().startswith("AI: off")
    assert window.desk.canvas.active.frame is not None


def test_a_late_answer_never_stands_over_another_image(open_window, chests, gate, qtbot, wait_until_idle) -> None:
    window = open_window(*chests)
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 4 and desk.workspace.model is not None, timeout=15_000)
    for path in (*chests, *chests[:2]):
        desk.open_case(path)
        qtbot.wait(20)
    gate.open()
    wait_until_idle(window)
    assert desk.canvas.active.image.path == chests[1]
    assert desk.opinion.current_reading().path == chests[1]
    assert {reading.path for reading in desk.workspace.readings.values()} == set(chests)


def test_an_overtaken_request_is_dropped_and_only_the_newest_is_answered(
    open_window, chests, gate, qtbot, wait_until_idle
) -> None:
    window = open_window()
    reading = window.desk.reading
    qtbot.waitUntil(lambda: window.desk.workspace.can_read, timeout=15_000)
    from core.dicom.load_image import load_image

    images = [load_image(path) for path in chests[:3]]
    answered = []
    reading.answered.connect(lambda one: answered.append(one.path))
    for image in images:
        reading.ask(image)
        qtbot.wait(30)
    gate.open()
    qtbot.waitUntil(lambda: not reading.is_busy, timeout=15_000)
    assert answered == [chests[2]]


def test_cancel_stops_reading_and_the_panel_says_so(open_window, chests, gate, qtbot, wait_until_idle) -> None:
    window = open_window(*chests)
    desk = window.desk
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 4 and desk.workspace.can_read, timeout=15_000)
    qtbot.waitUntil(lambda: desk.reading.running_key is not None, timeout=5_000)
    desk.refresher.refresh()
    assert desk.status.cancel.isVisible()
    qtbot.mouseClick(desk.status.cancel, Qt.MouseButton.LeftButton)
    gate.open()
    wait_until_idle(window)
    assert desk.workspace.readings == {}
    assert desk.findings_panel.text().startswith("Not read: cancelled")
    assert desk.status.counts.text() == "4 files · 0 read · 4 cancelled"
    assert not desk.status.cancel.isVisible()
    qtbot.mouseClick(desk.findings_panel.retry, Qt.MouseButton.LeftButton)
    wait_until_idle(window)
    assert "above threshold" in desk.findings_panel.text()
    assert desk.status.counts.text() == "4 files · 1 read · 3 cancelled"


def test_what_is_read_again_loses_its_map_at_once_and_its_turn_never(
    open_window, chests, monkeypatch, qtbot, wait_until_idle
) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    desk, started = window.desk, threading.Event()
    hold = threading.Event()
    read = core.reading.read_image.read_image

    def slow(*arguments, **more):
        started.set()
        hold.wait(10)
        return read(*arguments, **more)

    monkeypatch.setattr(core.reading.read_image, "read_image", slow)
    assert desk.canvas.active.heat_is_visible
    desk.run_command("findings.read-again")
    assert not desk.canvas.active.heat_is_visible
    qtbot.waitUntil(started.is_set)
    desk.open_case(chests[1])  # on to the next one before it is done
    hold.set()
    wait_until_idle(window)
    assert set(desk.workspace.readings) == {(path, 0) for path in chests}
    assert all(row.state is State.READ for row in desk.workspace.rows.values())


def make_study(home: Path, *ages: str | None) -> list[Path]:
    """Write films of one study and patient, each with an age or without one, in a folder of their own."""
    (home / "study").mkdir()
    return [
        make_dicom(home / "study" / f"film{number}.dcm", noise(number), StudyInstanceUID="1.2.9", PatientID="P",
                   SeriesInstanceUID=f"1.2.9.{number}", PatientName="A^B", PatientBirthDate="", PatientAge=age)
        for number, age in enumerate(ages)
    ]


def test_a_file_with_an_age_of_its_own_keeps_it_when_one_is_stated_for_its_study(
    open_window, tmp_path, zones_folder, wait_until_idle, qtbot
) -> None:
    _, known = make_study(tmp_path, None, "050Y")
    window = open_window(known.parent, model=zones_folder)
    wait_until_idle(window)
    panel = window.desk.findings_panel
    panel.age.field.setText("7")
    qtbot.keyClick(panel.age.field, Qt.Key.Key_Return)
    window.desk.open_case(known)
    window.desk.run_command("findings.read-again")
    wait_until_idle(window)
    assert {path.name: reading.age_years for (path, _), reading in window.desk.workspace.readings.items()} == {
        "film0.dcm": 7.0, "film1.dcm": 50.0}


def test_an_age_that_is_stated_is_no_other_patients_where_a_study_instance_uid_was_copied(
    open_window, tmp_path, zones_folder, wait_until_idle, qtbot
) -> None:
    first, second = make_study(tmp_path, None, None)
    make_dicom(second, noise(1), StudyInstanceUID="1.2.9", PatientID="Q", SeriesInstanceUID="1.2.9.1",
               PatientName="C^D", PatientBirthDate="", PatientAge=None)
    window = open_window(first.parent, model=zones_folder)
    wait_until_idle(window)
    window.desk.open_case(first)
    panel = window.desk.findings_panel
    panel.age.field.setText("40")
    qtbot.keyClick(panel.age.field, Qt.Key.Key_Return)
    wait_until_idle(window)
    window.desk.open_case(second)
    window.desk.run_command("findings.read-again")
    wait_until_idle(window)
    readings = window.desk.workspace.readings
    assert readings[first, 0].age_years == 40 and readings[first, 0].extent is not None
    assert readings[second, 0].age_years is None and readings[second, 0].extent is None


def cancel_all(desk, gate, qtbot) -> None:
    """Cancel while four radiographs wait and one is being read."""
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 4 and desk.reading.running_key is not None, timeout=15_000)
    desk.run_command("findings.cancel")
    gate.open()
    qtbot.waitUntil(lambda: not desk.reading.is_busy, timeout=15_000)
    desk.refresher.refresh()
    assert desk.status.counts.text() == "4 files · 0 read · 4 cancelled"


def test_what_was_cancelled_says_so_and_is_no_failure(open_window, chests, gate, qtbot) -> None:
    window = open_window(*chests)
    cancel_all(window.desk, gate, qtbot)
    model = window.desk.worklist.model
    said = {tuple(model.index(row, TITLES.index(title)).data() for title in ("Priority", "State")) for row in range(4)}
    assert said == {("", "cancelled")}


def test_dropping_a_folder_again_reads_what_was_cancelled(open_window, chests, gate, qtbot, wait_until_idle) -> None:
    window = open_window(chests[0].parent)
    cancel_all(window.desk, gate, qtbot)
    window.open_paths([chests[0].parent])
    wait_until_idle(window)
    assert window.desk.status.counts.text() == "4 files · 4 read"
    assert "above threshold" in window.desk.findings_panel.text()


def test_a_command_reads_what_was_cancelled(open_window, chests, gate, qtbot, wait_until_idle) -> None:
    window = open_window(*chests)
    desk = window.desk
    assert not desk.actions.by_id["findings.resume"].isEnabled()
    cancel_all(desk, gate, qtbot)
    assert desk.actions.by_id["findings.resume"].isEnabled()
    desk.actions.by_id["findings.resume"].trigger()
    wait_until_idle(window)
    assert desk.status.counts.text() == "4 files · 4 read"
    assert "above threshold" in desk.findings_panel.text()
    assert not desk.actions.by_id["findings.resume"].isEnabled()


def test_closing_while_it_reads_ends_in_time(open_window, chests, gate, qtbot) -> None:
    window = open_window(*chests)
    desk = window.desk
    qtbot.waitUntil(lambda: desk.reading.running_key is not None, timeout=15_000)
    qtbot.waitUntil(lambda: len(gate.asked) > 0, timeout=5_000)
    gate.open()
    window.close()
    assert window.all_threads_ended
    assert not desk.reading._thread.isRunning()


def test_closing_while_the_model_loads_ends_in_time(open_window) -> None:
    window = open_window()
    window.close()
    assert window.all_threads_ended


def test_the_reading_thread_is_not_the_windows(open_window, chest, gate, wait_until_idle, qtbot) -> None:
    window = open_window(chest)
    qtbot.waitUntil(lambda: len(gate.asked) > 0, timeout=15_000)
    gate.open()
    wait_until_idle(window)
    assert threading.main_thread().name not in {thread for _, _, thread in gate.asked}


def test_an_unexpected_error_while_reading_fails_that_image_only(
    open_window, chests, wait_until_idle, monkeypatch, caplog
) -> None:
    from core.reading import read_image as module

    real = module.input_gray

    def breaks_once(frame, spec):
        if np.array_equal(frame.stored, noise(0)):
            raise ZeroDivisionError
        return real(frame, spec)

    monkeypatch.setattr(module, "input_gray", breaks_once)
    window = open_window(*chests)
    wait_until_idle(window)
    assert "Failed: failed" in window.desk.findings_panel.text()
    assert window.desk.status.counts.text() == "4 files · 3 read · 1 failed"
    assert "ZeroDivisionError" in caplog.text


def test_the_notice_is_in_the_window_when_the_panel_is_folded(open_window, chest, wait_until_idle, qtbot) -> None:
    window = open_window(chest, settings=Settings(notice_seen=True, show_findings=False))
    wait_until_idle(window)
    assert not window.desk.findings_panel.isVisible()
    assert window.status.notice.isVisible()
    assert window.status.notice.text() == RESEARCH_NOTICE
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_R)
    assert window.desk.findings_panel.isVisible()
    assert not window.status.notice.isVisible()


def test_a_small_cell_says_few_words_at_its_lower_edge_and_all_of_them_under_the_pointer(
    open_window, ct_series, wait_until_idle, monkeypatch, qtbot
) -> None:
    window = open_window(ct_series)
    wait_until_idle(window)
    window.desk.run_command("view.layout-2x2")
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    qtbot.waitUntil(lambda: viewport.width() < 500)
    viewport.grab()
    box = reading_box(viewport.scene)
    assert reading_text(viewport.scene) == "Not analysed"
    assert box.bottom() == viewport.height() - MARGIN
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(text))
    for at in (box.center().toPoint(), QPoint(viewport.width() // 2, viewport.height() // 2)):
        QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, at, viewport.mapToGlobal(at)))
    assert told == ["<p>Not analysed: CT, not a chest radiograph</p>", ""]
    assert "CT, not a chest radiograph" in window.desk.findings_panel.text()


@pytest.fixture
def zones_folder(tmp_path, model_folder):
    """The window's model, with an extent that is asked of adults."""
    folder = tmp_path / "with-zones"
    shutil.copytree(model_folder, folder)
    add_made_extent(folder)
    return folder


def test_six_zones_are_shown_for_an_adult(open_window, tmp_path, zones_folder, wait_until_idle) -> None:
    window = open_window(make_dicom(tmp_path / "adult.dcm", noise(), PatientAge="050Y"), model=zones_folder)
    wait_until_idle(window)
    panel = window.desk.findings_panel
    assert panel.extent is not None and "right 0.0 0.5 1.0, left 1.5 2.0 2.5, sum 7.5 of 18" in panel.text()
    assert not panel.age.isVisible()


def test_an_age_that_is_stated_reads_all_images_of_the_study_anew(
    open_window, tmp_path, zones_folder, wait_until_idle, qtbot
) -> None:
    first, _ = make_study(tmp_path, None, None)
    window = open_window(first.parent, model=zones_folder)
    wait_until_idle(window)
    panel = window.desk.findings_panel
    assert panel.extent is None and "the age is not known" in panel.text() and panel.age.isVisible()
    for typed, known in (("40", True), ("7", False)):
        panel.age.field.setText(typed)
        qtbot.keyClick(panel.age.field, Qt.Key.Key_Return)
        wait_until_idle(window)
        readings = window.desk.workspace.readings.values()
        assert [reading.age_years for reading in readings] == [float(typed)] * 2
        assert [reading.extent is not None for reading in readings] == [known] * 2
        assert (panel.extent is not None) is known
        assert f"Age: {typed} years, stated here" in panel.text()


def test_what_was_read_without_an_age_is_said_no_more_when_its_second_reading_is_cancelled(
    open_window, tmp_path, zones_folder, wait_until_idle, qtbot, monkeypatch
) -> None:
    make_study(tmp_path, None, None, None)
    window = open_window(tmp_path / "study", model=zones_folder)
    wait_until_idle(window)
    desk, hold, read = window.desk, threading.Event(), core.reading.read_image.read_image

    def slow(*arguments, **more):
        hold.wait(10)
        return read(*arguments, **more)

    with monkeypatch.context() as slowed:
        slowed.setattr(core.reading.read_image, "read_image", slow)
        desk.findings_panel.age.field.setText("40")
        qtbot.keyClick(desk.findings_panel.age.field, Qt.Key.Key_Return)
        assert not desk.workspace.readings and not desk.canvas.active.heat_is_visible
        desk.run_command("findings.cancel")
        hold.set()
        wait_until_idle(window)
    assert not desk.workspace.readings
    assert desk.status.counts.text() == "3 files · 0 read · 3 cancelled"
    assert desk.findings_panel.text().startswith("Not read: cancelled")
    assert desk.actions.by_id["findings.resume"].isEnabled()
    desk.actions.by_id["findings.resume"].trigger()
    wait_until_idle(window)
    assert [reading.age_years for reading in desk.workspace.readings.values()] == [40.0] * 3


def test_what_is_hidden_gives_the_keyboard_to_the_active_cell(open_window, chests, wait_until_idle, qtbot) -> None:
    window = open_window(*chests, settings=Settings(notice_seen=True, layout="1x2"))
    wait_until_idle(window)
    desk, status, notices = window.desk, window.desk.status, window.notices
    second = desk.canvas.viewports[1]
    desk.canvas.activate(second)
    wait_until_idle(window)
    card = desk.findings_panel.cards[0]
    qtbot.waitUntil(card.isVisible)
    card.setFocus()
    assert window.focusWidget() is card
    desk.run_command("findings.read-again")
    assert window.focusWidget() is second
    wait_until_idle(window)
    window.say("Something to read.")
    notices.button.setFocus()
    assert window.focusWidget() is notices.button
    qtbot.keyClick(notices.button, Qt.Key.Key_Space)
    assert window.focusWidget() is second
    status.show_work("Reading")
    status.cancel.setFocus()
    assert window.focusWidget() is status.cancel
    qtbot.keyClick(status.cancel, Qt.Key.Key_Space)
    desk.refresher.refresh()
    assert window.focusWidget() is second
    assert desk.canvas.active is second


def test_enter_in_the_field_of_the_age_gives_the_keyboard_to_the_picture(
    open_window, tmp_path, zones_folder, wait_until_idle, qtbot
) -> None:
    make_study(tmp_path, None, None)
    window = open_window(tmp_path / "study", model=zones_folder)
    wait_until_idle(window)
    field = window.desk.findings_panel.age.field
    field.setFocus()
    field.setText("40")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.focusWidget() is window.desk.canvas.active
    wait_until_idle(window)
    assert window.focusWidget() is window.desk.canvas.active
