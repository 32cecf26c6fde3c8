import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.imaging.image import Frame
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.render import (
    AUTO_PERCENTILES,
    adjustable_window,
    auto_window,
    default_voi,
    minmax_window,
    nearest_percentiles,
    render,
    series_window,
    shows,
    to_color,
    to_gray,
)
from core.imaging.window import VoiFunction, Window

dtypes = st.sampled_from([np.dtype(name) for name in ("uint8", "int8", "uint16", "int16", "int32", "float32")])


@given(dtypes.flatmap(lambda dtype: arrays(dtype, st.integers(1, 300), elements=st.integers(0, 100).map(dtype.type))))
def test_percentiles_are_those_of_numpy(values):
    expected = np.percentile(values, AUTO_PERCENTILES, method="nearest")
    assert (nearest_percentiles(values, AUTO_PERCENTILES) == expected).all()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16"])
def test_percentiles_reach_the_ends_of_the_type(dtype):
    ends = np.array([np.iinfo(dtype).min, np.iinfo(dtype).max], dtype)
    assert (nearest_percentiles(ends, (0, 100)) == ends).all()


slopes = st.one_of(st.sampled_from([1.0, -1.0, 0.0, 1e-300]), st.floats(-300, 300))


@given(
    st.sampled_from(["uint8", "int8", "uint16", "int16"]), st.sampled_from(list(VoiFunction)), st.floats(1, 70000),
    st.floats(-40000, 90000), slopes, st.floats(-3000, 3000), st.booleans(), st.booleans(),
    st.one_of(st.none(), st.tuples(st.integers(-300, 0), st.integers(0, 300))),
)
def test_values_through_the_table_are_what_the_formula_gives(
    dtype, function, width, center, slope, intercept, inverse, invert, padding
):
    ends = np.iinfo(dtype)
    stored = np.unique(np.linspace(ends.min, ends.max, 3000).astype(dtype))[None]
    modality = Rescale(slope, intercept)
    frame = Frame(stored, modality=modality, inverse=inverse, padding=padding)
    by_formula = Frame(stored.astype(np.int32), modality=modality, inverse=inverse, padding=padding)
    window = Window(center, width, function)
    assert (to_gray(stored, frame, window, invert) == render(by_formula, window, invert)).all()


@given(st.integers(-32768, 32767), st.integers(0, 3000), st.floats(1, 400), st.floats(-500, 500))
def test_a_table_holds_for_a_narrow_range_too(low, span, width, off_center):
    stored = np.clip(np.arange(low, low + span + 1), -32768, 32767).astype(np.int16)[None]
    window = Window(low + off_center, width)
    assert (to_gray(stored, Frame(stored), window) == render(Frame(stored.astype(np.int32)), window)).all()


@given(st.sampled_from(["uint16", "int16"]), st.sampled_from([VoiFunction.LINEAR, VoiFunction.LINEAR_EXACT]),
       st.floats(2100, 200000), st.one_of(st.integers(-40000, 90000), st.floats(-40000, 90000)),
       st.sampled_from([1.0, -1.0, 0.5, 3.0]), st.booleans())
def test_every_value_of_a_wide_window_has_the_gray_of_the_formula(dtype, function, width, center, slope, inverse):
    ends = np.iinfo(dtype)
    stored = np.arange(ends.min, ends.max + 1).astype(dtype)[None]
    window = Window(center, round(width) if isinstance(center, int) else width, function)
    modality = Rescale(slope, -1024)
    by_formula = render(Frame(stored.astype(np.int32), modality=modality, inverse=inverse), window)
    assert (to_gray(stored, Frame(stored, modality=modality, inverse=inverse), window) == by_formula).all()


@given(st.floats(1, 70000), st.floats(0, 65535))
def test_brighter_in_is_never_darker_out(width, center):
    stored = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    gray = render(Frame(stored), Window(center, width)).ravel().astype(int)
    assert (np.diff(gray) >= 0).all()


def test_the_files_inversion_and_the_users_cancel_out():
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)
    window = Window(128, 256)
    plain = render(Frame(stored), window)
    assert (render(Frame(stored, inverse=True), window) == 255 - plain).all()
    assert (render(Frame(stored, inverse=True), window, invert=True) == plain).all()


def test_what_is_no_number_is_black_whichever_way_the_picture_is_turned():
    stored = np.array([[0.0, np.nan, 1.0]])
    window = Window(0.5, 1.0, VoiFunction.LINEAR_EXACT)
    assert render(Frame(stored), window).tolist() == [[0, 0, 255]]
    assert render(Frame(stored, inverse=True), window).tolist() == [[255, 0, 0]]


def test_automatic_windows_leave_padding_out():
    stored = np.full((100, 100), -2000, np.int16)
    stored[20:60] = np.arange(4000, dtype=np.int16).reshape(40, 100)
    frame = Frame(stored.copy(), padding=(-2000, -2000))
    assert minmax_window(frame) == Window.between(0, 3999, "full range")
    window = auto_window(frame)
    assert window == Window.between(20, 3979, "auto")


