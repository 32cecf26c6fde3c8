"""The panel of segments and maps."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from gui.elided_label import plain_tip
from gui.panels.layers_panel import LayerRow, LayersPanel

FILE = Path("seg.dcm")


def row(number: int, **changes) -> LayerRow:
    facts = {"name": f"S{number}", "detail": "Organ", "color": (200, 0, 0), "is_on": True, "is_here": True}
    return LayerRow(FILE, number, **(facts | changes))


@pytest.fixture
def panel(qtbot):
    panel = LayersPanel()
    qtbot.addWidget(panel)
    panel.show_rows([row(1), row(2, is_here=False)])
    return panel


def test_each_row_has_its_switch_color_and_meaning(panel):
    first = panel.list.item(0)
    assert (first.text(), first.checkState()) == ("S1", Qt.CheckState.Checked)
    assert first.icon().pixmap(12).toImage().pixelColor(5, 5).red() == 200
    assert panel.list.item(1).toolTip() == plain_tip("S2 · Organ · not on this image")


def test_a_click_asks_and_showing_does_not(qtbot, panel):
    asked = []
    panel.switched.connect(lambda one, on: asked.append((one.number, on)))
    panel.show_rows([row(1), row(2, is_on=False)])
    assert asked == []
    panel.list.item(1).setCheckState(Qt.CheckState.Checked)
    assert asked == [(2, True)]


def test_the_place_in_the_list_stays_while_the_image_changes(panel):
    panel.list.setCurrentRow(1)
    panel.show_rows([row(1, is_here=False), row(2)])
    assert panel.list.currentRow() == 1
    panel.show_rows([], ["Organs: it does not say where it lies."])
    assert panel.list.isHidden()
    assert "does not say" in panel.notes.text()


def test_a_map_that_is_not_on_this_image_can_be_chosen_but_is_not_marked_as_shown(qtbot, panel):
    asked = []
    panel.switched.connect(lambda one, on: asked.append(on))
    elsewhere = LayerRow(FILE, None, "ADC", "0 to 1", None, is_on=False, is_here=False)
    panel.show_rows([elsewhere])
    panel.switched.connect(lambda: panel.show_rows([elsewhere]))  # nothing comes of it here
    for _ in range(2):
        panel.list.item(0).setCheckState(Qt.CheckState.Checked)
        assert panel.list.item(0).checkState() == Qt.CheckState.Unchecked
    assert asked == [True, True]
