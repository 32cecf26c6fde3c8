"""The data elements of a plain file, fast: what pydicom's reader gives for it, in a fifth of the time.

Plain is little endian with file meta information and without a flaw. For anything else the answer is None, and
pydicom's own reader, which is made for oddities, reads the file.
"""

from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import cast

from pydicom.charset import convert_encodings, default_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement, convert_raw_data_element, empty_value_for_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

PIXEL_TAGS = frozenset({0x7FE00010, 0x7FE00008, 0x7FE00009})
UNDEFINED = 0xFFFFFFFF
LARGEST_VALUE = 8 << 20  # larger ones than any table of ours stay in the file: pydicom's reader leaves them there

MOST_ELEMENTS = 30_000  # beside one another; real headers have some hundred, a few of them thousands
TOO_MANY_ELEMENTS = f"more than {MOST_ELEMENTS} elements"

_IMPLICIT = b"1.2.840.10008.1.2"
_NOT_PLAIN = frozenset({  # deflated, big endian, and those that pydicom knows by a private name
    b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.2", b"1.2.840.113619.5.2", b"",
})
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_SHORT = {str(vr).encode(): str(vr) for vr in EXPLICIT_VR_LENGTH_16}
_LONG = {str(vr).encode(): str(vr) for vr in EXPLICIT_VR_LENGTH_32}
_EMPTY: dict[str | None, bytes | None] = {  # how pydicom keeps an empty value
    vr: cast(bytes | None, empty_value_for_VR(vr, raw=True)) for vr in (*_SHORT.values(), *_LONG.values(), None)
}
_unpack_explicit = Struct("<HH2sH").unpack_from
_unpack_implicit = Struct("<HHL").unpack_from
_unpack_length = Struct("<L").unpack_from
_new = tuple.__new__
_LAST_FIELDS = tuple(RawDataElement._field_defaults[name] for name in RawDataElement._fields[7:])

Elements = dict[BaseTag, RawDataElement]


@dataclass(frozen=True, slots=True)
class PlainHeader:
    """The data set up to the pixels, and where they lie: tag, VR, offset and length; None where there are none."""

    dataset: Dataset
    syntax: str
    pixels: tuple[int, str | None, int, int] | None


class _NotPlain(Exception):
    """pydicom's reader has to read it."""


class _NeedsMore(Exception):
    """The header goes on beyond what was read of the file."""


def read_plain_header(head: bytes, is_whole: bool) -> PlainHeader | None:
    """Return the header of a plain file of which `head` are the first bytes; None where it is not plain.

    Raises EOFError where the header goes on beyond `head` and that is not the whole file, ValueError for more than
    `MOST_ELEMENTS`.
    """
    try:
        return _read(head)
    except _NeedsMore:
        if not is_whole:
            raise EOFError from None
    except _NotPlain:
        pass
    return None


@lru_cache(maxsize=20_000)
def tag_of(number: int) -> BaseTag:
    """Return the one tag object of a number: looking it up in a data set compares no numbers in Python."""
    return BaseTag(number)


def _read(head: bytes) -> PlainHeader:
    if head[128:132] != b"DICM":
        raise _NotPlain
    meta: Elements = {}
    position = _read_explicit(head, 132, meta, in_meta=True)[0]
    uid = meta.get(tag_of(0x00020010))
    raw_syntax = uid.value.rstrip(b"\0 ") if uid is not None and uid.value else b""
    if raw_syntax in _NOT_PLAIN or b"\\" in raw_syntax or not raw_syntax.isascii():
        raise _NotPlain
    elements: Elements = {}
    is_implicit = raw_syntax == _IMPLICIT
    read = _read_implicit if is_implicit else _read_explicit
    _, pixels = read(head, position, elements)
    encoding = _encoding(elements)
    dataset = Dataset(elements)  # type: ignore[arg-type]
    dataset.set_original_encoding(is_implicit, True, encoding)
    dataset.file_meta = FileMetaDataset(meta)  # type: ignore[arg-type]
    dataset.file_meta.set_original_encoding(False, True, default_encoding)
    return PlainHeader(dataset, raw_syntax.decode(), pixels)


def _encoding(elements: Elements) -> str | list[str]:
    element = elements.get(tag_of(0x00080005))
    return default_encoding if element is None else list(_encodings(element.value or b"", element.VR))


@lru_cache(maxsize=100)
def _encodings(raw: bytes, vr: str | None) -> tuple[str, ...]:
    element = RawDataElement(BaseTag(0x00080005), vr, len(raw), raw, 0, vr is None, True)
    try:
        return tuple(convert_encodings(convert_raw_data_element(element).value))
    except Exception:  # of any kind, of damaged names; a picture is one whatever its texts are written in
        return (default_encoding,)


