"""CIELab to RGB, as DICOM writes colors to be displayed, and calm colors for what states none."""

from functools import cache

import numpy as np

Rgb = tuple[int, int, int]  # sRGB, 0-255

CALM_COLORS: tuple[Rgb, ...] = (
    (231, 168, 74), (109, 179, 232), (214, 120, 180), (150, 190, 90), (170, 140, 220), (90, 190, 180),
)

_WHITE_D50 = np.array([0.96422, 1.0, 0.82521])  # of the profile connection space (ICC.1, 7.2.16)
# XYZ under D50 to linear sRGB, Bradford-adapted (B. Lindbloom, "RGB/XYZ Matrices")
_RGB_FROM_XYZ = np.array([
    [3.1338561, -1.6168667, -0.4906146],
    [-0.9787684, 1.9161415, 0.0334540],
    [0.0719453, -0.2289914, 1.4052427],
])


def calm_color(number: int) -> Rgb:
    """Return the color of the thing with this number, 0 is the first, where its file states none."""
    return CALM_COLORS[number % len(CALM_COLORS)]


@cache
def rgb_of_cielab(words: tuple[int, int, int]) -> Rgb:
    """Return the color that three words of 16 bits stand for (Recommended Display CIELab Value, PS3.3 C.10.7.1.1).

    0 to 65535 is a lightness of 0 to 100, and a* and b* of -128 to 127. What sRGB cannot show is cut to what it can.
    """
    a, b = (word / 65535 * 255 - 128 for word in words[1:])
    return rgb_of_lab(words[0] / 65535 * 100, a, b)


def gray_of_cielab(lightness: int) -> int:
    """Return the gray, 0-255, that is as light as a color whose lightness is this word of 16 bits."""
    return rgb_of_lab(min(max(lightness, 0), 65535) / 65535 * 100, 0, 0)[1]


def rgb_of_lab(lightness: float, a: float, b: float) -> Rgb:
    """Return the color with a CIELab lightness of 0-100, a* and b* (D50); what sRGB cannot show is cut."""
    y = (lightness + 16) / 116
    xyz = _WHITE_D50 * np.array([_cubed(part) for part in (y + a / 500, y, y - b / 200)])
    linear = np.clip(_RGB_FROM_XYZ @ xyz, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
    red, green, blue = np.rint(curved * 255).astype(int).tolist()
    return red, green, blue


def _cubed(part: float) -> float:
    """The inverse of CIE 1976's lightness function."""
    return part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29)
