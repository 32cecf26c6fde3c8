import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.colormap import calm_ramp, inferno, ink_on

# Matplotlib's published table at these steps (CC0)
PUBLISHED = {0: (0, 0, 4), 64: (87, 16, 110), 128: (188, 55, 84), 192: (249, 142, 9), 255: (252, 255, 164)}


def lightness(rgb):
    """CIE L* of sRGB colors (IEC 61966-2-1, CIE 15)."""
    value = rgb / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    return np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)


def test_lightness_never_falls():
    # a gray level's rounding may hold it back, never turn it
    steps = np.diff(lightness(inferno().astype(float)))
    assert steps.min() > -0.2
    assert (np.diff(lightness(inferno().astype(float))[::4]) > 0).all()


def test_lightness_rises_evenly_from_black_to_nearly_white():
    light = lightness(inferno().astype(float))
    assert light[0] < 1
    assert light[-1] > 95
    assert np.abs(light - np.linspace(light[0], light[-1], 256)).max() < 6


@pytest.mark.parametrize(("step", "color"), PUBLISHED.items())
def test_the_colors_are_those_published(step, color):
    assert np.abs(inferno()[step].astype(int) - color).max() <= 6


def test_the_table_is_shared_and_cannot_be_written():
    assert inferno() is inferno()
    with pytest.raises(ValueError, match="read-only"):
        inferno()[0] = 0


def test_the_calm_ramp_goes_up_in_steps_that_are_alike_to_the_eye():
    light = lightness(calm_ramp().astype(float))
    assert light[0] < 20 and light[-1] > 75
    assert np.abs(light - np.linspace(light[0], light[-1], 256)).max() < 2


@given(st.integers(0, 255))
def test_numbers_on_the_calm_ramp_can_be_read(step):
    color = tuple(calm_ramp()[step].tolist())
    ink = np.array([ink_on(color), color], float) / 255
    linear = np.where(ink <= 0.04045, ink / 12.92, ((ink + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)
    assert (linear.max() + 0.05) / (linear.min() + 0.05) >= 4.5
