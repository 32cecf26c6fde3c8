"""What a tilted plane cuts: every pixel once, by the plane that it lies nearest to."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.plane import IDENTITY, Plane
from core.imaging.reslice import sampled, strips
from tests.core.test_plane import turned

STEP = 1.5


def planes(count: int, tilt: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the normals and positions of parallel planes `STEP` mm apart, the middle one through 0."""
    normal = turned(*tilt)[:, 2]
    return np.tile(normal, (count, 1)), np.outer((np.arange(count) - count // 2) * STEP, normal)


@given(st.tuples(*[st.floats(-0.9, 0.9)] * 3))
def test_a_pixel_belongs_to_the_plane_in_whose_half_step_it_lies(tilt):
    normals, positions = planes(7, tilt)
    cut = Plane.of((-3.0, -2, 0.4), (1, 0, 0, 0, 1, 0), 0.5, 0.7)
    found = dict(strips(normals, positions, STEP / 2, cut, (12, 9)))
    for number in range(7):
        away = np.array([[(cut.to_mm(x + 0.5, y + 0.5) - positions[number]) @ normals[number] for x in range(12)]
                         for y in range(9)])
        marked = np.zeros((9, 12), bool)
        if number in found:
            marked[found[number]] = True
        is_clear = np.abs(np.abs(away) - STEP / 2) > 1e-9  # on the border either side may have it
        assert (marked == (np.abs(away) <= STEP / 2))[is_clear].all()


def test_planes_that_are_not_parallel_with_each_other_are_all_cut():
    normals, positions = np.eye(3)[:2], np.zeros((2, 3))
    cut = Plane.of((-2.0, -2, 0), (1, 0, 0, 0, 1, 0), 1, 1)
    found = dict(strips(normals, positions, 0.4, cut, (5, 5)))
    assert {number: sorted(zip(*map(np.ndarray.tolist, strip), strict=True)) for number, strip in found.items()} == {
        0: [(row, 2) for row in range(5)], 1: [(2, column) for column in range(5)]}


def test_values_are_the_nearest_and_what_lies_beyond_has_none():
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    strip = np.array([0, 1, 1, 5]), np.array([2, 0, 3, 0])
    assert sampled(pixels, IDENTITY, strip, 9).tolist() == [2, 3, 9, 9]
    shifted = np.array([[1.0, 0, -0.6], [0, 1.0, 0]])
    assert sampled(pixels, shifted, strip, 9).tolist() == [1, 9, 5, 9]
