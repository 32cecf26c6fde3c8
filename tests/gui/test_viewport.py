import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QFocusEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from core.imaging.display_state import DisplayState
from core.imaging.image import Frame
from core.imaging.layers import Segment, SegmentMask
from core.imaging.region import Region
from core.imaging.render import render, to_gray
from core.imaging.resample import resample
from core.imaging.window import Window
from tests.make.image import make_image, make_placement, ramp
from tests.make.mouse import MIDDLE, RIGHT, drag, move, press, release, send, view_point, wheel
from tests.make.screen import as_rgb, painted

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NO_BUTTON = Qt.MouseButton.NoButton


def emitted(signal):
    values = []
    signal.connect(lambda *args: values.append(args[0] if args else None))
    return values


def test_at_one_to_one_each_device_pixel_is_what_the_pipeline_renders(bare):
    bare.one_to_one()
    picture = painted(bare)[50:250, 50:350]
    assert (picture == render(bare.frame)[..., None]).all()


def test_a_picture_is_whole_wherever_it_lies(bare):
    bare.one_to_one()
    for dx in (0, 30, -90):
        bare.pan_by(dx, 11)
        x, y = bare.transform.origin
        expected = np.zeros((300, 400), np.uint8)
        expected[y : y + 200, max(x, 0) : x + 300] = render(bare.frame)[:, max(-x, 0):]
        assert (painted(bare) == expected[..., None]).all()


def test_a_window_step_paints_over_nothing_that_lies_on_the_view(bare, qtbot):
    around = QWidget()
    qtbot.addWidget(around)
    around.resize(500, 400)
    bare.setParent(around)
    bare.move(20, 30)
    bare.one_to_one()
    on_top = QLabel(around)  # not painted anew with the view, since it hides what is below
    on_top.setAutoFillBackground(True)
    on_top.setPalette(QPalette(QColor(0x12, 0x34, 0x56)))
    on_top.setGeometry(120, 110, 40, 30)
    around.show()
    QApplication.processEvents()
    bare.set_voi(Window(30000.0, 9000.0))
    bare.repaint()
    on_screen = as_rgb(around.backingStore().paintDevice())[30:330, 20:420]
    expected = np.zeros((300, 400, 3), np.uint8)
    expected[50:250, 50:350] = render(bare.frame, Window(30000.0, 9000.0))[..., None]
    expected[80:110, 100:140] = (0x12, 0x34, 0x56)
    bare.setParent(None)
    assert (on_screen == expected).all()


def test_all_around_the_picture_is_black(bare):
    bare.one_to_one()
    around = painted(bare)
    around[50:250, 50:350] = 0
    assert not around.any()


def test_a_window_inversion_and_flip_show_at_once(bare):
    window = Window(10000, 5000)
    bare.set_state(DisplayState(voi=window, invert=True, zoom=1.0, flip=True))
    expected = render(bare.frame, window, invert=True)[:, ::-1]
    assert (painted(bare)[50:250, 50:350] == expected[..., None]).all()


@pytest.mark.parametrize("scale", ["1.25", "1.5", "2"])
def test_on_a_scaled_screen_a_device_pixel_is_still_an_image_pixel(scale):
    script = """
import numpy as np
from PySide6.QtWidgets import QApplication, QLabel, QWidget
app = QApplication([])
from core.imaging.image import Frame
from core.imaging.render import render
from gui.canvas.viewport import Viewport
from tests.make.image import make_image, ramp
from tests.make.screen import as_rgb, painted
frame = Frame(ramp())
window = QWidget()
window.resize(501, 401)
view = Viewport(window)
view.setGeometry(33, 17, 401, 303)  # on fractional scalings this begins within a device pixel
view.show_frame(make_image(frame), frame)
view.set_corner_level("off")
view.one_to_one()
window.show()
app.processEvents()
picture, whole = render(frame), painted(window)[..., 0]
x, y = view.transform.origin
ratio = view.devicePixelRatioF()
left, top = round(33 * ratio) + x, round(17 * ratio) + y
assert (whole[top : top + 200, left : left + 300] == picture).all()
print("exact at", ratio)
"""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), *sys.path])
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", script], env=environment, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"exact at {float(scale)}" in done.stdout


