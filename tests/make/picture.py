"""Picture files from arrays: PNG, JPEG, TIFF, BMP and WebP."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray


def make_picture(path: Path, pixels: NDArray[Any], orientation: int = 1, **options: Any) -> Path:
    """Write `pixels`, (rows, columns) or (rows, columns, 3 or 4), in the format of the path's suffix; return the path.

    `orientation` is the EXIF Orientation; `options` go to Pillow's `save` (quality, lossless, tiffinfo).
    """
    if orientation != 1:
        options["exif"] = PIL.Image.Exif()
        options["exif"][0x0112] = orientation
    PIL.Image.fromarray(pixels).save(path, **options)
    return path


def make_pages(path: Path, pages: Sequence[NDArray[Any]]) -> Path:
    """Write a TIFF or WebP of several frames; return the path."""
    first, *others = [PIL.Image.fromarray(page) for page in pages]
    first.save(path, save_all=True, append_images=others)
    return path


def gradient(rows: int = 12, columns: int = 20, dtype: Any = np.uint8) -> NDArray[Any]:
    """Return a picture that no rotation or flip leaves as it is, over the whole range of the integer `dtype`."""
    top = np.iinfo(dtype).max
    return np.linspace(0, top, rows * columns).round().reshape(rows, columns).astype(dtype)
