"""The network: EfficientNet-Lite0, 1 or 2 on one gray channel, global average pooling, linear head.

Pooling and head are exchanged, which changes nothing in exact arithmetic: the head is applied to every cell of the
last features, so that the maps come with the forward pass and a finding's logit is its map's mean plus a constant
(Zhou et al. 2016). Architecture: Tan and Le 2019, and the Lite variants' fixed stem and head, ReLU6, no attention.
"""

import copy
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.reading.model_card import LITE0, Architecture


class Stage(NamedTuple):
    """Blocks in a row: the first has the stride, all have the rest."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int  # that each block puts out


BASE = (  # EfficientNet-B0 and Lite0
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
# times the channels and the blocks of the base; stem, features, and blocks of the first and last stage are fixed
SCALES: dict[Architecture, tuple[float, float]] = {
    "efficientnet-lite0": (1.0, 1.0),
    "efficientnet-lite1": (1.0, 1.1),
    "efficientnet-lite2": (1.1, 1.2),
}
STEM_CHANNELS, FEATURE_CHANNELS = 32, 1280
STRIDE = 32
MIDDLE_STAGES = 5  # before the middle features: the last ones at a stride of 16


class Passed(NamedTuple):
    """All of one forward pass, each (N, channels, rows, columns) but the logits, (N, findings)."""

    logits: Tensor
    maps: Tensor  # a channel for each finding; its mean plus the head's bias is the logit
    cells: Tensor  # the last features, 1280 channels at a stride of 32, that head and maps are made of
    middle: Tensor  # features halfway, at a stride of 16: less of the findings, more of the picture


def stages_of(architecture: Architecture) -> tuple[Stage, ...]:
    """Return the stages of an architecture: those of the base, wider and deeper (Tan and Le 2019, section 3.3)."""
    width, depth = SCALES[architecture]
    last = len(BASE) - 1
    return tuple(
        stage._replace(
            repeats=stage.repeats if index in (0, last) else math.ceil(stage.repeats * depth),
            channels=_whole_eights(stage.channels * width),
        )
        for index, stage in enumerate(BASE)
    )


def _whole_eights(channels: float) -> int:
    """Round to a multiple of 8, as TensorFlow's models do; not below nine tenths of it."""
    rounded = int(channels + 4) // 8 * 8
    return rounded if rounded >= 0.9 * channels else rounded + 8


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding: what is odd goes to the right and the bottom."""

    convolve: Callable[[Tensor, Tensor, int, int], Tensor] | None = None  # another way to the same result, in training

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, out, ceil(H / stride), ceil(W / stride)) of (N, in, H, W)."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        pads: list[int] = []
        for size in (x.shape[3], x.shape[2]):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        if pads[0] == pads[1] == pads[2] == pads[3]:
            return self._convolved(x, pads[0])
        return self._convolved(functional.pad(x, pads), 0)

    def _convolved(self, x: Tensor, padding: int) -> Tensor:
        if self.convolve is not None:
            return self.convolve(x, self.weight, self.stride[0], padding)
        return functional.conv2d(x, self.weight, self.bias, self.stride, padding, 1, self.groups)


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    conv = SameConv(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01)]


class Block(nn.Module):
    """Inverted residual: expand, depthwise, project; with a skip where shapes allow it."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, drop: float) -> None:
        super().__init__()
        width = inputs * expansion
        layers = [*_conv(inputs, width, 1), nn.ReLU6(inplace=True)] if expansion != 1 else []
        layers += [*_conv(width, width, kernel, stride, groups=width), nn.ReLU6(inplace=True)]
        layers += _conv(width, outputs, 1)
        self.layers = nn.Sequential(*layers)
        self.skips = stride == 1 and inputs == outputs
        self.drop = drop  # stochastic depth (Huang et al. 2016), in training only

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, H / stride, W / stride) of (N, inputs, H, W)."""
        y: Tensor = self.layers(x)
        if not self.skips:
            return y
        if self.training and self.drop:
            keep = torch.rand(x.shape[0], 1, 1, 1, device=x.device) >= self.drop
            y = y * keep / (1 - self.drop)
        return x + y


class Network(nn.Module):
    """Gray input (N, 1, rows, columns) to logits (N, findings) and maps (N, findings, rows / 32, columns / 32)."""

    def __init__(
        self, findings: int, architecture: Architecture = LITE0, dropout: float = 0.0, drop_path: float = 0.0
    ) -> None:
        super().__init__()
        self._frozen: tuple[nn.Module, ...] = ()
        stages = stages_of(architecture)
        self._middle = sum(stage.repeats for stage in stages[:MIDDLE_STAGES])
        self.middle_channels = stages[MIDDLE_STAGES - 1].channels
        self.stem = nn.Sequential(*_conv(1, STEM_CHANNELS, 3, 2), nn.ReLU6(inplace=True))
        blocks: list[nn.Module] = []
        channels, total = STEM_CHANNELS, sum(stage.repeats for stage in stages)
        for stage in stages:
            for repeat in range(stage.repeats):
                drop, stride = drop_path * len(blocks) / total, stage.stride if repeat == 0 else 1
                blocks.append(Block(channels, stage.channels, stage.kernel, stride, stage.expansion, drop))
                channels = stage.channels
        self.blocks = nn.Sequential(*blocks)
        self.features = nn.Sequential(*_conv(channels, FEATURE_CHANNELS, 1), nn.ReLU6(inplace=True))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(FEATURE_CHANNELS, findings)

    def freeze(self, count: int) -> None:
        """Leave the stem and the first `count` blocks as they are, in training too; 0 freezes nothing."""
        self._frozen = (self.stem, *list(self.blocks)[:count]) if count else ()
        for part in self._frozen:
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> "Network":
        """Set training or evaluation mode; frozen parts stay in evaluation mode."""
        super().train(mode)
        for part in self._frozen:
            part.eval()
        return self

    def cells(self, x: Tensor) -> Tensor:
        """Return the last features, (N, 1280, rows / 32, columns / 32)."""
        out: Tensor = self.features(self.blocks(self.stem(x)))
        return out

    def halfway(self, x: Tensor) -> Tensor:
        """Return the features halfway, (N, middle_channels, rows / 16, columns / 16): two thirds of the work."""
        out: Tensor = self.blocks[: self._middle](self.stem(x))
        return out

    def everything(self, x: Tensor) -> Passed:
        """Return all of the pass: logits, maps, and the features that other heads are made of."""
        middle = self.halfway(x)
        cells: Tensor = self.features(self.blocks[self._middle :](middle))
        maps = functional.conv2d(cells, self.head.weight[:, :, None, None])
        if self.training:
            return Passed(self.head(self.dropout(cells.mean((2, 3)))), maps, cells, middle)  # on pooled features
        return Passed(maps.mean((2, 3)) + self.head.bias, maps, cells, middle)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and maps; a logit is its map's mean plus the head's bias."""
        passed = self.everything(x)
        return passed.logits, passed.maps


