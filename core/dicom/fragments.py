"""The fragments of encapsulated pixel data, and which of them make up which frame (PS3.5 A.4)."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

MOST_FRAGMENTS = 200_000  # of a file; tiles of the largest slides are half of that

_ITEM, _SEQUENCE_DELIMITER = 0xFFFEE000, 0xFFFEE0DD
_STARTS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP", b"\xff\x0a")  # JPEG, J2K, JP2, JPEG XL


class Fragment(NamedTuple):
    """One item's value: its offset in the file and the length of it that is there. A tuple: files have many."""

    offset: int
    length: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Encapsulated:
    """All fragments in order, and the Basic Offset Table as file offsets of the items that start a frame."""

    fragments: tuple[Fragment, ...]
    starts: tuple[int, ...]


def read_fragments(file: BinaryIO, offset: int) -> Encapsulated:
    """Walk the items of encapsulated pixel data whose value starts at `offset`, reading only their headers.

    What looks like a delimiter inside a fragment is skipped with it. A file that ends early yields what is there.
    Raises ValueError for more than `MOST_FRAGMENTS`.
    """
    size = file.seek(0, 2)
    table: tuple[int, ...] | None = None
    fragments: list[Fragment] = []
    position = offset
    while position + 8 <= size:
        file.seek(position)
        group, element, length = struct.unpack("<HHL", file.read(8))
        if (group << 16 | element) != _ITEM:
            break
        value, there = position + 8, min(length, size - position - 8)
        if table is None:
            first = value + length
            table = tuple(first + relative for relative in _words(file.read(there)))
        else:
            fragments.append(Fragment(value, there, there < length))
            if len(fragments) > MOST_FRAGMENTS:
                raise ValueError(f"more than {MOST_FRAGMENTS} fragments")
        position = value + length
    return Encapsulated(tuple(fragments), table or ())


def group_into_frames(
    encapsulated: Encapsulated, frame_count: int, first_bytes: Callable[[Fragment], bytes],
    extended: Sequence[int] = (),
) -> tuple[tuple[Fragment, ...], ...]:
    """Return the fragments of each frame: `frame_count` groups, or fewer where the file holds less.

    `extended` is the Extended Offset Table, relative to the first fragment's item. Without any table frames are told
    apart by the bytes with which a code stream starts, for which `first_bytes` reads a fragment's first bytes.
    """
    fragments = encapsulated.fragments
    if frame_count <= 1:
        return (fragments,) if fragments else ()
    if len(fragments) <= frame_count:
        return tuple((fragment,) for fragment in fragments)
    first = fragments[0].offset - 8
    for table in ({first + relative for relative in extended}, frozenset(encapsulated.starts)):
        if groups := _split(fragments, [one.offset - 8 in table for one in fragments], frame_count):
            return groups
    if groups := _split(fragments, [first_bytes(one).startswith(_STARTS) for one in fragments], frame_count):
        return groups
    share = len(fragments) // frame_count
    return tuple(fragments[index * share:(index + 1) * share] for index in range(frame_count))


def _split(
    fragments: Sequence[Fragment], is_start: Sequence[bool], frame_count: int
) -> tuple[tuple[Fragment, ...], ...]:
    """Cut the list before each fragment that starts a frame; empty where that does not give `frame_count` frames."""
    starts = [index for index, starts_frame in enumerate(is_start) if starts_frame]
    if len(starts) != frame_count or starts[0] != 0:
        return ()
    return tuple(tuple(fragments[a:b]) for a, b in zip(starts, [*starts[1:], len(fragments)], strict=True))


def _words(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 4}L", raw[:len(raw) // 4 * 4])