def test_a_newly_shown_frame_says_once_that_it_was_painted(shown, qtbot):
    told = emitted(shown.frame_painted)
    qtbot.waitUntil(lambda: bool(told))
    shown.invert()
    shown.repaint()
    qtbot.wait(20)
    assert len(told) == 1
    shown.show_frame(shown.image, shown.frame)
    qtbot.waitUntil(lambda: len(told) == 2)


def test_states_are_told_once_each(shown):
    told = emitted(shown.state_changed)
    shown.invert()
    shown.set_state(shown.state)
    shown.fit()
    assert told == [DisplayState(invert=True)]
    shown.reset()
    assert told[-1] == DisplayState()


def test_scrolling_within_a_series_keeps_how_it_is_looked_at(shown):
    looked = DisplayState(voi=Window(1, 2), zoom=3.0, center=(100, 50), invert=True)
    shown.set_state(looked)
    other = Frame(ramp())
    shown.show_frame(make_image(other), other, "2 / 9", 9, keep_state=True)
    assert shown.state == looked
    shown.show_frame(make_image(other), other)
    assert shown.state == DisplayState()


def test_nothing_of_the_last_image_stands_over_the_next(shown):
    shown.set_heat(np.ones((10, 10), np.float32), make_placement(300, 200))
    shown.set_region(Region(10, 10, 50, 50))
    shown.set_reading_line("Above threshold: Opacity")
    told = emitted(shown.region_changed)
    other = Frame(ramp())
    shown.show_frame(make_image(other), other, keep_state=True)
    assert not shown.heat_is_visible
    assert shown.region is None
    assert told == [None]
    assert shown.scene.reading_line == ""


def test_a_message_takes_the_pictures_place(shown):
    shown.show_message("opening…")
    picture = painted(shown)
    assert shown.frame is None
    assert picture.any()
    assert not picture[:100].any()
    shown.clear()
    assert not painted(shown).any()


def test_an_image_without_a_picture_leaves_the_series_to_the_wheel_and_how_it_is_looked_at(shown):
    looked = DisplayState(voi=Window(1, 2), zoom=3.0, center=(100, 50))
    shown.set_state(looked)
    shown.show_message("The file is damaged.", 9)
    steps = emitted(shown.scrolled)
    wheel(shown, (200, 150), -1)
    shown.tool = "scroll"
    drag(shown, (100, 100), (0, 30))
    assert steps == [1, 1, 1]
    assert shown.state == looked


def test_without_a_frame_no_gesture_does_anything(viewport):
    told = emitted(viewport.state_changed)
    for button in (Qt.MouseButton.LeftButton, MIDDLE, RIGHT):
        drag(viewport, (50, 50), (60, 40), button)
    wheel(viewport, (50, 50), 1)
    viewport.zoom_by(2)
    viewport.pan_by(3, 4)
    viewport.one_to_one()
    assert told == []
    assert not painted(viewport).any()


def test_the_wheel_scrolls_a_series_up_being_the_previous_image(shown):
    shown.show_frame(shown.image, shown.frame, "3 / 9", 9)
    steps = emitted(shown.scrolled)
    wheel(shown, (200, 150), 1)
    wheel(shown, (200, 150), -2)
    assert steps == [-1, 1, 1]
    assert shown.state.zoom is None


def test_a_fine_wheel_scrolls_once_for_a_whole_notch(shown):
    shown.show_frame(shown.image, shown.frame, "3 / 9", 9)
    steps = emitted(shown.scrolled)
    for _ in range(5):
        wheel(shown, (200, 150), -0.25)
    assert steps == [1]
    wheel(shown, (200, 150), 0.25)
    wheel(shown, (200, 150), 0.5)
    assert steps == [1]


@pytest.mark.parametrize(("count", "modifiers"), [(1, Qt.KeyboardModifier.NoModifier), (9, CTRL)])
def test_the_wheel_zooms_at_the_cursor_with_a_single_image_or_ctrl(shown, count, modifiers):
    shown.show_frame(shown.image, shown.frame, image_count=count)
    steps = emitted(shown.scrolled)
    at = QPointF(250, 120)
    before = shown.image_point(at)
    wheel(shown, (250, 120), 3, modifiers)
    assert shown.transform.zoom > 1.4 * 4 / 3
    assert shown.image_point(at) == pytest.approx(before, abs=1)
    assert steps == []


