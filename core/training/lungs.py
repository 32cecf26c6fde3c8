"""How the lungs of a film are found, learned from boxes around lungs; and training pictures cut to them."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from core.files import sha256_of, write_atomically
from core.reading.lungs import BLOCKS, OFFSET, WEIGHT, LungLocator, features_of
from core.reading.model_card import InputSpec, LungsSpec
from core.reading.network import Beginning, Network
from core.reading.preprocess import PixelBox, film_spec, fingerprint, framed
from core.refusal import Refusal
from core.training.config import LungsConfig, TrainingConfig
from core.training.dataset import Inputs, Progress, load_input
from core.training.fit_extent import LEAST_SPREAD
from core.training.labels import LabelRow
from core.training.pointing import Box, named
from core.training.start_weights import load_imagenet

LEAST = 20  # films with boxes around their lungs: with fewer nothing is learned

Gray = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FittedLungs:
    """What finds lungs, as a model folder holds it."""

    spec: LungsSpec
    content: bytes  # of lungs.safetensors

    def locator(self, inputs: InputSpec) -> LungLocator:
        """Return it ready to look. Raises ValueError where it is damaged."""
        try:
            return LungLocator(self.spec, inputs, load_tensors(self.content))
        except SafetensorError as error:
            raise ValueError(str(error)) from error


def film_of(config: TrainingConfig) -> InputSpec:
    """Return how a whole film becomes the picture that training keeps: that of which the network sees all or a part."""
    lungs = config.lungs
    return config.input if lungs is None else film_spec(config.input, lungs.rows, lungs.columns)


def read_lungs(content: bytes, config: LungsConfig) -> FittedLungs:
    """Return what an earlier fit wrote."""
    spec = LungsSpec(margin=config.margin, rows=config.rows, columns=config.columns, sha256=sha256_of(content))
    return FittedLungs(spec, content)


def take_lungs(theirs: Path, ours: Path) -> None:
    """Let a run find lungs as the folds that calibrate it do, so that their logits are those of the same input.

    Raises ValueError where the run has learned from films that were cut otherwise.
    """
    if not theirs.is_file():
        return
    if not ours.is_file():
        write_atomically(ours, theirs.read_bytes())
    elif ours.read_bytes() != theirs.read_bytes():
        raise ValueError(f"{ours} and {theirs} find lungs otherwise: these folds do not calibrate this run")


def fit_lungs(
    config: TrainingConfig, folder: Path, rows: Sequence[LabelRow], boxes: Mapping[str, Sequence[Box]]
) -> FittedLungs:
    """Learn to find lungs as the configuration asks for it.

    Ridge regression, on features of the first blocks with general weights, of how much of each cell the lungs' boxes
    cover; films that are mirrored double them. `folder` is the table's. Raises ValueError where too few films of the
    training splits have such boxes, ModuleNotFoundError without the general weights.
    """
    asked = config.lungs
    assert asked is not None
    found: list[tuple[Gray, list[Box]]] = []
    for row in rows:
        each = [named(boxes.get(row.path, ()), (word,)) for word in asked.words]
        own = [box for boxed in each for box in boxed]
        if row.split in config.train_splits and all(each):
            gray = load_input(folder / row.path, film_of(config))
            if not isinstance(gray, Refusal):
                found.append((gray, own))
    if len(found) < LEAST:
        raise ValueError(f"{len(found)} films to learn from have boxes of {' and '.join(asked.words)}: too few to find "
                         "lungs")
    beginning = _beginning()
    features, covered = [], []
    for gray, own in found:
        for picture, mirrored in ((gray, False), (np.ascontiguousarray(gray[:, ::-1]), True)):
            with torch.inference_mode():
                seen = features_of(beginning, picture, config.input)
            features.append(with_neighbours(seen))
            share = cover(own, seen.shape[2], seen.shape[3])
            covered.append(share[:, ::-1] if mirrored else share)
    kernel, offset = _ridge(np.concatenate(features), np.concatenate([one.ravel() for one in covered]), asked.penalty)
    tensors = {name: value.contiguous() for name, value in beginning.state_dict().items()}
    return read_lungs(save_tensors(tensors | {WEIGHT: kernel, OFFSET: offset}), asked)


def _beginning() -> Beginning:
    whole = Network(1)
    load_imagenet(whole)
    beginning = Beginning(BLOCKS)
    own = beginning.state_dict()
    beginning.load_state_dict({name: value for name, value in whole.state_dict().items() if name in own})
    return beginning.eval()


def with_neighbours(features: Tensor) -> Floats:
    """Return (cells, 2 x channels) of features (1, channels, rows, columns): each cell's, and the mean around it."""
    own = features[0].double().numpy()
    padded = np.pad(own, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows, columns = own.shape[1:]
    mean = sum(padded[:, y:y + rows, x:x + columns] for y in range(3) for x in range(3)) / 9
    return np.concatenate([own, mean]).reshape(2 * len(own), -1).T


def cover(boxes: Sequence[Box], rows: int, columns: int) -> Floats:
    """Return how much of each cell of a grid the boxes cover, (rows, columns), 0-1, each box by itself."""
    covered = np.zeros((rows, columns))
    for box in boxes:
        down, across = (
            np.clip(np.minimum(edges[1:], start + length) - np.maximum(edges[:-1], start), 0, None) * (len(edges) - 1)
            for edges, start, length in (
                (np.linspace(0, 1, rows + 1), box.y, box.height), (np.linspace(0, 1, columns + 1), box.x, box.width))
        )
        covered = np.maximum(covered, np.outer(down, across))
    return covered


def _ridge(x: Floats, y: Floats, penalty: float) -> tuple[Tensor, Tensor]:
    """The kernel (1, channels, 3, 3) and offset (1,) that stand for a ridge regression on `with_neighbours`."""
    mean, spread = x.mean(0), x.std(0)
    scale = np.where(spread > LEAST_SPREAD, 1 / np.maximum(spread, LEAST_SPREAD), 0.0)
    z = (x - mean) * scale
    weights = np.linalg.solve(z.T @ z + penalty * np.eye(z.shape[1]), z.T @ (y - y.mean())) * scale
    own, around = np.split(weights, 2)
    kernel = np.repeat(around / 9, 9).reshape(1, -1, 3, 3)
    kernel[0, :, 1, 1] += own
    return torch.from_numpy(kernel.astype(np.float32)), torch.tensor([y.mean() - mean @ weights], dtype=torch.float32)


def lungs_only(
    inputs: Inputs, locator: LungLocator, spec: InputSpec, cache: Path, progress: Progress = lambda done, of: None
) -> tuple[Inputs, dict[str, PixelBox]]:
    """Return the network's pictures of whole films (`inputs`), and the box of each path; boxes are kept in `cache`."""
    content = hashlib.sha256(np.ascontiguousarray(inputs.gray).data).hexdigest()[:8]
    file = cache / f"lungs-{fingerprint(spec, locator.spec)}-{content}.npy"
    found = _kept(file, len(inputs.gray))
    if found is None:
        found = np.zeros((len(inputs.gray), 4), np.int64)
        for index, film in enumerate(inputs.gray):
            found[index] = locator.find(film)
            progress(index + 1, len(inputs.gray))
        kept = io.BytesIO()
        np.save(kept, found, allow_pickle=False)
        write_atomically(file, kept.getvalue())
    boxes = [(left, top, right, bottom) for left, top, right, bottom in found.tolist()]
    gray = np.zeros((len(boxes), spec.rows, spec.columns), np.uint8)
    for index, (film, box) in enumerate(zip(inputs.gray, boxes, strict=True)):
        gray[index] = framed(film, box, spec)
    return Inputs(inputs.paths, gray, inputs.refused), dict(zip(inputs.paths, boxes, strict=True))


def _kept(file: Path, count: int) -> NDArray[np.int64] | None:
    """What an earlier call kept; None where it did not, or the file is damaged."""
    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.shape == (count, 4) and found.dtype == np.int64 else None


def boxes_within(
    boxes: Mapping[str, tuple[Box, ...]], lungs: Mapping[str, PixelBox], film: InputSpec
) -> dict[str, tuple[Box, ...]]:
    """Return readers' boxes as fractions of what the network sees of each film; they may reach beyond it."""
    return {path: tuple(_within(box, lungs[path], film) for box in boxes[path]) for path in boxes if path in lungs}


def _within(box: Box, lungs: PixelBox, film: InputSpec) -> Box:
    left, top, right, bottom = lungs
    width, height = right - left, bottom - top
    return Box(
        (box.x * film.columns - left) / width, (box.y * film.rows - top) / height,
        box.width * film.columns / width, box.height * film.rows / height, box.what,
    )
