"""How a training picture is varied, with torchvision's transforms v2: one warp and a few filters.

What may change, and why. Aspect ratio and sharpness tell in public collections where a picture comes from, and so
often its label: they vary more than in nature. Position, size and a small rotation vary as between films; brightness,
contrast, gamma and noise as between machines; small rectangles are blotted out, since burnt-in letters mark cases.
Left and right may be exchanged: a mirrored chest is not natural (the heart), but an opacity is one on either side, no
output of the network tells a side, and the pictures with opacities are few.
What may not change: up and down, strong rotation (a chest lying on its side is not to be read), inversion.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.reading.model_card import InputSpec
from core.reading.preprocess import normalize
from core.training.config_loop import AugmentConfig
from core.training.torchvision_import import v2

Gray = NDArray[np.uint8]
Random = np.random.Generator
Side = tuple[int, ...]  # rows, columns

BLUR_KERNEL = 7  # pixels: four standard deviations of the strongest blur and a little


def augment_batch(
    gray: Gray, config: AugmentConfig, spec: InputSpec, seeds: Sequence[int], side: Side | None = None
) -> tuple[Tensor, NDArray[np.float64]]:
    """Return gray (N, rows, columns) uint8, varied, as network input (N, 1, rows, columns) float32, and the moves.

    Each picture is varied from its own seed, so that it does not matter in which part of a batch it is. The moves,
    (N, 2, 3), map pixels before to pixels after (`move`). With `side` (rows, columns) the pictures are made smaller.
    """
    side = side or gray.shape[1:]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # on single pictures a second thread waits longer than it works
    try:
        varied = [
            vary(torch.from_numpy(picture)[None] / 255.0, config, np.random.default_rng(seed), side)
            for picture, seed in zip(gray, seeds, strict=True)
        ]
    finally:
        torch.set_num_threads(threads)
    pictures = torch.stack([picture for picture, _ in varied])
    moves = np.stack([matrix for _, matrix in varied])
    if spec.tone == "as shown":
        return (pictures - spec.mean) / spec.std, moves
    gray = (pictures * 255).round().to(torch.uint8).numpy()  # as a reading has it
    return torch.from_numpy(normalize(gray, spec)), moves


def mix(
    x: Tensor, targets: Tensor, strength: float, seed: int
) -> tuple[Tensor, Tensor, NDArray[np.bool_]]:
    """Return a batch of which every other picture, drawn anew, is mixed with another: pictures, targets, which ones.

    `x` is (N, 1, rows, columns) network input, `targets` (N, findings); both are mixed with one part, drawn from
    Beta(strength, strength) and at least a half (Zhang et al. 2018, mixup). A target that is not a number in either
    picture is none in the mixture. Half of the batch stays as it is: maps are drawn into boxes there, and films as they
    are read are seen in every step.
    """
    random = np.random.default_rng(seed)
    part = random.beta(strength, strength)
    part = max(part, 1 - part)
    chosen = random.permutation(len(x))[: len(x) // 2]
    partners = random.permutation(chosen)
    mixed = np.zeros(len(x), bool)
    mixed[chosen] = True
    both_x, both_targets = x.clone(), targets.clone()
    both_x[chosen] = part * x[chosen] + (1 - part) * x[partners]
    both_targets[chosen] = part * targets[chosen] + (1 - part) * targets[partners]
    return both_x, both_targets, mixed


def vary(picture: Tensor, config: AugmentConfig, random: Random, side: Side) -> tuple[Tensor, NDArray[np.float64]]:
    """Return one picture, (1, rows, columns) gray 0-1, varied in all ways, of the shape `side`; and its move."""
    matrix = draw_move(picture.shape[1:], config, random)
    changed = move(picture, matrix, config.edge > 0 and random.random() < config.edge)
    if side != tuple(picture.shape[1:]):
        changed = v2.functional.resize(changed, list(side), antialias=True)
    if random.random() < config.resample:
        down = random.uniform(config.resample_smallest, 1)
        across = random.uniform(config.resample_smallest, 1) if config.resample_apart else down
        changed = resample(changed, (down, across))
    if random.random() < config.blur:
        changed = v2.functional.gaussian_blur(changed, [BLUR_KERNEL, BLUR_KERNEL], [random.uniform(0.2, 1.5)] * 2)
    if random.random() < config.sharpen:
        changed = v2.functional.adjust_sharpness(changed, 2.0)
    changed = tone(changed, config, random)
    if config.noise:
        noise = torch.from_numpy(random.standard_normal(tuple(changed.shape), np.float32))
        changed = (changed + noise * random.uniform(0, config.noise)).clamp(0, 1)
    return cut_out(changed, config, random), matrix


def draw_move(shape: tuple[int, ...], config: AugmentConfig, random: Random) -> NDArray[np.float64]:
    """Draw a mirroring, stretch, turn, size and shift: a matrix (2, 3) from pixels (x, y) before to those after.

    Proportions change log-uniformly by up to ``1 + aspect``: one axis is stretched as much as the other is squeezed.
    """
    rows, columns = shape
    stretch = math.exp(random.uniform(-1, 1) * math.log1p(config.aspect) / 2)
    size, angle = random.uniform(*config.scale), math.radians(random.uniform(-1, 1) * config.rotation_degrees)
    mirror = -1.0 if random.random() < config.flip else 1.0
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = size * turn @ np.diag([mirror * stretch, 1 / stretch])
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
    shift = random.uniform(-config.translation, config.translation, 2) * (columns, rows)
    return np.column_stack([matrix, middle + shift - matrix @ middle])


def move(picture: Tensor, matrix: NDArray[np.float64], goes_on: bool = False) -> Tensor:
    """Move a picture in one warp; what comes in from outside is black, or as the edge where that `goes_on`."""
    back = np.linalg.inv(np.vstack([matrix, [0.0, 0.0, 1.0]]))
    if goes_on:
        rows, columns = picture.shape[-2:]
        # torch's places go from -1 to 1 between the outer edges
        to_pixels = np.array([[columns / 2, 0, columns / 2 - 0.5], [0, rows / 2, rows / 2 - 0.5], [0, 0, 1]])
        parts = torch.from_numpy((np.linalg.inv(to_pixels) @ back @ to_pixels)[None, :2]).to(picture.dtype)
        grid = functional.affine_grid(parts, [1, *picture.shape], align_corners=False)
        return functional.grid_sample(picture[None], grid, padding_mode="border", align_corners=False)[0]
    # from pixel centers on whole numbers to torchvision's, on halves
    back[:2, 2] += 0.5 - back[:2, :2] @ (0.5, 0.5)
    coefficients = [float(value) for value in (*back[0], *back[1], 0.0, 0.0)]
    moved: Tensor = v2.functional.perspective(picture, None, None, fill=0.0, coefficients=coefficients)
    return moved


def resample(picture: Tensor, parts: tuple[float, float]) -> Tensor:
    """Make a copy of those parts of rows and columns and enlarge it again, as collections of small copies do."""
    size = list(picture.shape[-2:])
    smaller = [max(2, round(length * part)) for length, part in zip(size, parts, strict=True)]
    small = v2.functional.resize(picture, smaller, antialias=True)
    enlarged: Tensor = v2.functional.resize(small, size, antialias=True)
    return enlarged


def tone(picture: Tensor, config: AugmentConfig, random: Random) -> Tensor:
    """Return gray 0-1 with another brightness, contrast around the mean, and gamma (log-uniform)."""
    brightness, contrast = (1 + random.uniform(-1, 1) * amount for amount in (config.brightness, config.contrast))
    gamma = math.exp(random.uniform(-1, 1) * math.log1p(config.gamma))
    brighter = v2.functional.adjust_brightness(picture, brightness)
    changed: Tensor = v2.functional.adjust_gamma(v2.functional.adjust_contrast(brighter, contrast), gamma)
    return changed


def cut_out(picture: Tensor, config: AugmentConfig, random: Random) -> Tensor:
    """Blot out up to `cutouts` small rectangles, each in one random gray (DeVries and Taylor 2017, Cutout)."""
    rows, columns = picture.shape[-2:]
    for _ in range(int(random.integers(config.cutouts + 1))):
        area, ratio = random.uniform(*config.cutout_area), math.exp(random.uniform(-1, 1) * math.log(3))
        height, width = (max(1, round(math.sqrt(area * part) * side)) for part, side in
                         ((ratio, rows), (1 / ratio, columns)))
        top, left = int(random.integers(max(1, rows - height))), int(random.integers(max(1, columns - width)))
        picture = v2.functional.erase(picture, top, left, height, width, torch.tensor(random.random()))
    return picture
