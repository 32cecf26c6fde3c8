"""Deflated bytes (RFC 1951) in parts, so that what they become need not be in memory twice."""

import zlib
from collections.abc import Iterator

from core.dicom.source import Bytes

PART_BYTES = 1 << 20  # that go in and come out at once; of what is left over zlib makes a copy each time


def inflated_parts(deflated: Bytes) -> Iterator[bytes]:
    """Give what some bytes inflate to, as far as they go. Raises zlib.error where they are damaged."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    place, left = 0, b""
    while not inflater.eof:
        part = left or deflated[place:place + PART_BYTES].tobytes()
        place += 0 if left else PART_BYTES
        inflated = inflater.decompress(part, PART_BYTES)
        if not inflated and not part:  # some may come out after all has gone in
            return
        yield inflated
        left = inflater.unconsumed_tail
