"""Values of a data set's attributes in plain types; what is missing or malformed is None, "" or empty."""

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from struct import Struct
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from core.dicom.plain_header import tag_of

# Text of one set of characters, whatever the file's: in ASCII all that PS3.5 6.1.2 allows begin alike
_TEXT_VRS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "SH", "TM", "UI"})
# escapes to other character sets, and blanks that pydicom strips from some kinds of values and keeps in others
_NOT_PLAIN = re.compile(rb"[\t-\r\x1b-\x1f]")
_SOUND_INTEGERS = re.compile(rb" *[+-]?[0-9]{1,12} *(?:\\ *[+-]?[0-9]{1,12} *)*\0?")
_DECIMAL = rb" *[+-]?(?:[0-9]{1,16}(?:\.[0-9]{0,16})?|\.[0-9]{1,16})(?:[eE][+-]?[0-9]{1,2})? *"
_SOUND_DECIMALS = re.compile(_DECIMAL + rb"(?:\\" + _DECIMAL + rb")*\0?")
_NUMBERS = {"US": Struct("<H"), "SS": Struct("<h"), "UL": Struct("<L"), "SL": Struct("<l")}


def value_of(dataset: Dataset, keyword: str) -> Any:
    """Return an attribute's value as pydicom gives it, None where it is missing, empty or cannot be understood."""
    tag, _ = _tag_and_vr(keyword)
    if tag is None or tag not in dataset.keys():  # noqa: SIM118  (the data set's own `in` takes ten times as long)
        return None
    try:
        value = dataset[tag].value
    except Exception:  # a damaged value raises any of a dozen exceptions in pydicom: it counts as missing
        return None
    return None if value is None or value == "" or value == b"" else value


def text(dataset: Dataset, keyword: str) -> str:
    """Return an attribute as text, its first value where there are several."""
    tag, vr = _tag_and_vr(keyword)
    if tag is None or tag not in dataset.keys():  # noqa: SIM118
        return ""
    if (plain := _plain_texts(dataset, tag, vr)) is not None:
        return plain[0].strip(" \0") if plain else ""
    return next((str(one).strip(" \0") for one in _all(value_of(dataset, keyword))), "")


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Return all values of an attribute as text."""
    tag, vr = _tag_and_vr(keyword)
    if tag is None or tag not in dataset.keys():  # noqa: SIM118
        return ()
    if (plain := _plain_texts(dataset, tag, vr)) is not None:
        return tuple(one.strip(" \0") for one in plain)
    return tuple(str(one).strip(" \0") for one in _all(value_of(dataset, keyword)))


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the values of an attribute as numbers, up to the first that is no finite number."""
    tag, vr = _tag_and_vr(keyword)
    if tag is None or tag not in dataset.keys():  # noqa: SIM118
        return ()
    if (plain := _plain_numbers(dataset, tag, vr)) is not None:
        return plain
    found = []
    for one in _all(value_of(dataset, keyword)):
        try:
            value = float(one)
        except (TypeError, ValueError, OverflowError):
            break
        if not math.isfinite(value):
            break
        found.append(value)
    return tuple(found)


def number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first value of an attribute as a finite number."""
    values = numbers(dataset, keyword)
    return values[0] if values else None


def integer(dataset: Dataset, keyword: str, default: int | None = None) -> int | None:
    """Return the first value of an attribute as a whole number."""
    value = number(dataset, keyword)
    return default if value is None else int(value)


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """Return the items of a sequence."""
    value = value_of(dataset, keyword)
    if not isinstance(value, Iterable) or isinstance(value, str | bytes):
        return ()
    return tuple(item for item in value if isinstance(item, Dataset))


def first_item(dataset: Dataset, keyword: str) -> Dataset | None:
    """Return the first item of a sequence."""
    found = items(dataset, keyword)
    return found[0] if found else None


def raw_bytes(dataset: Dataset, keyword: str) -> bytes:
    """Return the bytes of an attribute of VR OB, OW or OV."""
    value = value_of(dataset, keyword)
    return bytes(value) if isinstance(value, bytes | bytearray) else b""


def _all(value: Any) -> Iterable[Any]:
    if value is None or isinstance(value, Sequence):  # a sequence where text or numbers are due: a damaged VR
        return ()
    return value if isinstance(value, MultiValue | list | tuple) else (value,)


@lru_cache(maxsize=5000)
def _tag_and_vr(keyword: str) -> tuple[BaseTag | None, str]:
    number = tag_for_keyword(keyword)
    return (None, "") if number is None else (tag_of(number), dictionary_VR(number))


def _plain_texts(dataset: Dataset, tag: BaseTag, vr: str) -> list[str] | None:
    """Return the values of an unconverted element of ASCII text, as pydicom would give them; None for any other.

    Converting an element with pydicom takes ten times as long, and the headers of thousands of files are read.
    """
    element = dataset.get_item(tag, keep_deferred=True)
    if not isinstance(element, RawDataElement) or (element.VR or vr) not in _TEXT_VRS:
        return None
    raw = element.value
    if raw is None or not raw.isascii() or _NOT_PLAIN.search(raw):
        return None
    stripped = raw.decode("ascii").rstrip(" \0")
    return stripped.split("\\") if stripped else []


def _plain_numbers(dataset: Dataset, tag: BaseTag, vr: str) -> tuple[float, ...] | None:
    """Return the values of an unconverted element of sound numbers; None for any other."""
    element = dataset.get_item(tag, keep_deferred=True)
    if not isinstance(element, RawDataElement) or not element.value:
        return None
    raw, vr = element.value, element.VR or vr
    if (packed := _NUMBERS.get(vr)) is not None:
        return packed.unpack(raw) if element.is_little_endian and len(raw) == packed.size else None
    if vr not in ("DS", "IS") or not (_SOUND_DECIMALS if vr == "DS" else _SOUND_INTEGERS).fullmatch(raw):
        return None
    return tuple(map(float, raw.rstrip(b" \0").split(b"\\")))
