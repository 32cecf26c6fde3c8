import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.adjust import COLOR_WINDOW, drag_start, drag_step, dragged, region_window
from core.imaging.image import Frame
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.region import Region
from core.imaging.render import to_color, to_gray
from core.imaging.window import VoiFunction, Window, window_to_unit

windows = st.builds(
    Window, st.floats(-1e5, 1e5), st.floats(1, 1e5), st.sampled_from(list(VoiFunction)), st.just("a preset")
)


@given(windows, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.booleans())
def test_no_drag_makes_a_window_that_the_standard_forbids(window, right, up, brighter):
    after = dragged(window, right, up, brighter)
    assert after.is_valid
    assert after.function is window.function
    assert after.explanation == ""


def test_right_is_wider_and_up_lowers_the_center_as_bir_has_it():
    assert dragged(Window(100, 200), 10, 20, brighter=True) == Window(80, 210)
    assert dragged(Window(100, 200), -10, 20, brighter=False) == Window(120, 190)


def test_a_drag_step_is_a_256th_of_the_width_but_one_display_step_for_8_bit_data():
    deep = Frame(np.zeros((4, 4), np.uint16))
    flat = Frame(np.zeros((4, 4), np.uint8), modality=Rescale(slope=3.0))
    assert drag_step(deep, Window(0, 512)) == 2
    assert drag_step(deep, Window(0, 64)) == 0.25
    assert drag_step(flat, Window(0, 64)) == 3
    assert drag_step(flat, Window(0, 2560)) == 10


def test_a_drag_on_a_lookup_table_starts_from_the_range_in_which_the_table_changes():
    entries = np.clip(np.arange(1000) - 300, 0, 255).astype(np.uint16)
    table = LookupTable(first=50, entries=entries, bits=8)
    start = drag_start(Frame(np.zeros((4, 4), np.uint16), voi=(table,)), table)
    assert (start.center - 0.5 - (start.width - 1) / 2, start.width) == (350, 256)


def test_a_drag_on_color_starts_from_the_colors_as_stored():
    stored = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    start = drag_start(Frame(stored), COLOR_WINDOW)
    assert (to_color(stored, start) == stored).all()
    assert (to_color(stored, start, invert=True) == 255 - stored).all()
    assert to_color(stored, dragged(start, 0, 40, brighter=True)).mean() > stored.mean()


def test_the_window_of_a_region_shows_its_values_from_black_to_white():
    stored = np.zeros((40, 40), np.int16)
    stored[10:20, 10:20] = np.arange(100, 200).reshape(10, 10)
    frame = Frame(stored, modality=Rescale(2.0, -1000.0), padding=(100, 100))
    window = region_window(frame, Region(10, 10, 20, 20))
    assert window is not None
    assert window.explanation == "auto, region"
    gray = to_gray(np.array([101, 199], np.int16), frame, window)
    assert gray[0] < 3
    assert gray[1] > 252


@pytest.mark.parametrize("region", [Region(-9, -9, -1, -1), Region(3.6, 3.6, 3.7, 9)])
def test_a_region_without_pixels_has_no_window(region):
    assert region_window(Frame(np.zeros((40, 40), np.uint8)), region) is None


@pytest.mark.parametrize("frame", [
    Frame(np.full((40, 40), 7, np.uint16), padding=(7, 7)),
    Frame(np.full((40, 40), np.nan, np.float32)),
])
def test_a_region_of_padding_or_of_no_numbers_has_no_window(frame):
    assert region_window(frame, Region(10, 10, 20, 20)) is None


@given(windows, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.booleans())
def test_a_drag_over_counts_moves_the_upper_end_and_leaves_the_lower_at_0(window, right, up, brighter):
    free, held = dragged(window, right, up, brighter), dragged(window, right, up, brighter, from_zero=True)
    assert held.is_valid
    assert (held.function, held.explanation) == (window.function, "")
    assert held.center - held.width / 2 == 0
    if free.center + free.width / 2 > held.width * 1e-3 and held.width > 1:
        assert held.width == pytest.approx(free.center + free.width / 2)
        if window.function is VoiFunction.LINEAR:
            high = free.center + free.width / 2 - 1
            between = Window.between(0, high)
            values = np.array([-1, 0, high / 3, high, high + 1])
            assert window_to_unit(values, held) == pytest.approx(window_to_unit(values, between), abs=1e-6)


def test_the_window_of_a_region_of_counts_begins_at_0():
    stored = np.random.default_rng(2).integers(500, 900, (40, 40)).astype(np.uint16)
    window = region_window(Frame(stored, from_zero=True), Region(10, 10, 30, 30))
    assert window is not None
    assert window.center - window.width / 2 == 0
