"""PALETTE COLOR and supplemental palettes: the three tables of a data set, plain or segmented (PS3.3 C.7.9)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.lookup_item import first_input, words_of
from core.dicom.values import integer, numbers, text

AT_ONCE = 1 << 18  # values that are looked up

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """Colors of 8 bits, (entries, 3) uint8; the first stands for the stored value `first` and all below it."""

    first: int
    colors: NDArray[np.uint8]

    def apply(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the colors of stored values: (rows, columns) integers to (rows, columns, 3) uint8."""
        result = np.empty((*stored.shape, 3), np.uint8)
        flat, colors = stored.reshape(-1), result.reshape(-1, 3)
        for start in range(0, flat.size, AT_ONCE):  # indices of the whole would take many times its memory
            index = np.clip(flat[start:start + AT_ONCE].astype(np.int64) - self.first, 0, len(self.colors) - 1)
            np.take(self.colors, index, axis=0, out=colors[start:start + AT_ONCE])
        return result

    def spread(self) -> NDArray[np.uint8]:
        """Return the colors of 256 even steps from the first entry to the last, (256, 3) uint8."""
        return self.colors[np.rint(np.linspace(0, len(self.colors) - 1, 256)).astype(np.intp)]


def read_palette(dataset: Dataset) -> Palette | None:
    """Return a data set's palette, None where a table is missing or empty.

    Entries of 16 bits are shown by their high byte, as the standard's palettes are meant. The tables may begin with
    other values: beyond its ends each goes on with its first and its last entry.
    """
    tables, firsts, is_signed = [], [], integer(dataset, "PixelRepresentation") == 1
    for color in ("Red", "Green", "Blue"):
        descriptor = numbers(dataset, f"{color}PaletteColorLookupTableDescriptor")
        if len(descriptor) != 3:
            return None
        count, first, bits = (int(number) for number in descriptor)
        table = _table(dataset, color, (count & 0xFFFF) or 65536, bits)
        if table.size == 0:
            return None
        tables.append(table)
        firsts.append(first_input(first, is_signed))
    inputs = np.arange(min(firsts), max(first + table.size for first, table in zip(firsts, tables, strict=True)))
    colors = [np.take(table, inputs - first, mode="clip") for first, table in zip(firsts, tables, strict=True)]
    return Palette(min(firsts), np.stack(colors, axis=-1))


def first_color(dataset: Dataset, is_signed: bool) -> int | None:
    """Return the stored value from which on a gray image's values stand for colors, None for no such image.

    Its palette is a supplemental one: values below the first that it maps are gray (PS3.3 C.8.16.2.1.1.1, C.7.6.19).
    """
    descriptor = numbers(dataset, "RedPaletteColorLookupTableDescriptor")
    if text(dataset, "PixelPresentation") not in ("COLOR", "MIXED") or len(descriptor) != 3:
        return None
    return first_input(descriptor[1], is_signed)


def _table(dataset: Dataset, color: str, count: int, bits: int) -> NDArray[np.uint8]:
    plain = f"{color}PaletteColorLookupTableData"
    if plain in dataset:
        entries = words_of(dataset, plain, count, bits).astype(np.int64)
    else:
        segmented = words_of(dataset, f"Segmented{plain}", 1 << 20, bits)
        entries = expand_segments(segmented.astype(np.int64).tolist(), bits)[:count]
    if bits > 8 or entries.max(initial=0) > 255:
        entries = entries >> 8
    return entries.astype(np.uint8)


def expand_segments(words: list[int], bits: int = 16) -> NDArray[np.int64]:
    """Return the entries that a segmented table of words, or of bytes for up to 8 `bits`, stands for (PS3.3 C.7.9.2).

    Raises ValueError where it is malformed.
    """
    entries: list[int] = []
    _expand(words, bits, 0, None, entries)
    return np.array(entries, np.int64)


def _expand(words: list[int], bits: int, start: int, limit: int | None, entries: list[int]) -> None:
    """Append the entries of `limit` segments, or of all, from an offset on."""
    width, offset_words = (8, 4) if bits <= 8 else (16, 2)  # an offset has 32 bits (C.7.9.2.3)
    position, done, end = start, 0, len(words)
    while position + 1 < end and (limit is None or done < limit):
        operation, length = words[position], words[position + 1]
        body = position + 2
        if length < 1:  # else a small table could send us round for hours
            raise ValueError("an empty palette segment")
        if operation == _DISCRETE:
            entries.extend(words[body:body + length])
            position = body + length
        elif operation == _LINEAR:
            if not entries or body >= end:
                raise ValueError("a palette cannot start with a linear segment")
            # from the entry before, which is not repeated, to the given one
            entries.extend(np.rint(np.linspace(entries[-1], words[body], length + 1)[1:]).astype(int).tolist())
            position = body + 1
        elif operation == _INDIRECT and limit is None and body + offset_words <= end:
            parts = words[body:body + offset_words]
            offset = sum(part << width * place for place, part in enumerate(parts))
            _expand(words, bits, offset, length, entries)
            position = body + offset_words
        else:
            raise ValueError(f"unknown palette segment {operation}")
        if len(entries) > 1 << 17:
            raise ValueError("a palette of too many entries")
        done += 1
