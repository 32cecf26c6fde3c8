"""Through the real window: hands and keys on the picture."""

from dataclasses import replace

import numpy as np
import pytest
from pydicom.uid import JPEGBaseline8Bit
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QListView

from core.findings.wording import NOTHING_FOUND
from core.imaging.display_state import DisplayState
from core.imaging.render import auto_window, render
from core.imaging.window import Window
from core.settings import Settings
from tests.make.dicom import make_dicom
from tests.make.mouse import drag, send, wheel
from tests.make.picture import gradient, make_tiff
from tests.window.conftest import make_slice, noise


@pytest.fixture
def viewing(open_window, chest, wait_until_idle):
    window = open_window(chest)
    wait_until_idle(window)
    return window


@pytest.fixture
def scrolling(open_window, ct_series, wait_until_idle):
    window = open_window(ct_series)
    wait_until_idle(window)
    return window


def number(window) -> str:
    return window.desk.canvas.active.scene.position


def test_a_left_drag_windows_right_is_wider_and_up_is_brighter(viewing) -> None:
    viewport = viewing.desk.canvas.active
    before = viewport.shown_voi
    drag(viewport, (200, 200), (60, -40))
    after = viewport.shown_voi
    assert after.width > before.width
    assert after.center < before.center


def test_the_chosen_tool_takes_the_left_button_in_every_cell(viewing, qtbot) -> None:
    desk = viewing.desk
    qtbot.keyClick(desk.canvas.active, Qt.Key.Key_Z)
    assert {viewport.tool for viewport in desk.canvas.all_viewports} == {"zoom"}
    assert viewing.toolbar.buttons["tool.zoom"].isChecked()
    assert not viewing.toolbar.buttons["tool.window"].isChecked()
    qtbot.mouseClick(viewing.toolbar.buttons["tool.pan"], Qt.MouseButton.LeftButton)
    assert desk.canvas.active.tool == "pan"


def test_escape_first_leaves_the_tool_then_resets_the_display(viewing, qtbot) -> None:
    viewport = viewing.desk.canvas.active
    drag(viewport, (200, 200), (60, -40))
    qtbot.keyClick(viewport, Qt.Key.Key_T)
    changed = viewport.state
    qtbot.keyClick(viewport, Qt.Key.Key_Escape)
    assert (viewport.tool, viewport.state) == ("window", changed)
    qtbot.keyClick(viewport, Qt.Key.Key_Escape)
    assert viewport.state.voi is None


def test_keys_invert_turn_mirror_and_zoom(viewing, qtbot) -> None:
    viewport = viewing.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_I, Qt.KeyboardModifier.ShiftModifier)
    assert viewport.state.invert
    qtbot.keyClick(viewport, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert viewport.state.rotation == 90
    qtbot.keyClick(viewport, Qt.Key.Key_H)
    assert viewport.state.flip
    qtbot.keyClick(viewport, Qt.Key.Key_Plus)
    assert viewport.state.zoom is not None
    qtbot.keyClick(viewport, Qt.Key.Key_F)
    assert viewport.state.zoom is None


def test_i_goes_through_full_minimal_and_off(viewing, qtbot) -> None:
    viewport = viewing.desk.canvas.active
    levels = []
    for _ in range(3):
        qtbot.keyClick(viewport, Qt.Key.Key_I)
        levels.append(viewport.corner_level)
    assert levels == ["minimal", "off", "full"]


def test_key_2_goes_through_the_stored_windows_after_scrolling_too(open_window, tmp_path, wait_until_idle, qtbot):
    folder = tmp_path / "windows"
    folder.mkdir()
    for at in range(2):
        make_slice(folder, at, WindowCenter=[40, 40, -600], WindowWidth=[400, 400, 1500])  # of which two are the same
    window = open_window(folder)
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_2)
    assert viewport.shown_voi.center == -600
    qtbot.keyClick(viewport, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: number(window) == "2 / 2")
    assert "C -600 W 1500 · file" in viewport.scene.corners.bottom_left
    qtbot.keyClick(viewport, Qt.Key.Key_2)
    assert viewport.shown_voi.center == 40


