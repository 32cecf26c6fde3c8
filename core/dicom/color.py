"""Color samples to RGB of 8 bits: YBR, palettes, more than 8 bits (PS3.3 C.7.6.3.1.2)."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

STRIP_SAMPLES = 1 << 20  # converted at once

Rgb = NDArray[np.uint8]

# rows give R, G, B from Y, Cb - 128, Cr - 128; for the partial range Y is 16-235, Cb and Cr 16-240
_FULL = np.array([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]], np.float32)
_PARTIAL = np.array([[1.1644, 0, 1.5960], [1.1644, -0.3917, -0.8130], [1.1644, 2.0173, 0]], np.float32)


def to_rgb(values: NDArray[Any], photometric: str, bits: int) -> Rgb:
    """Return (rows, columns, 3) uint8 of samples of `bits` bits in the color space `photometric`.

    RGB of more than 8 bits is scaled by 255 over the greatest value. ARGB loses its transparency, CMYK is converted
    without a profile. The result may lie where the samples did, if those may be written to. Raises ValueError for
    color spaces that are none of these.
    """
    if photometric == "ARGB":
        values, photometric = values[..., 1:], "RGB"
    if photometric == "CMYK":
        return _in_strips(to_byte(values, bits), _darkened)
    values = to_byte(values[..., :3], bits)
    if photometric.startswith("YBR_PARTIAL"):
        return _converted(values, _PARTIAL, 16)
    if photometric in ("YBR_FULL", "YBR_FULL_422"):
        return _converted(values, _FULL, 0)
    if photometric in ("RGB", "YBR_RCT", "YBR_ICT"):
        return np.ascontiguousarray(values)
    raise ValueError(f"color space {photometric}")


def to_byte(values: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Return unsigned samples of `bits` bits as 8 bits: 0 stays 0 and the greatest value becomes 255."""
    if values.dtype == np.uint8 and bits == 8:
        return values

    def scaled(part: NDArray[Any]) -> NDArray[Any]:
        return part.astype(np.float64) * (255.0 / (2.0**bits - 1.0))

    return _in_strips(values, scaled)


def _converted(values: NDArray[np.uint8], matrix: NDArray[np.float32], black: int) -> Rgb:
    offset = -matrix @ np.array([black, 128, 128], np.float32)
    transform = np.column_stack([matrix, offset])

    def converted(part: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(cv2.transform(np.ascontiguousarray(part).astype(np.float32), transform))

    return _in_strips(values, converted)


def _darkened(inks: NDArray[Any]) -> NDArray[Any]:
    """Return RGB of what cyan, magenta, yellow and black leave of the light, 0-255 each."""
    light = 255 - inks
    return np.asarray((light[..., :3].astype(np.float32) * light[..., 3:] + 127) // 255)


def _in_strips(values: NDArray[Any], convert: Callable[[NDArray[Any]], NDArray[Any]]) -> NDArray[np.uint8]:
    """Return samples, by rows, converted and rounded to 8 bits, some rows at a time.

    Floating point numbers of the whole picture would take many times its own memory. Bytes that may be written to are
    converted where they lie.
    """
    shape = (len(values), *convert(values[:1]).shape[1:])
    is_own = values.dtype == np.uint8 and values.shape == shape and values.flags.carray
    result = values if is_own else np.empty(shape, np.uint8)
    rows = max(1, STRIP_SAMPLES // max(values[:1].size, 1))
    for start in range(0, len(values), rows):
        part = convert(values[start:start + rows])
        result[start:start + rows] = np.clip(np.rint(part, out=part), 0, 255, out=part)
    return result
