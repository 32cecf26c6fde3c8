"""Presentation states in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.imaging.window import Window
from tests.make.dicom import make_dicom
from tests.make.mouse import view_point
from tests.make.screen import painted

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
        ContentLabel="COLORS", ReferencedSeriesSequence={
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
