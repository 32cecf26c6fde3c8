"""Heat colors: even steps of lightness, safe for color-blind readers.

Inferno (S. van der Walt and N. Smith 2015, CC0, first in Matplotlib), here from the sixth-degree polynomial that
M. Zucker fitted to it (CC0).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

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
