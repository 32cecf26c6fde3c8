"""Presentation states in the real window."""

import os
import sys

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.imaging.region import Region
from core.imaging.window import Window
from tests.make.dicom import make_dicom
from tests.make.mouse import view_point
from tests.make.screen import painted
from tests.window.conftest import make_slice

STATE = "1.2.840.10008.5.1.4.1.1.11.1"


@pytest.fixture
def image_and_state(tmp_path):
    pixels = np.tile(np.arange(100, dtype=np.uint16) * 10, (100, 1))
    image = make_dicom(tmp_path / "image.dcm", pixels, SOPInstanceUID="1.2.3", WindowCenter=500, WindowWidth=1000)
    state = make_dicom(
        tmp_path / "state.dcm", SOPClassUID=STATE, Modality="PR", ContentLabel="MARKED", ImageHorizontalFlip="Y",
        ImageRotation=0, PresentationLUTShape="IDENTITY",
        ReferencedSeriesSequence={"ReferencedImageSequence": {"ReferencedSOPInstanceUID": "1.2.3"}},
        SoftcopyVOILUTSequence={"WindowCenter": "100", "WindowWidth": "50"},
        ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge="1", ShutterRightVerticalEdge="100",
        ShutterUpperHorizontalEdge="51", ShutterLowerHorizontalEdge="100", ShutterPresentationValue=0x4000,
        GraphicAnnotationSequence={"GraphicLayer": "A", "GraphicObjectSequence": {
            "GraphicAnnotationUnits": "PIXEL", "GraphicType": "POLYLINE", "GraphicFilled": "Y",
            "GraphicData": [80.0, 60.0, 90.0, 60.0, 90.0, 90.0, 80.0, 90.0, 80.0, 60.0]}},
    )
    return image, state


def gray(view, x: float, y: float) -> int:
    at = view_point(view, x, y)
    return int(painted(view)[int(at.y()), int(at.x())].mean())


def test_a_state_is_offered_by_name_and_applied_with_window_flip_shutter_and_annotation(
    qtbot, open_window, image_and_state, wait_until_idle
):
    window = open_window(*image_and_state)
    wait_until_idle(window)
    desk, view = window.desk, window.desk.canvas.active
    qtbot.waitUntil(lambda: desk.actions.by_id["view.next-presentation"].isEnabled())
    desk.presentation_menu.fill()
    assert [action.text() for action in desk.presentation_menu.actions()] == ["As the file says", "MARKED"]
    assert desk.presentation_menu.actions()[0].isChecked()

    qtbot.keyClick(view, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: view.frame is not None and bool(view.frame.annotations))
    assert view.shown_voi == Window(100, 50)
    assert view.state.flip
    assert view.frame.notes[0] == "presentation state: MARKED"
    assert gray(view, 50.5, 20.5) == 64  # covered
    assert gray(view, 50.5, 70.5) == 255  # in sight, above the window
    assert gray(view, 85, 75) == pytest.approx(217, abs=6)  # the filled graphic

    qtbot.keyClick(view, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: not view.frame.annotations)
    assert not view.state.flip
    assert view.shown_voi == Window(500, 1000)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_state_whose_file_name_is_no_utf_8_can_be_chosen(qtbot, open_window, image_and_state, wait_until_idle):
    image, state = image_and_state
    odd = state.rename(state.with_name(os.fsdecode(b"\xe9tat.dcm")))
    window = open_window(image, odd)
    wait_until_idle(window)
    desk, view = window.desk, window.desk.canvas.active
    qtbot.waitUntil(lambda: desk.actions.by_id["view.next-presentation"].isEnabled())
    for at, chosen in ((1, odd), (0, None)):
        desk.presentation_menu.fill()
        desk.presentation_menu.actions()[at].trigger()
        assert desk.presentations.chosen == chosen
        qtbot.waitUntil(lambda chosen=chosen: bool(view.frame.annotations) is (chosen is not None))


def test_a_state_of_another_image_is_not_offered(open_window, image_and_state, chest, wait_until_idle):
    window = open_window(chest, image_and_state[1])
    wait_until_idle(window)
    assert window.desk.presentations.offered(window.desk.showing.active_place) == []
    assert not window.desk.handlers.situation().has_presentations


def test_closing_all_forgets_the_state(qtbot, open_window, image_and_state, wait_until_idle):
    window = open_window(*image_and_state)
    wait_until_idle(window)
    qtbot.waitUntil(lambda: bool(window.desk.presentations.offered(window.desk.showing.active_place)))
    window.desk.run_command("view.next-presentation")
    assert window.desk.presentations.chosen == image_and_state[1]
    window.desk.run_command("file.close-all")
    assert window.desk.presentations.chosen is None


def test_a_pseudo_color_state_shows_the_picture_in_its_colors(qtbot, open_window, image_and_state, wait_until_idle):
    entries = {"Red": [0, 0xFF00], "Green": [0, 0], "Blue": [0xFF00, 0]}
    tables = {f"{color}PaletteColorLookupTable{part}": value for color, table in entries.items()
              for part, value in (("Descriptor", [2, 0, 16]), ("Data", table))}
    state = make_dicom(
        image_and_state[1].parent / "colors.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.11.3", Modality="PR",
        ContentLabel="COLORS", SoftcopyVOILUTSequence={"WindowCenter": "495.5", "WindowWidth": "991"},
        ReferencedSeriesSequence={
            "ReferencedImageSequence": {"ReferencedSOPInstanceUID": "1.2.3"}}, **tables)
    window = open_window(image_and_state[0], state)
    wait_until_idle(window)
    view = window.desk.canvas.active
    qtbot.waitUntil(lambda: bool(window.desk.presentations.offered(window.desk.showing.active_place)))
    window.desk.presentations.choose(state)
    qtbot.waitUntil(lambda: view.frame is not None and view.frame.palette is not None)
    pixels = painted(view)
    at = [view_point(view, x, 50) for x in (10, 90)]
    assert [pixels[int(one.y()), int(one.x())].tolist() for one in at] == [[0, 0, 255], [255, 0, 0]]
    window.desk.presentations.choose(None)
    qtbot.waitUntil(lambda: view.frame.palette is None)


