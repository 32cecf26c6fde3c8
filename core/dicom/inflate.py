"""Deflated bytes (RFC 1951) in parts, so that what they become need not be in memory twice."""

import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO

from core.dicom.source import Bytes

PART_BYTES = 1 << 20  # that go in and come out at once; of what is left over zlib makes a copy each time


def parts_of(deflated: Bytes) -> Iterator[bytes]:
    """Give bytes in memory in parts."""
    return (deflated[place:place + PART_BYTES].tobytes() for place in range(0, len(deflated), PART_BYTES))


def parts_of_file(file: BinaryIO) -> Iterator[bytes]:
    """Give the rest of a file in parts, each read when it is asked for."""
    return iter(partial(file.read, PART_BYTES), b"")


def inflated_parts(deflated: Iterable[bytes]) -> Iterator[bytes]:
    """Give what some bytes, in parts, inflate to, as far as they go. Raises zlib.error where they are damaged."""
    inflater, coming = zlib.decompressobj(-zlib.MAX_WBITS), iter(deflated)
    while not inflater.eof:
        part = inflater.unconsumed_tail or next(coming, b"")
        inflated = inflater.decompress(part, PART_BYTES)
        if not inflated and not part:  # some may come out after all has gone in
            return
        yield inflated
