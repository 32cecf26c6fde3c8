"""What a JPEG XL stream says of its size before any decoding (ISO/IEC 18181-1 Annex D, 18181-2 Clause 9)."""

import struct

_CODE_STREAM = b"\xff\x0a"
_CONTAINER = b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"
_MOST_BOXES = 100
_LENGTHS = (9, 13, 18, 30)  # of the bits in which a side is told
_RATIOS = ((1, 1), (6, 5), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))  # of the columns to the rows


def read_size(encoded: bytes) -> tuple[int, int]:
    """Return the rows and columns of a JPEG XL stream, bare or in its boxes. Raises ValueError where it is none."""
    start = encoded[:2 + 9] if encoded.startswith(_CODE_STREAM) else _first_of_container(encoded)
    if not start.startswith(_CODE_STREAM):
        raise ValueError("no JPEG XL code stream")
    bits = _Bits(start[2:])
    is_small = bits.take(1)
    rows = _side(bits, is_small)
    ratio = bits.take(3)
    if not ratio:
        return rows, _side(bits, is_small)
    across, down = _RATIOS[ratio - 1]
    return rows, rows * across // down


class _Bits:
    """The bits of some bytes, the least significant first."""

    def __init__(self, raw: bytes) -> None:
        self._value, self._left = int.from_bytes(raw, "little"), 8 * len(raw)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("the JPEG XL code stream ends within its header")
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def _side(bits: _Bits, is_small: int) -> int:
    return 8 * (1 + bits.take(5)) if is_small else 1 + bits.take(_LENGTHS[bits.take(2)])


def _first_of_container(encoded: bytes) -> bytes:
    """Return the first bytes of the code stream in a container's boxes, b"" without one."""
    place = len(_CONTAINER) if encoded.startswith(_CONTAINER) else len(encoded)
    for _ in range(_MOST_BOXES):
        if place + 8 > len(encoded):
            break
        length, kind = struct.unpack_from(">L4s", encoded, place)
        head = 8
        if length == 1 and place + 16 <= len(encoded):
            (length,), head = struct.unpack_from(">Q", encoded, place + 8), 16
        value = place + head
        if kind == b"jxlc":
            return encoded[value:value + 11]
        if kind == b"jxlp":
            return encoded[value + 4:value + 15]
        if length < head:  # 0 reaches to the end
            break
        place += length
    return b""
