"""A DICOM file's data set up to its pixels: any of DICOM's encodings, with or without preamble and file meta."""

import io
import itertools
import logging
import os
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pydicom.config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_partial
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

import core.dicom.unknown_vr  # noqa: F401  (before any element is converted)
from core.dicom.guard import CannotDecode
from core.dicom.inflate import inflated_parts, parts_of_file
from core.dicom.plain_header import MOST_ELEMENTS, TOO_MANY_ELEMENTS, PlainHeader, read_plain_header
from core.dicom.source import FileSource, InflatedSource, Source
from core.refusal import Reason

PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00010, 0x7FE00008, 0x7FE00009
MAX_INFLATED_BYTES = 1 << 30
DOUBTED_BYTES, SURE_RATIO = 64 << 20, 10  # more bytes, and more times its size, are held against what the header claims
HEAD_BYTES = 1 << 16  # most headers end within
MOST_ITEMS, DOUBTED_HEAD_BYTES = 200_000, 32 << 20  # of sequences; more only of a large header
LEAST_ITEM_BYTES = 60  # in a large header, on an average; enhanced objects have 70 and more
MOST_SMALL_ITEMS, SMALL_ITEM_BYTES = 50_000, 40  # of next to no content each, its own head included
MOST_SMALL_SIBLINGS = 20_000  # of them beside each other, not one in the other: two seconds of a slow machine

_PIXEL_TAGS = frozenset({PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA})
_DEFERRED_BYTES = 8 << 20  # larger values than any table of ours stay in the file
_UNDEFINED = 0xFFFFFFFF
_META_BYTES = 4096
_START_BYTES = 144  # preamble, prefix and group length
_MUCH = 1 << 16
_EXPLICIT_PIXELS = re.compile(rb"\xe0\x7f\x10\x00O[BW]\x00\x00(.{4})", re.DOTALL)
_ITEMS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")  # little and big endian
_NO_LENGTH = b"\xff\xff\xff\xff"  # of a sequence, right before its first item

# A value that breaks its VR's rules is read as well as it can be. What pydicom warns of may quote a patient's data.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom\b")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixel data lies: the tag that holds it, its VR, its offset and length (None where undefined)."""

    tag: int
    vr: str | None
    offset: int
    length: int | None


@dataclass(frozen=True, slots=True, eq=False)
class OpenedDataset:
    """A data set without its pixels. `syntax` is the transfer syntax, guessed from the encoding where none is given.

    `is_cut` says that the file ends within an element before the pixels.
    """

    dataset: Dataset
    syntax: str
    pixels: PixelElement | None
    source: Source
    is_cut: bool


def open_dataset(path: Path, head: bytes = b"") -> OpenedDataset:
    """Read a DICOM file as far as its pixel data; `head` is the file's first `HEAD_BYTES`, if they were read before.

    Raises OSError where it cannot be read, and any of pydicom's many exceptions where it is damaged.
    """
    head = head or read_head(path)
    plain = _plain(head, partial(_first_bytes, path))
    if plain is not None:
        return _opened(plain, FileSource(path))
    with _BoundedReader(io.FileIO(str(path))) as file:  # a str, by which pydicom finds deferred values again
        if DeflatedExplicitVRLittleEndian.encode() in head[:_META_BYTES]:
            return replace(_open_deflated(path), syntax=str(DeflatedExplicitVRLittleEndian))
        _check_items(file.read(DOUBTED_HEAD_BYTES))
        file.seek(0)
        return _read(file, FileSource(path))


def _open_deflated(path: Path) -> OpenedDataset:
    """Read the header of a deflated file. What lies behind it is inflated when it is asked for."""
    source = InflatedSource(partial(_inflated, path))
    plain = _plain(_inflated(path, HEAD_BYTES), partial(_inflated, path))
    if plain is not None:
        return _opened(plain, source)
    _check_items(source.content)
    return _read(DicomBytesIO(source.content), source)  # type: ignore[arg-type]


