"""Does a map depend on the model, and does the model depend on what the map shows.

Deletion and insertion (Petsiuk et al. 2018, RISE): the score as the places that a map names first are blurred away, or
put back into a blurred picture. Sanity check (Adebayo et al. 2018): a map that stays the same when the weights are
drawn anew shows edges of the picture, not what the model learned.
"""

import copy
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor, nn

from core.reading.network import Network

STEPS = 16
BLUR = 0.06  # standard deviation of the blur that hides a place, of the input's side
CELL = 8  # input pixels: maps are compared and pixels taken away in squares of this side
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Curves:
    """Areas under the curves of the score, as probability, over the part of the picture taken away or put back.

    A good map has a small `deletion` (the score falls at once) and a large `insertion`.
    """

    deletion: float
    insertion: float


def squares(grid: Floats) -> Floats:
    """Return a map on input pixels as means of squares: (rows / CELL, columns / CELL)."""
    rows, columns = grid.shape
    return np.asarray(cv2.resize(grid, (columns // CELL, rows // CELL), interpolation=cv2.INTER_AREA), np.float32)


def curves(network: Network, x: Tensor, index: int, grid: Floats, slope: float, intercept: float) -> Curves:
    """Return both areas for one input (1, 1, rows, columns) and a map on its pixels, by the calibrated probability."""
    order = np.argsort(-squares(grid), axis=None, kind="stable")
    shape = squares(grid).shape
    picture = x[0, 0].cpu().numpy()
    hidden = cv2.GaussianBlur(picture, (0, 0), BLUR * min(picture.shape), borderType=cv2.BORDER_REFLECT)
    inputs = []
    for part in np.linspace(0, 1, STEPS + 1):
        taken = np.zeros(order.size, np.float32)
        taken[order[: round(part * order.size)]] = 1
        mask = cv2.resize(taken.reshape(shape), picture.shape[::-1], interpolation=cv2.INTER_NEAREST)
        inputs += [picture * (1 - mask) + hidden * mask, hidden * (1 - mask) + picture * mask]
    batch = torch.from_numpy(np.array(inputs, np.float32)[:, None]).to(x.device)
    with torch.inference_mode():
        logits = network(batch)[0][:, index].float().cpu().numpy()
    chances = 1 / (1 + np.exp(-(slope * logits.astype(np.float64) + intercept)))
    return Curves(float(_area(chances[0::2])), float(_area(chances[1::2])))


def with_random_weights(network: Network, seed: int = 0) -> Network:
    """Return a copy whose convolutions and head are drawn anew, with the spread that each had (norms are folded in)."""
    drawn = copy.deepcopy(network)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in drawn.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                weight = module.weight
                noise = torch.randn(weight.shape, generator=generator) * weight.std().cpu() + weight.mean().cpu()
                weight.copy_(noise.to(weight))
    return drawn


def likeness(first: Floats, second: Floats) -> float | None:
    """Return the rank correlation of two maps on the same pixels, by squares; None where one is the same all over."""
    ours, theirs = squares(first).ravel(), squares(second).ravel()
    if np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return None
    return float(spearmanr(ours, theirs).statistic)


def _area(values: NDArray[np.float64]) -> float:
    return float(np.mean((values[1:] + values[:-1]) / 2))
