"""Picture files from arrays: PNG, JPEG, TIFF, BMP and WebP."""

import struct
import zlib
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


def make_deep_png(path: Path, pixels: NDArray[np.uint16], transparent: Sequence[int] = ()) -> Path:
    """Write a PNG of 16 bits, gray (rows, columns), or with 2 to 4 channels; return the path.

    `transparent` is the color of a tRNS chunk.
    """
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    rows, columns = pixels.shape[:2]
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.size // (rows * columns)]
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    path.write_bytes(b"".join([
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">LLBBBBB", columns, rows, 16, color_type, 0, 0, 0)),
        chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)) if transparent else b"",
        chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b""),
    ]))
    return path


def make_tiff(path: Path, pages: Sequence[NDArray[Any]], is_planar: bool = False, orientation: int = 1) -> Path:
    """Write an uncompressed TIFF of pages that are gray (rows, columns) or have 2 to 4 channels; return the path.

    SampleFormat is left out of all but signed integers and floats.
    """
    raw = bytearray(b"II*\0" + bytes(4))
    next_at = 4
    for page in pages:
        rows, columns = page.shape[:2]
        channels = page.size // (rows * columns)
        planes = np.moveaxis(page, -1, 0) if is_planar else page[None]
        places = []
        for plane in planes:
            places.append(len(raw))
            raw += plane.astype(plane.dtype.newbyteorder("<")).tobytes()
        tags = {256: [columns], 257: [rows], 258: [8 * page.dtype.itemsize] * channels, 259: [1],
                262: [2 if channels > 2 else 1], 273: places, 274: [orientation], 277: [channels], 278: [rows],
                279: [page.nbytes // len(places)] * len(places), 284: [2 if is_planar else 1]}
        if channels in (2, 4):
            tags[338] = [2]
        if page.dtype.kind in "if":
            tags[339] = [{"i": 2, "f": 3}[page.dtype.kind]] * channels
        entries = b""
        for tag, values in sorted(tags.items()):
            packed = struct.pack(f"<{len(values)}L", *values)
            if len(values) > 1:
                packed = struct.pack("<L", len(raw))
                raw += struct.pack(f"<{len(values)}L", *values)
            entries += struct.pack("<HHL", tag, 4, len(values)) + packed
        struct.pack_into("<L", raw, next_at, len(raw))
        raw += struct.pack("<H", len(tags)) + entries + bytes(4)
        next_at = len(raw) - 4
    path.write_bytes(raw)
    return path
