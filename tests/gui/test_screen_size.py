"""The size of a screen's pixels, where the screen tells it."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect, QSizeF

from gui.screen_size import device_pixel_mm


def screen(width_mm=480.0, height_mm=270.0, pixels=(1920, 1080), ratio=1.0, model="27B"):
    return SimpleNamespace(
        model=lambda: model, manufacturer=lambda: "", serialNumber=lambda: "",
        physicalSize=lambda: QSizeF(width_mm, height_mm), geometry=lambda: QRect(0, 0, *pixels),
        devicePixelRatio=lambda: ratio)


def test_a_pixel_is_the_screens_width_over_its_device_pixels():
    assert device_pixel_mm(screen()) == pytest.approx(0.25)
    assert device_pixel_mm(screen(pixels=(960, 540), ratio=2.0)) == pytest.approx(0.25)


@pytest.mark.parametrize("unknown", (
    None, screen(model=""), screen(0, 0), screen(1.0, 0.5), screen(4800, 2700), screen(480, 400),
))
def test_a_size_that_is_not_told_or_cannot_be_is_unknown(unknown):
    assert device_pixel_mm(unknown) is None
