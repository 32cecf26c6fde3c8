"""The three window functions against the text of PS3.3 C.11.2.1.2 and C.11.2.1.3."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core.imaging.window import VoiFunction, Window, window_to_unit

LINEAR, EXACT, SIGMOID = VoiFunction.LINEAR, VoiFunction.LINEAR_EXACT, VoiFunction.SIGMOID
centers, widths, values = st.floats(-5000, 5000), st.floats(1, 5000), st.floats(-1e5, 1e5)


def by_the_standard(x, window) -> float:
    """The standard's pseudo code, with an output of 0 to 1."""
    c, w = window.center, window.width
    if window.function is SIGMOID:
        return 1 / (1 + math.exp(min(-4 * (x - c) / w, 700)))
    if window.function is EXACT:
        if x <= c - w / 2:
            return 0
        return 1 if x > c + w / 2 else (x - c) / w + 0.5
    if x <= c - 0.5 - (w - 1) / 2:
        return 0
    return 1 if x > c - 0.5 + (w - 1) / 2 else (x - (c - 0.5)) / (w - 1) + 0.5


@given(values, centers, widths, st.sampled_from(list(VoiFunction)))
def test_every_value_is_what_the_standard_says(x, center, width, function):
    window = Window(center, width, function)
    assert window_to_unit(np.array([x]), window)[0] == pytest.approx(by_the_standard(x, window), abs=1e-9)


@given(st.lists(values, min_size=2), centers, widths, st.sampled_from(list(VoiFunction)))
def test_brighter_in_is_never_darker_out(some, center, width, function):
    assert (np.diff(window_to_unit(np.sort(some), Window(center, width, function))) >= 0).all()


def test_the_standards_own_examples():
    # PS3.3 C.11.2.1.2.1, Note 3 and 4: c=2048, w=4096 shows 0 as the lowest and 4095 as the highest
    assert window_to_unit(np.array([0, 4095]), Window(2048, 4096)).tolist() == [0, 1]
    # c=0, w=100 shows -50 and below as the lowest, 49 and above as the highest
    assert window_to_unit(np.array([-51, -50, 49, 50]), Window(0, 100)).tolist() == [0, 0, 1, 1]
    # c=0, w=1: below -0.5 (that is, all whole numbers below 0) the lowest, above the highest
    assert window_to_unit(np.array([-1, -0.5, 0]), Window(0, 1)).tolist() == [0, 0, 1]
    # C.11.2.1.3.2: LINEAR_EXACT c=0, w=100 runs from -50 to 50
    assert window_to_unit(np.array([-50, 0, 50]), Window(0, 100, EXACT)).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize(("width", "function", "is_valid"), [
    (1, LINEAR, True), (0.99, LINEAR, False), (1e-9, EXACT, True), (0, EXACT, False), (0, SIGMOID, False),
    (-1, SIGMOID, False), (math.nan, LINEAR, False), (math.inf, EXACT, False),
])
def test_only_widths_that_the_standard_allows_are_valid(width, function, is_valid):
    window = Window(0, width, function)
    assert window.is_valid == is_valid
    if not is_valid:
        with pytest.raises(ValueError, match="not valid"):
            window_to_unit(np.array([0.0]), window)


@given(values, values)
def test_the_window_between_two_values_shows_them_black_and_white(low, high):
    low, high = sorted((low, high))
    assume(high - low > 1e-3)
    window = Window.between(low, high)
    assert window.is_valid
    assert window_to_unit(np.array([low, high]), window) == pytest.approx([0, 1], abs=1e-6)


@given(values)
@example(0.1)
@example(3e-120)
def test_the_window_of_a_single_value_shows_it_black(value):
    window = Window.between(value, value)
    assert window.is_valid
    assert window_to_unit(np.array([value]), window)[0] == pytest.approx(0, abs=1e-6)


def test_extreme_values_do_not_overflow():
    assert window_to_unit(np.array([-1e308, 1e308]), Window(0, 1e-3, SIGMOID)).tolist() == [0, 1]


@pytest.mark.parametrize("ends", [
    (-np.inf, np.inf), (np.inf, np.inf), (-1.7e308, 1.7e308), (np.nan, 5.0), (np.nan, np.nan), (1e305, 1e305),
])
def test_ends_that_no_window_can_have_still_make_a_valid_one(ends):
    window = Window.between(*map(float, ends))
    assert window.is_valid
    assert set(window_to_unit(np.array([-np.inf, 0.0, np.inf]), window).tolist()) <= {0.0, 0.5, 1.0}
