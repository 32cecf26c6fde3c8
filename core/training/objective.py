"""What a step minimizes: each finding's cross-entropy where it is known, and that maps lie where readers say."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.reading.model_card import InputSpec
from core.reading.network import STRIDE, receptive_centers
from core.training.places import Places

LEAST_SHARE = 1e-30  # of a cell in a place: the logarithm of nothing has no gradient
PLACE_TEMPERATURE = 2.0  # logits of a map's cell; where the softmax of the map is taken


def findings_loss(logits: Tensor, targets: Tensor, weights: Tensor, smoothing: float) -> Tensor:
    """Return the weighted sum over findings of the mean binary cross-entropy, of (N, findings) logits and targets.

    A target that is not a number counts nowhere; a finding's mean is over all N, so that it weighs as often as asked.
    """
    known = ~torch.isnan(targets)
    smoothed = torch.where(known, targets, 0.5) * (1 - smoothing) + smoothing / 2
    each = functional.binary_cross_entropy_with_logits(logits, smoothed, reduction="none") * known
    return (each.mean(0) * weights).sum()


def pair_loss(first: Tensor, second: Tensor) -> Tensor:
    """Return how far the logits (pairs, findings) of two views of the same pictures are apart: 0 is not at all.

    Huber's loss: its square near 0, a logit apart counts a half, from there it grows evenly.
    """
    return functional.smooth_l1_loss(first, second)


def place_loss(maps: Tensor, inside: Tensor, weights: Tensor) -> Tensor:
    """Return minus the mean weighted logarithm of the part of a map's softmax that lies in each place.

    `maps` are (N, rows, columns), `inside` (N, places, rows, columns), how far each cell lies in a place, 0-1, and
    `weights` (N, places). A place that no cell lies in counts nothing, and the mean is over all N. Only where the
    evidence lies is asked, not how strong it is: that is the findings' own matter. Of places that share all cells it is
    smallest where the parts are as the weights are.
    """
    scores = maps.flatten(1)[:, None] / PLACE_TEMPERATURE
    cells = inside.flatten(2)
    part = torch.logsumexp(scores + cells.clamp_min(LEAST_SHARE).log(), 2) - torch.logsumexp(scores, 2)
    return -(torch.where(cells.any(2), part, 0.0) * weights).sum() / len(maps)


def places_moved(
    places: Sequence[Places], moves: Sequence[NDArray[np.floating]], spec: InputSpec, grid: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what `place_loss` asks of N pictures that were moved, each by its matrix: `inside` and `weights`."""
    most = max(map(len, places), default=0)
    inside, weights = np.zeros((len(places), most, *grid), np.float32), np.zeros((len(places), most), np.float32)
    for index, (own, move) in enumerate(zip(places, moves, strict=True)):
        if own:
            across, down = looks_at(move, spec, grid)
        for number, place in enumerate(own):
            inside[index, number] = place.holds(across, down)
            weights[index, number] = place.weight
    return inside, weights


def looks_at(
    matrix: NDArray[np.floating], spec: InputSpec, grid: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the cells of a map of `grid` (rows, columns) look, in a picture before it was moved.

    That is parts of the picture's width and height, each (rows, columns). `matrix` (2, 3) maps input pixels (x, y of
    pixel centers) before to those after the move (`augment.move`).
    """
    across, down = np.meshgrid(*(
        (start + step * np.arange(count)) * size / (count * STRIDE) - 0.5
        for count, size in ((grid[1], spec.columns), (grid[0], spec.rows))
        for start, step in (receptive_centers(count * STRIDE),)
    ))
    moved = np.stack([across.ravel(), down.ravel()]) - matrix[:, 2:]
    before = (np.linalg.solve(matrix[:, :2], moved) + 0.5) / np.array([[spec.columns], [spec.rows]])
    return before[0].reshape(grid), before[1].reshape(grid)