def test_escape_leaves_the_full_screen_where_no_image_is_open(open_window, qtbot) -> None:
    window = open_window()
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_F11)
    assert window.isFullScreen()
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert not window.desk.actions.by_id["view.reset"].isEnabled()


def test_a_long_hint_does_not_widen_the_window(viewing) -> None:
    before = viewing.minimumSizeHint().width()
    viewing.status.show_hint("A hint that goes on and on. " * 20)
    viewing.status.show_work("Reading · 1 of 4", 1, 4)
    QApplication.processEvents()
    assert viewing.minimumSizeHint().width() <= max(before, 1200)
    assert viewing.width() == 1200


def test_ct_presets_are_off_for_a_radiograph_and_say_why(viewing, qtbot) -> None:
    viewport = viewing.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_4)
    assert viewport.state.voi is None
    assert not viewing.desk.actions.by_id["window.lung"].isEnabled()


def test_number_keys_window_a_ct(scrolling, qtbot) -> None:
    viewport = scrolling.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_4)
    assert (viewport.shown_voi.center, viewport.shown_voi.width) == (-600, 1500)
    qtbot.keyClick(viewport, Qt.Key.Key_0)
    assert viewport.shown_voi.explanation == "auto"
    qtbot.keyClick(viewport, Qt.Key.Key_1)
    assert (viewport.shown_voi.center, viewport.shown_voi.width) == (40, 400)


def test_a_cross_section_is_not_turned(scrolling, qtbot) -> None:
    qtbot.keyClick(scrolling.desk.canvas.active, Qt.Key.Key_H)
    assert not scrolling.desk.canvas.active.state.flip


def test_the_wheel_and_the_keys_go_through_the_series(scrolling, qtbot) -> None:
    viewport = scrolling.desk.canvas.active
    assert number(scrolling) == "1 / 12"

    def reaches(text: str) -> None:
        qtbot.waitUntil(lambda: number(scrolling) == text)

    wheel(viewport, (200, 200), -2)
    reaches("3 / 12")
    wheel(viewport, (200, 200), 1)
    reaches("2 / 12")
    for key, expected in (
        (Qt.Key.Key_Down, "3 / 12"), (Qt.Key.Key_Left, "2 / 12"), (Qt.Key.Key_End, "12 / 12"),
        (Qt.Key.Key_Down, "12 / 12"), (Qt.Key.Key_Home, "1 / 12"), (Qt.Key.Key_Up, "1 / 12"),
    ):
        qtbot.keyClick(viewport, key)
        reaches(expected)
    qtbot.keyClick(viewport, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    reaches("11 / 12")


def test_window_and_zoom_go_on_through_a_ct_series(scrolling, qtbot) -> None:
    viewport = scrolling.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_4)
    qtbot.keyClick(viewport, Qt.Key.Key_Plus)
    state = viewport.state
    qtbot.keyClick(viewport, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: number(scrolling) == "2 / 12")
    assert viewport.state == state


@pytest.fixture
def damaged(open_window, ct_series, wait_until_idle):
    """The window on the CT series, of which the third slice has no picture."""
    make_slice(ct_series, 2, syntax=JPEGBaseline8Bit, frames=[b"no picture"])
    window = open_window(ct_series)
    wait_until_idle(window)
    return window


def test_the_wheel_goes_on_over_a_damaged_slice_with_the_window_and_the_zoom(damaged, qtbot) -> None:
    viewport = damaged.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_4)
    qtbot.keyClick(viewport, Qt.Key.Key_Plus)
    state = viewport.state
    wheel(viewport, (200, 200), -2)
    qtbot.waitUntil(lambda: viewport.scene.message.startswith("slice02.dcm: The file is damaged"))
    wheel(viewport, (200, 200), -1)
    qtbot.waitUntil(lambda: viewport.frame is not None)
    assert (number(damaged), viewport.state) == ("4 / 12", state)
    wheel(viewport, (200, 200), 1)
    qtbot.waitUntil(lambda: viewport.frame is None)
    wheel(viewport, (200, 200), 1)
    qtbot.waitUntil(lambda: viewport.frame is not None)
    assert (number(damaged), viewport.state) == ("2 / 12", state)


