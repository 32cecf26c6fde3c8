"""Displayed areas and true sizes of presentation states in the real window."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QRect, QSizeF
from PySide6.QtWidgets import QApplication

from core.imaging.window import Window
from gui.canvas.viewport import Viewport
from tests.make.dicom import make_dicom
from tests.make.screen import painted

STATE = "1.2.840.10008.5.1.4.1.1.11.1"
AREA = (100.0, 200.0, 500.0, 500.0)
TRUE_SIZE = {"PresentationSizeMode": "TRUE SIZE", "PresentationPixelSpacing": ["0.5", "0.5"]}


@pytest.fixture
def areas(qtbot, open_window, tmp_path, wait_until_idle):
    """A function that opens frames of 800 x 600, shown by a state with the area; it returns the window and its view."""

    def opened(frames=1, **area):
        image = make_dicom(tmp_path / "wide.dcm", np.zeros((frames, 600, 800), np.uint16), SOPInstanceUID="1.2.3")
        state = make_dicom(
            tmp_path / "area.dcm", SOPClassUID=STATE, Modality="PR", ContentLabel="AREA",
            PresentationLUTShape="IDENTITY",
            ReferencedSeriesSequence={"ReferencedImageSequence": {"ReferencedSOPInstanceUID": "1.2.3"}},
            SoftcopyVOILUTSequence={"WindowCenter": "100", "WindowWidth": "50"},
            DisplayedAreaSelectionSequence={
                "DisplayedAreaTopLeftHandCorner": [101, 201], "DisplayedAreaBottomRightHandCorner": [500, 500],
                "PresentationSizeMode": "SCALE TO FIT", **area})
        window = open_window(image, state)
        wait_until_idle(window)
        qtbot.waitUntil(lambda: bool(window.desk.presentations.offered(window.desk.showing.active_place)))
        window.desk.presentations.choose(state)
        view = window.desk.canvas.active
        qtbot.waitUntil(lambda: view.frame is not None and "presentation state: AREA" in view.frame.notes)
        return window, view

    return opened


@pytest.fixture
def screen_of(monkeypatch):
    """A function that makes the screen one of pixels of so many millimeters; it is one of 0.25 mm."""

    def make(pixel_mm: float) -> None:
        screen = SimpleNamespace(
            model=lambda: "27B", manufacturer=lambda: "", serialNumber=lambda: "",
            physicalSize=lambda: QSizeF(1000 * pixel_mm, 1000 * pixel_mm), geometry=lambda: QRect(0, 0, 1000, 1000),
            devicePixelRatio=lambda: 1.0)
        monkeypatch.setattr(Viewport, "screen", lambda self: screen)

    make(0.25)
    return make


def is_fitted(view) -> bool:
    """Return whether the area is in sight as large as it goes."""
    painted(view)
    left, top, right, bottom = view.transform.box_to_view(AREA)
    width, height = view.scene.device_size
    is_whole = left >= -1 and top >= -1 and right <= width + 1 and bottom <= height + 1
    return is_whole and (right - left >= width - 3 or bottom - top >= height - 3)


def of_true_size(view) -> list[str]:
    """Return what the corners say of a true size."""
    painted(view)
    return [line for line in view.scene.corners.bottom_left if "true size" in line]


def test_a_displayed_area_that_is_fitted_stays_so_in_a_cell_of_another_size(areas):
    window, view = areas()
    assert is_fitted(view)
    for layout in ("2x2", "1x2", "1x1"):
        window.desk.run_command(f"view.layout-{layout}")
        QApplication.processEvents()
        assert is_fitted(view), layout
    view.set_state(view.state.turned(90))
    window.desk.run_command("view.layout-2x2")
    QApplication.processEvents()
    assert view.state.rotation == 90
    assert is_fitted(view)


def test_what_a_reader_has_made_of_a_displayed_area_stays_in_a_cell_of_another_size(areas):
    window, view = areas()
    view.pan_by(40, 30)
    looked = view.state
    window.desk.run_command("view.layout-2x2")
    QApplication.processEvents()
    assert view.state == looked
    window.desk.showing.reset(0)
    assert is_fitted(view)


def test_the_frames_of_a_file_go_on_as_the_reader_looks_at_them_also_where_a_state_shows_them(areas, wait_until_idle):
    window, view = areas(frames=3)
    view.zoom_by(2.0)
    view.set_voi(Window(1, 2))
    looked = view.state
    window.desk.showing.scroll(1)
    wait_until_idle(window)
    assert (view.scene.position, view.state) == ("2 / 3", looked)


def test_a_true_size_is_said_only_as_long_as_it_is_true(areas, screen_of, wait_until_idle):
    window, view = areas(**TRUE_SIZE)
    assert view.state.zoom == 2
    assert of_true_size(view) == ["true size on a screen that states pixels of 0.25 mm"]
    view.zoom_by(3.0)
    assert of_true_size(view) == ["not at true size"]
    looked = view.state
    screen_of(0.1)
    window.desk.showing.draw_again()
    wait_until_idle(window)
    assert (view.state, of_true_size(view)) == (looked, ["not at true size"])
    window.desk.showing.reset(0)
    assert (view.state.zoom, of_true_size(view)) == (5, ["true size on a screen that states pixels of 0.1 mm"])
    window.desk.presentations.choose(None)
    wait_until_idle(window)
    assert of_true_size(view) == []


def test_a_true_size_that_the_reader_left_so_becomes_that_of_the_next_screen(areas, screen_of, wait_until_idle):
    window, view = areas(**TRUE_SIZE)
    screen_of(0.1)
    assert of_true_size(view) == ["not at true size"]
    QApplication.sendEvent(view, QEvent(QEvent.Type.ScreenChangeInternal))
    assert (view.state.zoom, of_true_size(view)) == (5, ["true size on a screen that states pixels of 0.1 mm"])
    screen_of(0.2)
    window.desk.showing.draw_again()
    wait_until_idle(window)
    assert (view.state.zoom, of_true_size(view)) == (2.5, ["true size on a screen that states pixels of 0.2 mm"])
