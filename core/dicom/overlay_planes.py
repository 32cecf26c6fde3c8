"""Overlay planes 60xx: graphics of one bit a pixel, of their own or in unused bits of the pixels (PS3.3 C.9.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from core.dicom.words import swapped_words
from core.imaging.image import OverlayPlane

FIRST_GROUP, LAST_GROUP = 0x6000, 0x601E  # even ones
MAX_SIDE = 65535

Cells = Callable[[], NDArray[Any] | None]  # the frame's cells as they are stored, with all their bits


@dataclass(frozen=True, slots=True, eq=False)
class StoredOverlay:
    """One overlay of a data set. `origin` is the 1-based row and column of its first bit in the image.

    `bits` are packed, the first in the lowest bit; None says that they lie at `bit_position` of the image's pixels.
    `frames` are the indices of the image's frames that it has a plane for; None says that its one plane is for all.
    """

    name: str
    rows: int
    columns: int
    origin: tuple[int, int]
    bits: NDArray[np.uint8] | None
    bit_position: int
    frames: range | None
    group: int


def read_overlays(dataset: Dataset, used_bits: frozenset[int]) -> tuple[StoredOverlay, ...]:
    """Return the overlays of a data set; `used_bits` are the bit positions that the pixels' values take.

    One without size, without bits, or in bits that belong to the values is left out.
    """
    found = (_overlay(dataset, group, used_bits) for group in range(FIRST_GROUP, LAST_GROUP + 1, 2)
             if (group << 16 | 0x0010) in dataset)
    return tuple(one for one in found if one is not None)


def overlay_planes(
    overlays: tuple[StoredOverlay, ...], shape: tuple[int, int], frame: int, cells: Cells
) -> tuple[OverlayPlane, ...]:
    """Return the overlays of a frame as masks of the image's size `shape` (rows, columns); empty ones are left out.

    `frame` is the frame's index; `cells` is asked only where an overlay lies in the pixels' unused bits.
    """
    planes = []
    for one in overlays:
        mask = _own_mask(one, shape, frame) if one.bits is not None else _embedded_mask(one, shape, cells())
        if mask is not None and mask.any():
            mask.flags.writeable = False
            planes.append(OverlayPlane(one.name, mask, one.group))
    return tuple(planes)


def active_groups(dataset: Dataset) -> frozenset[int]:
    """Return the groups of the overlays that a presentation state wants to be seen, its own or the image's (C.11.7)."""
    groups = range(FIRST_GROUP, LAST_GROUP + 1, 2)
    return frozenset(group for group in groups if str(_value(dataset, group << 16 | 0x1001) or "").strip(" \0"))


def _overlay(dataset: Dataset, group: int, used_bits: frozenset[int]) -> StoredOverlay | None:
    def number(element: int, default: int) -> int:
        found = _integers(dataset, group << 16 | element)
        return found[0] if found else default

    rows, columns = number(0x0010, 0), number(0x0011, 0)
    if not (0 < rows <= MAX_SIDE and 0 < columns <= MAX_SIDE):
        return None
    origin = _integers(dataset, group << 16 | 0x0050)
    names = (str(_value(dataset, group << 16 | element) or "").strip(" \0") for element in (0x1500, 0x0022))
    name = next(filter(None, names), f"Overlay {(group - FIRST_GROUP) // 2 + 1}")
    bits = _bits(dataset, group << 16 | 0x3000)
    position = number(0x0102, 0)
    if bits is None and position in used_bits:
        return None
    return StoredOverlay(
        name, rows, columns, (origin[0], origin[1]) if len(origin) == 2 else (1, 1), bits, position,
        _frames(dataset, group), group,
    )


def _frames(dataset: Dataset, group: int) -> range | None:
    """Return the frames that an overlay is for; None is all: it has no attribute of the multi-frame one (C.9.3.1.1).

    The first is that of Image Frame Origin, without which the overlay begins with the image.
    """
    count, origin = (_integers(dataset, group << 16 | element) for element in (0x0015, 0x0051))
    if not count and not origin:
        return None
    first = max(origin[0] - 1, 0) if origin else 0
    return range(first, first + max(count[0] if count else 1, 1))


def _value(dataset: Dataset, tag: int) -> Any:
    """Return the value of a repeating group's element, None where it is missing or cannot be understood."""
    try:
        return dataset[tag].value if tag in dataset else None
    except Exception:  # a damaged value raises any of a dozen exceptions in pydicom: it counts as missing
        return None


def _integers(dataset: Dataset, tag: int) -> tuple[int, ...]:
    value = _value(dataset, tag)
    values = value if isinstance(value, MultiValue | list | tuple) else (value,)
    try:
        return tuple(int(one) for one in values)
    except (TypeError, ValueError, OverflowError):
        return ()


def _bits(dataset: Dataset, tag: int) -> NDArray[np.uint8] | None:
    value = _value(dataset, tag)
    if not isinstance(value, bytes | bytearray) or not value:
        return None
    packed = np.frombuffer(value, np.uint8)
    is_words = dataset[tag].VR == "OW" and dataset.original_encoding[1] is False
    return swapped_words(packed) if is_words else packed


def _own_mask(one: StoredOverlay, shape: tuple[int, int], frame: int) -> NDArray[np.uint8] | None:
    """Return the overlay's plane for a frame laid on the image, None where it has none for it."""
    assert one.bits is not None
    if one.frames is not None and frame not in one.frames:
        return None
    size = one.rows * one.columns
    first = 0 if one.frames is None else one.frames.index(frame) * size
    packed = one.bits[first // 8:(first + size + 7) // 8]
    bits = np.unpackbits(packed, bitorder="little")[first % 8:first % 8 + size]
    whole = np.zeros(size, np.uint8)
    whole[:bits.size] = bits
    return _laid(whole.reshape(one.rows, one.columns), one.origin, shape)


def _embedded_mask(
    one: StoredOverlay, shape: tuple[int, int], cells: NDArray[Any] | None
) -> NDArray[np.uint8] | None:
    if cells is None or cells.dtype.kind not in "iu" or one.bit_position >= 8 * cells.dtype.itemsize:
        return None
    unsigned = cells.view(f"u{cells.dtype.itemsize}")
    bits = ((unsigned >> unsigned.dtype.type(one.bit_position)) & 1).astype(np.uint8)
    return _laid(bits[:one.rows, :one.columns], (1, 1), shape)


def _laid(bits: NDArray[np.uint8], origin: tuple[int, int], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a mask of the image's size with an overlay at its 1-based origin, cut where it leaves the image."""
    mask = np.zeros(shape, np.uint8)
    top, left = origin[0] - 1, origin[1] - 1
    bottom, right = min(top + bits.shape[0], shape[0]), min(left + bits.shape[1], shape[1])
    y, x = max(top, 0), max(left, 0)
    if y < bottom and x < right:
        mask[y:bottom, x:right] = bits[y - top:bottom - top, x - left:right - left] * 255
    return mask
