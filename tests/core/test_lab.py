"""CIELab as DICOM writes it, against known colors."""

import pytest

from core.imaging.lab import CALM_COLORS, calm_color, gray_of_cielab, rgb_of_cielab


def words(lightness: float, a: float, b: float) -> tuple[int, int, int]:
    return round(lightness / 100 * 65535), round((a + 128) / 255 * 65535), round((b + 128) / 255 * 65535)


@pytest.mark.parametrize(("lab", "rgb"), (  # CIELab under D50 of sRGB's corners (B. Lindbloom's calculator)
    ((54.2917, 80.8125, 69.8851), (255, 0, 0)), ((87.8185, -79.2873, 80.9902), (0, 255, 0)),
    ((29.5676, 68.2986, -112.0294), (0, 0, 255)), ((97.6071, -15.7529, 93.3885), (255, 255, 0)),
    ((100, 0, 0), (255, 255, 255)), ((0, 0, 0), (0, 0, 0)), ((53.5850, 0, 0), (128, 128, 128)),
))
def test_known_colors_come_back(lab, rgb):
    assert rgb_of_cielab(words(*lab)) == pytest.approx(rgb, abs=1)


@pytest.mark.parametrize(("word", "gray"), [(0, 0), (35117, 128), (65535, 255), (-1, 0), (1 << 20, 255)])
def test_a_gray_is_as_light_as_its_color_whatever_the_word(word, gray):
    assert gray_of_cielab(word) == gray


def test_what_srgb_cannot_show_is_cut():
    assert rgb_of_cielab((65535, 0, 65535))[1] == 255
    assert min(rgb_of_cielab((0, 65535, 0))) == 0


def test_calm_colors_go_round():
    assert calm_color(len(CALM_COLORS)) == calm_color(0) != calm_color(1)