def test_a_frame_without_any_value_still_has_a_window():
    frame = Frame(np.full((4, 4), 7, np.uint8), padding=(7, 7))
    assert auto_window(frame).is_valid
    assert minmax_window(frame).is_valid
    assert render(frame).shape == (4, 4)


def test_the_first_stored_voi_is_the_default_and_without_one_the_percentiles():
    stored = np.arange(100, dtype=np.uint8).reshape(10, 10)
    first, second = Window(10, 20), Window(30, 40)
    assert default_voi(Frame(stored, voi=(first, second))) is first
    assert default_voi(Frame(stored)).explanation == "auto"


def test_a_voi_lut_is_adjusted_from_the_range_in_which_it_changes():
    table = LookupTable(100, np.array([0] * 50 + list(range(51)) + [50] * 20, np.uint16), 8)
    window = adjustable_window(Frame(np.zeros((2, 2), np.uint16)), table)
    assert window == Window.between(150, 200, "from the LUT")


def test_color_passes_as_it_is_or_with_brightness_and_contrast():
    stored = np.random.default_rng(0).integers(0, 256, (5, 6, 3)).astype(np.uint8)
    assert (render(Frame(stored)) == stored).all()
    assert (render(Frame(stored), invert=True) == 255 - stored).all()
    assert (to_color(stored, Window(128, 256)) == stored).all()
    assert (to_color(stored, Window(100, 1)) == np.where(stored > 99, 255, 0)).all()


def test_a_series_may_share_an_automatic_window_only():
    ramp = np.arange(1000, dtype=np.uint16).reshape(20, 50)
    assert series_window(Frame(ramp)) == auto_window(Frame(ramp))
    assert series_window(Frame(ramp, voi=(Window(40, 400),))) is None
    assert series_window(Frame(np.zeros((4, 4, 3), np.uint8))) is None
    assert series_window(Frame(np.full((4, 4), 7, np.uint16))) is None
    assert series_window(Frame(np.full((4, 4), 0.25, np.float32))) is None
    narrow = Frame(np.linspace(0, 0.5, 100, dtype=np.float32).reshape(10, 10))
    assert series_window(narrow) == auto_window(narrow)


@pytest.mark.parametrize("dtype", ["uint16", "int32"])  # through a table and by the formula
@pytest.mark.parametrize("padding", [0, 4095])
def test_padding_is_black_in_both_twins_whichever_way_they_are_turned(dtype, padding):
    values = np.array([[1000, 1500, 2000, 2500, 3000]], dtype)
    window = Window.between(500, 3500)
    for invert in (False, True):
        bright = render(Frame(np.append(values, [[padding]], axis=1).astype(dtype), padding=(padding, padding)),
                        window, invert)
        dark = render(Frame(np.append(4000 - values, [[padding]], axis=1).astype(dtype), inverse=True,
                            padding=(padding, padding)), window, invert)
        assert bright[0, -1] == dark[0, -1] == 0
        assert (bright == dark).all()
        assert (bright[0, :-1] > 0).all()


def test_padding_that_a_window_shows_dark_is_as_the_window_shows_it():
    frame = Frame(np.array([[0, 600]], np.uint16), padding=(0, 0))
    assert render(frame, Window(500, 1200)).tolist() == [[21, 149]]
    assert render(frame, Window(500, 1200), invert=True).tolist() == [[0, 106]]


@given(st.integers(0, 400), st.sampled_from([0, 10, 50]))
def test_a_window_shows_a_frame_of_which_a_twentieth_lies_in_it(inside, padded):
    stored = np.full(400 + padded, 5000, np.uint16)
    stored[:inside] = np.resize([200, 201, 203], inside)
    stored[400:] = 202
    frame = Frame(stored.reshape(-1, 10), modality=Rescale(0.1, -7), padding=(202, 202))
    assert shows(frame, Window.between(13, 13.3)) == (inside >= 20)


def test_a_part_of_a_large_frame_tells_what_a_window_shows_of_it():
    stored = np.full((1500, 900), 3000, np.uint16)
    assert not shows(Frame(stored.copy()), Window.between(50, 100))
    stored[600:900, 200:500] = 75  # 7 %
    assert shows(Frame(stored), Window.between(50, 100))


def test_a_frame_of_padding_alone_asks_for_no_other_window():
    assert shows(Frame(np.full((4, 4), 7, np.uint8), padding=(7, 7)), Window.between(50, 100))


@given(arrays(np.int16, (4, 30), elements=st.integers(-200, 3000)), st.sampled_from([1.0, 0.25]))
def test_an_automatic_window_of_counts_begins_at_0_or_lower(stored, slope):
    plain = auto_window(Frame(stored, modality=Rescale(slope)))
    counts = auto_window(Frame(stored, modality=Rescale(slope), from_zero=True))
    low, high = (np.percentile(stored, AUTO_PERCENTILES, method="nearest") * slope).tolist()
    assert counts == (Window.between(min(low, 0), high, "auto") if low > 0 else plain)


def test_counts_of_one_gray_say_nothing_of_the_others():
    assert series_window(Frame(np.full((4, 4), 7, np.uint16), from_zero=True)) is None