def test_the_value_under_the_pointer_is_told_and_goes_with_it(shown):
    told = emitted(shown.pointer_moved)
    shown.one_to_one()
    move(shown, (50 + 32.5, 50 + 11.5), NO_BUTTON)
    assert told[-1] == "value 3 332 at 32, 11"
    move(shown, (10, 10), NO_BUTTON)
    assert told[-1] == ""


@pytest.fixture
def hovered(shown, monkeypatch):
    """The view at one to one, with the pointer resting over it."""
    shown.one_to_one()
    monkeypatch.setattr(QCursor, "pos", lambda *_: shown.mapToGlobal(QPoint(180, 170)))
    monkeypatch.setattr(shown, "underMouse", lambda: True)
    return shown


@pytest.mark.parametrize("change", [
    lambda view: view.zoom_by(2.0),
    lambda view: view.fit(),
    lambda view: view.pan_by(30, 0),
    lambda view: view.set_state(view.state.turned(90)),
    lambda view: view.set_state(view.state.mirrored()),
    lambda view: view.resize(500, 300),
])
def test_the_value_under_a_resting_pointer_is_that_of_the_picture_as_it_is_now(hovered, change):
    told = emitted(hovered.pointer_moved)
    change(hovered)
    QApplication.processEvents()
    x, y = hovered.image_point(QPointF(180, 170))
    assert told[-1].endswith(f" at {int(x)}, {int(y)}")


def test_a_window_step_does_not_ask_what_is_under_the_pointer(hovered):
    told = emitted(hovered.pointer_moved)
    hovered.set_voi(Window(1000, 100))
    assert told == []


def test_hidden_segments_are_not_told(hovered):
    share, as_it_lies = np.full((200, 300), 255, np.uint8), np.array([[1.0, 0, 0], [0, 1.0, 0]])
    hovered.set_layers((SegmentMask(Segment(1, "Liver", (200, 0, 0)), share, as_it_lies),), None, False)
    told = emitted(hovered.pointer_moved)
    hovered.set_layers_hidden(True)
    hovered.set_layers_hidden(False)
    assert ["Liver" in text for text in told] == [False, True]


def test_a_view_without_the_pointer_tells_nothing_of_it(hovered, monkeypatch):
    shown = hovered
    monkeypatch.setattr(shown, "underMouse", lambda: False)
    told = emitted(shown.pointer_moved)
    shown.show_frame(shown.image, shown.frame)
    shown.zoom_by(2.0)
    shown.show_message("opening…")
    assert told == []


def test_tab_into_a_view_activates_it_and_nothing_else_that_brings_the_keyboard(shown):
    activated, told = emitted(shown.activated), []
    for reason in ("TabFocusReason", "BacktabFocusReason", "OtherFocusReason", "ActiveWindowFocusReason"):
        QApplication.sendEvent(shown, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason[reason]))
        told.append(len(activated))
    assert told == [1, 2, 2, 2]


def test_any_press_activates_and_a_double_click_asks_to_maximize(shown):
    activated, maximize = emitted(shown.activated), emitted(shown.maximize_asked)
    drag(shown, (100, 100), (0, 0), RIGHT)
    assert len(activated) == 1
    send(shown, QEvent.Type.MouseButtonDblClick, (100, 100))
    assert maximize == [None]


def test_a_right_click_asks_for_the_menu_and_a_right_drag_does_not(shown):
    asked = emitted(shown.context_menu_asked)
    press(shown, (100, 100), RIGHT)
    move(shown, (102, 101), RIGHT)
    release(shown, (102, 101), RIGHT)
    assert [(point.x(), point.y()) for point in asked] == [(102, 101)]
    assert shown.state == DisplayState()
    drag(shown, (100, 100), (0, -40), RIGHT)
    assert len(asked) == 1
    assert shown.state.zoom is not None


def test_heat_is_drawn_only_where_the_network_looked_and_can_be_peeked_under(bare):
    bare.one_to_one()
    plain = painted(bare)
    bare.set_heat(np.ones((10, 10), np.float32), make_placement(300, 200, left=100))
    heated = painted(bare)
    changed = (plain != heated).any(axis=2)
    assert changed[60:240, 152:248].all()
    assert not changed[60:240, 52:148].any()
    assert not changed[60:240, 252:340].any()
    bare.set_heat_hidden(True)
    assert (painted(bare) == plain).all()
    bare.set_heat_hidden(False)
    bare.set_heat_opacity(0)
    faint = painted(bare)
    assert (faint[60:240, 160:240] == plain[60:240, 160:240]).all()
    bare.set_heat(None, None)
    assert (painted(bare) == plain).all()


