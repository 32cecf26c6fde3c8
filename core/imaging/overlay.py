"""A heat map in colors to lay over a picture: one fixed scale for every image, never stretched to the image."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.colormap import inferno
from core.imaging.placement import FloatGrid, Placement
from core.imaging.region import pixels_between
from core.imaging.view_transform import Size, ViewTransform

OPAQUE_FROM = 0.6  # from this heat on the map has its full opacity; below, alpha falls evenly to 0 at no heat


@lru_cache(maxsize=4)
def heat_table(opacity: float) -> NDArray[np.uint8]:
    """Return the 256 colors of heat 0 to 1, (256, 4) uint8 RGBA, premultiplied by alpha; `opacity` is 0-1."""
    alpha = np.clip(opacity, 0.0, 1.0) * np.minimum(np.linspace(0.0, 1.0, 256) / OPAQUE_FROM, 1.0)
    table = np.column_stack([inferno() * alpha[:, None], alpha * 255.0])
    return np.ascontiguousarray(np.rint(table), dtype=np.uint8)


def heat_colors(heat: FloatGrid, opacity: float) -> NDArray[np.uint8]:
    """Return the colors of a map, (rows, columns) float32, as (rows, columns, 4) uint8 RGBA premultiplied by alpha.

    Heat 0 and below and NaN are wholly transparent; heat above 1 is drawn as 1.
    """
    # one pass of OpenCV each way: this is done for each step of a pan; no number becomes 0
    index = cv2.convertScaleAbs(np.clip(heat, 0.0, 1.0), alpha=255.0)
    colors = np.take(heat_table(opacity).view(np.uint32).ravel(), index)
    return np.asarray(colors.view(np.uint8).reshape(*heat.shape, 4))


def heat_on_view(
    heat: FloatGrid, placement: Placement, view: ViewTransform, opacity: float
) -> tuple[NDArray[np.uint8], Size]:
    """Return a map of the network's grid as the view draws it, and the view position (x, y) of its first pixel.

    Colors as in `heat_colors`; only device pixels whose centers lie in the analyzed part of the image, so the result
    may be of size 0.
    """
    left, top, right, bottom = view.box_to_view(placement.analyzed())
    x0, x1 = pixels_between(left, right, view.view_size[0])
    y0, y1 = pixels_between(top, bottom, view.view_size[1])
    if x0 == x1 or y0 == y1:
        return np.zeros((0, 0, 4), np.uint8), (0, 0)
    part_from_image = view.matrix
    part_from_image[:, 2] -= (x0, y0)
    return heat_colors(placement.on_view(heat, part_from_image, (x1 - x0, y1 - y0)), opacity), (x0, y0)
