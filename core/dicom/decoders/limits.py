"""How long and how much a frame may take, told from what it claims and from the stream that is to hold it.

A stream that is whole gets what large pictures need. One that is cut off, or that has next to nothing for what it
claims, is likely damaged, and is refused within two seconds and half a gigabyte, whatever it claims. Seconds are
those that a decoder computes: on a busy machine they are the same.
"""

import struct
from dataclasses import dataclass

SECONDS, SECONDS_FOR_A_MEGAPIXEL = 1.6, 1.0  # the greater of the two; decoders need some 0.1 s for a megapixel
BYTES_IN_A_SECOND = 1_000_000  # of the code stream: what is short takes no long time, whatever size it claims
MEMORY_BYTES, BYTES_FOR_A_SAMPLE = 256 << 20, 24  # decoders of JPEG 2000 and JPEG XL need up to some 20 for a sample
DOUBTED_RATIO = 50  # samples for each byte of the stream; of the largest pictures none is compressed so much
DOUBTED_MEMORY_BYTES = 480 << 20  # all in all, in both processes, before the system's rounding up
LEAST_MEMORY_BYTES = 32 << 20  # with less no decoder begins

_END = b"\xff\xd9"  # EOI of JPEG and JPEG-LS, EOC of JPEG 2000
_JPEG, _SCAN = b"\xff\xd8\xff", b"\xff\xda"
_JP2 = b"\x00\x00\x00\x0cjP"
_CODE_STREAM, _TILE_PART = b"\xff\x4f\xff\x51", b"\xff\x90"


@dataclass(frozen=True, slots=True)
class Limits:
    """The seconds that a decoder may compute, and by how many bytes its process may grow."""

    seconds: float
    memory_bytes: int


@dataclass(slots=True)
class Spent:
    """The seconds that decoders have computed on a frame so far."""

    seconds: float = 0.0


def limits_of(samples: int, size: int, encoded_bytes: int, is_whole: bool = True) -> Limits:
    """Return the limits of a frame of so many samples, of `size` bytes when decoded. Raises MemoryError.

    That is where half a gigabyte does not do for what a doubted stream claims.
    """
    if is_whole and samples <= DOUBTED_RATIO * encoded_bytes:
        seconds = max(SECONDS, min(SECONDS_FOR_A_MEGAPIXEL * samples / 1e6, encoded_bytes / BYTES_IN_A_SECOND))
        return Limits(seconds, MEMORY_BYTES + BYTES_FOR_A_SAMPLE * samples)
    left = DOUBTED_MEMORY_BYTES - size  # which the process that asks for it will hold
    if left < LEAST_MEMORY_BYTES:
        raise MemoryError
    return Limits(SECONDS, min(left, MEMORY_BYTES + BYTES_FOR_A_SAMPLE * samples))


def is_whole(encoded: bytes) -> bool:
    """Return whether a stream is there to its end, as far as can be told without decoding it.

    JPEG and JPEG-LS have no end marker within their coded data (ITU-T T.81 B.1.1.5, T.87 D.1); the tile-parts of
    JPEG 2000 tell their lengths (ITU-T T.800 A.4.2). Of any other stream the answer is yes.
    """
    if encoded.startswith(_JPEG):
        return 0 <= encoded.find(_END, encoded.find(_SCAN)) >= len(encoded.rstrip(b"\0")) - len(_END)
    start = encoded.find(_CODE_STREAM, 0, 1 << 16)
    return _has_all_tile_parts(encoded, start) if start >= 0 else not encoded.startswith(_JP2)


def _has_all_tile_parts(encoded: bytes, start: int) -> bool:
    """Return whether the chain of tile-parts leads to the end of a JPEG 2000 code stream."""
    place = start + 2
    while place + 4 <= len(encoded) and encoded[place:place + 2] != _TILE_PART:  # the main header's segments
        place += 2 + struct.unpack_from(">H", encoded, place + 2)[0]
    while encoded[place:place + 2] == _TILE_PART and place + 10 <= len(encoded):
        (length,) = struct.unpack_from(">L", encoded, place + 6)
        if length < 12:  # 0 is the last one's, which reaches to the end
            return length == 0 and encoded.rstrip(b"\0").endswith(_END)
        place += length
    return encoded[place:].rstrip(b"\0") == _END
