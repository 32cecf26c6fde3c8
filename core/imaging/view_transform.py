"""Image to view and back: fit, zoom, center, rotation, flip and pixel aspect as one exact, invertible transform.

View coordinates are continuous device pixels of the screen, the corner of the view's first pixel at (0, 0). The drawn
image covers whole device pixels and begins on one, so at zoom 1 each image pixel is one device pixel, and what is
drawn lies exactly where this transform says. For that the drawn size is rounded: both axes follow the zoom to within
half a device pixel over the whole image.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.imaging.display_state import DisplayState
from core.imaging.image import EdgeLetters

Point = tuple[float, float]
Size = tuple[int, int]

MOST_ZOOM = 64.0  # device pixels for each image column
LEAST_OF_FIT = 0.25  # the smallest zoom, against the fitted one or 1, whichever is smaller


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Where each image point lies in a view. Sizes are (columns, rows).

    `drawn_size` is the upright image's size in device pixels; the image is then flipped left-right if `flip`, turned
    clockwise by `rotation` and put with its top left corner at `origin`. `zoom` is the zoom asked for.
    """

    image_size: Size
    view_size: Size
    drawn_size: Size
    origin: Size
    zoom: float
    rotation: int = 0
    flip: bool = False

    @property
    def turned_size(self) -> Size:
        """The drawn image's size in the view, after its rotation."""
        return self.drawn_size if self.rotation % 180 == 0 else self.drawn_size[::-1]

    @property
    def scale(self) -> Point:
        """Device pixels for each image column and for each image row, as drawn."""
        return self.drawn_size[0] / self.image_size[0], self.drawn_size[1] / self.image_size[1]

    @property
    def is_averaged(self) -> bool:
        """Whether several image pixels share a device pixel along an axis."""
        return self.drawn_size[0] < self.image_size[0] or self.drawn_size[1] < self.image_size[1]

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The (2, 3) affine from image to view coordinates."""
        (sx, sy), (width, height) = self.scale, self.drawn_size
        across = [-sx, 0.0, float(width)] if self.flip else [sx, 0.0, 0.0]
        down = [0.0, sy, 0.0]
        turns = self.rotation // 90 % 4
        if turns in (1, 2):
            down = _mirrored(down, height)
        if turns in (2, 3):
            across = _mirrored(across, width)
        linear = np.array([across, down] if turns % 2 == 0 else [down, across])
        linear[:, 2] += self.origin
        return linear

    @property
    def inverse(self) -> NDArray[np.float64]:
        """The (2, 3) affine from view to image coordinates."""
        matrix = self.matrix
        # Rows hold one scale each, so the inverse is the transpose of reciprocals: exact, no elimination.
        linear = np.zeros((2, 2))
        used = matrix[:, :2] != 0
        linear[used.T] = 1.0 / matrix[:, :2].T[used.T]
        return np.column_stack([linear, -linear @ matrix[:, 2]])

    def to_view(self, x: float, y: float) -> Point:
        """Return the view position of an image position."""
        (a, b, c), (d, e, f) = self.matrix.tolist()
        return a * x + b * y + c, d * x + e * y + f

    def to_image(self, x: float, y: float) -> Point:
        """Return the image position of a view position; the inverse of `to_view`."""
        (a, b, c), (d, e, f) = self.inverse.tolist()
        return a * x + b * y + c, d * x + e * y + f

    def box_to_view(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return the view's left, top, right, bottom of an image box of left, top, right, bottom."""
        (x0, y0), (x1, y1) = self.to_view(*box[:2]), self.to_view(*box[2:])
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def edge_letters(self, edges: EdgeLetters) -> EdgeLetters:
        """Return which way of the patient lies at each edge of the view, for what is drawn."""
        (a, b, _), (c, d, _) = self.inverse.tolist()

        def toward(x: int, y: int) -> str:
            across, down = a * x + b * y, c * x + d * y
            if abs(across) > abs(down):
                return edges.left if across < 0 else edges.right
            return edges.top if down < 0 else edges.bottom

        return EdgeLetters(left=toward(-1, 0), top=toward(0, -1), right=toward(1, 0), bottom=toward(0, 1))


def _mirrored(row: list[float], length: float) -> list[float]:
    return [-row[0], -row[1], length - row[2]]


def fit_zoom(image_size: Size, pixel_aspect: float, view_size: Size, rotation: int = 0) -> float:
    """Return the largest zoom, in device pixels for each image column, at which the whole image is seen."""
    width, height = float(image_size[0]), image_size[1] * pixel_aspect
    if rotation % 180:
        width, height = height, width
    return min(max(view_size[0], 1) / width, max(view_size[1], 1) / height)


def view_transform(image_size: Size, pixel_aspect: float, view_size: Size, state: DisplayState) -> ViewTransform:
    """Return the transform with which a view of `view_size` device pixels shows an image of `image_size`.

    `pixel_aspect` is the height of an image pixel over its width. Sizes are (columns, rows).
    """
    rotation = state.rotation % 360
    return _placed(image_size, pixel_aspect, view_size, state.zoom, state.center, rotation, state.flip)


@lru_cache(maxsize=64)  # asked for by every layer of every paint
def _placed(
    image_size: Size, pixel_aspect: float, view_size: Size, zoom: float | None, center: Point | None, rotation: int,
    flip: bool,
) -> ViewTransform:
    zoom = zoom or fit_zoom(image_size, pixel_aspect, view_size, rotation)
    drawn = max(1, round(image_size[0] * zoom)), max(1, round(image_size[1] * zoom * pixel_aspect))
    loose = ViewTransform(image_size, view_size, drawn, (0, 0), zoom, rotation, flip)
    x, y = loose.to_view(*(center or middle(image_size)))
    # floor(+ 0.5) rounds all halves the same way, so that a pan never stutters
    origin = int(np.floor(view_size[0] / 2 - x + 0.5)), int(np.floor(view_size[1] / 2 - y + 0.5))
    return replace(loose, origin=origin)


def middle(image_size: Size) -> Point:
    """Return the image point in the image's middle."""
    return image_size[0] / 2, image_size[1] / 2


def zoomed(state: DisplayState, view: ViewTransform, pixel_aspect: float, zoom: float, at: Point) -> DisplayState:
    """Return the state at another zoom that leaves the image point under the view position `at` where it is.

    The zoom is kept between a quarter of the fitted one and 64 device pixels for each column, the view's middle on
    the image; `view` is the transform that `state` gives.
    """
    fitted = fit_zoom(view.image_size, pixel_aspect, view.view_size, view.rotation)
    zoom = min(max(zoom, LEAST_OF_FIT * min(fitted, 1.0)), max(MOST_ZOOM, fitted))
    fixed = view.to_image(*at)
    after = view_transform(view.image_size, pixel_aspect, view.view_size, replace(state, zoom=zoom, center=fixed))
    center = _moved(after, fixed, view.view_size[0] / 2 - at[0], view.view_size[1] / 2 - at[1])
    return replace(state, zoom=zoom, center=center)


def panned(state: DisplayState, view: ViewTransform, dx: float, dy: float) -> DisplayState:
    """Return the state in which the image is moved by so many device pixels; the view's middle stays on the image."""
    center = state.center or middle(view.image_size)
    return replace(state, zoom=view.zoom, center=_moved(view, center, -dx, -dy))


def _moved(view: ViewTransform, center: Point, dx: float, dy: float) -> Point:
    x, y = view.inverse[:, :2] @ (dx, dy)
    columns, rows = view.image_size
    return float(np.clip(center[0] + x, 0, columns)), float(np.clip(center[1] + y, 0, rows))
