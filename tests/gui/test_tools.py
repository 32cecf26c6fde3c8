import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from core.imaging.image import Frame
from core.imaging.lookup import LookupTable
from core.imaging.region import Region, Shape
from core.imaging.window import Window
from gui.tools.tool import tool_name
from tests.make.image import make_image, ramp
from tests.make.mouse import LEFT, MIDDLE, NO_KEY, RIGHT, drag, move, press, release, send, view_point
from tests.make.screen import painted

SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier,
)


@pytest.mark.parametrize(
    ("button", "modifiers", "tool"),
    [
        (LEFT, NO_KEY, "region"),
        (LEFT, SHIFT, "pan"),
        (LEFT, ALT, "window"),
        (LEFT, CTRL, "auto-window"),
        (LEFT, SHIFT | CTRL, "window"),
        (RIGHT, NO_KEY, "zoom"),
        (RIGHT, CTRL, "zoom"),
        (MIDDLE, NO_KEY, "pan"),
        (Qt.MouseButton.BackButton, NO_KEY, None),
    ],
)
def test_each_button_has_the_tool_that_readers_expect(button, modifiers, tool):
    assert tool_name(button, modifiers, "region") == tool


def window_of(view):
    voi = view.shown_voi
    assert isinstance(voi, Window)
    return voi


def test_a_drag_to_the_right_widens_and_up_brightens(shown):
    before = painted(shown)[140:160, 190:210].mean()
    drag(shown, (200, 150), (64, 0))
    assert window_of(shown) == Window(30000, 50000)  # a 256th of 40000 for each pixel
    drag(shown, (200, 150), (-64, -51.2))
    assert window_of(shown) == Window(20000, 37500)
    assert painted(shown)[140:160, 190:210].mean() > before
    assert window_of(shown).explanation == ""


def test_up_brightens_an_inverted_picture_too(shown):
    shown.invert()
    before = painted(shown)[140:160, 190:210].mean()
    drag(shown, (200, 150), (0, -40))
    assert window_of(shown).center > 30000
    assert painted(shown)[140:160, 190:210].mean() > before


def test_who_is_used_to_it_drags_up_for_darker(shown):
    shown.drag_up_is_brighter = False
    before = painted(shown)[140:160, 190:210].mean()
    drag(shown, (200, 150), (0, -40))
    assert painted(shown)[140:160, 190:210].mean() < before


def test_shift_and_ctrl_make_a_drag_five_times_finer(shown):
    drag(shown, (200, 150), (64, 0), modifiers=SHIFT | CTRL)
    assert window_of(shown).width == pytest.approx(42000)


def test_alt_windows_whatever_the_tool(shown):
    shown.tool = "pan"
    drag(shown, (200, 150), (64, 0), modifiers=ALT)
    assert window_of(shown).width == 50000
    assert shown.state.zoom is None


def test_8_bit_data_change_by_a_whole_value_for_each_pixel(viewport):
    frame = Frame((ramp() % 256).astype(np.uint8), voi=(Window(100, 20),))
    viewport.show_frame(make_image(frame), frame)
    drag(viewport, (200, 150), (10, 0))
    assert window_of(viewport).width == 30


