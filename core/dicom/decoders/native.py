"""Pixels that are not compressed, of any number of bits (PS3.5 8.1, 8.2), and deflated frames."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dicom.decoders.decoder import Decoder, NotForThisDecoder, Samples, shaped
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.inflate import inflated_parts, parts_of
from core.dicom.source import Bytes


def is_available() -> bool:
    """NumPy is always there."""
    return True


def decode(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return native samples: a view on `encoded` where its bytes are in this machine's order."""
    if pixel_format.is_subsampled:
        return Samples(_upsampled(encoded, pixel_format), pixel_format.photometric.replace("_422", ""))
    values = shaped(_cells(encoded, pixel_format), pixel_format, pixel_format.is_planar)
    return Samples(values, pixel_format.photometric)


def inflate(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a frame that was deflated by itself (Deflated Image Frame Compression, PS3.5 A.4.14)."""
    raw = np.empty((pixel_format.native_bits + 7) // 8, np.uint8)
    place = 0
    for part in inflated_parts(parts_of(encoded)):
        part = part[:raw.size - place]
        raw[place:place + len(part)] = np.frombuffer(part, np.uint8)
        place += len(part)
        if place == raw.size:
            break
    return decode(raw[:place], pixel_format)


def _cells(encoded: Bytes, pixel_format: PixelFormat) -> NDArray[Any]:
    """Return one number for each cell of Bits Allocated bits."""
    bits = pixel_format.bits_allocated
    if bits in (8, 16, 32, 64):
        kind = "f" if pixel_format.is_float else "u"
        order = ">" if pixel_format.is_big_endian else "<"
        cells = encoded[:encoded.size // (bits // 8) * (bits // 8)].view(f"{order}{kind}{bits // 8}")
        return cells if cells.dtype.isnative else cells.astype(cells.dtype.newbyteorder(sys.byteorder))
    count = min(pixel_format.pixels * pixel_format.samples, encoded.size * 8 // bits)
    if bits == 1:
        return np.unpackbits(encoded, count=count, bitorder="little")
    if bits > 32:
        raise NotForThisDecoder(f"cells of {bits} bits")
    return _packed(encoded, bits, count)


def _packed(encoded: Bytes, bits: int, count: int) -> NDArray[Any]:
    """Return so many cells of 2 to 31 bits that follow each other without a gap, each from its lowest bit on."""
    raw = np.zeros((-(-count // 8), bits), np.uint8)  # eight cells take as many bytes as each has bits
    used = min(raw.size, encoded.size)
    raw.reshape(-1)[:used] = encoded[:used]
    cells = np.empty((len(raw), 8), np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32)
    wide = np.dtype(np.uint16 if bits <= 9 else np.uint32 if bits <= 25 else np.uint64)  # of a cell's bytes
    for place in range(8):
        first, shift = divmod(place * bits, 8)
        found = raw[:, first].astype(wide) >> wide.type(shift)
        for more in range(1, (shift + bits + 7) // 8):
            found |= raw[:, first + more].astype(wide) << wide.type(8 * more - shift)
        cells[:, place] = found & wide.type((1 << bits) - 1)
    return cells.reshape(-1)[:count]


def _upsampled(encoded: Bytes, pixel_format: PixelFormat) -> NDArray[Any]:
    """Return YBR_FULL_422, stored as Y1 Y2 Cb Cr for two pixels, with the chroma given to both (C.7.6.3.1.2)."""
    pairs = encoded[:pixel_format.pixels * 2].reshape(-1, 4)
    full = np.empty((pairs.shape[0], 2, 3), np.uint8)
    full[:, :, 0] = pairs[:, :2]
    full[:, :, 1:] = pairs[:, None, 2:]
    return full.reshape(pixel_format.rows, pixel_format.columns, 3)


DECODER = Decoder("native", is_available, decode, is_safe=True, is_copying=True)
INFLATER = Decoder("zlib", is_available, inflate, is_safe=True)
