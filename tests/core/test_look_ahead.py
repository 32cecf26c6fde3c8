"""core.imaging.look_ahead: neighbors, in the direction of scrolling first."""

from hypothesis import given
from hypothesis import strategies as st

from core.imaging.look_ahead import look_ahead


def test_without_a_direction_both_sides_take_turns():
    assert look_ahead(10, 100) == (11, 9, 12, 8, 13, 7)


def test_scrolling_on_looks_on_and_a_little_back():
    assert look_ahead(10, 100, 1) == (11, 12, 13, 14, 15, 16, 17, 18, 9, 8)
    assert look_ahead(10, 100, -3) == (9, 8, 7, 6, 5, 4, 3, 2, 11, 12)


@given(st.integers(0, 50), st.integers(1, 51), st.integers(-60, 60))
def test_only_frames_that_there_are_each_once_and_not_the_one_shown(number, count, step):
    number = min(number, count - 1)
    found = look_ahead(number, count, step)
    assert len(set(found)) == len(found)
    assert all(0 <= one < count and one != number for one in found)
