"""What can be told of a picture without looking at anatomy: size, shape, brightness, sharpness; and a thumbnail.

A label that these facts predict is a label that a network can learn without learning medicine.
"""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.dicom.load_image import load_image
from core.imaging.render import render
from core.refusal import Refusal
from core.training.labels import LabelRow

FEATURES = (
    "original area",  # log2 of pixels, as the table says (columns width, height), without them the file's own
    "original aspect",  # width over height
    "area",  # log2 of the file's pixels
    "aspect",
    "bytes per pixel",  # of the file: how strongly it was compressed
    "brightness",  # mean gray, 0-255
    "contrast",  # standard deviation of gray
    "sharpness",  # log10 of the Laplacian's variance on 224 × 224 pixels
    "sharpness ratio",  # log10 of the mean change along rows over that along columns there: whether it was squashed
    "dark part",  # of the pixels, below 16
    "bright part",  # above 239
    "border brightness",  # mean gray of the outer twentieth
    "side difference",  # mean gray of the left half minus that of the right
)
SHORTCUT_FEATURES = ("original area", "brightness", "sharpness")  # with which a score should have nothing to do
THUMBNAIL = 64  # side in pixels
SHARPNESS_SIDE = 224
Progress = Callable[[int, int], None]  # done, of
Gray = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PictureFacts:
    """Facts of the pictures that could be opened, in the order of `paths`.

    `values` is (pictures, FEATURES), `thumbnails` (pictures, 64, 64) uint8, squashed; `digests` are SHA-256 of the
    files. `refused` names the pictures that could not be opened, with the reason.
    """

    paths: tuple[str, ...]
    values: NDArray[np.float64]
    thumbnails: Gray
    digests: tuple[str, ...]
    refused: dict[str, str]

    def by_path(self) -> dict[str, dict[str, float]]:
        """Return path -> feature -> value."""
        return {
            path: dict(zip(FEATURES, map(float, line), strict=True))
            for path, line in zip(self.paths, self.values, strict=True)
        }


def measure_pictures(
    folder: Path, rows: Sequence[LabelRow], progress: Progress = lambda done, of: None
) -> PictureFacts:
    """Open the picture of every row (paths relative to `folder`) and return what is told of each."""
    paths, values, thumbnails, digests = [], [], [], []
    refused: dict[str, str] = {}
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda row: _measure(folder / row.path, row), rows)
        for done, (row, outcome) in enumerate(zip(rows, found, strict=True), start=1):
            if isinstance(outcome, Refusal):
                refused[row.path] = outcome.reason.value
            else:
                paths.append(row.path)
                values.append(outcome[0])
                thumbnails.append(outcome[1])
                digests.append(outcome[2])
            progress(done, len(rows))
    return PictureFacts(
        tuple(paths),
        np.array(values, np.float64).reshape(len(paths), len(FEATURES)),
        np.array(thumbnails, np.uint8).reshape(len(paths), THUMBNAIL, THUMBNAIL),
        tuple(digests),
        refused,
    )


def features_of(gray: Gray, original: tuple[int, int], file_bytes: int) -> list[float]:
    """Return FEATURES of a gray picture, (rows, columns) uint8; `original` is (width, height) before any copy."""
    rows, columns = gray.shape
    small = cv2.resize(gray, (SHARPNESS_SIDE, SHARPNESS_SIDE), interpolation=cv2.INTER_AREA)
    inner = gray[rows // 20 : rows - rows // 20, columns // 20 : columns - columns // 20]
    border = (float(gray.sum()) - float(inner.sum())) / max(1, gray.size - inner.size)
    return [
        float(np.log2(max(1, original[0] * original[1]))),
        original[0] / max(1, original[1]),
        float(np.log2(gray.size)),
        columns / rows,
        file_bytes / gray.size,
        float(gray.mean()),
        float(gray.std()),
        float(np.log10(cv2.Laplacian(small, cv2.CV_64F).var() + 1e-3)),
        float(np.log10((_mean_change(small, 1) + 1e-3) / (_mean_change(small, 0) + 1e-3))),
        float((gray < 16).mean()),
        float((gray > 239).mean()),
        border,
        float(gray[:, : columns // 2].mean() - gray[:, (columns + 1) // 2 :].mean()) if columns > 1 else 0.0,
    ]


def _mean_change(gray: Gray, axis: int) -> float:
    return float(np.abs(np.diff(gray.astype(np.int16), axis=axis)).mean())


def _measure(path: Path, row: LabelRow) -> tuple[list[float], Gray, str] | Refusal:
    image = load_image(path)
    if isinstance(image, Refusal):
        return image
    frame = image.frame()
    if isinstance(frame, Refusal):
        return frame
    picture = render(frame)
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if frame.is_color else picture
    original = (row.width, row.height) if row.width and row.height else (gray.shape[1], gray.shape[0])
    content = path.read_bytes()
    thumbnail = cv2.resize(gray, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    return features_of(gray, original, len(content)), np.asarray(thumbnail), hashlib.sha256(content).hexdigest()
