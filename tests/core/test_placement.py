import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.imaging.image import Frame
from core.imaging.placement import Placement
from core.imaging.region import Region, Shape
from core.imaging.window import Window
from core.reading.model_card import InputSpec
from core.reading.network import receptive_centers
from core.reading.preprocess import input_gray

GEOMETRIES = ("squash", "pad", "crop")
GRID_STRIDE = 32

shapes = st.tuples(st.integers(200, 700), st.integers(200, 700))  # rows, columns
inputs = st.tuples(st.integers(4, 12), st.integers(4, 12)).map(lambda n: (n[0] * 32, n[1] * 32))
places = st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))


def spec_of(geometry, input_size):
    return InputSpec(rows=input_size[0], columns=input_size[1], mean=0.5, std=0.25, geometry=geometry)


def with_grid(placement: Placement) -> Placement:
    """The placement with the grid that the bundled network has on such an input."""
    (x, step_x), (y, step_y) = (receptive_centers(length) for length in placement.input_size)
    grid = placement.input_size[0] // GRID_STRIDE, placement.input_size[1] // GRID_STRIDE
    return Placement(
        placement.image_size, placement.input_size, placement.scale, placement.offset, grid, (x, y), (step_x, step_y)
    )


def place(shape, geometry, input_size, aspect=1.0):
    frame = Frame(np.zeros(shape, np.uint16), voi=(Window(500, 1000),), pixel_aspect=aspect)
    return with_grid(input_gray(frame, spec_of(geometry, input_size))[1])


def map_of(gray, placement: Placement):
    """A network that answers with the brightness around each cell's receptive-field center."""
    columns, rows = placement.grid_size
    y, x = np.mgrid[0.5 : gray.shape[0], 0.5 : gray.shape[1]]
    heat = np.zeros((rows, columns), np.float32)
    for row in range(rows):
        for column in range(columns):
            cx = placement.first_center[0] + placement.stride[0] * column
            cy = placement.first_center[1] + placement.stride[1] * row
            field = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 24.0**2))
            heat[row, column] = (gray * field).sum()
    return heat


@settings(deadline=None, max_examples=60)
@given(shapes, st.sampled_from(GEOMETRIES), inputs, places, st.floats(0.7, 1.5))
def test_a_hot_spot_at_a_known_pixel_comes_back_within_one_map_cell(shape, geometry, input_size, spot, aspect):
    empty = place(shape, geometry, input_size, aspect)
    left, top, right, bottom = empty.analyzed()
    x, y = left + spot[0] * (right - left), top + spot[1] * (bottom - top)
    rows, columns = np.mgrid[0.5 : shape[0], 0.5 : shape[1]]
    stored = 1000 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 6.0**2))
    frame = Frame(stored.astype(np.uint16), voi=(Window(500, 1000),), pixel_aspect=aspect)

    gray, placement = input_gray(frame, spec_of(geometry, input_size))
    placement = with_grid(placement)
    on_image = placement.on_image(map_of(gray, placement))

    found_y, found_x = np.argwhere(on_image == on_image.max()).mean(axis=0) + 0.5
    cell_x, cell_y = (placement.stride[axis] / placement.scale[axis] for axis in (0, 1))
    assert abs(found_x - x) <= cell_x
    assert abs(found_y - y) <= cell_y
    cell = [int(np.searchsorted(placement.cell_edges(axis)[1:-1], at)) for axis, at in ((0, x), (1, y))]
    center = placement.cell_center(*cell)
    inner = [0 < cell[axis] < placement.grid_size[axis] - 1 for axis in (0, 1)]
    assert not inner[0] or abs(center[0] - x) <= cell_x / 2 + 1e-6
    assert not inner[1] or abs(center[1] - y) <= cell_y / 2 + 1e-6


@settings(deadline=None)
@given(shapes, st.sampled_from(GEOMETRIES), inputs, places, st.floats(0.7, 1.5))
def test_the_networks_picture_shows_each_place_where_the_placement_says(shape, geometry, input_size, spot, aspect):
    empty = place(shape, geometry, input_size, aspect)
    left, top, right, bottom = empty.analyzed()
    x, y = left + (0.2 + 0.6 * spot[0]) * (right - left), top + (0.2 + 0.6 * spot[1]) * (bottom - top)
    rows, columns = np.mgrid[0.5 : shape[0], 0.5 : shape[1]]
    stored = 1000 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 4.0**2))
    frame = Frame(stored.astype(np.uint16), voi=(Window(500, 1000),), pixel_aspect=aspect)
    gray, placement = input_gray(frame, spec_of(geometry, input_size))
    weights = gray.astype(float)
    rows, columns = np.mgrid[0.5 : gray.shape[0], 0.5 : gray.shape[1]]
    found = (columns * weights).sum() / weights.sum(), (rows * weights).sum() / weights.sum()
    assert found == pytest.approx(placement.to_input(x, y), abs=0.35)