def test_another_series_begins_anew_after_a_damaged_slice(damaged, chest, qtbot, wait_until_idle) -> None:
    desk, viewport = damaged.desk, damaged.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_Plus)
    desk.showing.scroll(2)
    qtbot.waitUntil(lambda: viewport.scene.message.startswith("slice02.dcm: The file is damaged"))
    damaged.open_paths([chest])
    wait_until_idle(damaged)
    assert (viewport.image.path, viewport.state) == (chest, DisplayState())


def test_what_is_opened_goes_on_under_the_wheel_while_more_comes_in(open_window, ct_series, gate, qtbot) -> None:
    window = open_window(ct_series)
    desk, viewport = window.desk, window.desk.canvas.active
    qtbot.waitUntil(lambda: len(desk.workspace.rows) == 12 and not desk.scan.is_busy, timeout=15_000)
    assert viewport.scene.message == "Opening…"
    wheel(viewport, (200, 200), -2)
    gate.open()
    qtbot.waitUntil(lambda: number(window) == "3 / 12")


@pytest.fixture
def slow(open_window, ct_series, gate, wait_until_idle, tmp_path):
    """The window on the first slice, the numbers of those shown since, and the gate that the seventh waits at."""
    gate.open()
    window = open_window(ct_series, model=tmp_path / "none")
    wait_until_idle(window)
    gate.close()
    showing, shown = window.desk.showing, []
    showing.frame_shown.connect(lambda cell: shown.append(number(window)))
    showing.scroll(6)  # beyond what was decoded in advance
    return window, shown, gate


def test_while_a_key_is_held_every_decoded_image_is_shown_and_the_next_is_where_the_key_has_come(
    slow, qtbot, wait_until_idle
) -> None:
    window, shown, gate = slow
    for _ in range(3):
        qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_Down)
    gate.open()
    wait_until_idle(window)
    assert shown == ["7 / 12", "10 / 12"]


def test_a_key_held_at_the_end_is_answered_at_once_when_it_turns_round(slow, wait_until_idle) -> None:
    window, shown, gate = slow
    for step in (10, 10, 10, -1):
        window.desk.showing.scroll(step)
    gate.open()
    wait_until_idle(window)
    assert shown == ["7 / 12", "11 / 12"]


def test_a_jump_takes_over_from_the_steps_before_it(slow, qtbot, wait_until_idle) -> None:
    window, shown, gate = slow
    viewport = window.desk.canvas.active
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home):
        qtbot.keyClick(viewport, key)
    gate.open()
    wait_until_idle(window)
    assert shown == ["1 / 12"]


def test_steps_that_were_asked_for_do_not_come_into_another_series(slow, chest, wait_until_idle) -> None:
    window, shown, gate = slow
    window.desk.showing.scroll(2)
    window.open_paths([chest])
    gate.open()
    wait_until_idle(window)
    assert window.desk.canvas.active.image.path == chest
    assert "9 / 12" not in shown


def test_a_radiograph_begins_with_its_own_window(open_window, chests, wait_until_idle, qtbot) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    drag(viewport, (200, 200), (60, -40))
    qtbot.keyClick(viewport, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: viewport.image.path == chests[1])
    assert viewport.state.voi is None


def looked_at(viewport) -> DisplayState:
    """Look at a picture in every way that a reader has, and return how."""
    drag(viewport, (200, 200), (60, -40))
    viewport.set_state(viewport.state.turned(90).mirrored())
    viewport.invert()
    viewport.zoom_by(3.0)
    viewport.pan_by(40, 20)
    return viewport.state


@pytest.mark.parametrize("modality", ["XA", "RF", "MG"])
def test_the_frames_of_one_radiograph_go_on_as_the_reader_looks_at_them(
    open_window, tmp_path, modality, wait_until_idle, qtbot
) -> None:
    same = {"Modality": modality, "StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4"}
    paths = [make_dicom(tmp_path / f"{count}.dcm", noise(count, (3, 64, 64)), InstanceNumber=str(count + 1), **same)
             for count in range(2)]
    window = open_window(*paths)
    wait_until_idle(window)
    viewport, showing = window.desk.canvas.active, window.desk.showing
    looked = looked_at(viewport)
    qtbot.keyClick(viewport, Qt.Key.Key_Down)
    wait_until_idle(window)
    assert (number(window), viewport.state) == ("2 / 3", looked)
    showing.scroll_to(0)
    wait_until_idle(window)
    assert (number(window), viewport.state) == ("1 / 3", looked)
    showing.step_series(1)
    wait_until_idle(window)
    assert (viewport.image.path, viewport.state) == (paths[1], DisplayState())