def test_a_voi_lut_does_not_jump_or_die_when_dragged(viewport):
    entries = np.clip((np.arange(60000) - 10000) // 200, 0, 255).astype(np.uint16)
    frame = Frame(ramp(), voi=(LookupTable(0, entries, 8),))
    viewport.show_frame(make_image(frame), frame)
    before = painted(viewport)
    drag(viewport, (200, 150), (1, 0))
    assert np.abs(painted(viewport)[50:250].astype(int) - before[50:250]).mean() < 4
    drag(viewport, (200, 150), (0, -60))
    assert painted(viewport)[50:250].mean() > before[50:250].mean() + 10


def test_a_window_never_ends_dead(shown):
    drag(shown, (390, 150), (-380, 0))
    drag(shown, (390, 150), (-380, 0))
    assert window_of(shown).width == 1
    drag(shown, (10, 150), (300, 0))
    assert window_of(shown).width > 2


def test_color_is_brightened_by_a_drag(viewport):
    frame = Frame(np.full((200, 300, 3), 100, np.uint8))
    viewport.show_frame(make_image(frame), frame)
    drag(viewport, (200, 150), (0, -50))
    assert painted(viewport)[150, 200, 0] == 150


def test_a_rectangle_with_ctrl_gets_its_own_window(shown):
    shown.one_to_one()
    press(shown, (60, 60), modifiers=CTRL)
    move(shown, (100, 90), modifiers=CTRL)
    assert (painted(shown)[60, 61:99] != painted(shown)[62, 63:97].mean()).any()  # the rectangle is seen
    release(shown, (100, 90), modifiers=CTRL)
    window = window_of(shown)
    assert window.explanation == "auto, region"
    low, high = window.center - window.width / 2, window.center + window.width / 2
    assert 300 * 10 <= low < high <= 300 * 41


def test_a_rectangle_of_padding_alone_with_ctrl_changes_nothing(viewport):
    stored = ramp()
    stored[:, :100] = 7
    frame = Frame(stored, voi=(Window(30000, 40000),), padding=(7, 7))
    viewport.show_frame(make_image(frame), frame)
    viewport.one_to_one()
    drag(viewport, (60, 60), (40, 30), modifiers=CTRL)
    assert viewport.state.voi is None


def test_a_click_with_ctrl_changes_nothing(shown):
    drag(shown, (100, 100), (1, 1), modifiers=CTRL)
    assert shown.state.voi is None


def test_a_right_drag_zooms_about_where_it_began_up_being_closer(shown):
    before = shown.image_point(QPointF(120, 100))
    zoom = shown.transform.zoom
    drag(shown, (120, 100), (0, -90), RIGHT)
    assert shown.transform.zoom == pytest.approx(zoom * np.exp(0.5))
    assert shown.image_point(QPointF(120, 100)) == pytest.approx(before, abs=1)
    drag(shown, (120, 100), (0, 90), RIGHT)
    assert shown.transform.zoom == pytest.approx(zoom)


def test_the_zoom_and_pan_tools_take_the_left_button(shown):
    shown.tool = "zoom"
    drag(shown, (200, 150), (0, -90))
    assert shown.state.zoom is not None
    shown.tool = "pan"
    before = shown.image_point(QPointF(100, 100))
    drag(shown, (200, 150), (30, 20))
    assert shown.image_point(QPointF(130, 120)) == pytest.approx(before, abs=1)


def test_the_scroll_tool_goes_through_a_series_and_over_its_frames(shown):
    shown.show_frame(shown.image, shown.frame, "3 / 9", 9)
    shown.tool = "scroll"
    steps = []

    def next_frame(step):
        steps.append(step)
        shown.show_frame(shown.image, shown.frame, f"{3 + sum(steps)} / 9", 9, keep_state=True)

    shown.scrolled.connect(next_frame)
    drag(shown, (200, 100), (0, 60))
    assert steps == [1] * 5
    drag(shown, (200, 100), (0, -24))
    assert steps[5:] == [-1, -1]


def test_a_region_is_drawn_moved_and_taken_away(shown):
    shown.one_to_one()
    shown.tool = "region"
    told = []
    shown.region_changed.connect(told.append)
    drag(shown, (150, 100), (-50, 40))
    assert shown.region == Region(50, 50, 100, 90)
    assert told[-1] == shown.region
    drag(shown, (125, 120), (20, 10))
    assert shown.region == Region(70, 60, 120, 100)
    drag(shown, (145, 130), (0, 0))
    assert shown.region is not None  # a click inside keeps it
    drag(shown, (300, 200), (0, 0))
    assert shown.region is None
    assert told[-1] is None


def test_a_region_stays_on_its_place_of_a_turned_and_flipped_image(shown):
    shown.set_state(shown.state.__class__(rotation=90, flip=True, zoom=1.0))
    shown.tool = "region"
    shown.region_shape = Shape.RECTANGLE
    start, end = view_point(shown, 20, 30), view_point(shown, 90, 120)
    drag(shown, (start.x(), start.y()), (end.x() - start.x(), end.y() - start.y()))
    assert shown.region == Region(20, 30, 90, 120, Shape.RECTANGLE)


def test_another_button_waits_until_the_gesture_ends(shown):
    press(shown, (200, 150))
    for kind, button, held in ((QEvent.Type.MouseButtonPress, RIGHT, LEFT | RIGHT),
                               (QEvent.Type.MouseMove, Qt.MouseButton.NoButton, LEFT | RIGHT),
                               (QEvent.Type.MouseButtonRelease, RIGHT, LEFT)):
        at = QPointF(200, 100)
        QApplication.sendEvent(shown, QMouseEvent(kind, at, QPointF(shown.mapToGlobal(at)), button, held, NO_KEY))
    assert shown.state.zoom is None
    move(shown, (210, 150))
    release(shown, (210, 150))
    assert shown.state.voi is not None


def test_a_new_frame_breaks_a_gesture_off(shown):
    press(shown, (200, 150))
    move(shown, (210, 150))
    other = Frame(ramp())
    shown.show_frame(make_image(other), other)
    move(shown, (280, 150))
    release(shown, (280, 150))
    assert shown.state.voi is None


@pytest.mark.parametrize("next_button", [LEFT, RIGHT])
def test_a_gesture_whose_release_went_to_a_dialog_is_over(shown, next_button):
    press(shown, (200, 150))
    move(shown, (210, 150), Qt.MouseButton.NoButton)
    move(shown, (290, 150), Qt.MouseButton.NoButton)
    assert shown.state.voi is None
    press(shown, (200, 150))
    shown.tool = "zoom"
    drag(shown, (200, 150), (0, -50), next_button)  # without a move between
    assert shown.state.voi is None
    assert shown.state.zoom is not None


def test_a_hidden_cell_goes_on_with_no_gesture(shown):
    press(shown, (200, 150))
    shown.hide()
    shown.show()
    move(shown, (290, 150))
    assert shown.state.voi is None


def test_the_second_press_of_a_double_click_begins_a_drag_where_there_is_one_cell(shown):
    shown.can_maximize = False
    asked = []
    shown.maximize_asked.connect(lambda: asked.append(True))
    send(shown, QEvent.Type.MouseButtonDblClick, (200, 150))
    move(shown, (264, 150))
    release(shown, (264, 150))
    assert window_of(shown).width == 50000
    assert asked == []


@pytest.mark.parametrize(("modality", "starts_at_0"), [("PT", True), ("NM", True), ("CT", False)])
def test_dragging_over_pet_and_scintigrams_leaves_black_at_0(viewport, modality, starts_at_0):
    image = make_image(Frame((ramp() // 2 + 3000).astype(np.uint16)), modality=modality)
    frame = image.frame()
    viewport.show_frame(image, frame)
    first = window_of(viewport)
    assert (first.center - first.width / 2 == 0) == starts_at_0
    drag(viewport, (200, 150), (90, 40))
    window = window_of(viewport)
    assert (window.center - window.width / 2 == 0) == starts_at_0
    assert window.width != first.width