@given(shapes, st.sampled_from(GEOMETRIES), inputs, places)
def test_image_to_input_and_back_is_the_same_place(shape, geometry, input_size, spot):
    placement = place(shape, geometry, input_size)
    x, y = spot[0] * shape[1], spot[1] * shape[0]
    assert placement.to_image(*placement.to_input(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_a_squashed_image_is_analyzed_wholly_a_cropped_one_in_its_middle():
    assert place((300, 600), "squash", (320, 320)).analyzed() == pytest.approx((0, 0, 600, 300))
    assert place((300, 600), "pad", (320, 320)).analyzed() == pytest.approx((0, 0, 600, 300))
    assert place((300, 600), "crop", (320, 320)).analyzed() == pytest.approx((150, 0, 450, 300))


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("shape", [(300, 600), (600, 300), (301, 299)])
def test_the_map_on_the_image_is_0_exactly_where_the_network_did_not_look(shape, geometry):
    placement = place(shape, geometry, (320, 320))
    on_image = placement.on_image(np.ones((10, 10), np.float32))
    left, top, right, bottom = placement.analyzed()
    y, x = np.mgrid[0.5 : shape[0], 0.5 : shape[1]]
    seen = (x > left) & (x < right) & (y > top) & (y < bottom)
    assert on_image.shape == shape
    assert on_image.dtype == np.float32
    assert (on_image[seen] == 1).all()
    assert (on_image[~seen] == 0).all()


@settings(deadline=None)
@given(shapes, st.sampled_from(GEOMETRIES), inputs)
def test_the_territories_divide_the_analyzed_part_exactly(shape, geometry, input_size):
    placement = place(shape, geometry, input_size)
    weights = placement.region_weights(np.ones(shape, bool))
    # a cell whose whole territory is border added by padding lies on no part of the image
    edges = [np.clip(placement.cell_edges(axis), *placement.analyzed()[axis::2]) for axis in (1, 0)]
    on_image = (np.diff(edges[0]) > 1e-6)[:, None] & (np.diff(edges[1]) > 1e-6)[None, :]
    assert weights[on_image] == pytest.approx(1, abs=1e-4)
    assert (weights[~on_image] == 0).all()


@settings(deadline=None)
@given(shapes, st.sampled_from(GEOMETRIES), inputs, places, places, st.sampled_from(list(Shape)))
def test_a_region_and_the_rest_of_the_image_add_up_to_the_whole(shape, geometry, input_size, start, end, kind):
    placement = place(shape, geometry, input_size)
    corners = [(p[0] * shape[1], p[1] * shape[0]) for p in (start, end)]
    mask, origin = Region.between(*corners, kind).mask(*shape)
    rest = np.ones(shape, bool)
    rest[origin[1] : origin[1] + mask.shape[0], origin[0] : origin[0] + mask.shape[1]] = ~mask
    whole = placement.region_weights(np.ones(shape, bool))
    parts = placement.region_weights(mask, origin) + placement.region_weights(rest)
    assert parts == pytest.approx(whole, abs=1e-5)
    assert placement.region_weights(mask, origin).min() >= 0


def test_a_region_over_one_cells_territory_takes_that_cell_and_no_other():
    placement = place((320, 640), "crop", (320, 320))
    x, y = placement.cell_edges(0), placement.cell_edges(1)
    box = Region(x[3], y[6], x[4], y[7], Shape.RECTANGLE)
    weights = placement.region_weights(*box.mask(320, 640))
    expected = np.zeros((10, 10))
    expected[6, 3] = 1
    assert weights == pytest.approx(expected, abs=0.04)  # edges may cut through a row or column of pixels


def test_a_map_of_another_grid_is_a_bug():
    placement = place((320, 320), "squash", (320, 320))
    with pytest.raises(ValueError, match="does not belong"):
        placement.on_image(np.ones((9, 10), np.float32))
