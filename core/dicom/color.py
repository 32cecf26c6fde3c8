"""Color samples to RGB of 8 bits: YBR, palettes, more than 8 bits (PS3.3 C.7.6.3.1.2)."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]

# rows give R, G, B from Y, Cb - 128, Cr - 128; for the partial range Y is 16-235, Cb and Cr 16-240
_FULL = np.array([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]], np.float32)
_PARTIAL = np.array([[1.1644, 0, 1.5960], [1.1644, -0.3917, -0.8130], [1.1644, 2.0173, 0]], np.float32)


def to_rgb(values: NDArray[Any], photometric: str, bits: int) -> Rgb:
    """Return (rows, columns, 3) uint8 of samples of `bits` bits in the color space `photometric`.

    RGB of more than 8 bits is scaled by 255 over the greatest value. ARGB loses its transparency, CMYK is converted
    without a profile. Raises ValueError for color spaces that are none of these.
    """
    if photometric == "ARGB":
        values, photometric = values[..., 1:], "RGB"
    if photometric == "CMYK":
        light = 255 - to_byte(values, bits).astype(np.uint16)
        return np.asarray((light[..., :3] * light[..., 3:] + 127) // 255).astype(np.uint8)
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
    scaled = values.astype(np.float64) * (255.0 / (2.0**bits - 1.0))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def _converted(values: NDArray[np.uint8], matrix: NDArray[np.float32], black: int) -> Rgb:
    offset = -matrix @ np.array([black, 128, 128], np.float32)
    ybr = np.ascontiguousarray(values).astype(np.float32)
    rgb = cv2.transform(ybr, np.column_stack([matrix, offset]))
    converted: Rgb = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return converted
