"""Deletion, insertion and the sanity check, with a network whose answer is known."""

import numpy as np
import torch
from torch import nn

from core.reading.network import Network, fold_batch_norm
from core.training.heatmap_checks import curves, likeness, squares, with_random_weights


class Bright(nn.Module):
    """Its logit is what is bright in the upper left quarter, and nothing else."""

    def forward(self, x):
        return 20 * x[:, :, :32, :32].clamp(min=0).mean((2, 3)) - 5, x


def bright_corner():
    x = torch.zeros(1, 1, 64, 64)
    x[..., 8:24, 8:24] = 2.0
    there, elsewhere = np.zeros((64, 64), np.float32), np.zeros((64, 64), np.float32)
    there[8:24, 8:24] = 1.0
    elsewhere[40:56, 40:56] = 1.0
    return x, there, elsewhere


def test_a_map_that_names_what_counts_deletes_sooner_and_inserts_sooner():
    x, there, elsewhere = bright_corner()
    good, bad = (curves(Bright(), x, 0, grid, 1.0, 0.0) for grid in (there, elsewhere))
    assert good.deletion < bad.deletion and good.insertion > bad.insertion
    assert 0 <= good.deletion <= 1 and 0 <= good.insertion <= 1


def test_squares_are_means():
    grid = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    assert squares(grid).shape == (8, 8)
    assert np.isclose(squares(grid)[1, 2], grid[8:16, 16:24].mean())


def test_random_weights_are_other_weights_of_the_same_spread_and_leave_the_model_alone():
    network = fold_batch_norm(Network(1))
    before = network.stem[0].weight.clone()
    drawn = with_random_weights(network)
    assert torch.equal(network.stem[0].weight, before) and not torch.equal(drawn.stem[0].weight, before)
    assert torch.isclose(drawn.features[0].weight.std(), network.features[0].weight.std(), rtol=0.05)
    assert torch.equal(with_random_weights(network).head.weight, drawn.head.weight)


def test_likeness_is_one_with_itself_and_none_for_a_plain_map():
    _, there, elsewhere = bright_corner()
    assert np.isclose(likeness(there, there), 1) and likeness(there, elsewhere) < 0.1
    assert likeness(there, np.zeros((64, 64), np.float32)) is None
