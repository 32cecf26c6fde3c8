"""Labelled pictures as the network's input, made by the same two functions as a reading's: load_image, input_gray.

Inputs are 8-bit gray, so a cache of them is exact. It is a memory-mapped .npy beside a list of what it holds, named
after the preprocessing fingerprint: another geometry or another recipe never meets an old cache.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dicom.load_image import load_image
from core.files import write_atomically
from core.reading.model_card import InputSpec
from core.reading.preprocess import fingerprint, input_gray
from core.refusal import Refusal
from core.training.labels import LabelRow

Gray = NDArray[np.uint8]
Progress = Callable[[int, int], None]  # done, of


@dataclass(frozen=True, eq=False)
class Inputs:
    """The network's pictures of some paths: `gray` is (pictures, rows, columns) uint8, read-only, in their order.

    `refused` names the pictures that could not be opened, with the reason; they have no row in `gray`.
    """

    paths: tuple[str, ...]
    gray: Gray
    refused: dict[str, str]

    def rows_of(self, paths: Sequence[str]) -> NDArray[np.intp]:
        """Return the positions of these paths in `gray`. Raises KeyError for one that is not there."""
        position = {path: index for index, path in enumerate(self.paths)}
        return np.array([position[path] for path in paths], dtype=np.intp)

    def of(self, rows: Sequence[LabelRow]) -> "Inputs":
        """Return the inputs of these rows, in their order, in memory. Raises KeyError as `rows_of`."""
        paths = tuple(row.path for row in rows)
        return Inputs(paths, self.gray[self.rows_of(paths)], {})


def load_input(path: Path, spec: InputSpec) -> Gray | Refusal:
    """Return one file's first frame as the network's picture: (spec.rows, spec.columns) uint8."""
    image = load_image(path)
    if isinstance(image, Refusal):
        return image
    frame = image.frame()
    if isinstance(frame, Refusal):
        return frame
    return input_gray(frame, spec)[0]


def cached_inputs(
    folder: Path, paths: Sequence[str], spec: InputSpec, cache: Path, progress: Progress = lambda done, of: None
) -> Inputs:
    """Return the inputs of `paths` (relative to `folder`), from the cache folder or made and kept there.

    A cache that was cut off while it was written is made again, and one of files that have changed since.
    """
    listing = hashlib.sha256("\n".join([str(folder.resolve()), *paths]).encode()).hexdigest()[:8]
    array = cache / f"inputs-{fingerprint(spec)}-{listing}.npy"
    index = array.with_suffix(".csv")
    state = _state_of(folder, paths)
    if not (array.is_file() and index.is_file() and _read_index(index)[:1] == [["", state]]):
        _make(folder, paths, spec, array, index, state, progress)
    kept: list[str] = []
    refused: dict[str, str] = {}
    for path, reason in _read_index(index)[1:]:
        if reason:
            refused[path] = reason
        else:
            kept.append(path)
    return Inputs(tuple(kept), np.load(array, mmap_mode="r"), refused)


def _read_index(index: Path) -> list[list[str]]:
    """Return the lines of a cache's index: the state of the files that it was made of, then paths and reasons."""
    with index.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _state_of(folder: Path, paths: Sequence[str]) -> str:
    """Return what changes with any of the files: a hash of their sizes and when they were written."""
    found = hashlib.sha256()
    for path in paths:
        try:
            stat = (folder / path).stat()
            found.update(f"{stat.st_size} {stat.st_mtime_ns}\n".encode())
        except OSError:
            found.update(b"none\n")
    return found.hexdigest()[:16]


def _make(
    folder: Path, paths: Sequence[str], spec: InputSpec, array: Path, index: Path, state: str, progress: Progress
) -> None:
    array.parent.mkdir(parents=True, exist_ok=True)
    made = np.zeros((len(paths), spec.rows, spec.columns), np.uint8)
    listing = io.StringIO(newline="")
    writer = csv.writer(listing, lineterminator="\n")
    writer.writerow(("", state))
    count = 0
    with ThreadPoolExecutor(2) as pool:
        outcomes = pool.map(lambda path: load_input(folder / path, spec), paths)
        for done, (path, outcome) in enumerate(zip(paths, outcomes, strict=True), start=1):
            if isinstance(outcome, Refusal):
                writer.writerow((path, outcome.reason.value))
            else:
                made[count] = outcome
                count += 1
                writer.writerow((path, ""))
            progress(done, len(paths))
    content = io.BytesIO()
    np.save(content, made[:count], allow_pickle=False)
    write_atomically(array, content.getvalue())
    write_atomically(index, listing.getvalue())  # last: its presence says that the array is whole
