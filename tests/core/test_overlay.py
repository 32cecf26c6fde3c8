import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.imaging.colormap import inferno
from core.imaging.display_state import DisplayState
from core.imaging.overlay import heat_colors, heat_on_view, heat_table
from core.imaging.placement import Placement
from core.imaging.view_transform import view_transform

heats = arrays(np.float32, (5, 7), elements=st.floats(-10, 10, width=32) | st.just(float("nan")))


@given(heats, st.floats(0, 1))
def test_colors_are_premultiplied_and_no_heat_is_wholly_transparent(heat, opacity):
    colors = heat_colors(heat, opacity)
    assert (colors[..., :3] <= colors[..., 3:]).all()
    assert (colors[~(heat > 0.5 / 255)] == 0).all()


@given(st.floats(0, 1, width=32), st.floats(0.1, 1))
def test_the_scale_is_fixed_whatever_else_is_in_the_image(value, opacity):
    alone = heat_colors(np.array([[value]], np.float32), opacity)
    beside = heat_colors(np.array([[value, 1.0, 5.0, -3.0]], np.float32), opacity)
    assert (alone[0, 0] == beside[0, 0]).all()


def test_heat_above_1_is_drawn_as_1():
    colors = heat_colors(np.array([[1.0, 1.5, np.inf]], np.float32), 0.7)
    assert (colors == colors[0, 0]).all()
    assert colors[0, 0, 3] == round(0.7 * 255)


@pytest.mark.parametrize("size", [(1, 3), (4, 7), (64, 65)])
@pytest.mark.parametrize("nothing", [np.nan, -np.inf, -1.0, 0.0])
def test_what_is_no_heat_is_transparent_in_maps_of_every_size(size, nothing):
    heat = np.full(size, nothing, np.float32)
    heat[-1, -1] = 0.5
    alpha = heat_colors(heat, 1.0)[..., 3].ravel()
    assert not alpha[:-1].any()
    assert alpha[-1] > 0


def test_alpha_rises_with_heat_up_to_the_opacity():
    alpha = heat_table(0.5)[:, 3].astype(int)
    assert alpha[0] == 0
    assert (np.diff(alpha) >= 0).all()
    assert alpha.max() == 128


def test_at_full_opacity_the_hottest_is_the_palettes_last_color():
    assert (heat_table(1.0)[255, :3] == inferno()[255]).all()


def placement(image_size, scale, offset):
    return Placement(image_size, (320, 320), scale, offset, grid_size=(10, 10), first_center=(16, 16), stride=(32, 32))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("zoom", [None, 0.31, 2.7])
def test_a_hot_cell_is_drawn_where_its_part_of_the_image_is_drawn(rotation, flip, zoom):
    place = placement((500, 400), (0.8, 0.8), (-40, 0))  # the middle 400 columns were seen
    heat = np.zeros((10, 10), np.float32)
    heat[3, 6] = 1.0
    spot = place.cell_center(6, 3)
    state = DisplayState(zoom=zoom, center=spot, rotation=rotation, flip=flip)
    view = view_transform((500, 400), 1.0, (450, 380), state)
    colors, (left, top) = heat_on_view(heat, place, view, 1.0)
    hottest = colors.astype(int).sum(axis=2)
    y, x = np.argwhere(hottest == hottest.max()).mean(axis=0) + 0.5
    assert (left + x, top + y) == pytest.approx(view.to_view(*spot), abs=2)


def test_nothing_is_drawn_where_the_network_did_not_look():
    place = placement((500, 400), (0.8, 0.8), (-40, 0))
    view = view_transform((500, 400), 1.0, (500, 400), DisplayState())
    colors, (left, top) = heat_on_view(np.ones((10, 10), np.float32), place, view, 0.6)
    assert (left, top) == (50, 0)
    assert colors.shape == (400, 400, 4)
    assert (colors[..., 3] > 0).all()


def test_a_view_beside_the_analyzed_part_gets_no_pixels():
    place = placement((500, 400), (0.8, 0.8), (-40, 0))
    view = view_transform((500, 400), 1.0, (40, 40), DisplayState(zoom=1.0, center=(20, 20)))
    colors, _ = heat_on_view(np.ones((10, 10), np.float32), place, view, 0.6)
    assert colors.size == 0