def test_frames_with_windows_of_their_own_have_them_until_the_reader_sets_one(
    open_window, tmp_path, wait_until_idle
) -> None:
    groups = [{"FrameVOILUTSequence": {"WindowCenter": 1000 + index, "WindowWidth": 500}} for index in range(3)]
    window = open_window(make_dicom(
        tmp_path / "own.dcm", noise(shape=(3, 64, 64)), Modality="XA", PerFrameFunctionalGroupsSequence=groups))
    wait_until_idle(window)
    viewport, showing = window.desk.canvas.active, window.desk.showing
    viewport.zoom_by(2.0)
    looked = viewport.state
    showing.scroll(1)
    wait_until_idle(window)
    assert (viewport.shown_voi.center, viewport.state) == (1001, looked)
    drag(viewport, (200, 200), (60, -40))
    chosen = viewport.shown_voi
    showing.scroll(1)
    wait_until_idle(window)
    assert viewport.shown_voi == chosen


def test_a_page_of_another_size_is_fitted_and_one_of_another_depth_has_its_own_window(
    open_window, tmp_path, wait_until_idle
) -> None:
    pages = [gradient(200, 300, np.uint16), gradient(300, 90, np.uint16), gradient(300, 90)]
    window = open_window(make_tiff(tmp_path / "pages.tif", [pages[0], *pages]))
    wait_until_idle(window)
    viewport, showing = window.desk.canvas.active, window.desk.showing
    looked = looked_at(viewport)
    showing.scroll(1)
    wait_until_idle(window)
    assert (number(window), viewport.state) == ("2 / 4", looked)
    fitted = replace(looked, zoom=None, center=None)
    for position, state in (("3 / 4", fitted), ("4 / 4", replace(fitted, voi=None))):
        showing.scroll(1)
        wait_until_idle(window)
        assert (number(window), viewport.state) == (position, state)


def test_frames_of_a_multi_frame_image_are_images_of_the_series(open_window, tmp_path, wait_until_idle, qtbot) -> None:
    from tests.make.dicom import make_dicom
    from tests.window.conftest import noise

    window = open_window(make_dicom(tmp_path / "cine.dcm", noise(shape=(5, 64, 64)), Modality="XA"))
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    qtbot.keyClick(viewport, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: number(window) == "5 / 5")
    assert (viewport.frame.stored == noise(shape=(5, 64, 64))[4]).all()


