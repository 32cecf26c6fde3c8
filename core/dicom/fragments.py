"""The fragments of encapsulated pixel data, and which of them make up which frame (PS3.5 A.4)."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

MOST_FRAGMENTS = 200_000  # of a file; tiles of the largest slides are half of that

_ITEM, _SEQUENCE_DELIMITER = 0xFFFEE000, 0xFFFEE0DD
_ENDED_STARTS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")  # JPEG, J2K, JP2: those that end alike
_STARTS = (*_ENDED_STARTS, b"\xff\x0a")  # and JPEG XL
_END = b"\xff\xd9"
_LONGEST_PADDING = 64


class Fragment(NamedTuple):
    """One item's value: its offset in the file and the length of it that is there. A tuple: files have many."""

    offset: int
    length: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Encapsulated:
    """All fragments in order, and the Basic Offset Table as file offsets of the items that start a frame.

    `is_cut` says that the delimiter behind the last is missing, as where the file is cut off.
    """

    fragments: tuple[Fragment, ...]
    starts: tuple[int, ...]
    is_cut: bool


def read_fragments(file: BinaryIO, offset: int) -> Encapsulated:
    """Walk the items of encapsulated pixel data whose value starts at `offset`, reading only their headers.

    What looks like a delimiter inside a fragment is skipped with it. A file that ends early yields what is there.
    Raises ValueError for more than `MOST_FRAGMENTS`.
    """
    size = file.seek(0, 2)
    table: tuple[int, ...] | None = None
    fragments: list[Fragment] = []
    position, is_cut = offset, True
    while position + 8 <= size:
        file.seek(position)
        group, element, length = struct.unpack("<HHL", file.read(8))
        if (group << 16 | element) != _ITEM:
            is_cut = (group << 16 | element) != _SEQUENCE_DELIMITER
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
    if is_cut and fragments and _is_without_end(file, fragments[0], fragments[-1]):
        fragments[-1] = fragments[-1]._replace(is_cut=True)
    return Encapsulated(tuple(fragments), table or (), is_cut)


def group_into_frames(
    encapsulated: Encapsulated, frame_count: int, first_bytes: Callable[[Fragment], bytes],
    extended: Sequence[int] = (),
) -> tuple[tuple[Fragment, ...], ...]:
    """Return the fragments of each frame: `frame_count` groups, or fewer where the file holds less.

    `extended` is the Extended Offset Table, relative to the first fragment's item. Without any table frames are told
    apart by the bytes with which a code stream starts, for which `first_bytes` reads a fragment's first bytes.
    """
    fragments = encapsulated.fragments
    if frame_count <= 1 or not fragments:
        return (fragments,) if fragments else ()
    if len(fragments) == frame_count and not encapsulated.is_cut:
        return tuple((fragment,) for fragment in fragments)
    first, end = fragments[0].offset - 8, fragments[-1].offset + fragments[-1].length
    tables = frozenset(first + relative for relative in extended), frozenset(encapsulated.starts)
    told = [[one.offset - 8 in table for one in fragments] for table in tables]
    for there in told:
        if groups := _split(fragments, there, frame_count):
            return groups
    seen = [first_bytes(one).startswith(_STARTS) for one in fragments]
    if groups := _split(fragments, seen, frame_count):
        return groups
    if encapsulated.is_cut:
        for table, there in zip(tables, told, strict=True):
            # the frames that are told and not there must lie beyond the end
            is_believed = len(table) == frame_count and sum(there) == sum(place < end for place in table)
            if is_believed and (groups := _split(fragments, there, sum(there))):
                return groups
        if sum(seen) < frame_count and (groups := _split(fragments, seen, sum(seen))):
            return groups
    if len(fragments) <= frame_count:
        return tuple((fragment,) for fragment in fragments)
    share = len(fragments) // frame_count
    return tuple(fragments[index * share:(index + 1) * share] for index in range(frame_count))


def _split(
    fragments: Sequence[Fragment], is_start: Sequence[bool], frame_count: int
) -> tuple[tuple[Fragment, ...], ...]:
    """Cut the list before each fragment that starts a frame; empty where that does not give `frame_count` frames."""
    starts = [index for index, starts_frame in enumerate(is_start) if starts_frame]
    if not starts or starts[0] != 0 or len(starts) != frame_count:
        return ()
    return tuple(tuple(fragments[a:b]) for a, b in zip(starts, [*starts[1:], len(fragments)], strict=True))


def _is_without_end(file: BinaryIO, first: Fragment, last: Fragment) -> bool:
    """Return whether the last fragment of streams that have an end marker does not end with it."""
    file.seek(first.offset)
    if not file.read(min(first.length, 8)).startswith(_ENDED_STARTS):
        return False
    tail = min(last.length, _LONGEST_PADDING)
    file.seek(last.offset + last.length - tail)
    return not file.read(tail).rstrip(b"\0").endswith(_END)


def _words(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 4}L", raw[:len(raw) // 4 * 4])