def _read_explicit(
    head: bytes, position: int, elements: Elements, in_meta: bool = False
) -> tuple[int, tuple[int, str | None, int, int] | None]:
    """Read elements with explicit VR until the pixels, the end, or in the file meta information the next group."""
    size = len(head)
    while position < size:
        if position + 12 > size:
            raise _NeedsMore
        group, element, code, length = _unpack_explicit(head, position)
        if in_meta and group != 2:
            break
        number, value = group << 16 | element, position + 8
        vr = _SHORT.get(code)
        if vr is None:
            vr = _LONG.get(code)
            if vr is None:
                raise _NotPlain
            (length,) = _unpack_length(head, value)
            value += 4
        elif length > 0 and 2 < group < 0x7FE0 and value + length <= size and len(elements) < MOST_ELEMENTS:
            # most elements: what `_add` does, and what is asked below, without a call for each
            tag, position = tag_of(number), value + length
            elements[tag] = _new(
                RawDataElement, (tag, vr, length, head[value:position], value, False, True, *_LAST_FIELDS))
            continue
        if number in PIXEL_TAGS:
            return position, (number, vr, value, length)
        if group == 0 or (group == 2 and not in_meta):
            raise _NotPlain
        position = _add(head, elements, number, vr, value, length, False)
    return position, None


def _read_implicit(
    head: bytes, position: int, elements: Elements
) -> tuple[int, tuple[int, str | None, int, int] | None]:
    """Read elements with implicit VR until the pixels or the end."""
    size = len(head)
    if head[position + 4:position + 6].isalpha():  # explicit VRs in spite of the transfer syntax
        raise _NotPlain
    while position < size:
        if position + 8 > size:
            raise _NeedsMore
        group, element, length = _unpack_implicit(head, position)
        number, value = group << 16 | element, position + 8
        if number in PIXEL_TAGS:
            return position, (number, None, value, length)
        if group in (0, 2, 0xFFFE):
            raise _NotPlain
        position = _add(head, elements, number, None, value, length, True)
    return position, None


def _add(
    head: bytes, elements: Elements, number: int, vr: str | None, value: int, length: int, is_implicit: bool
) -> int:
    """Add one element, and return where the next begins."""
    tag = tag_of(number)
    if length == UNDEFINED:
        if vr is None:
            vr = _vr_of_undefined(head, number, value)
        if vr != "SQ":
            raise _NotPlain
        end, after = _end_of_sequence(head, value, is_implicit)
        length = end - value
    else:
        end = after = value + length
    if length > LARGEST_VALUE:
        raise _NotPlain
    if end > len(head):
        raise _NeedsMore
    if len(elements) >= MOST_ELEMENTS:
        raise ValueError(TOO_MANY_ELEMENTS)
    raw = head[value:end] if length else _EMPTY[vr]
    # as RawDataElement(...) does, without a call in Python for each of a scan's hundred thousand elements
    elements[tag] = _new(RawDataElement, (tag, vr, length, raw, value, is_implicit, True, *_LAST_FIELDS))
    return after


def _vr_of_undefined(head: bytes, number: int, value: int) -> str:
    """Return "SQ" for an element of undefined length that is a sequence, known or by its first item."""
    try:
        return str(dictionary_VR(number))
    except KeyError:
        if value + 4 > len(head):
            raise _NeedsMore from None
        return "SQ" if head[value:value + 4] == b"\xfe\xff\x00\xe0" else ""


def _end_of_sequence(head: bytes, position: int, is_implicit: bool) -> tuple[int, int]:
    """Return where a sequence of undefined length ends, before and after its delimiter; goes into no depth of calls."""
    in_item = [False]  # of each open level: whether it is an item, in which elements follow, or a sequence of items
    while True:
        if position + 8 > len(head):
            raise _NeedsMore
        group, element, length = _unpack_implicit(head, position)
        number = group << 16 | element
        start, position = position, position + 8
        if number == (_ITEM_END if in_item[-1] else _SEQUENCE_END):
            in_item.pop()
            if not in_item:
                return start, position
        elif group == 0xFFFE:
            if in_item[-1] or number != _ITEM:
                raise _NotPlain
            if length == UNDEFINED:
                in_item.append(True)
            else:
                position += length
        elif not in_item[-1]:
            raise _NotPlain
        else:
            position, length = _value_of_nested(head, start, is_implicit)
            if length == UNDEFINED:
                in_item.append(False)
            else:
                position += length


def _value_of_nested(head: bytes, position: int, is_implicit: bool) -> tuple[int, int]:
    """Return where a nested element's value begins, and its length."""
    if is_implicit:
        return position + 8, _unpack_length(head, position + 4)[0]
    code = head[position + 4:position + 6]
    if code in _SHORT:
        return position + 8, head[position + 6] | head[position + 7] << 8
    if code not in _LONG:
        raise _NotPlain
    if position + 12 > len(head):
        raise _NeedsMore
    length = _unpack_length(head, position + 8)[0]
    if length == UNDEFINED and code == b"UN":  # its items have implicit VRs (PS3.5 6.2.2)
        raise _NotPlain
    return position + 12, length
