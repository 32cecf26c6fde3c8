"""The gradients of depthwise convolutions on a CPU, each in the form that is quick there.

oneDNN computes most of them in bfloat16 some ten times slower than in float32 (measured with torch 2.13, 32 pictures:
90 ms against 5 ms for 672 channels, 5 × 5, stride 2), and that was more than half of a training step. The results
differ from torch's own by rounding only.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from core.reading.network import Network, SameConv


class _QuickDepthwise(torch.autograd.Function):
    """conv2d with one filter a channel and no bias; stride and padding are the same on both axes."""

    @staticmethod
    def forward(context: Any, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        if torch.is_autocast_enabled("cpu"):
            x, weight = x.to(torch.get_autocast_dtype("cpu")), weight.to(torch.get_autocast_dtype("cpu"))
        context.save_for_backward(x, weight)
        context.stride, context.padding = stride, padding
        return functional.conv2d(x, weight, None, stride, padding, 1, weight.shape[0])

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        x, weight = context.saved_tensors
        (gradient,) = gradients
        wants_x, wants_weight = context.needs_input_grad[:2]
        if x.dtype != torch.bfloat16 or (context.stride == 1 and weight.shape[-1] == 3):
            return *_gradients(context, gradient, x, weight, (wants_x, wants_weight)), None, None
        of_x = None
        if context.stride == 1 and wants_x:  # the gradient's convolution itself is quick
            of_x, wants_x = _gradients(context, gradient, x, weight, (True, False))[0], False
        found, of_weight = _gradients(context, gradient.float(), x.float(), weight.float(), (wants_x, wants_weight))
        of_x = found.to(x.dtype) if found is not None else of_x
        return of_x, None if of_weight is None else of_weight.to(weight.dtype), None, None


def _gradients(
    context: Any, gradient: Tensor, x: Tensor, weight: Tensor, wanted: tuple[bool, bool]
) -> tuple[Tensor | None, Tensor | None]:
    stride, padding = [context.stride] * 2, [context.padding] * 2
    of_x, of_weight, _ = torch.ops.aten.convolution_backward(
        gradient, x, weight, None, stride, padding, [1, 1], False, [0, 0], weight.shape[0], [*wanted, False]
    )
    return of_x, of_weight


def use_quick_depthwise(network: Network) -> None:
    """Let the depthwise convolutions of `network` compute their gradients in these forms; for networks on a CPU."""
    for module in network.modules():
        if isinstance(module, SameConv) and module.groups > 1:
            module.convolve = _convolve


def _convolve(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    return _QuickDepthwise.apply(x, weight, stride, padding)  # type: ignore[no-any-return, no-untyped-call]