def test_a_second_cell_is_filled_and_the_first_stays(open_window, chests, wait_until_idle, qtbot) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    desk = window.desk
    qtbot.keyClick(desk.canvas.active, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    wait_until_idle(window)
    assert [viewport.image.path for viewport in desk.canvas.viewports] == chests[:2]
    assert all(viewport.heat_is_visible for viewport in desk.canvas.viewports)
    qtbot.keyClick(desk.canvas.active, Qt.Key.Key_Tab)
    assert desk.canvas.active is desk.canvas.viewports[1]
    assert desk.opinion.current_reading().path == chests[1]
    send(desk.canvas.active, QEvent.Type.MouseButtonDblClick, (50, 50))
    assert desk.canvas.maximized is desk.canvas.viewports[1]


def test_the_value_under_the_pointer_is_in_the_status_line(viewing) -> None:
    viewport = viewing.desk.canvas.active
    send(viewport, QEvent.Type.MouseMove, (viewport.width() / 2, viewport.height() / 2), Qt.MouseButton.NoButton)
    assert viewing.status.pointer.text().startswith("value ")


def test_a_click_on_a_series_shows_it(open_window, chests, wait_until_idle, qtbot) -> None:
    window = open_window(*chests)
    wait_until_idle(window)
    panel = window.desk.series_panel
    place = panel.list.visualRect(panel.model.index(3)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.desk.canvas.active.image.path == chests[1])


def test_thumbnails_fill_their_slots(open_window, chests, wait_until_idle, qtbot) -> None:
    from gui.panels.series_model import PICTURE_ROLE

    window = open_window(*chests)
    wait_until_idle(window)
    model = window.desk.series_panel.model
    qtbot.waitUntil(lambda: not window.desk.frames.is_busy and model.index(1).data(PICTURE_ROLE) is not None)


def test_panels_fold_and_are_remembered(open_window, chest, tmp_path, wait_until_idle, qtbot) -> None:
    from core.settings import load_settings

    window = open_window(chest)
    wait_until_idle(window)
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_R)
    qtbot.keyClick(window.desk.canvas.active, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not window.desk.findings_panel.isVisible()
    assert not window.desk.series_panel.isVisible()
    window.close()
    settings, problems = load_settings(tmp_path / "settings" / "settings.json")
    assert (settings.show_findings, settings.show_series, problems) == (False, False, ())
    assert settings.geometry


def test_the_start_up_notice_waits_to_be_read_and_blocks_nothing(open_window, chest, wait_until_idle, qtbot) -> None:
    window = open_window(chest, settings=Settings())
    wait_until_idle(window)
    assert "not a medical device" in window.notices.text()
    assert window.notices.isVisible()
    assert window.desk.canvas.active.frame is not None
    qtbot.mouseClick(window.notices.button, Qt.MouseButton.LeftButton)
    assert not window.notices.isVisible()
    assert window.remembered.settings.notice_seen


def test_a_notice_behind_the_start_up_notice_is_announced_beside_it(
    open_window, tmp_path, wait_until_idle, qtbot
) -> None:
    (tmp_path / "empty").mkdir()
    window = open_window(tmp_path / "empty", settings=Settings())
    wait_until_idle(window)
    assert "not a medical device" in window.notices.text()
    assert window.notices.button.text().endswith("1 more")
    qtbot.mouseClick(window.notices.button, Qt.MouseButton.LeftButton)
    assert window.notices.text() == NOTHING_FOUND
    assert "more" not in window.notices.button.text()


def test_what_was_wrong_with_the_settings_is_said(open_window) -> None:
    window = open_window(problems=("Heatmap opacity: a stored value does not fit; the default is used.",))
    assert window.notices.text().startswith("Heatmap opacity")


def test_the_direction_of_a_window_drag_can_be_turned_round_and_is_remembered(viewing) -> None:
    viewport = viewing.desk.canvas.active
    centers = []
    for _ in range(2):
        viewport.reset()
        drag(viewport, (200, 200), (0, -40))
        centers.append(viewport.shown_voi.center)
        viewing.desk.view_settings.toggle_drag_direction()
    assert centers[0] < 2000 < centers[1]
    assert viewing.desk.remembered.settings.drag_up_is_brighter


def test_a_window_too_narrow_to_be_valid_is_ignored_and_the_picture_says_so(open_window, tmp_path, wait_until_idle):
    pixels = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    window = open_window(make_dicom(tmp_path / "a.dcm", pixels, WindowCenter=2000, WindowWidth=0.5))
    wait_until_idle(window)
    viewport = window.desk.canvas.active
    assert "invalid window of width 0.5 ignored" in viewport.scene.corners.bottom_left
    assert viewport.shown_voi.width > 4000
    before = viewport.shown_voi
    drag(viewport, (200, 200), (60, -40))
    assert viewport.shown_voi.width > before.width


@pytest.fixture
def without_windows(open_window, tmp_path, wait_until_idle):
    """The window on a CT series of three slices that store no window, each brighter than the last."""
    folder = tmp_path / "slices"
    folder.mkdir()
    for number in range(3):
        make_dicom(
            folder / f"{number}.dcm", noise(0, (64, 64)) * (number + 1), Modality="CT", SeriesInstanceUID="1.2.3.4",
            StudyInstanceUID="1.2.3", InstanceNumber=str(number + 1), ImagePositionPatient=[0, 0, float(number)],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0], SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
        )
    window = open_window(folder)
    wait_until_idle(window)
    return window


