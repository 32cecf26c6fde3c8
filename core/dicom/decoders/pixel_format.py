"""The Image Pixel module as one value (PS3.3 C.7.6.3), which decoders take."""

from dataclasses import dataclass

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
    def shape(self) -> tuple[int, ...]:
        """The shape of a decoded frame: (rows, columns), or (rows, columns, samples) for several samples."""
        return (self.rows, self.columns) if self.samples == 1 else (self.rows, self.columns, self.samples)

    @property
    def native_bits(self) -> int:
        """Number of bits of a frame that is not compressed."""
        samples = 2 if self.is_subsampled else self.samples
        return self.pixels * samples * self.bits_allocated
