"""A DICOM file's whole header as rows of text: tag, name, VR, value; sequences with their items (PS3.5 7, 7.8)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.datadict import (
    dictionary_description,
    dictionary_has_tag,
    dictionary_VR,
    keyword_for_tag,
    private_dictionary_description,
)
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from core.dicom.character_set import read_in
from core.dicom.dataset import PixelElement, open_dataset
from core.dicom.guard import guarded, unless_changed
from core.dicom.text_tree import TreeRow
from core.files import Stamp
from core.refusal import Refusal

COLUMNS = ("Tag", "Name", "VR", "Value")
MAX_ROWS = 10_000  # of a file; more than a person goes through, and a bound on memory
MAX_DEPTH = 60  # of sequences within sequences; real files have fewer than ten
MAX_TEXT = 2_000  # characters of one value
UNREADABLE = "cannot be read"

_MAX_RAW_BYTES = 1 << 16  # a longer value is no text for a reader: its length is told
_SHOWN_BYTES = 16


def read_header_tree(
    path: Path, character_set: str = "", stamp: Stamp | None = None
) -> tuple[TreeRow, ...] | Refusal:
    """Return all elements of a DICOM file up to its pixels, of which place and length are told; cells as `COLUMNS`.

    Text is read in `character_set` (see `core.dicom.character_set`), "" is what the file declares.
    Values are shortened to `MAX_TEXT` characters; behind `MAX_ROWS` rows a row says that there are more. Never raises
    for what a file can hold: what is no DICOM file, or too damaged to start, is a Refusal, and one that is another file
    than that with the `stamp`.
    """
    return unless_changed(path, stamp, guarded(path, lambda: _read(path, character_set)))


def _read(path: Path, character_set: str) -> tuple[TreeRow, ...]:
    opened = open_dataset(path)
    read_in(opened.dataset, character_set)
    rows = _Rows()
    meta = getattr(opened.dataset, "file_meta", None)
    found = [*rows.of(meta if meta is not None else Dataset()), *rows.of(opened.dataset)]
    if opened.pixels is not None:
        found.append(_pixel_row(opened.pixels))
    if rows.left <= 0:
        found.append(TreeRow(("", f"more than {MAX_ROWS} elements: the rest is not shown", "", "")))
    return tuple(found)


class _Rows:
    """Makes rows until there are enough."""

    def __init__(self) -> None:
        self.left = MAX_ROWS

    def of(self, dataset: Dataset, depth: int = 0) -> tuple[TreeRow, ...]:
        """Return the rows of a data set's elements, in the order of their tags."""
        return tuple(self._elements(dataset, depth))

    def _elements(self, dataset: Dataset, depth: int) -> Iterator[TreeRow]:
        for tag in sorted(dataset.keys()):
            if self.left <= 0:
                return
            self.left -= 1
            yield self._row(dataset, Tag(tag), depth)

    def _row(self, dataset: Dataset, tag: BaseTag, depth: int) -> TreeRow:
        name, shown_tag, names = _name(dataset, tag), f"({tag.group:04X},{tag.element:04X})", _names(tag)
        raw = dataset.get_item(tag, keep_deferred=True)
        vr = str(raw.VR or "") if raw is not None else ""
        length = raw.length if isinstance(raw, RawDataElement) else 0
        if _MAX_RAW_BYTES < length != 0xFFFFFFFF and not _is_sequence(tag, vr):
            return TreeRow((shown_tag, name, vr, f"{length} bytes"), names=names)
        try:
            element = dataset[tag]
            if isinstance(element.value, Sequence):
                items = element.value
                below = tuple(self._items(items, depth + 1))
                return TreeRow((shown_tag, name, "SQ", _count(len(items))), below, names)
            return TreeRow((shown_tag, name, str(element.VR), _value_text(element)), names=names)
        except Exception:  # a damaged value raises any of a dozen exceptions in pydicom; the others are still worth it
            return TreeRow((shown_tag, name, vr, UNREADABLE), names=names)

    def _items(self, items: Iterable[Dataset], depth: int) -> Iterator[TreeRow]:
        if depth >= MAX_DEPTH:
            yield TreeRow(("", "nested too deep to be shown", "", ""))
            return
        for number, item in enumerate(items, 1):
            if self.left <= 0:
                return
            self.left -= 1
            yield TreeRow(("", f"Item {number}", "", ""), self.of(item, depth))


