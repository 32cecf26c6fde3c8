"""The quick gradients are the ordinary ones."""

import torch

from core.reading.network import Network
from core.training.depthwise import use_quick_depthwise


def gradients(is_quick: bool, is_mixed: bool) -> list[torch.Tensor]:
    torch.manual_seed(0)
    network = Network(1)
    if is_quick:
        use_quick_depthwise(network)
    with torch.autocast("cpu", torch.bfloat16, enabled=is_mixed):
        logits, _ = network(torch.randn(2, 1, 64, 64))
    logits.float().square().sum().backward()
    return [value.grad for value in network.parameters() if value.grad is not None]


def test_in_float32_they_are_the_same():
    for ours, theirs in zip(gradients(True, False), gradients(False, False), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-6)


def test_in_bfloat16_they_differ_from_float32_by_rounding_only():
    exact, quick, plain = gradients(False, False), gradients(True, True), gradients(False, True)
    errors = [
        sum(float((a - b).norm()) for a, b in zip(found, exact, strict=True)) for found in (quick, plain)
    ]
    assert errors[0] <= 1.1 * errors[1]
