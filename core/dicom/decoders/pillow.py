"""JPEG of 8 bits, by libjpeg through Pillow, and Pillow's pictures as arrays."""

import io
from collections.abc import Iterable, Iterator
from contextlib import closing
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dicom.decoders.decoder import Decoder, NotForThisDecoder, Samples
from core.dicom.decoders.jpeg_stream import JpegStream, color_space, has_many_scans, read_jpeg_stream
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes

if TYPE_CHECKING:
    import PIL.Image

STRIP_PIXELS = 1 << 17  # of a picture that become an array at once


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
    with closing(PIL.Image.open(io.BytesIO(raw), formats=["JPEG"])) as picture:
        if len(stream.components) != 3:
            return Samples(_to_array(picture), pixel_format.photometric, 8)
        wanted = color_space(stream, pixel_format.photometric)
        if wanted == "RGB" and not _libjpeg_takes_for_rgb(stream):
            picture.draft("YCbCr", picture.size)  # the samples as they are, which here means as RGB
        return Samples(_to_array(picture), "RGB", 8)


def strips(picture: "PIL.Image.Image") -> Iterator["PIL.Image.Image"]:
    """Give a picture in parts of some rows, from top to bottom: NumPy takes what is whole by two copies of it."""
    picture.load()
    rows = max(STRIP_PIXELS // max(picture.width, 1), 1)
    for top in range(0, picture.height, rows):
        yield picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def stacked(parts: Iterable[NDArray[Any]], rows: int) -> NDArray[Any]:
    """Return arrays of some rows each, `rows` together and alike in all else, as one."""
    result: NDArray[Any] | None = None
    top = 0
    for part in parts:
        if result is None:
            result = np.empty((rows, *part.shape[1:]), part.dtype)
        result[top:top + len(part)] = part
        top += len(part)
    if result is None or top != rows:
        raise ValueError("a picture without rows")
    return result


def _to_array(picture: "PIL.Image.Image") -> NDArray[np.uint8]:
    return stacked(map(np.asarray, strips(picture)), picture.height)


def _libjpeg_takes_for_rgb(stream: JpegStream) -> bool:
    """Return libjpeg's own guess (default_decompress_parms in jdapimin.c), which Pillow follows."""
    if stream.has_jfif:
        return False
    if stream.adobe_transform is not None:
        return stream.adobe_transform == 0
    return stream.components == (0x52, 0x47, 0x42)


DECODER = Decoder("Pillow", is_available, decode, is_safe=True)
