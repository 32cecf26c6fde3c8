"""The bytes of a file by position: read from the file each time, or from memory for what has to be inflated."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


class Source(Protocol):
    """Where pixel data lies. Both kinds may be used from any thread."""

    def read(self, offset: int, length: int) -> Bytes:
        """Return up to `length` bytes from `offset`; fewer where the file ends. Raises OSError."""
        ...

    def size(self) -> int:
        """Return how many bytes there are. Raises OSError."""
        ...

    def open(self) -> AbstractContextManager[BinaryIO]:
        """Give a stream over the whole of it, as a context manager. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file on disk, opened for each read: nothing stays open or mapped, so a file that shrinks does no harm."""

    path: Path

    def read(self, offset: int, length: int) -> Bytes:
        """Return up to `length` bytes from `offset`, read straight into a new array."""
        # no more than there is: NumPy makes room for all that is asked for
        return np.fromfile(self.path, np.uint8, max(min(length, self.size() - offset), 0), offset=offset)

    def size(self) -> int:
        """Return the file's size."""
        return self.path.stat().st_size

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file."""
        with self.path.open("rb") as file:
            yield file


@dataclass(frozen=True, eq=False)
class InflatedSource:
    """A deflated data set, inflated by `inflate` when something of it is first asked for, and then in memory."""

    inflate: Callable[[], bytes]

    @cached_property
    def content(self) -> bytes:
        """The inflated bytes."""
        return self.inflate()

    def read(self, offset: int, length: int) -> Bytes:
        """Return up to `length` bytes from `offset`, a read-only view."""
        return np.frombuffer(memoryview(self.content)[offset:offset + length], np.uint8)

    def size(self) -> int:
        """Return how many bytes are in memory."""
        return len(self.content)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Give a stream over the bytes."""
        yield io.BytesIO(self.content)
