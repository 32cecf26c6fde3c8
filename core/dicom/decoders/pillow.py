"""JPEG of 8 bits, by libjpeg through Pillow."""

import io
from importlib.util import find_spec

import numpy as np

from core.dicom.decoders.decoder import Decoder, NotForThisDecoder, Samples
from core.dicom.decoders.jpeg_stream import JpegStream, color_space, has_many_scans, read_jpeg_stream
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes


def is_available() -> bool:
    """Return whether Pillow is installed."""
    return find_spec("PIL") is not None


def decode(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a baseline or progressive JPEG of 8 bits, color in the space that `color_space` tells."""
    import PIL.Image

    raw = encoded.tobytes()
    stream = read_jpeg_stream(raw)
    if stream.precision != 8 or stream.process not in (0xC0, 0xC1, 0xC2):
        raise NotForThisDecoder(f"JPEG of {stream.precision} bits")
    stream.check_size(pixel_format.rows, pixel_format.columns)
    if has_many_scans(raw):  # each is a walk over the picture, and they may be thousands: not in this process
        raise NotForThisDecoder("JPEG of many scans")
    with PIL.Image.open(io.BytesIO(raw), formats=["JPEG"]) as picture:
        if len(stream.components) != 3:
            return Samples(np.array(picture), pixel_format.photometric, 8)
        wanted = color_space(stream, pixel_format.photometric)
        if wanted == "RGB" and not _libjpeg_takes_for_rgb(stream):
            picture.draft("YCbCr", picture.size)  # the samples as they are, which here means as RGB
        return Samples(np.array(picture), "RGB", 8)


def _libjpeg_takes_for_rgb(stream: JpegStream) -> bool:
    """Return libjpeg's own guess (default_decompress_parms in jdapimin.c), which Pillow follows."""
    if stream.has_jfif:
        return False
    if stream.adobe_transform is not None:
        return stream.adobe_transform == 0
    return stream.components == (0x52, 0x47, 0x42)


DECODER = Decoder("Pillow", is_available, decode, is_safe=True)
