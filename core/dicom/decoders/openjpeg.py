"""JPEG 2000 and High-Throughput JPEG 2000, by pylibjpeg-openjpeg."""

from importlib.util import find_spec

from core.dicom.decoders.decoder import Decoder, Samples, in_cells
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes


def is_available() -> bool:
    """Return whether pylibjpeg-openjpeg is installed."""
    return find_spec("openjpeg") is not None


def decode(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of a JPEG 2000 frame; the reversible and irreversible color transforms are undone."""
    from openjpeg.utils import decode as decode_stream
    from openjpeg.utils import get_parameters

    stream = encoded.tobytes()
    parameters = get_parameters(stream)
    if (parameters["rows"], parameters["columns"]) != (pixel_format.rows, pixel_format.columns):
        raise ValueError(f"its code stream has {parameters['columns']} × {parameters['rows']} pixels")
    values = decode_stream(stream)
    photometric = "RGB" if pixel_format.photometric in ("YBR_ICT", "YBR_RCT") else pixel_format.photometric
    return in_cells(values, photometric, int(parameters["precision"]), pixel_format)


DECODER = Decoder("pylibjpeg-openjpeg", is_available, decode, is_safe=False)
