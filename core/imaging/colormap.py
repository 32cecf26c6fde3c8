"""Heat colors: even steps of lightness, safe for color-blind readers.

Inferno (S. van der Walt and N. Smith 2015, CC0, first in Matplotlib), here from the sixth-degree polynomial that
M. Zucker fitted to it (CC0).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.imaging.lab import rgb_of_lab

_INFERNO = np.array(
    [  # red, green, blue: the coefficient of each power of the value, 0-1
        [0.0002189403691192265, 0.001651004631001012, -0.01948089843709184],
        [0.1065134194856116, 0.5639564367884091, 3.932712388889277],
        [11.60249308247187, -3.972853965665698, -15.9423941062914],
        [-41.70399613139459, 17.43639888205313, 44.35414519872813],
        [77.162935699427, -33.40235894210092, -81.80730925738993],
        [-71.31942824499214, 32.62606426397723, 73.20951985803202],
        [25.13112622477341, -12.24266895238567, -23.07032500287172],
    ]
)


# CIELab of the two ends of the calm ramp: just above the panel's ground, and a pale violet; straight between them the
# steps are alike to the eye, and of no color that means something elsewhere
_CALM_START, _CALM_END = (17.0, 3.0, -7.0), (80.0, 8.0, -16.0)


@cache
def calm_ramp() -> NDArray[np.uint8]:
    """Return the colors of 0 to 1 in 256 steps, even in CIELab, for numbers that are no alarm: (256, 3) uint8 RGB."""
    value = np.linspace(0.0, 1.0, 256)[:, None]
    lab = np.array(_CALM_START) * (1 - value) + np.array(_CALM_END) * value
    table = np.array([rgb_of_lab(*row) for row in lab.tolist()], dtype=np.uint8)
    table.flags.writeable = False
    return table


def ink_on(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return black or white, whichever stands out more on a color: at least 4.5 : 1 (WCAG 2.2, 1.4.3)."""
    part = np.array(rgb) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return (0, 0, 0) if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else (255, 255, 255)


@cache
def inferno() -> NDArray[np.uint8]:
    """Return the colors of 0 to 1 in 256 steps, black over purple and orange to light yellow: (256, 3) uint8 RGB."""
    value = np.linspace(0.0, 1.0, 256)[:, None]
    colors = np.zeros((256, 3))
    for coefficient in _INFERNO[::-1]:
        colors = colors * value + coefficient
    table = np.rint(np.clip(colors, 0.0, 1.0) * 255).astype(np.uint8)
    table.flags.writeable = False
    return table
