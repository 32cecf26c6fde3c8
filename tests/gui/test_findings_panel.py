"""gui.panels.findings_panel: one state at a time, in the words of core.findings.wording."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from core.findings.extent import Extent
from core.findings.finding import Finding, ModelIdentity, Reading, Verdict
from core.findings.wording import CAUTION_UNCONFIRMED, RESEARCH_NOTICE
from core.refusal import Reason, Refusal
from gui.panels.extent_strip import CELL_PX, GAP_PX, GRID_TOP_PX
from gui.panels.finding_card import HEIGHT_PX, FindingCard
from gui.panels.findings_panel import LOOK_FIRST, FindingsPanel, device_name
from tests.make.screen import painted


def finding(probability: float, label: str = "Opacity", threshold: float = 0.46, **more) -> Finding:
    return Finding(label, probability, threshold, 0.0, 0.0, np.zeros((2, 2), np.float32), 1.0, **more)


def reading(*findings: Finding, verdict: Verdict = Verdict.FITS, **more) -> Reading:
    model = ModelIdentity("made", "1.0", "9f3c1a7e" + "0" * 56)
    return Reading(Path("/x/chest.dcm"), 0, verdict, model, findings=findings, device="cpu", seconds=0.04, **more)


@pytest.fixture
def panel(qtbot):
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.resize(340, 700)
    panel.show()
    return panel


def test_the_notice_is_always_there(panel) -> None:
    panel.show_nothing()
    assert RESEARCH_NOTICE in panel.text()


@pytest.mark.parametrize("show, words", [
    (lambda panel: panel.show_off(None), "AI: off"),
    (lambda panel: panel.show_opening(), "Opening…"),
    (lambda panel: panel.show_waiting(3), "AI: waiting (3rd)"),
    (lambda panel: panel.show_reading_now(), "AI: reading..."),
    (lambda panel: panel.show_not_read(), "Not read: cancelled"),
    (lambda panel: panel.show_held_back(), LOOK_FIRST),
])
def test_states_without_a_reading_say_so_and_show_nothing_of_the_last_one(panel, show, words) -> None:
    panel.show_reading(reading(finding(0.82)))
    show(panel)
    assert panel.state.accessibleName() == f"State of the reading: {words}"
    assert panel.text().splitlines()[0] == words
    assert "Opacity" not in panel.text()
    assert panel.cards == []


def test_why_the_model_is_off_is_said(panel) -> None:
    panel.show_off(Refusal(Reason.MODEL_DAMAGED, Path("/m/weights.safetensors"), {"detail": "its SHA-256 differs"}))
    assert "SHA-256 differs" in panel.text()
    assert "Viewing works" in panel.text()


def test_a_finding_says_number_threshold_and_side_of_it(panel) -> None:
    panel.show_reading(reading(finding(0.82), finding(0.07, "Nodule"), not_assessed=("fracture", "effusion")))
    text = panel.text()
    assert "Opacity: 0.82, above threshold 0.46" in text
    assert "Nodule: 0.07, below threshold 0.46" in text
    assert "Not assessed: fracture, effusion" in text
    assert "Model: made 1.0 · 9f3c1a7e" in text
    assert "Read on: CPU · 0.04 s" in text


def test_nothing_above_threshold_never_reads_like_all_clear(panel) -> None:
    panel.show_reading(reading(finding(0.07)))
    assert "No listed finding above threshold (1 looked for). Does not exclude disease." in panel.text()
    assert "normal" not in panel.text().casefold()


def test_an_uncertain_reading_says_why(panel) -> None:
    panel.show_reading(reading(finding(0.5, is_uncertain=True), verdict=Verdict.UNCERTAIN,
                               cautions=(CAUTION_UNCONFIRMED,)))
    assert panel.text().startswith("Uncertain")
    assert CAUTION_UNCONFIRMED in panel.text()


def test_a_refused_image_has_no_cards_and_no_retry_a_failed_one_can_be_read_again(panel, qtbot) -> None:
    panel.show_reading(reading(verdict=Verdict.REFUSED, refusal=Refusal(Reason.COLOR, Path("/x/a.png"))))
    assert panel.text().startswith("Not analysed: color picture")
    assert panel.text().count("Not analysed") == 1
    assert "Read on" not in panel.text()  # nothing was
    assert not panel.retry.isVisible()
    panel.show_reading(reading(verdict=Verdict.FAILED, refusal=Refusal(Reason.FAILED, Path("/x/a.png"))))
    assert panel.text().startswith("Failed: ")
    with qtbot.waitSignal(panel.retry_asked):
        qtbot.mouseClick(panel.retry, Qt.MouseButton.LeftButton)


def test_a_card_asks_for_its_map_and_only_the_window_marks_it(panel, qtbot) -> None:
    panel.show_reading(reading(finding(0.82), finding(0.6, "Nodule")))
    panel.mark_finding(0, False)
    with qtbot.waitSignal(panel.finding_chosen) as chosen:
        qtbot.mouseClick(panel.cards[1], Qt.MouseButton.LeftButton)
    assert chosen.args == [1]
    assert [card.isChecked() for card in panel.cards] == [True, False]
    panel.mark_finding(1, False)
    assert [card.isChecked() for card in panel.cards] == [False, True]


def test_the_wish_for_a_map_below_threshold_is_offered_only_where_there_is_one(panel) -> None:
    panel.show_reading(reading(finding(0.82)))
    panel.mark_finding(0, False)
    assert not panel.below.isVisible()
    panel.show_reading(reading(finding(0.07)))
    panel.mark_finding(None, False)
    assert panel.below.isVisible()
    assert not panel.opacity.isEnabled()


def test_setting_the_opacity_from_outside_does_not_echo(panel, qtbot) -> None:
    with qtbot.assertNotEmitted(panel.opacity_changed):
        panel.set_opacity(0.25)
    assert panel.opacity.value() == 25


def pixel_row(card) -> list[tuple[int, int, int]]:
    image = card.grab().toImage()
    y = 41  # through the bar
    return [image.pixelColor(x, y).getRgb()[:3] for x in range(image.width())]


def test_the_bar_is_as_long_as_the_probability_and_amber_only_above_threshold(panel, qtbot) -> None:
    panel.show_reading(reading(finding(0.75, threshold=0.25), finding(0.25, "Nodule", threshold=0.75)))
    qtbot.wait(1)
    above, below = (pixel_row(card) for card in panel.cards)
    amber, tick = (231, 168, 74), (213, 217, 224)
    inner = panel.cards[0].width() - 24
    assert above.count(amber) == pytest.approx(0.75 * inner, abs=6)
    assert above.index(tick) == pytest.approx(12 + 0.25 * inner, abs=2)
    assert amber not in below
    assert below.index(tick) == pytest.approx(12 + 0.75 * inner, abs=2)


@pytest.mark.parametrize("device, name", [
    ("cpu", "CPU"), ("cuda:0", "GPU (cuda:0)"), ("mps", "GPU (mps)"),
    ("cpu (cuda failed: OutOfMemoryError)", "CPU (cuda failed: OutOfMemoryError)"),
])
def test_the_device_that_was_really_used_is_named(device, name) -> None:
    assert device_name(device) == name


EXTENT = Extent("Extent by zones (Brixia score)", (0.2, 1.0, 2.4, 0.0, 1.5, 3.0), 0.5, 2.0, "made adults")


def test_the_extent_stands_under_the_findings_and_goes_with_the_reading(panel) -> None:
    panel.show_reading(reading(finding(0.82), extent=EXTENT, age_years=50.0))
    assert "right 0.2 1.0 2.4, left 0.0 1.5 3.0, sum 8.1 of 18" in panel.text()
    for part in ("Brixia", "made adults", "off by 0.5 a zone"):
        assert part in panel.extent.toolTip()
    panel.show_reading(reading(finding(0.82)))
    assert panel.extent is None and "sum" not in panel.text()


def test_zones_lie_as_the_lungs_do_and_grow_lighter_with_their_score(panel) -> None:
    panel.show_reading(reading(finding(0.82), extent=EXTENT))
    picture = panel.extent.grab().toImage()
    def lightness(column: float, row: int) -> float:
        y = GRID_TOP_PX + row * (CELL_PX + GAP_PX) + 4
        return picture.pixelColor(int(picture.width() * column), int(y * picture.devicePixelRatio())).lightnessF()
    right, left = [lightness(0.15, row) for row in range(3)], [lightness(0.85, row) for row in range(3)]
    assert right[0] < right[1] < right[2] and left[0] < left[1] < left[2]
    assert left[0] < right[0] and left[1] > right[1] and left[2] > right[2]


def test_an_age_that_the_file_lacks_can_be_stated_and_taken_back(panel, qtbot) -> None:
    panel.show_reading(reading(finding(0.82), age_years=50.0))
    assert not panel.age.isVisible()  # the file has it
    panel.show_reading(reading(finding(0.82), wants_age=True))
    assert panel.age.isVisible() and "Age: not in the file" in panel.text()
    qtbot.keyClicks(panel.age.field, "45")
    with qtbot.waitSignal(panel.age_stated) as stated:
        qtbot.keyClick(panel.age.field, Qt.Key.Key_Return)
    assert stated.args == [45.0]
    with qtbot.assertNotEmitted(panel.age_stated):  # the same once more is no statement
        qtbot.keyClick(panel.age.field, Qt.Key.Key_Return)
    panel.show_reading(reading(finding(0.82), wants_age=True, age_years=45.0))
    assert "Age: 45 years, stated here" in panel.text()
    panel.age.field.clear()
    with qtbot.waitSignal(panel.age_stated) as stated:
        qtbot.keyClick(panel.age.field, Qt.Key.Key_Return)
    assert stated.args == [None]


def test_escape_takes_back_an_age_that_was_typed_and_not_entered(panel, qtbot) -> None:
    panel.show_reading(reading(finding(0.82), wants_age=True, age_years=45.0))
    panel.age.field.selectAll()
    qtbot.keyClicks(panel.age.field, "7")
    assert panel.age.field.text() == "7"
    with qtbot.assertNotEmitted(panel.age_stated):
        qtbot.keyClick(panel.age.field, Qt.Key.Key_Escape)
        panel.age.field.editingFinished.emit()
    assert panel.age.field.text() == "45"


def test_escape_is_not_for_an_age_that_is_as_it_was_shown(panel, qtbot) -> None:
    panel.show_reading(reading(finding(0.82), wants_age=True, age_years=45.0))
    field = panel.age.field

    def takes_escape() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(field, event)
        return event.isAccepted()

    taken = [takes_escape()]
    field.selectAll()
    qtbot.keyClicks(field, "7")
    taken.append(takes_escape())
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert [*taken, takes_escape()] == [False, True, False]


def test_an_age_that_was_typed_and_not_entered_goes_with_the_image_it_was_meant_for(panel, qtbot) -> None:
    panel.show_reading(reading(finding(0.82), wants_age=True))
    panel.age.field.setFocus()
    qtbot.keyClicks(panel.age.field, "45")
    with qtbot.assertNotEmitted(panel.age_stated):
        panel.show_waiting(1)
        panel.show_reading(reading(finding(0.3), wants_age=True))
    assert panel.age.field.text() == "" and "Age: not in the file" in panel.text()


def test_no_age_is_asked_for_where_nothing_was_read(panel) -> None:
    refusal = Refusal(Reason.COLOR, Path("/x/a.png"))
    panel.show_reading(reading(verdict=Verdict.REFUSED, refusal=refusal, wants_age=True))
    assert not panel.age.isVisible()


def test_a_narrow_card_leaves_calibrated_out_but_never_uncertain_and_tells_its_name_under_the_pointer(qtbot) -> None:
    card = FindingCard(finding(0.82, label="Long <name>"))
    qtbot.addWidget(card)
    assert "Long &lt;name&gt;<br>Calibrated probability 0.820" in card.toolTip()
    same = {}
    for width in (180, 300):
        pictures = []
        for is_uncertain in (False, True):
            card.finding = replace(card.finding, is_uncertain=is_uncertain)
            card.resize(width, HEIGHT_PX)
            pictures.append(painted(card))
        same[width] = bool((pictures[0] == pictures[1]).all())
    assert same == {180: False, 300: False}
    doubtful = FindingCard(replace(card.finding, is_uncertain=True))
    qtbot.addWidget(doubtful)
    assert "uncertain" in doubtful.toolTip() and "uncertain" in doubtful.accessibleName()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_findings_that_are_held_back_are_asked_for_by_a_button_that_goes_with_them(panel, qtbot, key) -> None:
    assert not panel.ask.isVisible()
    panel.show_held_back()
    assert panel.ask.isVisible()
    with qtbot.waitSignal(panel.findings_asked):
        qtbot.keyClick(panel.ask, key)
    panel.show_reading(reading(finding(0.82)))
    assert not panel.ask.isVisible()


def test_tab_goes_from_the_cards_down_to_the_slider(panel) -> None:
    panel.show_reading(reading(finding(0.82), finding(0.07, "Nodule"), wants_age=True))
    panel.mark_finding(0, False)
    chain, widget = [], panel.cards[0]
    for _ in range(60):
        chain.append(widget)
        widget = widget.nextInFocusChain()
    at = [chain.index(one) for one in (*panel.cards, panel.age.field, panel.opacity, panel.below)]
    assert at == sorted(at)
