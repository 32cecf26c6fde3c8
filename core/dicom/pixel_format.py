"""The Image Pixel module as one value (PS3.3 C.7.6.3)."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from core.dicom.dataset import DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PixelElement
from core.dicom.values import integer, text

GRAY = frozenset({"MONOCHROME1", "MONOCHROME2"})
PALETTE = "PALETTE COLOR"


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How the pixels of one frame are laid out; `syntax` is the transfer syntax UID that holds them."""

    syntax: str
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    photometric: str
    is_planar: bool = False
    is_float: bool = False
    is_big_endian: bool = False
    is_word_swapped: bool = False  # 8-bit samples in big endian words (VR OW)
    is_subsampled: bool = False  # native YBR_FULL_422: two pixels share their chroma

    @property
    def is_color(self) -> bool:
        """Whether the picture comes out in color."""
        return self.samples > 1 or self.photometric == PALETTE

    @property
    def pixels(self) -> int:
        """Number of pixels of a frame."""
        return self.rows * self.columns

    @property
    def native_bits(self) -> int:
        """Number of bits of a frame that is not compressed."""
        samples = 2 if self.is_subsampled else self.samples
        return self.pixels * samples * self.bits_allocated


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
    is_big_endian = dataset.original_encoding[1] is False
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
