"""What a step minimizes: each finding's cross-entropy where it is known, and that maps lie in readers' boxes."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.reading.model_card import InputSpec
from core.reading.network import STRIDE, receptive_centers
from core.training.pointing import Box

BOX_TEMPERATURE = 2.0  # logits of a map's cell; where the softmax of the map is taken
BOX_MARGIN = 0.03  # of the side, around a box: a cell next to it is no error


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


def box_loss(maps: Tensor, inside: Tensor) -> Tensor:
    """Return minus the mean logarithm of the part of a map's softmax that lies inside boxes.

    `maps` and `inside` are (N, rows, columns); pictures without a cell inside count nothing, and the mean is over all
    N. Only where the evidence lies is asked, not how strong it is: that is the findings' own matter.
    """
    scores = maps.flatten(1) / BOX_TEMPERATURE
    part = torch.logsumexp(scores.masked_fill(~inside.flatten(1), -torch.inf), 1) - torch.logsumexp(scores, 1)
    boxed = inside.flatten(1).any(1)
    return -torch.where(boxed, part, 0.0).sum() / len(maps)


def cells_inside(
    boxes: tuple[Box, ...], matrix: NDArray[np.floating], spec: InputSpec, grid: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return which cells of a map of `grid` (rows, columns) look into a box, in a picture that was moved.

    `matrix` (2, 3) maps input pixels (x, y of pixel centers) before to those after the move (`augment.move`).
    """
    if not boxes:
        return np.zeros(grid, bool)
    across, down = np.meshgrid(*(
        (start + step * np.arange(count)) * size / (count * STRIDE) - 0.5
        for count, size in ((grid[1], spec.columns), (grid[0], spec.rows))
        for start, step in (receptive_centers(count * STRIDE),)
    ))
    moved = np.stack([across.ravel(), down.ravel()]) - matrix[:, 2:]
    before = (np.linalg.solve(matrix[:, :2], moved) + 0.5) / np.array([[spec.columns], [spec.rows]])
    inside = np.zeros(across.size, bool)
    for box in boxes:
        inside |= (
            (before[0] >= box.x - BOX_MARGIN) & (before[0] <= box.x + box.width + BOX_MARGIN)
            & (before[1] >= box.y - BOX_MARGIN) & (before[1] <= box.y + box.height + BOX_MARGIN)
        )
    return inside.reshape(grid)
