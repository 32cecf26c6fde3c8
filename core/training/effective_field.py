"""Where a trained network's map cells really look: the center of their effective receptive field.

Strided "same" convolutions shift the theoretical center of a cell's field by half a cell. Trained kernels lean the
other way, and a heatmap that followed the theory would lie beside its cause. So the center is measured: the mean
place of the squared gradient of a cell by the input (Luo et al. 2016, Understanding the Effective Receptive Field).
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core.reading.model_card import InputSpec
from core.reading.network import STRIDE, Network
from core.reading.preprocess import normalize

PICTURES = 96
_BORDER = 2  # cells whose field the border of the input cuts off


class FirstCenter(NamedTuple):
    """Where the first cell looks, in input pixels from the input's corner."""

    x: float
    y: float


def first_center(network: Network, gray: NDArray[np.uint8], spec: InputSpec) -> FirstCenter | None:
    """Return where the first cell of the first finding's map looks, the median over cells and `PICTURES` pictures.

    `network` answers in evaluation, on the CPU; `gray` is (N, spec.rows, spec.columns) uint8, from training. None
    where the map is too small to have cells off its border, or nothing changes any cell.
    """
    across, down = spec.columns // STRIDE, spec.rows // STRIDE
    chosen = gray[:: max(1, len(gray) // PICTURES)][:PICTURES]
    found = [
        center
        for picture in chosen
        for center in _centers(network, normalize(picture, spec)[None, None], range(_BORDER, across - _BORDER),
                               range(_BORDER, down - _BORDER))
    ]
    if not found:
        return None
    x, y = np.median(np.array(found), axis=0)
    return FirstCenter(float(x), float(y))


def _centers(
    network: Network, inputs: NDArray[np.float32], columns: range, rows: range
) -> list[tuple[float, float]]:
    """Where these cells look, less the step from the first cell to each."""
    batch = torch.from_numpy(inputs).requires_grad_(True)
    _, maps = network(batch)
    found = []
    for row in rows:
        for column in columns:
            (gradient,) = torch.autograd.grad(maps[0, 0, row, column], batch, retain_graph=True)
            weight = gradient[0, 0].numpy().astype(np.float64) ** 2
            total = weight.sum()
            if total > 0:
                x = (weight.sum(0) * (np.arange(weight.shape[1]) + 0.5)).sum() / total
                y = (weight.sum(1) * (np.arange(weight.shape[0]) + 0.5)).sum() / total
                found.append((float(x) - STRIDE * column, float(y) - STRIDE * row))
    return found
