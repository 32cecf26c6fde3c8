"""Segmentations and parametric maps in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from core.imaging.colormap import inferno
from core.imaging.probe import value_text
from gui.panels.series_model import PICTURE_ROLE, ROW_ROLE
from tests.make.layers import make_parametric_map, make_segmentation, make_slice
from tests.make.mouse import view_point
from tests.make.screen import painted
from tests.window.test_objects_window import make_report


@pytest.fixture
def files(tmp_path):
    """A slice, a segmentation of two organs and a map of values over it."""
    pixels = np.zeros((2, 16, 20), np.uint8)
    pixels[0, 2:8, 2:8] = 1
    pixels[1, 8:14, 12:18] = 1
    values = np.full((1, 16, 20), np.nan, np.float32)
    values[0, :, :2] = 0.5
    values[0, 0, 0] = 1.0
    values[0, 1, 0] = 0.0
    return (make_slice(tmp_path / "slice.dcm", np.full((16, 20), 100, np.uint16), StudyInstanceUID="1.1"),
            make_segmentation(tmp_path / "organs.dcm", pixels, positions=[(0, 0, 0)] * 2, numbers=[1, 2],
                              StudyInstanceUID="1.1"),
            make_parametric_map(tmp_path / "adc.dcm", values, positions=[(0, 0, 0)], StudyInstanceUID="1.1"))


@pytest.fixture
def shown(qtbot, open_window, files, wait_until_idle):
    """The window with the slice in its cell, and all that lies over it."""
    window = open_window(*files)
    wait_until_idle(window)
    desk, view = window.desk, window.desk.canvas.active
    desk.open_case(files[0])
    qtbot.waitUntil(lambda: view.image is not None and view.image.path == files[0])
    qtbot.waitUntil(lambda: len(view.scene.segments) == 2 and view.scene.value_map is not None)
    return window


def color(view, x: float, y: float) -> list[int]:
    at = view_point(view, x, y)
    return painted(view)[int(at.y()), int(at.x())].astype(int).tolist()


def is_gray(rgb: list[int]) -> bool:
    return max(rgb) - min(rgb) < 4


def texts(window) -> list[str]:
    panel = window.desk.layers_panel
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def test_segments_and_maps_lie_over_the_image_with_their_names_in_the_panel(shown):
    view = shown.desk.canvas.active
    assert texts(shown) == ["Liver", "Spleen", "ADC · 0 to 1 mm2/s"]
    assert not is_gray(color(view, 5, 5))
    assert not is_gray(color(view, 15, 11))
    assert not is_gray(color(view, 1, 12))
    assert is_gray(color(view, 10, 3))
    shown.desk.view_settings.set_layer_opacity(1.0)
    assert color(view, 1, 12) == pytest.approx(inferno()[128].astype(int).tolist(), abs=2)


def test_a_segment_is_switched_off_in_the_panel(qtbot, shown):
    view, panel = shown.desk.canvas.active, shown.desk.layers_panel
    panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert is_gray(color(view, 5, 5))
    assert not is_gray(color(view, 15, 11))
    panel.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert not is_gray(color(view, 5, 5))
    panel.list.item(2).setCheckState(Qt.CheckState.Unchecked)
    assert is_gray(color(view, 1, 12))


def test_a_segment_that_is_switched_off_is_off_in_cells_that_come_back(qtbot, shown, files):
    desk = shown.desk
    desk.run_command("view.layout-1x2")
    desk.canvas.activate_next()
    desk.open_case(files[0])
    other = desk.canvas.all_viewports[1]
    qtbot.waitUntil(lambda: len(other.scene.segments) == 2)
    desk.canvas.activate_next()
    desk.run_command("view.layout-1x1")
    desk.layers_panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    desk.run_command("view.layout-1x2")
    assert [mask.segment.name for mask in other.scene.segments] == ["Spleen"]


def test_the_key_hides_while_it_is_held_and_switches_when_it_is_tapped(qtbot, shown):
    view = shown.desk.canvas.active
    view.setFocus()
    qtbot.keyPress(view, Qt.Key.Key_O)
    assert is_gray(color(view, 5, 5))
    qtbot.wait(300)
    qtbot.keyRelease(view, Qt.Key.Key_O)
    assert not is_gray(color(view, 5, 5))
    qtbot.keyClick(view, Qt.Key.Key_O)
    assert is_gray(color(view, 5, 5))
    assert not shown.desk.actions.by_id["view.layers"].isChecked()
    shown.desk.run_command("view.layers")
    assert not is_gray(color(view, 5, 5))


def test_on_a_keyboard_with_other_letters_the_key_switches(qtbot, shown):
    view, layers = shown.desk.canvas.active, shown.desk.actions.by_id["view.layers"]
    assert [keys.toString() for keys in layers.shortcuts()] == ["O"] and not layers.autoRepeat()
    for key in shown.desk.peek_keys:
        key.stop()  # as where Qt says another letter of the key
    for is_hidden in (True, False):
        qtbot.keyClick(view, Qt.Key.Key_O)
        assert is_gray(color(view, 5, 5)) is is_hidden


def test_the_key_is_held_no_longer_than_it_is_down(qtbot, shown):
    view = shown.desk.canvas.active
    field = QLineEdit(shown)
    field.show()
    qtbot.keyPress(view, Qt.Key.Key_O)
    qtbot.wait(300)
    assert is_gray(color(view, 5, 5))
    qtbot.keyRelease(field, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)  # the keyboard has gone there meanwhile
    assert not is_gray(color(view, 5, 5))
    qtbot.keyClick(field, Qt.Key.Key_O)
    assert field.text() == "o"
    assert not is_gray(color(view, 5, 5))


def test_the_pointer_tells_the_segment_and_the_value(qtbot, shown):
    view, told = shown.desk.canvas.active, []
    view.pointer_moved.connect(told.append)
    for x, y in ((5, 5), (1, 12)):
        qtbot.mouseMove(view, view_point(view, x, y).toPoint())
        qtbot.waitUntil(lambda: bool(told))
    assert any("Liver" in text for text in told)
    assert "ADC 0.5 mm2/s" in told[-1]


def test_a_map_on_its_own_is_shown_in_its_colors_with_the_bar(qtbot, open_window, files, wait_until_idle):
    window = open_window(files[2])
    wait_until_idle(window)
    view = window.desk.canvas.active
    qtbot.waitUntil(lambda: view.scene.value_map is not None)
    assert view.scene.is_map_alone
    assert color(view, 1, 12) == pytest.approx(inferno()[128].astype(int).tolist(), abs=2)


def test_why_something_is_not_laid_over_the_image_is_told(qtbot, open_window, tmp_path, wait_until_idle):
    window = open_window(
        make_slice(tmp_path / "slice.dcm"),
        make_segmentation(tmp_path / "seg.dcm", np.ones((1, 4, 4), np.uint8), shared={}, sources=[("1.2.3", 0)]))
    wait_until_idle(window)
    window.desk.open_case(tmp_path / "slice.dcm")
    panel = window.desk.layers_panel
    qtbot.waitUntil(lambda: "4 × 4" in panel.notes.text())
    assert panel.list.count() == 0


def test_one_map_is_shown_at_a_time_and_things_of_one_name_are_told_apart(
    qtbot, open_window, files, tmp_path, wait_until_idle
):
    second = make_parametric_map(tmp_path / "later.dcm", np.full((1, 16, 20), 7, np.float32), positions=[(0, 0, 0)],
                                 SOPInstanceUID="9.3", StudyInstanceUID="1.1")
    window = open_window(files[0], files[2], second)
    wait_until_idle(window)
    window.desk.open_case(files[0])
    view, panel = window.desk.canvas.active, window.desk.layers_panel
    qtbot.waitUntil(lambda: texts(window) == ["ADC · adc.dcm · 0 to 1 mm2/s", "ADC · later.dcm · 7 to 7 mm2/s"])
    shown = [panel.list.item(row).checkState() == Qt.CheckState.Checked for row in range(2)]
    assert shown == [True, False]
    panel.list.item(1).setCheckState(Qt.CheckState.Checked)
    assert view.scene.value_map.high == 7
    assert panel.list.item(0).checkState() == Qt.CheckState.Unchecked
    panel.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert view.scene.value_map is None


def test_the_panel_is_there_only_while_something_can_be_laid_over_images(qtbot, shown):
    desk = shown.desk
    assert not desk.layers_panel.isHidden()
    desk.run_command("view.layers-panel")
    assert desk.layers_panel.isHidden()
    desk.run_command("view.layers-panel")
    desk.run_command("file.close-all")
    assert desk.layers_panel.isHidden()
    assert desk.layers.rows() == ()


def test_the_panel_lists_nothing_while_a_report_is_shown(shown, tmp_path, wait_until_idle, qtbot):
    assert texts(shown)
    report = make_report(tmp_path / "report.dcm")
    shown.open_paths([report])
    wait_until_idle(shown)
    shown.desk.object_showing.show(report)
    qtbot.waitUntil(lambda: shown.desk.object_showing.active is not None)
    assert shown.desk.layers_panel.list.isHidden()
    assert not texts(shown)


def test_the_small_picture_of_a_map_has_the_colors_of_the_cell(shown, files, qtbot):
    model = shown.desk.series_panel.model

    def picture():
        rows = (model.index(row) for row in range(model.rowCount()))
        return next(index.data(PICTURE_ROLE) for index in rows
                    if getattr(index.data(ROW_ROLE), "path", None) == files[2])

    qtbot.waitUntil(lambda: picture() is not None, timeout=15_000)
    drawn = picture()
    top, middle, empty = (drawn.pixelColor(*at).toTuple()[:3] for at in ((0, 0), (1, 5), (10, 5)))
    assert top == tuple(inferno()[255].tolist())
    assert middle == tuple(inferno()[128].tolist())
    assert empty == (0, 0, 0)


def test_the_panel_takes_no_room_on_an_image_that_nothing_belongs_to(shown, chest, wait_until_idle, files):
    desk = shown.desk
    shown.open_paths([chest])
    wait_until_idle(shown)
    assert desk.canvas.active.image.path == chest
    assert desk.layers_panel.isHidden()
    assert desk.findings_panel.isVisible()
    desk.open_case(files[0])
    wait_until_idle(shown)
    assert desk.layers_panel.isVisible()
    assert texts(shown) == ["Liver", "Spleen", "ADC · 0 to 1 mm2/s"]


def test_the_values_of_a_map_alone_name_their_unit(shown, files, wait_until_idle):
    shown.desk.open_case(files[2])
    wait_until_idle(shown)
    view = shown.desk.canvas.active
    assert value_text(view.frame, 1, 8) == "value 0.5 mm2/s at 1, 8"
