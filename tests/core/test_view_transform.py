import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.display_state import DisplayState
from core.imaging.image import EdgeLetters
from core.imaging.view_transform import fit_zoom, panned, view_transform, zoomed

sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
aspects = st.floats(0.3, 3)
states = st.builds(
    DisplayState,
    zoom=st.none() | st.floats(0.05, 60),
    center=st.none() | st.tuples(st.floats(-100, 4000), st.floats(-100, 4000)),
    rotation=st.sampled_from([0, 90, 180, 270]),
    flip=st.booleans(),
)
points = st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000))


@given(sizes, aspects, sizes, states, points)
def test_image_to_view_and_back_is_the_same_point(image_size, aspect, view_size, state, point):
    view = view_transform(image_size, aspect, view_size, state)
    assert view.to_image(*view.to_view(*point)) == pytest.approx(point, abs=1e-6)
    assert view.matrix @ (*point, 1) == pytest.approx(view.to_view(*point))


@given(sizes, aspects, sizes, states)
def test_the_drawn_image_covers_exactly_the_box_that_the_transform_says(image_size, aspect, view_size, state):
    view = view_transform(image_size, aspect, view_size, state)
    left, top, right, bottom = view.box_to_view((0, 0, *image_size))
    (x, y), (width, height) = view.origin, view.turned_size
    assert (left, top, right, bottom) == pytest.approx((x, y, x + width, y + height), abs=1e-6)


@given(sizes, aspects, sizes, st.sampled_from([0, 90, 180, 270]), st.booleans())
def test_a_fitted_image_lies_wholly_in_the_view_and_touches_two_edges(image_size, aspect, view_size, rotation, flip):
    view = view_transform(image_size, aspect, view_size, DisplayState(rotation=rotation, flip=flip))
    (x, y), (width, height) = view.origin, view.turned_size
    if min(width, height) > 1:  # else an axis is kept at its least, one device pixel
        assert x >= 0
        assert y >= 0
        assert x + width <= view_size[0]
        assert y + height <= view_size[1]
    assert width == view_size[0] or height == view_size[1]


def test_at_zoom_1_each_image_pixel_is_a_device_pixel_even_in_an_odd_view():
    view = view_transform((640, 480), 1.0, (801, 601), DisplayState(zoom=1.0, center=(100.3, 77.7)))
    x, y = view.to_view(12, 34)
    assert (x, y) == (round(x), round(y))
    assert view.scale == (1, 1)


def test_a_pixel_twice_as_high_as_wide_is_drawn_so():
    view = view_transform((100, 100), 2.0, (400, 400), DisplayState())
    assert view.drawn_size == (200, 400)
    assert view.zoom == 2


def test_rotation_is_clockwise_and_comes_after_the_flip():
    view = view_transform((100, 50), 1.0, (50, 100), DisplayState(rotation=90))
    assert view.to_view(0, 0) == (50, 0)  # the top left corner goes to the top right
    assert view.to_view(100, 0) == (50, 100)
    flipped = view_transform((100, 50), 1.0, (50, 100), DisplayState(rotation=90, flip=True))
    assert flipped.to_view(100, 0) == (50, 0)


inside = st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8))


@given(inside, st.floats(1.05, 20), st.sampled_from([0, 90, 180, 270]), st.booleans())
def test_zooming_in_keeps_the_point_under_the_pointer(place, factor, rotation, flip):
    start = DisplayState(rotation=rotation, flip=flip)
    view = view_transform((1000, 1000), 1.0, (800, 800), start)
    at = place[0] * 800, place[1] * 800
    after = zoomed(start, view, 1.0, view.zoom * factor, at)
    moved = view_transform((1000, 1000), 1.0, (800, 800), after)
    assert moved.to_view(*view.to_image(*at)) == pytest.approx(at, abs=1.01)


def test_zoom_has_ends_and_there_and_back_is_where_it_was():
    view = view_transform((1000, 1000), 1.0, (500, 500), DisplayState())
    assert zoomed(DisplayState(), view, 1.0, 1e9, (250, 250)).zoom == 64
    assert zoomed(DisplayState(), view, 1.0, 1e-9, (250, 250)).zoom == 0.125
    closer = zoomed(DisplayState(), view, 1.0, 2.0, (100, 300))
    near = view_transform((1000, 1000), 1.0, (500, 500), closer)
    back = zoomed(closer, near, 1.0, 0.5, (100, 300))
    assert back.center == pytest.approx((500, 500), abs=2)


@given(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), st.sampled_from([0, 90, 180, 270]), st.booleans())
def test_a_pan_moves_the_picture_by_that_many_device_pixels(by, rotation, flip):
    start = DisplayState(zoom=2.5, rotation=rotation, flip=flip)
    view = view_transform((1000, 800), 1.2, (600, 500), start)
    moved = view_transform((1000, 800), 1.2, (600, 500), panned(start, view, *by))
    assert np.subtract(moved.origin, view.origin) == pytest.approx(by, abs=1.01)


def test_an_image_cannot_be_panned_out_of_sight():
    start = DisplayState(zoom=1.0)
    view = view_transform((100, 100), 1.0, (600, 500), start)
    assert panned(start, view, 1e6, -1e6).center == (0, 100)


STORED = EdgeLetters(left="R", top="H", right="L", bottom="F")


@pytest.mark.parametrize(
    ("rotation", "flip", "expected"),
    [
        (0, False, ("R", "H", "L", "F")),
        (0, True, ("L", "H", "R", "F")),
        (90, False, ("F", "R", "H", "L")),
        (180, False, ("L", "F", "R", "H")),
        (270, False, ("H", "L", "F", "R")),
        (90, True, ("F", "L", "H", "R")),
    ],
)
def test_letters_follow_what_is_drawn(rotation, flip, expected):
    view = view_transform((300, 200), 1.0, (500, 500), DisplayState(rotation=rotation, flip=flip))
    letters = view.edge_letters(STORED)
    assert (letters.left, letters.top, letters.right, letters.bottom) == expected


@given(sizes, aspects, sizes, states)
def test_the_letter_of_an_edge_is_where_that_edge_of_the_image_is_drawn(image_size, aspect, view_size, state):
    view = view_transform(image_size, aspect, view_size, state)
    letters = view.edge_letters(STORED)
    columns, rows = image_size
    middle = view.to_view(columns / 2, rows / 2)
    left = np.subtract(view.to_view(0, rows / 2), middle)  # where the image's left edge, R, went
    across = abs(left[0]) > abs(left[1])
    if across:
        assert (letters.left if left[0] < 0 else letters.right) == "R"
    else:
        assert (letters.top if left[1] < 0 else letters.bottom) == "R"


def test_fit_zoom_takes_the_turned_image():
    assert fit_zoom((200, 100), 1.0, (100, 400)) == 0.5
    assert fit_zoom((200, 100), 1.0, (100, 400), rotation=90) == 1.0
