"""Planes in patient coordinates: positions go from one to another and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.plane import Plane, chained, for_pixel_centers, inverted

steps = st.floats(0.2, 5)
millimeters = st.floats(-300, 300)
angles = st.floats(-1.2, 1.2)


def turned(a: float, b: float, c: float) -> np.ndarray:
    """Return a rotation about all three axes."""
    (ca, sa), (cb, sb), (cc, sc) = ((np.cos(one), np.sin(one)) for one in (a, b, c))
    about_z = np.array([[ca, -sa, 0], [sa, ca, 0], [0, 0, 1]])
    about_y = np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
    about_x = np.array([[1, 0, 0], [0, cc, -sc], [0, sc, cc]])
    return about_z @ about_y @ about_x


@st.composite
def planes(draw, within=None):
    rotation = turned(draw(angles), draw(angles), draw(angles)) if within is None else np.stack(
        [within.across, within.down, within.normal], axis=1) @ turned(draw(angles), 0, 0)
    position = [draw(millimeters) for _ in range(3)]
    return Plane.of(position, [*rotation[:, 0], *rotation[:, 1]], draw(steps), draw(steps))


@given(st.data())
def test_a_position_on_one_plane_is_the_same_point_of_the_patient_on_a_parallel_one(data):
    one = data.draw(planes())
    other = data.draw(planes(within=one))
    x, y = data.draw(st.floats(-50, 600)), data.draw(st.floats(-50, 600))
    assert other.is_parallel(one)
    there = other.from_plane(one) @ [x, y, 1]
    apart = other.to_mm(*there) - one.to_mm(x, y)
    # only along the normal may they differ
    assert np.linalg.norm(apart - (apart @ one.normal) * one.normal) < 1e-6
    assert inverted(other.from_plane(one)) @ [*there, 1] == pytest.approx([x, y], abs=1e-5)


@given(planes(), st.floats(-20, 20))
def test_the_distance_is_along_the_normal(plane, away):
    assert plane.distance(plane.to_mm(12, 7) + away * plane.normal) == pytest.approx(away, abs=1e-6)


def test_cosines_of_another_length_are_made_one():
    assert Plane.of((0, 0, 0), (2, 0, 0, 0, 3, 0), 1, 1).to_mm(1.5, 2.5).tolist() == [1, 2, 0]


def test_affines_are_chained_and_shifted_to_the_centers():
    double, shift = np.array([[2.0, 0, 0], [0, 2, 0]]), np.array([[1.0, 0, 3], [0, 1, 4]])
    assert (chained(shift, double) @ [1, 1, 1]).tolist() == [5, 6]
    # the center of the first pixel, 0.5, goes to 1.0: in whole numbers from 0 to 0.5
    assert (for_pixel_centers(double) @ [0, 0, 1]).tolist() == [0.5, 0.5]