def fold_batch_norm(network: Network) -> Network:
    """Return an evaluation copy whose batch normalizations are folded into their convolutions: the same function."""
    folded = copy.deepcopy(network).eval()
    sequences = [module for module in folded.modules() if isinstance(module, nn.Sequential)]
    for sequence in sequences:
        for index in range(len(sequence) - 1):
            conv, norm = sequence[index], sequence[index + 1]
            if isinstance(conv, SameConv) and isinstance(norm, nn.BatchNorm2d):
                sequence[index] = fuse_conv_bn_eval(conv, norm)
                sequence[index + 1] = nn.Identity()
    return folded


def receptive_centers(size: int) -> tuple[float, float]:
    """Return along one axis where the first cell looks and the step to the next, in input pixels, of any architecture.

    `size` is the input's length. The centers follow from the paddings of the strided layers (Araujo et al. 2019,
    Computing Receptive Fields of Convolutional Neural Networks), with a pixel's center half a pixel from its corner.
    Blocks without a stride, which the architectures have more or less of, look the same way to all sides.
    """
    center, step = 0.5, 1.0
    for kernel, stride in _strided():
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        center += step * ((kernel - 1) / 2 - total // 2)
        step *= stride
        size = -(-size // stride)
    return center, step


def _strided() -> Iterator[tuple[int, int]]:
    """Yield kernel and stride of the stem, and of the first block of each stage that has a stride."""
    yield 3, 2
    for stage in BASE:
        if stage.stride > 1:
            yield stage.kernel, stage.stride