def test_a_state_turns_its_own_images_alone_and_a_reset_gives_back_what_it_says(
    qtbot, open_window, ct_series, tmp_path, wait_until_idle
):
    first = make_slice(ct_series, 0, SOPInstanceUID="1.2.3.4.1")
    state = make_dicom(
        tmp_path / "state.dcm", SOPClassUID=STATE, Modality="PR", ContentLabel="TURNED", ImageHorizontalFlip="Y",
        ImageRotation=180, PresentationLUTShape="IDENTITY",
        ReferencedSeriesSequence={"ReferencedImageSequence": {"ReferencedSOPInstanceUID": "1.2.3.4.1"}},
    )
    window = open_window(ct_series, state)
    wait_until_idle(window)
    desk, view = window.desk, window.desk.canvas.active
    qtbot.waitUntil(lambda: desk.actions.by_id["view.next-presentation"].isEnabled())
    qtbot.keyClick(view, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: view.state.flip)
    assert view.state.rotation == 180
    view.set_voi(Window(1, 2))
    desk.showing.reset(desk.showing.active_cell)
    assert view.state.flip
    assert view.state.rotation == 180
    assert view.state.voi is None
    desk.showing.scroll(1)
    qtbot.waitUntil(lambda: view.image is not None and view.image.path != first)
    assert not view.state.flip
    assert view.state.rotation == 0
    desk.showing.scroll(-1)
    qtbot.waitUntil(lambda: view.state.flip)


def test_what_is_placed_in_the_displayed_area_stays_on_the_lesion_at_any_zoom_and_pan(
    qtbot, open_window, image_and_state, wait_until_idle
):
    state = make_dicom(
        image_and_state[1].parent / "area.dcm", SOPClassUID=STATE, Modality="PR", ContentLabel="AREA",
        PresentationLUTShape="IDENTITY",
        ReferencedSeriesSequence={"ReferencedImageSequence": {"ReferencedSOPInstanceUID": "1.2.3"}},
        SoftcopyVOILUTSequence={"WindowCenter": "5000", "WindowWidth": "50"},
        DisplayedAreaSelectionSequence={
            "DisplayedAreaTopLeftHandCorner": [21, 21], "DisplayedAreaBottomRightHandCorner": [60, 60],
            "PresentationSizeMode": "SCALE TO FIT"},
        GraphicAnnotationSequence={"GraphicLayer": "A", "GraphicObjectSequence": {
            "GraphicAnnotationUnits": "DISPLAY", "GraphicType": "POLYLINE", "GraphicFilled": "Y",
            "GraphicData": [0.25, 0.25, 0.5, 0.25, 0.5, 0.5, 0.25, 0.5, 0.25, 0.25]}})
    window = open_window(image_and_state[0], state)
    wait_until_idle(window)
    view = window.desk.canvas.active
    qtbot.waitUntil(lambda: bool(window.desk.presentations.offered(window.desk.showing.active_place)))
    window.desk.presentations.choose(state)
    qtbot.waitUntil(lambda: view.frame is not None and bool(view.frame.annotations))
    for _ in range(2):
        assert gray(view, 35, 35) == pytest.approx(217, abs=6)  # a quarter to half of 20 to 60
        assert gray(view, 45, 45) < 20
        view.zoom_by(0.6)
        view.pan_by(23, 11)


def test_a_state_leaves_the_cells_that_it_does_not_name_as_their_reader_looks_at_them(
    qtbot, open_window, image_and_state, chest, wait_until_idle
):
    window = open_window(*image_and_state, chest)
    wait_until_idle(window)
    desk = window.desk
    desk.run_command("view.layout-1x2")
    wait_until_idle(window)
    view, beside = desk.canvas.viewports
    assert (view.image.path, beside.image.path) == (image_and_state[0], chest)
    qtbot.waitUntil(lambda: bool(desk.presentations.offered(desk.showing.active_place)))
    beside.set_voi(Window(1, 2))
    beside.zoom_by(2.0)
    beside.set_region(Region(20, 30, 60, 80))
    looked, view_state = (beside.state, beside.region), view.state
    for chosen, is_flipped in ((image_and_state[1], True), (None, False)):
        desk.presentations.choose(chosen)
        qtbot.waitUntil(lambda flipped=is_flipped: view.state.flip == flipped and not desk.frames.is_busy)
        assert (beside.state, beside.region) == looked
    assert view.state == view_state


def test_a_state_that_is_chosen_while_another_patients_picture_still_stands_there_leaves_it_its_name(
    qtbot, open_window, image_and_state, chest, wait_until_idle, monkeypatch
):
    window = open_window(*image_and_state, chest)
    wait_until_idle(window)
    desk = window.desk
    qtbot.waitUntil(lambda: bool(desk.presentations.offered(desk.showing.active_place)))
    desk.open_case(chest)
    wait_until_idle(window)
    with monkeypatch.context() as held:
        held.setattr(desk.frames, "ask", lambda *job: None)
        desk.open_case(image_and_state[0])
        desk.presentations.choose(image_and_state[1])
    assert desk.canvas.active.image.path == chest
    assert desk.showing.standing(0).image.path == chest
    desk.showing.draw_again()
    wait_until_idle(window)
    assert (desk.canvas.active.image.path, desk.canvas.active.state.flip) == (image_and_state[0], True)
