"""The extent's weights: ridge regression of radiologists' zone scores on features of the network's own pass.

All zones share their weights, so that a hundred films are six hundred zones; mirrored pictures, whose zones change
sides, double them. Features have unit variance; what is left of a zone's mean is its offset. Solved in the dual, since
there are more features than zones (Saunders et al. 1998, Ridge Regression Learning Algorithm in Dual Variables).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.findings.extent import LEVELS, MOST_OF_ZONE, ZONES
from core.reading.extent import ExtentHead, zone_features
from core.reading.preprocess import normalize
from core.reading.read_image import Model
from core.training.config import ExtentConfig

Float32 = NDArray[np.float32]
Float = NDArray[np.float64]
BATCH = 16
LEAST_SPREAD = 1e-4  # of a feature: what never varies tells nothing


def features_both_ways(
    model: Model, gray: NDArray[np.uint8], config: ExtentConfig
) -> tuple[Float32, tuple[int, int]]:
    """Return the zones' features of pictures as they are and mirrored, (N, 2, zones, features), and `fit`'s sizes.

    `gray` is (N, rows, columns) uint8, the network's pictures.
    """
    ways, sizes = [], (0, 0)
    for pictures in (gray, gray[:, :, ::-1]):
        found = []
        for start in range(0, len(gray), BATCH):
            batch = np.ascontiguousarray(pictures[start : start + BATCH])
            seen = model.look(normalize(batch, model.card.input)[:, None])
            sizes = seen.cells.shape[1], seen.middle.shape[1]
            found.append(zone_features(seen.cells, seen.middle, config.zones))
        ways.append(np.concatenate(found))
    return np.stack(ways, axis=1), sizes


def fit(features: Float32, scores: Float, sizes: tuple[int, int], config: ExtentConfig) -> ExtentHead:
    """Fit on features (N, 2, zones, features) and scores (N, zones).

    `sizes` are the channels of cells and of middle: each of the four blocks of features, of one of these in the zone
    and over the picture, counts by its share whatever its size.
    """
    x = features.astype(np.float64)
    y = np.stack([scores, mirrored(scores)], axis=1)
    x_mean, y_mean = x.mean(0), y.mean(0)  # of each zone, as it is and mirrored
    x -= x_mean
    spread = x.std((0, 1, 2))
    scale = np.where(spread > LEAST_SPREAD, _shares(sizes, config) / np.maximum(spread, LEAST_SPREAD), 0.0)
    x = (x * scale).reshape(-1, x.shape[3])
    kernel = x @ x.T
    dual = np.linalg.solve(kernel + config.penalty * np.eye(len(kernel)), (y - y_mean).ravel())
    weights = (x.T @ dual) * scale
    offsets = y_mean[0] - x_mean[0] @ weights
    return ExtentHead(config.zones, weights.astype(np.float32), offsets.astype(np.float32))


def predict(head: ExtentHead, features: Float32) -> Float:
    """Return the scores (N, zones) of pictures as they are, from features (N, 2, zones, features), within 0-3."""
    return np.clip(features[:, 0].astype(np.float64) @ head.weights + head.offsets, 0, MOST_OF_ZONE)


def out_of_fold(
    features: Float32, scores: Float, patients: Sequence[str], sizes: tuple[int, int], config: ExtentConfig, seed: int
) -> tuple[Float, Float]:
    """Return each picture's scores by a fit that never saw its patient, and the constant that such a fit would guess.

    Both are (N, zones); the constant is the mean of the pictures that the fit saw. Raises ValueError for fewer patients
    than folds.
    """
    home = deal(patients, config.folds, seed)
    found, constant = np.zeros_like(scores), np.zeros_like(scores)
    for fold in range(config.folds):
        own = home == fold
        found[own] = predict(fit(features[~own], scores[~own], sizes, config), features[own])
        constant[own] = scores[~own].mean(0)
    return found, constant


def deal(patients: Sequence[str], folds: int, seed: int) -> NDArray[np.intp]:
    """Return the fold of each picture, all pictures of a patient in the same; patients are dealt at random."""
    names, home = np.unique(np.asarray(patients), return_inverse=True)
    if len(names) < folds:
        raise ValueError(f"{len(names)} patients with zone scores for {folds} folds")
    order = np.random.default_rng(seed).permutation(len(names))
    return np.asarray(order[home] % folds)


def mirrored(scores: Float) -> Float:
    """Return the scores (..., zones) of a mirrored picture: right and left exchanged."""
    return scores[..., [(zone + len(LEVELS)) % len(ZONES) for zone in range(len(ZONES))]]


def _shares(sizes: tuple[int, int], config: ExtentConfig) -> Float:
    blocks = [np.full(size, np.sqrt(share / size)) for size in sizes for share in (1.0, config.whole_picture)]
    return np.concatenate(blocks)
