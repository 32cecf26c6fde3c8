"""The quick way over large pictures gives what the formula gives, value for value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.image import Frame
from core.imaging.line_steps import MOST_MENDED, LineSteps
from core.imaging.lookup import Rescale
from core.imaging.render import gray_table, render, to_gray
from core.imaging.window import VoiFunction, Window

EVERY_VALUE = np.arange(65536, dtype=np.uint16).reshape(256, 256)


def by_formula(stored: np.ndarray, window: Window, **frame: object) -> np.ndarray:
    """No quick way and no table: stored values of 32 bits have neither."""
    return render(Frame(stored.astype(np.int32), **frame), window)


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The tables that are made."""
    made = []
    monkeypatch.setattr("core.imaging.render.gray_table", lambda *args: made.append(gray_table(*args)) or made[-1])
    return made


@given(
    st.sampled_from(["uint16", "int16"]), st.integers(0, 2**32 - 1), st.integers(257, 300), st.integers(257, 300),
    st.floats(2100, 90000), st.floats(-0.1, 1.1), st.booleans(),
    st.sampled_from([VoiFunction.LINEAR, VoiFunction.LINEAR_EXACT]),
    st.sampled_from([1.0, -1.0, 0.5, 2.0, 0.731]), st.sampled_from([0.0, -1024.0, 3.3]), st.booleans(),
)
def test_a_picture_of_some_of_the_values_has_the_grays_of_the_formula(
    dtype, seed, rows, columns, width, place, is_whole, function, slope, intercept, inverse
):
    draw = np.random.default_rng(seed)
    ends = np.iinfo(dtype)
    low = int(draw.integers(ends.min, ends.max))
    high = int(draw.integers(low, ends.max)) + 1
    stored = draw.integers(low, high + 1, (rows, columns)).astype(dtype)
    center = (low + place * (high - low)) * slope + intercept
    window = Window(round(center), round(width), function) if is_whole else Window(center, width, function)
    frame = {"modality": Rescale(slope, intercept), "inverse": inverse}
    assert (to_gray(stored, Frame(stored, **frame), window) == by_formula(stored, window, **frame)).all()


@pytest.mark.parametrize("invert", [False, True])
def test_a_window_over_all_values_needs_no_table(looked_up, invert):
    window = Window(30000, 40000)
    expected = by_formula(EVERY_VALUE, window, inverse=invert)
    assert (to_gray(EVERY_VALUE, Frame(EVERY_VALUE), window, invert) == expected).all()
    assert not looked_up


def test_values_that_single_precision_rounds_to_the_other_gray_are_set_right(monkeypatch):
    mended = []
    find = LineSteps._mendable
    monkeypatch.setattr(LineSteps, "_mendable", lambda *args: mended.append(find(*args)) or mended[-1])
    draw = np.random.default_rng(3)
    for center, width in zip(draw.integers(5000, 60000, 60) + 0.5, draw.integers(2100, 60000, 60), strict=True):
        window = Window(float(center), float(width))
        assert (to_gray(EVERY_VALUE, Frame(EVERY_VALUE), window) == by_formula(EVERY_VALUE, window)).all()
    # some windows have a few such values, those with ties at most steps go through a table
    assert any(found and len(found) <= MOST_MENDED for found in mended)
    assert any(found is None for found in mended)


def test_a_picture_of_one_value_and_one_that_is_not_contiguous_have_their_grays(looked_up):
    window = Window(30000, 40000)
    for stored in (np.full((300, 300), 31000, np.uint16), EVERY_VALUE.repeat(2, 1)[:, ::2], EVERY_VALUE.T):
        assert (to_gray(stored, Frame(stored), window) == by_formula(stored, window)).all()
    assert len(looked_up) == 3


def test_known_ends_of_a_part_serve_as_those_that_are_looked_for():
    part, window = np.concatenate([EVERY_VALUE[10:], EVERY_VALUE[10:]]), Window(30000, 40000)
    out = np.empty(part.shape, np.uint8)
    gray = to_gray(part, Frame(EVERY_VALUE), window, out=out, ends=(2560.0, 65535.0))
    assert np.shares_memory(gray, out)
    assert (gray == by_formula(part, window)).all()
