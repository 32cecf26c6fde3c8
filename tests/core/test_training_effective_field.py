import numpy as np
import pytest
import torch
from torch import nn

from core.reading.model_card import InputSpec
from core.reading.network import STRIDE, Network, SameConv, receptive_centers
from core.training.effective_field import first_center

SPEC = InputSpec(rows=224, columns=256, mean=0.5, std=0.25)


def linear_network(weights):
    """A network of convolutions alone; `weights` fills each one's kernel."""
    network = Network(1).eval()
    with torch.no_grad():
        network.head.weight.fill_(1.0)
        for module in network.modules():
            if isinstance(module, SameConv):
                weights(module.weight)
            if isinstance(module, nn.Sequential):
                for index, layer in enumerate(module):
                    if isinstance(layer, nn.ReLU6 | nn.BatchNorm2d):
                        module[index] = nn.Identity()
    return network


def even(weight):
    weight.fill_(1.0 / weight[0].numel())


def lean(network):
    """Let the kernels that go in steps of two pass on their upper left value; returns by how much that moves."""
    moved, jump = 0.0, 1
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, SameConv) and module.stride[0] == 2:
                module.weight.zero_()
                module.weight[:, :, 0, 0] = 1.0
                moved += jump * (module.kernel_size[0] - 1) / 2
                jump *= 2
    return moved


def test_even_kernels_look_where_the_geometry_says():
    center = first_center(linear_network(even), np.zeros((1, 224, 256), np.uint8), SPEC)
    # the wide field is cut off by the borders, a little more on the one side
    assert center.x == pytest.approx(receptive_centers(256)[0], abs=8)
    assert center.y == pytest.approx(receptive_centers(224)[0], abs=8)


def test_kernels_that_lean_to_a_corner_are_found_to_lean():
    network = linear_network(even)
    straight = first_center(network, np.zeros((1, 224, 256), np.uint8), SPEC)
    moved = lean(network)
    leaning = first_center(network, np.zeros((1, 224, 256), np.uint8), SPEC)
    # by `moved`, less what the upper and left borders cut off
    assert straight.x - moved < leaning.x < straight.x - STRIDE
    assert straight.y - moved < leaning.y < straight.y - STRIDE


def test_a_network_that_sees_nothing_has_no_center():
    network = linear_network(even)
    with torch.no_grad():
        network.head.weight.zero_()
    assert first_center(network, np.zeros((1, 224, 256), np.uint8), SPEC) is None


def test_a_map_without_cells_off_its_border_has_none():
    spec = InputSpec(rows=96, columns=96, mean=0.5, std=0.25)
    assert first_center(linear_network(even), np.zeros((1, 96, 96), np.uint8), spec) is None
