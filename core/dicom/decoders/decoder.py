"""What every decoder is: a name, whether it is installed, and one function from a frame's bytes to its samples."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes


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
