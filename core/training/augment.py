"""How a training picture is varied, with OpenCV: one warp and a few filters, some 15 ms for 32 pictures.

What may change, and why. Aspect ratio and sharpness tell in public collections where a picture comes from, and so
often its label: they vary more than in nature. Position, size and a small rotation vary as between films; brightness,
contrast, gamma and noise as between machines; small rectangles are blotted out, since burnt-in letters mark cases.
Left and right may be exchanged: a mirrored chest is not natural (the heart), but an opacity is one on either side, no
output of the network tells a side, and the pictures with opacities are few.
What may not change: up and down, strong rotation (a chest lying on its side is not to be read), inversion.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.reading.model_card import InputSpec
from core.reading.preprocess import normalize_gray
from core.training.config import AugmentConfig

Gray = NDArray[np.uint8]
Float = NDArray[np.float32]
Random = np.random.Generator
Side = tuple[int, ...]  # rows, columns


def augment_batch(
    gray: Gray, config: AugmentConfig, spec: InputSpec, seeds: Sequence[int], side: Side | None = None
) -> tuple[Tensor, NDArray[np.float64]]:
    """Return gray (N, rows, columns) uint8, varied, as network input (N, 1, rows, columns) float32, and the moves.

    Each picture is varied from its own seed, so that it does not matter in which part of a batch it is. The moves,
    (N, 2, 3), map pixels before to pixels after (`move`). With `side` (rows, columns) the pictures are made smaller.
    """
    side = side or gray.shape[1:]
    varied = [
        vary(picture, config, np.random.default_rng(seed), side) for picture, seed in zip(gray, seeds, strict=True)
    ]
    pictures = np.stack([picture for picture, _ in varied])
    return torch.from_numpy(normalize_gray(pictures, spec))[:, None], np.stack([matrix for _, matrix in varied])


def vary(picture: Gray, config: AugmentConfig, random: Random, side: Side) -> tuple[Float, NDArray[np.float64]]:
    """Return one picture, (rows, columns) uint8, varied in all ways: gray 0-1 of the shape `side`, and its move."""
    matrix = draw_move(picture.shape, config, random)
    moved = move(picture, matrix)
    if side != picture.shape:
        moved = np.asarray(cv2.resize(moved, side[::-1], interpolation=cv2.INTER_AREA))
    if random.random() < config.resample:
        moved = resample(moved, random.uniform(config.resample_smallest, 1))
    if random.random() < config.blur:
        moved = np.asarray(cv2.GaussianBlur(moved, (0, 0), random.uniform(0.2, 1.5)))
    if random.random() < config.sharpen:
        moved = np.asarray(cv2.addWeighted(moved, 2, cv2.blur(moved, (3, 3)), -1, 0))
    changed = tone(moved, config, random)
    if config.noise:
        changed += random.standard_normal(changed.shape, np.float32) * np.float32(random.uniform(0, config.noise))
        np.clip(changed, 0, 1, out=changed)
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


def move(picture: Gray, matrix: NDArray[np.float64]) -> Gray:
    """Move a picture in one warp; what comes in from outside is black."""
    rows, columns = picture.shape
    return np.asarray(cv2.warpAffine(picture, matrix, (columns, rows), flags=cv2.INTER_LINEAR), np.uint8)


def resample(picture: Gray, part: float) -> Gray:
    """Make a copy of that `part` of the side and enlarge it again, as collections do that passed on small copies."""
    rows, columns = picture.shape
    small = cv2.resize(picture, (max(2, round(columns * part)), max(2, round(rows * part))), None, 0, 0, cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)


def tone(picture: Gray, config: AugmentConfig, random: Random) -> Float:
    """Return gray 0-1 with another brightness, contrast around the mean, and gamma (log-uniform), by one table."""
    brightness, contrast = (1 + random.uniform(-1, 1) * amount for amount in (config.brightness, config.contrast))
    gamma = math.exp(random.uniform(-1, 1) * math.log1p(config.gamma))
    level = float(picture.mean()) / 255 * brightness
    table = (np.arange(256) / 255 * brightness - level) * contrast + level
    return np.asarray((np.clip(table, 0, 1) ** gamma).astype(np.float32)[picture])


def cut_out(picture: Float, config: AugmentConfig, random: Random) -> Float:
    """Blot out up to `cutouts` small rectangles, each in one random gray (DeVries and Taylor 2017, Cutout)."""
    rows, columns = picture.shape
    for _ in range(int(random.integers(config.cutouts + 1))):
        area, ratio = random.uniform(*config.cutout_area), math.exp(random.uniform(-1, 1) * math.log(3))
        height, width = (max(1, round(math.sqrt(area * part) * side)) for part, side in
                         ((ratio, rows), (1 / ratio, columns)))
        top, left = random.integers(max(1, rows - height)), random.integers(max(1, columns - width))
        picture[top : top + height, left : left + width] = random.random()
    return picture
