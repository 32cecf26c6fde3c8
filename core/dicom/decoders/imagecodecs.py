"""JPEG XL by libjxl, High-Throughput JPEG 2000 by OpenJPH, JPEG of 8 and 12 bits by libjpeg-turbo: by imagecodecs.

Of its many codecs these are the ones in use; the packaged program holds no others.
"""

import struct
from importlib.util import find_spec
from typing import Any

from numpy.typing import NDArray

from core.dicom.decoders.decoder import Decoder, NotForThisDecoder, Samples, in_cells
from core.dicom.decoders.jpeg_stream import color_space, read_jpeg_stream
from core.dicom.decoders.jpegxl_stream import read_size
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes

_DCT_PROCESSES = (0xC0, 0xC1, 0xC2)
_SIZ = b"\xff\x4f\xff\x51"


def is_available() -> bool:
    """Return whether imagecodecs is installed."""
    return find_spec("imagecodecs") is not None


def decode_jpeg(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a baseline, extended or progressive JPEG of 8 or 12 bits, in the stream's color space."""
    import imagecodecs

    raw = encoded.tobytes()
    stream = read_jpeg_stream(raw)
    if stream.precision not in (8, 12) or stream.process not in _DCT_PROCESSES:
        raise NotForThisDecoder(f"JPEG of {stream.precision} bits, process {stream.process - 0xC0}")
    stream.check_size(pixel_format.rows, pixel_format.columns)
    if len(stream.components) == 1:
        return Samples(imagecodecs.jpeg8_decode(raw), pixel_format.photometric, stream.precision)
    if len(stream.components) != 3:
        raise NotForThisDecoder(f"JPEG of {len(stream.components)} components")
    photometric = color_space(stream, pixel_format.photometric)
    space = "RGB" if photometric == "RGB" else "YCBCR"
    values = imagecodecs.jpeg8_decode(raw, colorspace=space, outcolorspace=space)  # the samples as they are
    return Samples(values, photometric, stream.precision)


def decode_htj2k(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a High-Throughput JPEG 2000 frame; the color transforms are undone."""
    import imagecodecs

    raw = encoded.tobytes()
    precision = _check_code_stream(raw, pixel_format)
    values = imagecodecs.htj2k_decode(raw)
    photometric = "RGB" if pixel_format.photometric in ("YBR_ICT", "YBR_RCT") else pixel_format.photometric
    return in_cells(_without_axis_of_one(values), photometric, precision, pixel_format)


def decode_jpegxl(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a JPEG XL frame; libjxl gives color as RGB, whatever the stream has it in.

    A recompressed JPEG (.111) comes out as libjxl renders it, within a gray level or two of the JPEG's own decoding.
    """
    import imagecodecs

    raw = encoded.tobytes()
    rows, columns = read_size(raw)
    if sorted((rows, columns)) != sorted((pixel_format.rows, pixel_format.columns)):  # it may lie on its side
        raise ValueError(f"its code stream has {columns} × {rows} pixels")
    values = _without_axis_of_one(imagecodecs.jpegxl_decode(raw, numthreads=1))
    precision = min(8 * values.dtype.itemsize, pixel_format.bits_stored)
    return Samples(values, "RGB" if pixel_format.samples == 3 else pixel_format.photometric, precision)


def _check_code_stream(raw: bytes, pixel_format: PixelFormat) -> int:
    """Return the precision in a JPEG 2000 code stream's SIZ segment (ITU-T T.800 A.5.1).

    Raises ValueError where its size is not the header's: before a decoder makes room for it.
    """
    start = raw.find(_SIZ)
    if start < 0 or len(raw) < start + 43:
        raise ValueError("no JPEG 2000 code stream")
    right, bottom, left, top = struct.unpack_from(">4L", raw, start + 8)
    if (bottom - top, right - left) != (pixel_format.rows, pixel_format.columns):
        raise ValueError(f"its code stream has {right - left} × {bottom - top} pixels")
    return (raw[start + 42] & 0x7F) + 1


def _without_axis_of_one(values: NDArray[Any]) -> NDArray[Any]:
    return values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values


JPEG = Decoder("imagecodecs (libjpeg-turbo)", is_available, decode_jpeg, is_safe=False)
HTJ2K = Decoder("imagecodecs (OpenJPH)", is_available, decode_htj2k, is_safe=False)
JPEG_XL = Decoder("imagecodecs (libjxl)", is_available, decode_jpegxl, is_safe=False)
