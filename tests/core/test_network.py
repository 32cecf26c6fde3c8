import pytest
import torch
from torch import nn

from core.reading.network import SCALES, Network, SameConv, fold_batch_norm, receptive_centers


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(3)
    network = Network(2)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.05, 0.2)
        network.head.weight.mul_(10)
    return network.eval()


def test_a_logit_is_its_maps_mean_plus_a_constant(network):
    with torch.inference_mode():
        logits, maps = network(torch.randn(3, 1, 96, 160))
    assert maps.shape == (3, 2, 3, 5)
    torch.testing.assert_close(maps.mean((2, 3)) + network.head.bias, logits)


def test_pooling_before_the_head_gives_the_same_logits(network):
    x = torch.randn(2, 1, 64, 64)
    with torch.inference_mode():
        logits, _ = network(x)
        pooled = network.head(network.cells(x).mean((2, 3)))
    torch.testing.assert_close(pooled, logits)


def test_folding_batch_norm_changes_nothing_but_the_cost(network):
    x = torch.randn(2, 1, 64, 96)
    folded = fold_batch_norm(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    assert any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    with torch.inference_mode():
        before, maps_before = network(x)
        after, maps_after = folded(x)
    assert before.std() > 1e-3
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(maps_after, maps_before, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(("architecture", "blocks", "middle"), [
    ("efficientnet-lite0", 16, 112), ("efficientnet-lite1", 21, 112), ("efficientnet-lite2", 21, 120),
])
def test_an_architecture_has_its_blocks_and_channels(architecture, blocks, middle):
    network = Network(2, architecture).eval()
    assert len(network.blocks) == blocks
    with torch.inference_mode():
        passed = network.everything(torch.randn(1, 1, 64, 96))
    assert passed.middle.shape == (1, network.middle_channels, 4, 6)
    assert network.middle_channels == middle
    assert passed.cells.shape == (1, 1280, 2, 3)


@pytest.mark.parametrize(("architecture", "cell"), [
    *((architecture, 16) for architecture in SCALES), ("efficientnet-lite0", 19),
])
def test_a_cell_looks_where_the_geometry_says(architecture, cell):
    """With all weights equal and nothing non-linear, the gradient's center of mass is the receptive field's center."""
    network = Network(1, architecture).eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, SameConv):
                module.weight.fill_(1.0 / module.weight[0].numel())
            if isinstance(module, nn.Sequential):
                for index, layer in enumerate(module):
                    if isinstance(layer, nn.ReLU6):
                        module[index] = nn.Identity()
    size = 1088
    x = torch.zeros(1, 1, size, size, requires_grad=True)
    network.cells(x)[0, 0, cell, cell].backward()
    weight = x.grad[0, 0].abs().double()
    centers = torch.arange(size, dtype=torch.float64) + 0.5
    first, step = receptive_centers(size)
    assert float((weight.sum(0) * centers).sum() / weight.sum()) == pytest.approx(first + step * cell, abs=0.01)
    assert float((weight.sum(1) * centers).sum() / weight.sum()) == pytest.approx(first + step * cell, abs=0.01)
