import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from gui.canvas.qt_image import draw_gray, qimage
from tests.make.screen import as_rgb

RGB32, RGB888 = QImage.Format.Format_RGB32, QImage.Format.Format_RGB888
GRAYS = np.random.default_rng(5).integers(0, 256, (31, 47), dtype=np.uint8)


def drawn(format_, left, top, prepare=lambda painter: None, size=(60, 40)):
    target = QImage(*size, format_)
    target.fill(0xFF336699)
    painter = QPainter(target)
    prepare(painter)
    draw_gray(painter, left, top, qimage(GRAYS), GRAYS)
    painter.end()
    return as_rgb(target)


@given(st.integers(-50, 65), st.integers(-35, 45), st.sampled_from([RGB32, QImage.Format.Format_ARGB32]))
def test_grays_written_into_an_image_look_as_qt_draws_them(left, top, format_):
    assert (drawn(format_, left, top) == drawn(RGB888, left, top)).all()


@pytest.mark.parametrize("prepare", [
    lambda painter: painter.setClipRect(QRect(5, 6, 20, 9)),
    lambda painter: painter.setOpacity(0.5),
    lambda painter: painter.scale(2, 2),
    lambda painter: painter.translate(7, -3),
])
def test_a_painter_that_clips_fades_or_moves_has_its_way(prepare):
    written, by_qt = drawn(RGB32, 3, 4, prepare), drawn(RGB888, 3, 4, prepare)
    assert (written != drawn(RGB32, 3, 4)).any()
    assert np.abs(written.astype(int) - by_qt).max() <= 1  # two ways of Qt to round a half


def test_a_picture_drawn_with_a_screen_of_two_pixels_for_one_lies_on_its_device_pixels():
    def painted_on(ratio):
        target = QImage(60, 40, RGB32)
        target.fill(0xFF336699)
        target.setDevicePixelRatio(ratio)
        painter = QPainter(target)
        painter.scale(1 / ratio, 1 / ratio)
        draw_gray(painter, 8, 5, qimage(GRAYS), GRAYS)
        painter.end()
        return as_rgb(target)

    assert (painted_on(2.0) == painted_on(1.0)).all()
