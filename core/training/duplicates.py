"""The same picture twice: the same file, or pictures that differ only in size, compression, window or mirroring.

Candidates are pairs whose 32 × 32 thumbnails correlate; different chests do that, too, so a pair counts as the same
picture only where the fine structure of 64 × 64 thumbnails agrees as well. Hashes of a few bits, such as dHash, match
thousands of different chests and are not used.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

COARSE = 0.97  # correlation of 32 × 32 thumbnails
# Correlation of what a Gaussian blur takes from 64 × 64 thumbnails. Measured: known copies of chests, smaller or
# compressed again, have 0.985 and more; different chests up to 0.75, mammograms of different women up to 0.958.
FINE = 0.96
BLUR = 2.0  # its standard deviation, in pixels
BLOCK = 1024  # pictures compared with all others at a time
Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, by position (the lower first), and how they correlate.

    Less than 0 where gray is the other way round. `how`: same file, copy, mirrored copy, inverted copy, inverted
    mirrored copy.
    """

    first: int
    second: int
    how: str
    coarse: float = 1.0
    fine: float = 1.0


def same_files(digests: Sequence[str]) -> list[Pair]:
    """Return the pairs of equal digests, each later picture with the first of its kind; an empty digest is none."""
    homes: dict[str, int] = {}
    pairs = []
    for index, digest in enumerate(digests):
        if digest and homes.setdefault(digest, index) != index:
            pairs.append(Pair(homes[digest], index, "same file"))
    return pairs


def copies(thumbnails: Gray, coarse: float = COARSE, fine: float = FINE) -> list[Pair]:
    """Return the pairs of (N, 64, 64) uint8 that show the same picture, straight or mirrored left to right.

    Gray may be the other way round in one of them, as in a film that was saved without its photometric interpretation.
    """
    if not len(thumbnails):
        return []
    blocks = [(start, _coarse(thumbnails[start : start + BLOCK])) for start in range(0, len(thumbnails), BLOCK)]
    pairs = []
    for how, mirrored in (("copy", False), ("mirrored copy", True)):
        turned = slice(None, None, -1) if mirrored else slice(None)
        for start, ours in blocks:
            found = []
            for other, theirs in blocks[start // BLOCK :]:
                alike = ours.reshape(len(ours), -1) @ theirs[:, :, turned].reshape(len(theirs), -1).T
                rows, columns = np.nonzero(np.abs(alike) >= coarse)
                is_before = start + rows < other + columns
                rows, columns = rows[is_before], columns[is_before]
                ours_fine = _details(thumbnails, start + rows, slice(None))
                theirs_fine = _details(thumbnails, other + columns, turned)
                for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                    first, second = start + row, other + column
                    both, same = float(alike[row, column]), float(ours_fine[first] @ theirs_fine[second])
                    if abs(same) >= fine and (same > 0) == (both > 0):
                        found.append(Pair(first, second, how if both > 0 else f"inverted {how}", both, same))
            pairs += sorted(found, key=lambda pair: (pair.first, pair.second))
    return pairs


def _coarse(thumbnails: Gray) -> Floats:
    """Return (N, 32, 32) of thumbnails, each picture as `_unit`."""
    small = thumbnails.reshape(len(thumbnails), 32, 2, 32, 2).mean((2, 4), dtype=np.float32)
    return _unit(small).reshape(small.shape)


def _details(thumbnails: Gray, places: NDArray[np.intp], turned: slice) -> dict[int, Floats]:
    """Return the fine structure of the pictures at these places, as `_unit`, by place."""
    wanted = np.unique(places)
    if not len(wanted):
        return {}
    chosen = thumbnails[wanted].astype(np.float32)
    detail = chosen - np.array([cv2.GaussianBlur(picture, (0, 0), BLUR) for picture in chosen])
    return dict(zip(wanted.tolist(), _unit(detail[:, :, turned]), strict=True))


def clusters(pairs: Sequence[Pair]) -> list[list[int]]:
    """Return the sets of pictures that pairs join, each in order, the largest first."""
    parent: dict[int, int] = {}

    def root(index: int) -> int:
        while parent.setdefault(index, index) != index:
            index = parent[index]
        return index

    for pair in pairs:
        parent[root(pair.second)] = root(pair.first)
    found: dict[int, list[int]] = defaultdict(list)
    for index in sorted(parent):
        found[root(index)].append(index)
    return sorted(found.values(), key=lambda members: (-len(members), members))


def _unit(pictures: Floats) -> Floats:
    """Return each picture without its mean and of length 1; a plain one becomes 0 and correlates with nothing."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    flat = flat - flat.mean(1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.where(length > 1e-3, flat / np.maximum(length, 1e-3), 0).astype(np.float32)
