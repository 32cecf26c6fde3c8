"""What a JPEG or JPEG-LS code stream says of itself before any decoding (ITU-T T.81 Annex B, T.87 Annex C)."""

import struct
from dataclasses import dataclass

# Start-of-frame markers, that of JPEG-LS among them; the others in this range are DHT, JPG and DAC
_FRAMES = (frozenset(range(0xC0, 0xD0)) | {0xF7}) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _FEW_SCANS = b"\xff\xda", 4
_RGB_NAMES = (tuple(b"RGB"), tuple(b"rgb"))
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class JpegStream:
    """A stream's process (0xC0 baseline, 0xC3 lossless, 0xF7 JPEG-LS), precision, size, and what marks its colors."""

    process: int
    precision: int
    rows: int
    columns: int
    components: tuple[int, ...]
    has_jfif: bool
    adobe_transform: int | None

    @property
    def is_lossless(self) -> bool:
        """Whether no step of the process loses anything."""
        return self.process in (0xC3, 0xC7, 0xCB, 0xCF)

    def check_size(self, rows: int, columns: int) -> None:
        """Raise ValueError where the stream's size is not the header's: before a decoder makes room for it."""
        if (self.rows, self.columns) != (rows, columns):
            raise ValueError(f"its code stream has {self.columns} × {self.rows} pixels")


def read_jpeg_stream(encoded: bytes) -> JpegStream:
    """Return the facts of a JPEG stream. Raises ValueError where it is none or ends before its frame header."""
    position, has_jfif, adobe = 2, False, None
    while encoded.startswith(b"\xff\xd8") and position + 4 <= len(encoded):
        if encoded[position] != 0xFF:
            position += 1  # stray bytes between segments: decoders skip them, too
            continue
        marker = encoded[position + 1]
        if marker in _STANDALONE or marker == 0xFF:
            position += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", encoded, position + 2)
        segment = encoded[position + 4:position + 2 + length]
        if marker in _FRAMES and len(segment) >= 6:
            precision, rows, columns, count = struct.unpack_from(">BHHB", segment)
            return JpegStream(marker, precision, rows, columns, tuple(segment[6:6 + 3 * count:3]), has_jfif, adobe)
        if marker == 0xE0 and segment.startswith(b"JFIF\0"):
            has_jfif = True
        if marker == 0xEE and segment.startswith(b"Adobe") and len(segment) >= 12:
            adobe = segment[11]
        position += 2 + length
    raise ValueError("no JPEG frame header")


def has_many_scans(encoded: bytes) -> bool:
    """Return whether a JPEG stream has more scans than its components need; those of a preview count with them."""
    return encoded.count(_START_OF_SCAN) > _FEW_SCANS


def color_space(stream: JpegStream, photometric: str) -> str:
    """Return "RGB" or "YBR_FULL": what the samples of a color stream of a lossy process are.

    A mark in the stream was made by the encoder, so it counts before the header, which may have been copied from
    before compression. Without one the header counts.
    """
    if stream.adobe_transform is not None:
        return "RGB" if stream.adobe_transform == 0 else "YBR_FULL"
    if stream.components in _RGB_NAMES:
        return "RGB"
    if stream.has_jfif:
        return "YBR_FULL"
    return "RGB" if photometric == "RGB" else "YBR_FULL"
