"""Overlay planes in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.core.test_overlay_planes import add_overlay, save
from tests.make.dicom import make_dataset
from tests.make.mouse import view_point
from tests.make.screen import painted


@pytest.fixture
def marked(tmp_path):
    mask = np.zeros((64, 64), bool)
    mask[20:40, 20:40] = True
    dataset = make_dataset(np.zeros((64, 64), np.uint8) + np.arange(64, dtype=np.uint8) % 2)
    add_overlay(dataset, mask)
    return save(tmp_path / "marked.dcm", dataset)


def test_an_overlay_is_drawn_and_its_key_takes_it_away_and_back(qtbot, open_window, marked, chest, wait_until_idle):
    window = open_window(marked, chest)
    wait_until_idle(window)
    view = window.desk.canvas.active

    def middle() -> int:
        at = view_point(view, 30, 30)
        return int(painted(view)[int(at.y()), int(at.x())].min())

    window.desk.run_command("window.auto")
    assert middle() == 235
    assert window.desk.actions.by_id["view.overlays"].isChecked()
    qtbot.keyClick(view, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert middle() != 235
    assert not window.remembered.settings.show_overlays
    window.desk.run_command("view.overlays")
    assert middle() == 235
    other = next(key for key in window.desk.workspace.series if key != window.desk.showing.active_series.key)
    window.desk.showing.show_series(other)
    qtbot.waitUntil(lambda: view.image is not None and view.image.path == chest)
    window.desk.refresher.refresh()
    assert not window.desk.actions.by_id["view.overlays"].isEnabled()
