"""What a plane of pixels cuts of other planes that are tilted against it, by the nearest pixel."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.imaging.plane import Affine, Plane

Pixels = tuple[NDArray[np.intp], NDArray[np.intp]]  # rows and columns, of one length

Value = TypeVar("Value", bound=np.generic)


def strips(
    normals: NDArray[np.float64], positions: NDArray[np.float64], half_mm: float, cut: Plane, size: tuple[int, int]
) -> Iterator[tuple[int, Pixels]]:
    """Yield each plane that another cuts, by its number, with the cutting one's pixels that lie within `half_mm` of it.

    `normals` and `positions` are those of the planes, (planes, 3) each; `size` is the cutting one's (columns, rows).
    Planes may be thousands: one sort of the pixels serves all that are parallel.
    """
    x, y = np.arange(size[0]) + 0.5, (np.arange(size[1]) + 0.5)[:, None]
    _, group_of = np.unique(np.round(normals, 6), axis=0, return_inverse=True)
    for group in range(int(group_of.max()) + 1):
        numbers = np.flatnonzero(group_of == group)
        normal = normals[numbers[0]]
        right, down = cut.step_mm[0] * cut.across @ normal, cut.step_mm[1] * cut.down @ normal
        along = (cut.to_mm(0, 0) @ normal + right * x + down * y).ravel()  # mm, of each pixel
        order = np.argsort(along)
        centers = positions[numbers] @ normal
        starts, ends = (np.searchsorted(along, centers + side, "right", order) for side in (-half_mm, half_mm))
        for number, start, end in zip(numbers.tolist(), starts, ends, strict=True):
            if start < end:
                yield number, np.divmod(order[start:end], size[0])


def sampled(pixels: NDArray[Value], from_cut: Affine, strip: Pixels, fill: float) -> NDArray[Value]:
    """Return the value nearest to each position of a strip, `fill` beyond the pixels, (rows, columns).

    `from_cut` is the affine from continuous coordinates of the plane that cuts to those of the pixels.
    """
    rows, columns = strip
    x, y = (np.floor(line @ np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))])).astype(np.intp)
            for line in from_cut)
    is_inside = (x >= 0) & (x < pixels.shape[1]) & (y >= 0) & (y < pixels.shape[0])
    found = np.full(len(rows), fill, pixels.dtype)
    found[is_inside] = pixels[y[is_inside], x[is_inside]]
    return found
