import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.region import Region, Shape

coordinate = st.floats(-30, 80)
regions = st.builds(
    Region.between,
    st.tuples(coordinate, coordinate),
    st.tuples(coordinate, coordinate),
    st.sampled_from(list(Shape)),
)


@given(regions)
def test_a_mask_holds_exactly_the_pixels_whose_centers_lie_inside(region):
    mask, (x0, y0) = region.mask(40, 50)
    whole = np.zeros((40, 50), bool)
    whole[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]] = mask
    expected = [[region.holds(x + 0.5, y + 0.5) for x in range(50)] for y in range(40)]
    assert (whole == expected).all()


def test_a_region_drawn_in_any_direction_is_the_same():
    assert Region.between((10, 20), (3, 5)) == Region.between((3, 20), (10, 5)) == Region(3, 5, 10, 20)


def test_an_ellipse_covers_pi_quarters_of_its_box():
    mask, _ = Region(100, 100, 500, 300).mask(1000, 1000)
    assert abs(mask.mean() - np.pi / 4) < 0.002


def test_a_region_beside_the_image_has_an_empty_mask():
    mask, _ = Region(-50, -50, -10, -10).mask(40, 50)
    assert mask.size == 0


def test_a_moved_region_keeps_size_and_shape():
    region = Region(1, 2, 5, 9, Shape.RECTANGLE).moved(10, -1)
    assert region == Region(11, 1, 15, 8, Shape.RECTANGLE)