def _is_sequence(tag: BaseTag, vr: str) -> bool:
    """Return what an element's VR says, the dictionary's where the file has none."""
    return vr == "SQ" or (not vr and dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ")


def _names(tag: BaseTag) -> str:
    """How else people write an element down: its number without punctuation, its keyword."""
    return f"{tag.group:04X}{tag.element:04X} {keyword_for_tag(tag)}"


def _name(dataset: Dataset, tag: BaseTag) -> str:
    if tag.is_private:
        return _private_name(dataset, tag)
    if tag.element == 0:
        return "Group Length"
    return dictionary_description(tag) if dictionary_has_tag(tag) else _repeater_name(tag)


def _repeater_name(tag: BaseTag) -> str:
    try:
        return dictionary_description(tag)
    except KeyError:
        return "unknown"


def _private_name(dataset: Dataset, tag: BaseTag) -> str:
    """Return a private element's name where its creator's dictionary is known, and its creator (PS3.5 7.8.1)."""
    if tag.is_private_creator:
        return "Private Creator"
    reserved = Tag(tag.group, tag.element >> 8)
    try:
        creator = str(dataset[reserved].value).strip(" \0") if reserved in dataset else ""
    except Exception:  # as for any damaged value
        creator = ""
    try:
        name = private_dictionary_description(tag, creator) if creator else ""
    except KeyError:
        name = ""
    return f"{name or 'private'} · {creator or 'creator unknown'}"


def _value_text(element: DataElement) -> str:
    value = element.value
    if value is None or value == "" or value == b"":
        return ""
    if isinstance(value, bytes | bytearray):
        return _bytes_text(bytes(value), str(element.VR))
    values = value if isinstance(value, MultiValue | list | tuple) else (value,)
    return _shortened("\\".join(_one_text(one, str(element.VR)) for one in list(values)[:MAX_TEXT]))


def _one_text(value: Any, vr: str) -> str:
    """Return a value as it is written; a binary number by the fewest digits that are no other number's."""
    if isinstance(value, BaseTag):
        return f"({value.group:04X},{value.element:04X})"
    if isinstance(value, UID):
        return f"{value} ({value.name})" if value.name != value else str(value)
    if type(value) is float:  # pydicom's own types of DS and IS keep what the file says, and give it as text
        return repr(float(str(np.float32(value))) if vr == "FL" else value)
    return str(value).strip(" \0")


def _bytes_text(value: bytes, vr: str) -> str:
    start = value[:_SHOWN_BYTES]
    if vr == "UN" and len(value) <= MAX_TEXT and all(32 <= byte < 127 for byte in value.rstrip(b"\0")):
        return value.rstrip(b"\0 ").decode("ascii")
    more = " …" if len(value) > _SHOWN_BYTES else ""
    return f"{len(value)} bytes: {start.hex(' ')}{more}"


def _pixel_row(pixels: PixelElement) -> TreeRow:
    tag = Tag(pixels.tag)
    length = "encapsulated" if pixels.length is None else f"{pixels.length} bytes"
    value = f"{length} from byte {pixels.offset}"
    cells = f"({tag.group:04X},{tag.element:04X})", dictionary_description(tag), pixels.vr or "", value
    return TreeRow(cells, names=_names(tag))


def _shortened(text: str) -> str:
    line = " ⏎ ".join(text[:MAX_TEXT].splitlines())
    return f"{line} …" if len(text) > MAX_TEXT else line


def _count(number: int) -> str:
    return f"{number} {'item' if number == 1 else 'items'}"
