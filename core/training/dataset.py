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
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.dicom.load_image import load_image
from core.files import file_stamp, write_atomically, written_atomically
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

    A cache that was cut off while it was written is made again, and one of files that have changed since; what is not
    there at the moment, such as a disk that is not mounted, is as it was.
    """
    listing = hashlib.sha256("\n".join([str(folder.resolve()), *paths]).encode()).hexdigest()[:8]
    array = cache / f"inputs-{fingerprint(spec)}-{listing}.npy"
    index = array.with_suffix(".csv")
    stamps = [_stamp_of(folder / path) for path in paths]
    if not (array.is_file() and index.is_file() and _is_of(_read_index(index), stamps)):
        _make(folder, paths, spec, array, index, stamps, progress)
    kept: list[str] = []
    refused: dict[str, str] = {}
    for path, reason, _stamp in _read_index(index):
        if reason:
            refused[path] = reason
        else:
            kept.append(path)
    return Inputs(tuple(kept), np.load(array, mmap_mode="r"), refused)


def _read_index(index: Path) -> list[list[str]]:
    """Return the lines of a cache's index: path, reason why it was not opened, and what tells the file's state."""
    with index.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _is_of(lines: list[list[str]], stamps: Sequence[str]) -> bool:
    """Whether an index was made of files as they are now; those that are not there now do not count."""
    if len(lines) != len(stamps) or any(len(line) != 3 for line in lines):
        return False
    return all(now in ("", line[2]) for line, now in zip(lines, stamps, strict=True))


def _stamp_of(path: Path) -> str:
    return " ".join(map(str, file_stamp(path) or ()))


def _make(
    folder: Path, paths: Sequence[str], spec: InputSpec, array: Path, index: Path, stamps: Sequence[str],
    progress: Progress,
) -> None:
    """Write the array picture by picture, so that no collection is too large for the memory, and then its index."""
    with written_atomically(array) as file:
        listing = _write(file, folder, paths, spec, stamps, progress)
    write_atomically(index, listing)  # last: its presence says that the array is whole


def _write(
    file: BinaryIO, folder: Path, paths: Sequence[str], spec: InputSpec, stamps: Sequence[str], progress: Progress
) -> str:
    """Write the pictures that open as one .npy array, and return the text of the index."""
    _write_header(file, len(paths), spec)
    listing = io.StringIO(newline="")
    writer = csv.writer(listing, lineterminator="\n")
    count = 0
    with ThreadPoolExecutor(2) as pool:
        outcomes = pool.map(lambda path: load_input(folder / path, spec), paths)
        for done, (path, outcome, stamp) in enumerate(zip(paths, outcomes, stamps, strict=True), start=1):
            if isinstance(outcome, Refusal):
                writer.writerow((path, outcome.reason.value, stamp))
            else:
                file.write(np.ascontiguousarray(outcome, np.uint8).tobytes())
                count += 1
                writer.writerow((path, "", stamp))
            progress(done, len(paths))
    file.seek(0)
    _write_header(file, count, spec)  # as long as before: NumPy leaves room for any number of pictures
    return listing.getvalue()


def _write_header(file: BinaryIO, count: int, spec: InputSpec) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": (count, spec.rows, spec.columns)}
    np.lib.format.write_array_header_1_0(file, header)
