"""Segments and maps of values as a view draws them, whatever the zoom, turn and flip."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.display_state import DisplayState
from core.imaging.layers import (
    Segment,
    SegmentMask,
    ValueMap,
    layers_text,
    range_text,
    segments_on_view,
    values_on_view,
)
from core.imaging.plane import IDENTITY
from core.imaging.view_transform import view_transform

LIVER, SPLEEN = Segment(1, "Liver", (200, 100, 50)), Segment(2, "Spleen", (0, 100, 255))


def block(rows: int, columns: int, segment: Segment = LIVER, value: int = 255, affine=IDENTITY) -> SegmentMask:
    return SegmentMask(segment, np.full((rows, columns), value, np.uint8), affine)


def shifted(x: float, y: float, scale: float = 1.0) -> np.ndarray:
    return np.array([[scale, 0, x], [0, scale, y]])


def on_screen(drawn, at, view_size) -> np.ndarray:
    screen = np.zeros((view_size[1], view_size[0], 4), np.uint8)
    screen[at[1]:at[1] + drawn.shape[0], at[0]:at[0] + drawn.shape[1]] = drawn
    return screen


@given(st.sampled_from((0, 90, 180, 270)), st.booleans(), st.floats(1.5, 12), st.integers(0, 12), st.integers(0, 9),
       st.floats(0.7, 3))
def test_a_segment_covers_just_the_part_of_the_view_that_its_pixels_cover(rotation, flip, zoom, x, y, scale):
    view = view_transform((20, 16), 1.0, (300, 280), DisplayState(rotation=rotation, flip=flip, zoom=zoom))
    mask = block(4, 6, affine=shifted(x, y, scale))
    screen = on_screen(*segments_on_view([mask], view, 0.5), (300, 280))[..., 3]
    left, top, right, bottom = view.box_to_view((x, y, x + 6 * scale, y + 4 * scale))
    rows, columns = np.nonzero(screen)
    if rows.size == 0:
        assert right <= 1 or bottom <= 1 or left >= 299 or top >= 279
        return
    assert columns.min() == pytest.approx(max(left, 0), abs=1)
    assert columns.max() + 1 == pytest.approx(min(right, 300), abs=1)
    assert rows.min() == pytest.approx(max(top, 0), abs=1)
    assert rows.max() + 1 == pytest.approx(min(bottom, 280), abs=1)


def test_the_fill_is_as_opaque_as_wished_and_the_outline_stands_out():
    view = view_transform((20, 20), 1.0, (200, 200), DisplayState())
    screen = on_screen(*segments_on_view([block(10, 10, affine=shifted(5, 5))], view, 0.25), (200, 200))
    assert screen[100, 100].tolist() == [50, 25, 12, 64]
    assert screen[100, 50, 3] == 242
    assert screen[100, 49, 3] == 0


def test_a_later_segment_lies_over_an_earlier_one():
    view = view_transform((20, 20), 1.0, (200, 200), DisplayState())
    screen = on_screen(*segments_on_view([block(20, 20), block(20, 20, SPLEEN)], view, 1.0), (200, 200))
    assert screen[100, 100].tolist() == [0, 100, 255, 255]


def test_a_part_is_fainter_than_the_whole():
    share = np.full((20, 20), 255, np.uint8)
    share[:, 10:] = 160
    view = view_transform((20, 20), 1.0, (200, 200), DisplayState())
    screen = on_screen(*segments_on_view([SegmentMask(LIVER, share, IDENTITY)], view, 1.0), (200, 200))
    assert screen[100, 50, 3] == 255
    assert screen[100, 150, 3] == 160


def test_a_fine_mask_of_a_large_image_is_averaged_and_not_skipped():
    share = np.zeros((1000, 1000), np.uint8)
    share[:, ::2] = 255
    view = view_transform((1000, 1000), 1.0, (100, 100), DisplayState())
    drawn, _ = segments_on_view([SegmentMask(LIVER, share, IDENTITY)], view, 1.0)
    assert np.ptp(drawn[20:-20, 20:-20, 3].astype(int)) < 200


def test_nothing_is_drawn_of_what_lies_beside_the_view():
    view = view_transform((20, 20), 1.0, (200, 200), DisplayState())
    assert segments_on_view([block(2, 2, affine=shifted(90, 0))], view, 1.0)[0].size == 0
    assert segments_on_view([], view, 1.0)[0].size == 0
    far = ValueMap("a", np.zeros((2, 2), np.float32), shifted(90, 0), 0, 1)
    assert values_on_view(far, view, 1.0)[0].size == 0


def test_a_map_of_one_value_is_drawn():
    view = view_transform((4, 4), 1.0, (40, 40), DisplayState())
    drawn, _ = values_on_view(ValueMap("a", np.full((4, 4), 7, np.float32), IDENTITY, 7, 7), view, 0.5)
    assert (drawn[..., 3] == 128).all()


def test_what_lies_under_the_pointer_is_told():
    layer = ValueMap("ADC", np.array([[1.25, np.nan]], np.float32), shifted(0, 0, 2), 0, 2, "mm2/s")
    assert layers_text([block(4, 4), block(1, 1, SPLEEN)], layer, 1.5, 1.5) == "Liver · ADC 1.25 mm2/s"
    assert layers_text([block(4, 4)], layer, 3.5, 1.5) == "Liver"
    assert layers_text([], None, 1, 1) == ""
    assert range_text(0, 0.0012345, "mm2/s") == "0 to 0.00123 mm2/s"


def test_thousands_are_written_out():
    layer = ValueMap("ADC", np.full((2, 2), 12345.6, np.float32), IDENTITY, 0, 20000, "um2/s")
    assert layers_text([], layer, 1, 1) == "ADC 12 346 um2/s"
    assert range_text(-1500, 3000, "um2/s") == "-1 500 to 3 000 um2/s"