def test_a_map_without_its_place_is_a_bug(shown):
    with pytest.raises(ValueError, match="placement"):
        shown.set_heat(np.ones((10, 10), np.float32), None)


def test_a_drawn_region_loses_its_share_when_it_changes(shown):
    told = emitted(shown.region_changed)
    shown.set_region(Region(10, 10, 50, 50))
    shown.set_region_share("63 % of the score")
    shown.set_region(Region(10, 10, 60, 50))
    assert shown.scene.region_share == ""
    assert told == [Region(10, 10, 50, 50), Region(10, 10, 60, 50)]


def test_color_is_shown_as_stored_and_can_be_windowed(viewport):
    stored = np.random.default_rng(2).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    frame = Frame(stored)
    viewport.show_frame(make_image(frame, kind="PNG"), frame)
    viewport.set_corner_level("off")
    viewport.one_to_one()
    assert (painted(viewport)[50:250, 50:350] == stored).all()
    viewport.set_voi(Window(200, 256))
    assert painted(viewport)[50:250, 50:350].mean() < stored.mean() - 30


def test_wrong_words_are_bugs(shown):
    for setter, word in ((shown.set_corner_level, "most"), (lambda name: setattr(shown, "tool", name), "lasso")):
        with pytest.raises(ValueError, match=word):
            setter(word)


def test_a_window_step_reads_pixels_of_the_view_and_not_of_the_image(shown, monkeypatch):
    painted(shown)
    monkeypatch.setattr("gui.canvas.screen_images.shrink", lambda *_: pytest.fail("read the whole frame"))
    monkeypatch.setattr("gui.canvas.screen_images.visible_pixels", lambda *_: pytest.fail("resampled"))
    shown.set_voi(Window(1000, 100))
    painted(shown)


def test_a_large_frame_is_drafted_and_then_averaged(viewport, qtbot):
    stored = np.random.default_rng(1).integers(0, 65536, (1100, 1300)).astype(np.uint16)
    frame = Frame(stored, voi=(Window(30000, 40000),))
    viewport.show_frame(make_image(frame), frame)
    viewport.repaint()
    assert viewport.scene.picture.is_draft
    first = painted(viewport)
    qtbot.waitUntil(lambda: not viewport.scene.picture.is_draft)
    averaged, (left, top) = resample(stored, viewport.transform)
    rows, columns = averaged.shape
    place = np.s_[top + 100:top + rows - 100, left + 130:left + columns - 130]  # clear of the corners
    expected = to_gray(averaged, frame, frame.voi[0])[100:-100, 130:-130]
    assert (painted(viewport)[place][..., 0] == expected).all()
    assert (first[place][..., 0] != expected).any()


def test_screen_readers_hear_what_is_shown_and_nothing_of_the_patient(shown):
    shown.set_reading_line("AI: reading...")
    assert shown.accessibleName() == "Image view"
    assert shown.accessibleDescription() == "CR image 1 / 1. AI: reading..."


def test_a_region_of_a_resized_view_stays_on_its_place(shown):
    shown.resize(700, 500)
    QApplication.processEvents()
    point = view_point(shown, 150, 100)
    assert (point.x(), point.y()) == pytest.approx((350, 250), abs=1)
    assert shown.image_point(point) == pytest.approx((150, 100))
    assert shown.state == DisplayState()


def test_shift_and_left_or_middle_drag_pan(shown):
    shown.one_to_one()
    for button, modifiers in ((Qt.MouseButton.LeftButton, SHIFT), (MIDDLE, Qt.KeyboardModifier.NoModifier)):
        before = shown.transform.origin
        drag(shown, (200, 150), (20, -10), button, modifiers)
        assert np.subtract(shown.transform.origin, before) == pytest.approx((20, -10), abs=1)


def test_who_comes_by_keyboard_sees_where_the_focus_is(shown):
    shown.setFocus(Qt.FocusReason.OtherFocusReason)
    plain = painted(shown)
    QApplication.sendEvent(shown, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert (painted(shown)[0] != plain[0]).any()
    QApplication.sendEvent(shown, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    assert (painted(shown) == plain).all()