def test_a_series_without_a_stored_window_has_one_for_all_its_images(without_windows, wait_until_idle) -> None:
    viewport = without_windows.desk.canvas.active
    first = viewport.shown_voi
    assert first == auto_window(viewport.frame)
    without_windows.desk.showing.scroll(2)
    wait_until_idle(without_windows)
    assert auto_window(viewport.frame).width > 2 * first.width
    assert viewport.shown_voi == first
    told = f"C {first.center:.0f} W {first.width:.0f} · auto"
    assert told in viewport.scene.corners.bottom_left


@pytest.fixture
def two_kinds_of_frames(open_window, tmp_path, wait_until_idle):
    """The window on an enhanced file of two frames without a stored window: the second has much larger values."""
    frames = np.full((2, 64, 64), 50, np.uint16)
    frames[0, 20:40], frames[1], frames[1, 20:40] = 100, 1500, 3000
    path = make_dicom(tmp_path / "two.dcm", frames, NumberOfFrames="2", Modality="MR",
                      SOPClassUID="1.2.840.10008.5.1.4.1.1.4.1")
    window = open_window(path)
    wait_until_idle(window)
    return window


def test_a_frame_of_which_the_window_of_its_series_shows_nothing_has_it_made_anew(
    two_kinds_of_frames, wait_until_idle
) -> None:
    desk, viewport = two_kinds_of_frames.desk, two_kinds_of_frames.desk.canvas.active
    assert viewport.shown_voi == Window.between(50, 100, "auto")
    for step, expected in ((1, Window.between(1500, 3000, "auto")), (-1, Window.between(50, 100, "auto"))):
        desk.showing.scroll(step)
        wait_until_idle(two_kinds_of_frames)
        assert viewport.shown_voi == expected
        assert set(np.unique(render(viewport.frame, viewport.shown_voi))) == {0, 255}


def test_the_readers_own_window_stays_whatever_it_shows_of_a_frame(two_kinds_of_frames, wait_until_idle) -> None:
    desk, viewport = two_kinds_of_frames.desk, two_kinds_of_frames.desk.canvas.active
    viewport.set_voi(Window(75, 51))
    desk.showing.scroll(1)
    wait_until_idle(two_kinds_of_frames)
    assert viewport.shown_voi == Window(75, 51)


def test_a_reset_decides_the_window_of_the_series_anew(without_windows, wait_until_idle) -> None:
    desk = without_windows.desk
    viewport = desk.canvas.active
    desk.showing.scroll(2)
    wait_until_idle(without_windows)
    drag(viewport, (200, 200), (60, -40))
    desk.run_command("view.reset")
    last = viewport.shown_voi
    assert last == auto_window(viewport.frame)
    desk.showing.scroll(-2)
    wait_until_idle(without_windows)
    assert viewport.shown_voi == last


def test_radiographs_and_files_with_windows_keep_their_own(open_window, tmp_path, wait_until_idle) -> None:
    for number in range(2):
        same = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "InstanceNumber": str(number + 1)}
        make_dicom(tmp_path / f"{number}.dcm", noise(0) * (number + 1), **same)
    window = open_window(tmp_path)
    wait_until_idle(window)
    viewport, shown = window.desk.canvas.active, []
    for number in range(2):
        window.desk.showing.scroll_to(number)
        wait_until_idle(window)
        assert viewport.shown_voi == auto_window(viewport.frame)
        shown.append(viewport.shown_voi)
    assert shown[0] != shown[1]


def test_a_panel_that_is_folded_gives_the_keyboard_to_the_active_cell(open_window, chests, wait_until_idle, qtbot):
    window = open_window(*chests, settings=Settings(notice_seen=True, show_header=True, layout="2x2"))
    wait_until_idle(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    desk = window.desk
    third = desk.canvas.viewports[2]
    desk.canvas.activate(third)
    series = desk.series_panel.findChild(QListView)
    for command, inside in (("view.series-panel", series), ("view.header-panel", desk.header_panel.tree.field)):
        inside.setFocus()
        desk.run_command(command)
        assert desk.canvas.active is third
        assert third.hasFocus()
