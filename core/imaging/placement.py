"""Where the network's input and its map lie on the image: one exact, invertible geometry.

Three spaces, all continuous with the corner at (0, 0): image (x to columns, y to rows), input (what the network sees,
x to its columns) and grid (cells of the network's map). Input from image is a scale and an offset along each axis.
The border between two map cells lies midway between the centers of their receptive fields, which strided
convolutions shift against an even division of the input; the outer cells reach to the input's edges.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.plane import IDENTITY

FloatGrid = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placement:
    """Image to input: ``input = image * scale + offset``; input to grid: evenly `stride` apart from `first_center`.

    `image_size`, `input_size` and `grid_size` are (columns, rows). `scale`, `offset` and `first_center` are (x, y);
    `first_center` is the input position of the first cell's receptive-field center, `stride` the step to the next.
    """

    image_size: tuple[int, int]
    input_size: tuple[int, int]
    scale: tuple[float, float]
    offset: tuple[float, float]
    grid_size: tuple[int, int] = (1, 1)
    first_center: tuple[float, float] = (0.0, 0.0)
    stride: tuple[float, float] = (1.0, 1.0)

    def to_input(self, x: float, y: float) -> tuple[float, float]:
        """Return the input position of an image position."""
        return x * self.scale[0] + self.offset[0], y * self.scale[1] + self.offset[1]

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Return the image position of an input position; the inverse of `to_input`."""
        return (x - self.offset[0]) / self.scale[0], (y - self.offset[1]) / self.scale[1]

    def analyzed(self) -> tuple[float, float, float, float]:
        """Return the part of the image that the network saw: left, top, right, bottom in image coordinates."""
        left, top = self.to_image(0, 0)
        right, bottom = self.to_image(*self.input_size)
        columns, rows = self.image_size
        return max(left, 0.0), max(top, 0.0), min(right, columns), min(bottom, rows)

    def cell_edges(self, axis: int) -> NDArray[np.float64]:
        """Return the borders of the cells along x (axis 0) or y (axis 1) in image coordinates: cells + 1 values."""
        inner = self.first_center[axis] + self.stride[axis] * (np.arange(1, self.grid_size[axis]) - 0.5)
        edges = np.concatenate([[0.0], np.clip(inner, 0, self.input_size[axis]), [self.input_size[axis]]])
        return np.asarray((edges - self.offset[axis]) / self.scale[axis])

    def cell_center(self, column: int, row: int) -> tuple[float, float]:
        """Return the image position of a cell's receptive-field center."""
        return self.to_image(
            self.first_center[0] + self.stride[0] * column, self.first_center[1] + self.stride[1] * row
        )

    def grid_to_view(self, view_from_image: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the (2, 3) affine from grid indices (column, row; cell centers are whole numbers) to a view.

        `view_from_image` is the (2, 3) affine from continuous image to continuous view coordinates.
        """
        sx, sy = self.stride[0] / self.scale[0], self.stride[1] / self.scale[1]
        x0, y0 = self.cell_center(0, 0)
        image_from_grid = np.array([[sx, 0, x0], [0, sy, y0], [0, 0, 1]])
        return np.asarray(view_from_image @ image_from_grid)

    def on_image(self, grid: FloatGrid) -> FloatGrid:
        """Return a map, (rows, columns) of the grid, on the image's pixels: (image rows, image columns) float32.

        Linear between cell centers, constant beyond the outer ones, 0 where the network did not look.
        """
        columns, rows = self.image_size
        view = self.on_view(grid, IDENTITY, (columns, rows))
        left, top, right, bottom = self.analyzed()
        x, y = np.arange(columns) + 0.5, np.arange(rows) + 0.5
        view[(y < top) | (y > bottom), :] = 0
        view[:, (x < left) | (x > right)] = 0
        return view

    def on_view(
        self, grid: FloatGrid, view_from_image: NDArray[np.float64], view_size: tuple[int, int]
    ) -> FloatGrid:
        """Return a map on a view's pixels: (view rows, view columns) float32; `view_size` is (columns, rows).

        The caller masks what lies outside `analyzed`.
        """
        if (grid.shape[1], grid.shape[0]) != self.grid_size:
            raise ValueError(f"a map of {grid.shape} does not belong to a grid of {self.grid_size}")
        view_from_grid = self.grid_to_view(view_from_image)
        view_from_grid[:, 2] -= 0.5  # OpenCV puts pixel centers on whole numbers
        return np.asarray(
            cv2.warpAffine(
                np.ascontiguousarray(grid, np.float32), view_from_grid, view_size, flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )

    def region_weights(self, mask: NDArray[np.bool_], origin: tuple[int, int] = (0, 0)) -> FloatGrid:
        """Return for each cell what part of its territory a region covers: (grid rows, grid columns), 0 to 1.

        `mask` is the region on image pixels, its first pixel at `origin` (x, y) of the image. The territories of all
        cells divide the analyzed part of the image exactly, so weighted sums over disjoint regions add up.
        """
        weights = []
        for axis in (1, 0):
            low, high = self.analyzed()[axis], self.analyzed()[axis + 2]
            edges = np.clip(self.cell_edges(axis), low, high)
            start = np.arange(mask.shape[1 - axis]) + origin[axis]
            overlap = np.minimum(start + 1, edges[1:, None]) - np.maximum(start, edges[:-1, None])
            length = np.maximum(np.diff(edges), 1e-9)[:, None]
            weights.append(np.clip(overlap, 0, None) / length)
        return np.asarray(weights[0] @ mask.astype(np.float64) @ weights[1].T, dtype=np.float32)
