"""RLE Lossless (PS3.5 Annex G): each byte of the samples is a segment, the most significant first."""

import struct
import sys
from importlib.util import find_spec
from itertools import pairwise

import numpy as np

from core.dicom.decoders.decoder import Decoder, Samples, shaped
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes


def is_available() -> bool:
    """Return whether pylibjpeg-rle is installed."""
    return find_spec("rle") is not None


def decode(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of an RLE frame; one bit for each pixel is packed within its only segment."""
    segments = _segments(encoded.tobytes(), pixel_format.pixels)
    if pixel_format.bits_allocated == 1:
        packed = _checked(_decoded(segments[0]), (pixel_format.pixels + 7) // 8)
        bits = np.unpackbits(packed, count=pixel_format.pixels, bitorder="little")
        return Samples(shaped(bits, pixel_format, False), pixel_format.photometric)
    size = pixel_format.bits_allocated // 8
    if len(segments) != size * pixel_format.samples:
        raise ValueError(f"{len(segments)} RLE segments")
    cells = np.empty((pixel_format.pixels, pixel_format.samples, size), np.uint8)
    for index, segment in enumerate(segments):
        sample, byte = divmod(index, size)
        # into the integers as this machine has them
        place = size - 1 - byte if sys.byteorder == "little" else byte
        cells[:, sample, place] = _checked(_decoded(segment), pixel_format.pixels)
    values = cells.view(f"u{size}").reshape(-1)
    return Samples(shaped(values, pixel_format, False), pixel_format.photometric)


def _checked(segment: Bytes, length: int) -> Bytes:
    """Return so many bytes of a segment. Raises ValueError where it has fewer: NumPy would make up the others."""
    if segment.size < length:
        raise ValueError(f"an RLE segment of {segment.size} bytes for {length}")
    return segment[:length]


def _segments(encoded: bytes, pixels: int) -> list[bytes]:
    """Return the encoded segments of a frame, none longer than so many bytes can be coded in."""
    count, *offsets = struct.unpack("<16L", encoded[:64])
    if not 1 <= count <= 15:
        raise ValueError(f"{count} RLE segments")
    bounds = [*offsets[:count], len(encoded)]
    if any(end <= start for start, end in pairwise(bounds)):  # of an empty one the decoder would panic
        raise ValueError("an RLE segment without bytes")
    longest = 2 * pixels + 2  # each byte by itself: what lies behind has no meaning, and may be a lot when decoded
    return [encoded[start:min(end, start + longest)] for start, end in pairwise(bounds)]


def _decoded(segment: bytes) -> Bytes:
    from rle.utils import decode_segment

    return np.frombuffer(decode_segment(segment), np.uint8)


DECODER = Decoder("pylibjpeg-rle", is_available, decode, is_safe=True)
