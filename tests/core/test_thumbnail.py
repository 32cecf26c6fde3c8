"""core.imaging.thumbnail: the whole picture, small, in true proportions."""

import numpy as np
import pytest

from core.imaging.image import Frame
from core.imaging.thumbnail import thumbnail
from core.imaging.window import Window


@pytest.mark.parametrize("rows, columns, aspect, expected", [
    (400, 200, 1.0, (100, 50)), (200, 400, 1.0, (50, 100)), (100, 200, 2.0, (100, 100)), (30, 20, 1.0, (30, 20)),
])
def test_the_longer_side_has_the_asked_length(rows, columns, aspect, expected) -> None:
    frame = Frame(np.zeros((rows, columns), np.uint16), pixel_aspect=aspect)
    assert thumbnail(frame, 100).shape == expected


def test_gray_is_that_of_the_default_window_and_inverted_once() -> None:
    stored = np.full((64, 64), 100, np.int16)
    stored[:, 32:] = 900
    frame = Frame(stored, voi=(Window.between(100, 900),), inverse=True)
    small = thumbnail(frame, 8)
    assert small[:, :4].tolist() == [[255] * 4] * 8
    assert small[:, 4:].tolist() == [[0] * 4] * 8


def test_color_stays_color() -> None:
    assert thumbnail(Frame(np.full((40, 20, 3), 7, np.uint8)), 10).tolist() == [[[7, 7, 7]] * 5] * 10
