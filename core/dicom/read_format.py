"""A data set's Image Pixel module as a PixelFormat (PS3.3 C.7.6.3)."""

from pydicom.dataset import Dataset

from core.dicom.dataset import DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PixelElement
from core.dicom.decoders.pixel_format import PALETTE, PixelFormat
from core.dicom.values import integer, text

GE_PRIVATE = "1.2.840.113619.5.2"  # an implicit little endian data set with big endian pixels


def read_format(dataset: Dataset, syntax: str, element: PixelElement, frame_count: int) -> PixelFormat:
    """Return the format of a data set's pixels; missing bits are taken from one another.

    Raises ValueError for what cannot be a picture.
    """
    rows, columns = integer(dataset, "Rows", 0) or 0, integer(dataset, "Columns", 0) or 0
    allocated = integer(dataset, "BitsAllocated", 0) or 0
    samples = integer(dataset, "SamplesPerPixel", 1) or 1
    is_float = element.tag in (FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA)
    if is_float:
        allocated = 32 if element.tag == FLOAT_PIXEL_DATA else 64
    if rows < 1 or columns < 1:
        raise ValueError(f"{columns} × {rows} pixels")
    if not 1 <= allocated <= 64 or samples not in (1, 3, 4):
        raise ValueError(f"{samples} samples of {allocated} bits")
    stored = min(integer(dataset, "BitsStored", allocated) or allocated, allocated)
    photometric = text(dataset, "PhotometricInterpretation").upper() or ("MONOCHROME2" if samples == 1 else "RGB")
    if samples > 1 and photometric.startswith(("MONOCHROME", PALETTE)):
        photometric = "RGB"  # the samples are there, so the word is wrong
    is_big_endian = dataset.original_encoding[1] is False or syntax == GE_PRIVATE
    subsampled = (
        photometric.endswith("_422") and samples == 3 and element.length is not None
        and element.length < rows * columns * 3 * frame_count * allocated // 8
    )
    return PixelFormat(
        syntax=syntax, rows=rows, columns=columns, samples=samples, bits_allocated=allocated, bits_stored=stored,
        high_bit=min(integer(dataset, "HighBit", stored - 1) or stored - 1, allocated - 1),
        is_signed=integer(dataset, "PixelRepresentation", 0) == 1, photometric=photometric,
        is_planar=integer(dataset, "PlanarConfiguration", 0) == 1, is_float=is_float, is_big_endian=is_big_endian,
        is_word_swapped=is_big_endian and allocated <= 8 and element.vr == "OW", is_subsampled=subsampled,
    )
