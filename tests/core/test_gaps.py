"""Uneven gaps between slices are found where they are, and nothing else is called one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.studies.gaps import uneven_gaps
from core.studies.order import sort_frames
from core.studies.stack import split_series
from tests.core.test_stack import SAGITTAL, made, slice_at


def frames_at(positions, orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0), **facts):
    images = [made(f"{n:04d}", str(n), [slice_at(float(z), orientation, **facts)]) for n, z in enumerate(positions)]
    return split_series("key", images)[0].frames


def test_a_missing_slice_is_a_gap_with_its_place():
    (gap,) = uneven_gaps(frames_at([0, 5, 10, 20, 25, 30]))
    assert (gap.index, gap.position_mm, gap.gap_mm, gap.usual_mm) == (2, 10.0, 10.0, 5.0)


def test_a_slice_too_near_is_uneven_too():
    assert [(gap.index, gap.gap_mm) for gap in uneven_gaps(frames_at([0, 5, 10, 12, 17, 22, 27]))] == [(2, 2.0)]


def test_a_stack_that_lies_otherwise_and_falls_is_measured_along_its_normal():
    frames = frames_at([30, 25, 20, 10, 5, 0], SAGITTAL)
    (gap,) = uneven_gaps(frames)
    assert (frames[gap.index].image.path.name, gap.gap_mm) == ("0002", 10.0)
    assert abs(gap.position_mm) == 20.0


def test_frames_at_one_place_have_no_gap_between_them():
    images = [made(f"{n:04d}", str(n), [slice_at(float(n // 3) * 4, temporal_position=n % 3)]) for n in range(18)]
    frames = sort_frames(split_series("key", images)[0].frames)
    assert uneven_gaps(frames) == ()
    without_a_place = [frame for frame in frames if frame.facts.position[2] != 8.0]
    (gap,) = uneven_gaps(without_a_place)
    assert (gap.index, gap.gap_mm) == (5, 8.0)  # the last of the three at 4 mm


@given(st.floats(0.05, 20), st.integers(3, 60), st.floats(-500, 500), st.integers(1, 3))
def test_even_slices_have_no_gap_however_their_positions_are_rounded(step, count, start, digits):
    rounded = [round(start + n * step, digits) for n in range(count)]
    if min(np.diff(rounded)) > 0.5 * step and 10.0**-digits <= 0.25 * step:
        assert uneven_gaps(frames_at(rounded)) == ()


@given(st.floats(0.1, 20), st.integers(5, 60), st.data())
def test_one_slice_taken_away_is_always_found(step, count, data):
    missing = data.draw(st.integers(1, count - 2))
    (gap,) = uneven_gaps(frames_at([n * step for n in range(count) if n != missing]))
    assert gap.index == missing - 1


def test_what_has_no_positions_or_no_usual_gap_has_none():
    assert uneven_gaps(frames_at([0, 5])) == ()
    assert uneven_gaps(split_series("key", [made(str(n), str(n)) for n in range(5)])[0].frames) == ()
