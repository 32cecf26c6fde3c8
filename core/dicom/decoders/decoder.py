"""What every decoder is: a name, whether it is installed, and one function from a frame's bytes to its samples."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes

_LOSSLESS = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (80, 90, 201, 202))  # JPEG-LS, JPEG 2000, HTJ2K


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One decoded frame: (rows, columns) or (rows, columns, samples) as it was encoded, still in its color space.

    `precision` is the number of bits that the code stream gives a sample, which lie at the low end of each integer;
    None means a native cell, in which High Bit says where they lie. `photometric` is the color space.
    """

    values: NDArray[Any]
    photometric: str
    precision: int | None = None


class NotForThisDecoder(Exception):
    """The code stream is of a kind that this decoder does not know; another may."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """One way to decode a transfer syntax.

    `decode` takes one frame's bytes and the format that the header states. It raises NotForThisDecoder for kinds of
    streams it does not know, and anything else for damaged ones. It is a function of a module. What `is_safe` was never
    seen to end its process or to run away, and works in this one where frames are not large, or where it `is_copying`,
    so that nothing comes out larger than it went in; anything else works in a helper's.
    """

    name: str
    is_available: Callable[[], bool]
    decode: Callable[[Bytes, PixelFormat], Samples]
    is_safe: bool
    is_copying: bool = False


def in_cells(values: NDArray[Any], photometric: str, precision: int, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a stream that may give them more bits than Bits Stored, as it may where cells were coded.

    Without losses such a stream holds whole cells, in which overlays may lie. Under lossy coding what lies beyond Bits
    Stored is an overshoot. A stream wider than the cells has a header that is wrong, and tells its own bits.
    """
    bits = pixel_format.bits_stored
    if not bits < precision <= pixel_format.bits_allocated:
        return Samples(values, photometric, precision)
    if pixel_format.syntax in _LOSSLESS:
        return Samples(values, photometric)
    if pixel_format.is_signed != (values.dtype.kind == "i"):  # whether signs are extended is not known
        return Samples(values, photometric, precision)
    least, most = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if pixel_format.is_signed else (0, (1 << bits) - 1)
    return Samples(np.clip(values, least, most), photometric, bits)


def shaped(values: NDArray[Any], pixel_format: PixelFormat, is_planar: bool) -> NDArray[Any]:
    """Return one-dimensional samples of a frame as (rows, columns) or (rows, columns, samples); a view where it can.

    Raises ValueError where there are too few.
    """
    rows, columns, samples = pixel_format.rows, pixel_format.columns, pixel_format.samples
    values = values[:rows * columns * samples]
    if samples == 1:
        return values.reshape(rows, columns)
    if is_planar:
        return np.moveaxis(values.reshape(samples, rows, columns), 0, -1)
    return values.reshape(rows, columns, samples)
