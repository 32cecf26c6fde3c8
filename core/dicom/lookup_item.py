"""The item of a Modality or VOI LUT Sequence as a LookupTable (PS3.3 C.11.1.1.1, C.11.2.1.1)."""

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.values import numbers, text, value_of
from core.dicom.words import swapped_words
from core.imaging.lookup import LookupTable


def lookup_table(item: Dataset, is_input_signed: bool) -> LookupTable | None:
    """Return a LUT item's table; None where it holds no entries.

    What is declared impossibly is set right: fewer entries than declared are taken as they are, surplus is cut, and
    bits are raised to what the entries need. `is_input_signed` says whether inputs may be below zero: the VR of the
    first input is ambiguous and depends on it.
    """
    descriptor = numbers(item, "LUTDescriptor")
    if len(descriptor) != 3:
        return None
    count, bits = (int(descriptor[place]) for place in (0, 2))
    count = (count & 0xFFFF) or 65536
    entries = words_of(item, "LUTData", count, bits)
    if entries.size == 0:
        return None
    needed = max(int(entries.max()).bit_length(), 1)
    entries.flags.writeable = False
    first = first_input(descriptor[1], is_input_signed)
    return LookupTable(first, entries, max(bits if 1 <= bits <= 16 else 16, needed), text(item, "LUTExplanation"))


def first_input(written: float, is_signed: bool) -> int:
    """Return the second value of a table's descriptor, whichever of its two VRs it was written with."""
    first = int(written) & 0xFFFF
    return first - 0x10000 if is_signed and first >= 0x8000 else first


def words_of(item: Dataset, keyword: str, count: int, bits: int) -> NDArray[np.unsignedinteger]:
    """Return up to `count` entries of a table's data, uint8 or uint16: words, or bytes where that is what fits."""
    value = value_of(item, keyword)
    if isinstance(value, bytes | bytearray):
        is_big_endian = item.original_encoding[1] is False
        if bits <= 8 and len(value) <= count + 1:
            packed = np.frombuffer(value, np.uint8)
            is_swapped = is_big_endian and item[keyword].VR == "OW"
            return (swapped_words(packed) if is_swapped else packed)[:count].copy()
        words = np.frombuffer(value[:len(value) // 2 * 2], ">u2" if is_big_endian else "<u2")
    else:
        words = np.atleast_1d(np.array([] if value is None else value, dtype=np.int64)) & 0xFFFF
        if bits <= 8 and words.size and words.size <= (count + 1) // 2 < count:
            # Two 8-bit entries in each word, the first in the low byte (PS3.3 C.11.1.1.1 for VR OW or US)
            return words.astype("<u2").view(np.uint8)[:count].copy()
    return words[:count].astype(np.uint16)
