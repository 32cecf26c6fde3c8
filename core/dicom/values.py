"""Values of a data set's attributes in plain types; what is missing or malformed is None, "" or empty."""

import math
from collections.abc import Iterable
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue


def value_of(dataset: Dataset, keyword: str) -> Any:
    """Return an attribute's value as pydicom gives it, None where it is missing, empty or cannot be understood."""
    try:
        value = dataset.get(keyword)
    except Exception:  # a damaged value raises any of a dozen exceptions in pydicom: it counts as missing
        return None
    return None if value is None or value == "" or value == b"" else value


def text(dataset: Dataset, keyword: str) -> str:
    """Return an attribute as text, its first value where there are several."""
    value = value_of(dataset, keyword)
    if isinstance(value, MultiValue | list | tuple):
        value = value[0] if len(value) else ""
    return "" if value is None else str(value).strip(" \0")


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Return all values of an attribute as text."""
    value = value_of(dataset, keyword)
    return tuple(str(one).strip(" \0") for one in _all(value))


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the values of an attribute as numbers, up to the first that is no finite number."""
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
    if value is None:
        return ()
    return value if isinstance(value, MultiValue | list | tuple) else (value,)
