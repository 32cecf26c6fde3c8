"""Graphics of one bit a pixel on a view."""

import numpy as np
import pytest

from core.imaging.display_state import DisplayState
from core.imaging.graphics import overlay_on_view
from core.imaging.view_transform import view_transform


def drawn(mask, size, state=None):
    view = view_transform(mask.shape[::-1], 1.0, size, state or DisplayState())
    return overlay_on_view([mask], view)


def test_a_line_of_one_pixel_stays_wholly_drawn_however_small_the_picture():
    mask = np.zeros((1000, 1000), np.uint8)
    mask[500] = 255
    colors, _ = drawn(mask, (90, 90))
    assert colors[..., 0].max() == colors.max(axis=(0, 1))[0] > 200
    assert (colors[..., 0].max(axis=0) > 200).all()


def test_what_is_not_drawn_is_transparent_and_what_is_has_a_dark_rim():
    mask = np.zeros((20, 20), np.uint8)
    mask[10, 10] = 255
    colors, at = drawn(mask, (20, 20))
    assert at == (0, 0)
    assert colors[10, 10].tolist() == [235, 235, 235, 255]
    assert colors[9, 9].tolist() == [0, 0, 0, 178]
    assert not colors[0, 0].any()


@pytest.mark.parametrize("state", (DisplayState(flip=True), DisplayState(rotation=180), DisplayState(rotation=90)))
def test_graphics_turn_with_the_picture(state):
    mask = np.zeros((20, 20), np.uint8)
    mask[2, 3] = 255
    view = view_transform((20, 20), 1.0, (20, 20), state)
    colors, (left, top) = overlay_on_view([mask], view)
    x, y = view.to_view(3.5, 2.5)
    assert colors[int(y) - top, int(x) - left, 3] == 255


def test_several_masks_are_drawn_together_and_nothing_outside_the_view():
    masks = [np.zeros((8, 8), np.uint8) for _ in range(2)]
    masks[0][1, 1] = masks[1][6, 6] = 255
    colors, _ = overlay_on_view(masks, view_transform((8, 8), 1.0, (8, 8), DisplayState()))
    assert colors[1, 1, 0] == colors[6, 6, 0] == 235
    away = view_transform((8, 8), 1.0, (8, 8), DisplayState(zoom=1.0, center=(900.0, 900.0)))
    assert overlay_on_view(masks, away)[0].size == 0
