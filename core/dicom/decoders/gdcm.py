"""All kinds of JPEG, JPEG-LS and JPEG 2000, by GDCM.

GDCM ends its process on some malformed streams. So it works in a helper process, and is given one extracted frame,
with the size and precision that the frame itself states, and never a file.
"""

from importlib.util import find_spec

import numpy as np

from core.dicom.decoders.decoder import Decoder, NotForThisDecoder, Samples, shaped
from core.dicom.decoders.jpeg_stream import color_space, read_jpeg_stream
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.source import Bytes

_GDCM_PHOTOMETRIC = {1: "MONOCHROME2", 3: "RGB"}


def is_available() -> bool:
    """Return whether python-gdcm is installed."""
    return find_spec("gdcm") is not None


def decode(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Return the samples of one JPEG frame of any process and up to 16 bits."""
    raw = encoded.tobytes()
    stream = read_jpeg_stream(raw)
    stream.check_size(pixel_format.rows, pixel_format.columns)
    if len(stream.components) != pixel_format.samples or pixel_format.samples not in _GDCM_PHOTOMETRIC:
        raise NotForThisDecoder(f"JPEG of {len(stream.components)} components")
    decoded = _decoded(raw, pixel_format, stream.precision)
    values = np.frombuffer(decoded, np.uint8 if stream.precision <= 8 else np.dtype("<u2"))
    photometric = pixel_format.photometric
    if pixel_format.samples == 3 and not stream.is_lossless:
        photometric = color_space(stream, photometric)
    # A stream wider than Bits Stored holds whole cells, in which High Bit says where the value lies
    precision = stream.precision if stream.precision <= pixel_format.bits_stored else None
    return Samples(shaped(values, pixel_format, False), photometric, precision)


def _decoded(raw: bytes, pixel_format: PixelFormat, precision: int) -> bytes:
    """Return the decoded bytes of a frame."""
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(raw)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((pixel_format.columns, pixel_format.rows, 1))
    image.SetDataElement(element)
    # Without a color transform of its own: what is YBR stays so, and is converted where all others are
    kind = gdcm.PhotometricInterpretation.GetPIType(_GDCM_PHOTOMETRIC[pixel_format.samples])
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(pixel_format.syntax)))
    allocated = 8 if precision <= 8 else 16
    image.SetPixelFormat(gdcm.PixelFormat(pixel_format.samples, allocated, precision, precision - 1, 0))
    # GDCM's binding gives a char* as str
    return bytes(image.GetBuffer().encode("utf-8", "surrogateescape"))


DECODER = Decoder("GDCM", is_available, decode, is_safe=False)