def _check_items(raw: bytes) -> None:
    """Raise CannotDecode for a header of more items than would be read in seconds and some hundred megabytes.

    One that has the bytes for more may have more: what it takes grows with its size, as that of a picture does.
    """
    for item in _ITEMS if len(raw) > 8 * MOST_SMALL_SIBLINGS else ():
        count = raw.count(item)
        many = count > MOST_SMALL_ITEMS or count - raw.count(_NO_LENGTH + item) > MOST_SMALL_SIBLINGS
        extent = raw.rfind(item) - raw.find(item)
        are_small = many and extent < SMALL_ITEM_BYTES * count
        if are_small or count > max(MOST_ITEMS, extent // LEAST_ITEM_BYTES):
            most = MOST_SMALL_SIBLINGS if are_small else MOST_ITEMS
            raise CannotDecode(Reason.TOO_LARGE, detail=f"more than {most} items of sequences")


class _BoundedReader(io.BufferedReader):
    """A file that makes room for no more than it holds, however much a damaged length asks for."""

    def __init__(self, raw: io.FileIO) -> None:
        super().__init__(raw)
        self._size = os.fstat(raw.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MUCH:
            size = max(min(size, self._size - self.tell()), 0)
        return super().read(size)


def read_head(path: Path) -> bytes:
    """Return the first `HEAD_BYTES` of a file, fewer where it is shorter. Raises OSError."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  (Path.open costs a tenth of reading a header)
        return file.read(HEAD_BYTES)


def _plain(head: bytes, first_bytes: Callable[[int], bytes]) -> PlainHeader | None:
    """Return the header of a plain file whose first `HEAD_BYTES` are `head`, reading on as far as it goes."""
    wanted = HEAD_BYTES
    while True:
        try:
            return read_plain_header(head, len(head) < wanted)
        except EOFError:
            if wanted > DOUBTED_HEAD_BYTES:  # pydicom's reader leaves large values where they are
                return None
            wanted *= 8
            head = first_bytes(wanted)
            _check_items(head)


def _first_bytes(path: Path, length: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        return file.read(length)


def _opened(plain: PlainHeader, source: Source) -> OpenedDataset:
    pixels = None
    if plain.pixels is not None:
        tag, vr, offset, length = plain.pixels
        pixels = PixelElement(tag, vr, offset, None if length == _UNDEFINED else length)
    return OpenedDataset(plain.dataset, plain.syntax, pixels, source, not len(plain.dataset))


def _read(file: BinaryIO, source: Source) -> OpenedDataset:
    found: list[PixelElement] = []

    left = itertools.count(MOST_ELEMENTS, -1)

    def stop_when(tag: int, vr: str | None, length: int) -> bool:
        if not next(left):
            raise ValueError(TOO_MANY_ELEMENTS)
        if tag not in _PIXEL_TAGS:
            return False
        found[:] = [PixelElement(tag, vr, file.tell(), None if length == _UNDEFINED else length)]
        return True

    dataset = read_partial(file, stop_when, defer_size=_DEFERRED_BYTES, force=True)
    end = file.seek(0, 2)
    return OpenedDataset(
        dataset, _syntax(dataset), found[0] if found else None, source, not found and _ends_within(dataset, end)
    )


def _syntax(dataset: Dataset) -> str:
    declared = str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID") or "")
    if declared:
        return declared
    is_implicit, is_little_endian = dataset.original_encoding
    if is_implicit:
        return str(ImplicitVRLittleEndian)
    return str(ExplicitVRLittleEndian if is_little_endian else ExplicitVRBigEndian)


def _ends_within(dataset: Dataset, end: int) -> bool:
    """Return whether the last element claims to reach beyond the end of the file."""
    tags = sorted(dataset.keys())
    if not tags:
        return True
    last = dataset.get_item(tags[-1], keep_deferred=True)
    return isinstance(last, RawDataElement) and last.length != _UNDEFINED and last.value_tell + last.length > end


def _inflated(path: Path, length: int = MAX_INFLATED_BYTES) -> bytes:
    """Return a deflated file (PS3.5 A.5) as the Explicit VR Little Endian file that it stands for.

    No more than its first `length` bytes and some are read and inflated. Raises ValueError where it is not one, or
    inflates to more than is likely.
    """
    with path.open("rb") as file:
        return _inflated_file(file, length)


def _inflated_file(file: BinaryIO, length: int) -> bytes:
    raw = file.read(_START_BYTES)
    if raw[128:140] != b"DICM\x02\x00\x00\x00UL\x04\x00":
        raise ValueError("no group length")
    meta = raw + file.read(min(int.from_bytes(raw[140:144], "little"), HEAD_BYTES))
    meta = meta.replace(
        DeflatedExplicitVRLittleEndian.encode(), ExplicitVRLittleEndian.encode().ljust(22, b"\0")
    )
    most = max(DOUBTED_BYTES, SURE_RATIO * os.fstat(file.fileno()).st_size)
    content = io.BytesIO()  # one piece of memory, which grows and is not copied
    content.write(meta)
    for part in inflated_parts(parts_of_file(file)):
        content.write(part)
        if content.tell() > most:  # a sparse segmentation may, a bomb does
            most = max(most, min(_claimed_end(content), MAX_INFLATED_BYTES))
        if content.tell() > most:
            raise ValueError(f"it inflates to more than {most >> 20} MiB")
        if content.tell() >= length:
            break
    return content.getvalue()


def _claimed_end(content: io.BytesIO) -> int:
    """Return where the pixel data of an explicit little endian data set claims to end, and a little; 0 without any."""
    with content.getbuffer() as view:
        found = _EXPLICIT_PIXELS.search(view[:DOUBTED_BYTES])
        return 0 if found is None else found.end() + int.from_bytes(found[1], "little") + _MUCH
