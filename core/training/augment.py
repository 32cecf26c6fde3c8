"""How a training picture is varied, with torchvision's transforms v2.

What may change, and why. Aspect ratio and sharpness tell in public collections where a picture comes from, and so
often its label: they vary more than in nature. Position, size and a small rotation vary as between films; brightness,
contrast, gamma and noise as between machines; small rectangles are blotted out, since burnt-in letters mark cases.
Left and right may be exchanged: a mirrored chest is not natural (the heart), but an opacity is one on either side, no
output of the network tells a side, and the pictures with opacities are few.
What may not change: up and down, strong rotation (a chest lying on its side is not to be read), inversion.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from core.reading.model_card import InputSpec
from core.training.config import AugmentConfig
from core.training.torchvision_import import v2


class RandomAspect(v2.Transform):  # type: ignore[misc]
    """Stretch along one axis and squeeze along the other by a log-uniform factor up to ``1 + amount``."""

    def __init__(self, amount: float) -> None:
        super().__init__()
        self.amount = amount

    def forward(self, picture: Tensor) -> Tensor:
        """Return (channels, rows, columns) of the same shape; what leaves the square is lost, what lacks is black."""
        rows, columns = picture.shape[-2:]
        factor = math.exp(_uniform(-1, 1) * math.log1p(self.amount) / 2)
        size = [round(rows / factor), round(columns * factor)]
        stretched = v2.functional.resize(picture, size, antialias=True)
        fitted: Tensor = v2.functional.center_crop(stretched, [rows, columns])
        return fitted


class RandomResample(v2.Transform):  # type: ignore[misc]
    """Make a smaller copy and enlarge it again, as collections do that were passed on in small copies."""

    def __init__(self, smallest: float) -> None:
        super().__init__()
        self.smallest = smallest

    def forward(self, picture: Tensor) -> Tensor:
        """Return (channels, rows, columns) of the same shape, less sharp."""
        size = list(picture.shape[-2:])
        part = _uniform(self.smallest, 1)
        small = v2.functional.resize(picture, [max(2, round(side * part)) for side in size], antialias=True)
        enlarged: Tensor = v2.functional.resize(small, size, antialias=True)
        return enlarged


class RandomGamma(v2.Transform):  # type: ignore[misc]
    """Raise gray 0-1 to a log-uniform exponent up to ``1 + amount`` or one over it."""

    def __init__(self, amount: float) -> None:
        super().__init__()
        self.amount = amount

    def forward(self, picture: Tensor) -> Tensor:
        """Return gray 0-1, same shape."""
        return picture.clamp(0, 1) ** math.exp(_uniform(-1, 1) * math.log1p(self.amount))


class RandomNoise(v2.Transform):  # type: ignore[misc]
    """Add Gaussian noise of a uniform standard deviation up to `largest`, of gray 0-1."""

    def __init__(self, largest: float) -> None:
        super().__init__()
        self.largest = largest

    def forward(self, picture: Tensor) -> Tensor:
        """Return gray 0-1, same shape."""
        return (picture + torch.randn_like(picture) * _uniform(0, self.largest)).clamp(0, 1)


class RandomCutouts(v2.Transform):  # type: ignore[misc]
    """Blot out up to `most` small rectangles, each in one random gray (DeVries and Taylor 2017, Cutout)."""

    def __init__(self, most: int, area: tuple[float, float]) -> None:
        super().__init__()
        self.most = most
        self.area = area

    def forward(self, picture: Tensor) -> Tensor:
        """Return gray 0-1, same shape."""
        for _ in range(int(torch.randint(self.most + 1, ()))):
            erase = v2.RandomErasing(p=1.0, scale=self.area, ratio=(0.3, 3.0), value=_uniform(0, 1))
            picture = erase(picture)
        return picture


def _uniform(low: float, high: float) -> float:
    return float(torch.empty(()).uniform_(low, high))


def build_augmentation(config: AugmentConfig, spec: InputSpec) -> v2.Compose:
    """Return the transform of one picture: (1, rows, columns) float32 gray 0-1 to the same. Draws from torch's seed."""
    side = max(spec.rows, spec.columns)
    kernel = max(3, side // 45) | 1
    return v2.Compose(
        [
            v2.RandomHorizontalFlip(config.flip),
            RandomAspect(config.aspect),
            v2.RandomAffine(
                degrees=config.rotation_degrees,
                translate=(config.translation, config.translation),
                scale=config.scale,
                interpolation=v2.InterpolationMode.BILINEAR,
            ),
            v2.RandomApply([RandomResample(config.resample_smallest)], config.resample),
            v2.RandomApply([v2.GaussianBlur(kernel, (0.2, 1.5))], config.blur),
            v2.RandomAdjustSharpness(2.0, config.sharpen),
            v2.ColorJitter(brightness=config.brightness, contrast=config.contrast),
            RandomGamma(config.gamma),
            RandomNoise(config.noise),
            RandomCutouts(config.cutouts, config.cutout_area),
        ]
    )


def augment_batch(gray: Tensor, augmentation: v2.Compose, spec: InputSpec, seeds: Sequence[int]) -> Tensor:
    """Return (N, rows, columns) uint8 gray, varied, as network input (N, 1, rows, columns) float32.

    Each picture is varied from its own seed, so that it does not matter in which part of a batch it is. Runs on one
    thread: on single pictures a second one waits longer than it works (measured: 2 ms against 90 ms a picture on two
    busy cores).
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        pictures = []
        for picture, seed in zip(gray[:, None].float() / 255.0, seeds, strict=True):
            torch.manual_seed(seed)
            pictures.append(augmentation(picture))
    finally:
        torch.set_num_threads(threads)
    return (torch.stack(pictures) - spec.mean) / spec.std
