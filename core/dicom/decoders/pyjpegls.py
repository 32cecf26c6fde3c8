"""JPEG-LS, by CharLS through pyjpegls."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from core.dicom.decoders.decoder import Decoder, Samples, in_cells, shaped
from core.dicom.decoders.jpeg_stream import read_jpeg_stream
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes


def is_available() -> bool:
    """Return whether pyjpegls is installed."""
    return find_spec("jpeg_ls") is not None


def decode(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a JPEG-LS frame; interleave mode 0 is color by plane, 1 and 2 are color by pixel."""
    from jpeg_ls import decode_pixel_data

    stream = encoded.tobytes()
    read_jpeg_stream(stream).check_size(pixel_format.rows, pixel_format.columns)
    raw, facts = decode_pixel_data(stream)
    precision = int(facts["bits_per_sample"])
    values = np.frombuffer(raw, np.uint8 if precision <= 8 else np.dtype("<u2"))
    coded = replace(pixel_format, samples=int(facts["components"]))
    values = shaped(values, coded, facts["interleave_mode"] == 0)
    return in_cells(values, pixel_format.photometric, precision, pixel_format)


DECODER = Decoder("pyjpegls", is_available, decode, is_safe=False)
