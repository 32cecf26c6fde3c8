"""Files that were crafted to take long or much: the worst of each kind that we could think of, of a few megabytes."""

import io
import struct
import zlib
from collections.abc import Callable

import imagecodecs
import numpy as np
import PIL.Image

from tests.make.dicom import make_dataset, to_bytes

EXPLICIT, RLE, DEFLATED, DEFLATED_FRAME = (
    "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1")
BASELINE, PROGRESSIVE, LOSSLESS, JPEG_LS, J2K, HTJ2K, JXL = (f"1.2.840.10008.1.2.4.{end}" for end in (
    "50", "55", "57", "80", "90", "201", "110"))
FILLER = 3_000_000  # bytes after a stream, so that what it claims is no more than some hundred times its bytes
GRAY = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0"


def file_of(syntax: str, stream: bytes, rows: int, columns: int, bits: int = 16, **attributes: object) -> bytes:
    """Return a file of one frame of a stream, which claims so many pixels."""
    pixels = np.zeros((2, 2), np.uint8 if bits == 8 else np.uint16)
    claimed = {"Rows": rows, "Columns": columns, **attributes}
    return to_bytes(make_dataset(pixels, **claimed), syntax, frames=[stream + b"\0" * (len(stream) % 2)])


def with_jpeg_size(stream: bytes, rows: int, columns: int) -> bytes:
    """Return a JPEG or JPEG-LS stream that claims another size."""
    raw = bytearray(stream)
    start = next(place for marker in (b"\xff\xc0", b"\xff\xc2", b"\xff\xc3", b"\xff\xf7")
                 if (place := raw.find(marker)) >= 0)
    struct.pack_into(">2H", raw, start + 5, rows, columns)
    return bytes(raw)


def with_j2k_size(stream: bytes, rows: int, columns: int) -> bytes:
    """Return a JPEG 2000 code stream that claims another size, of the image and its one tile."""
    raw = bytearray(stream)
    place = raw.find(b"\xff\x4f\xff\x51")
    for field in (8, 24):
        struct.pack_into(">2L", raw, place + field, columns, rows)
    return bytes(raw)


def progressive(scans: int, side: int) -> bytes:
    """Return a progressive JPEG of so many scans that say nothing, each a walk over the whole picture."""
    file = io.BytesIO()
    PIL.Image.fromarray(GRAY.astype(np.uint8)).save(file, "JPEG", progressive=True)
    raw = with_jpeg_size(file.getvalue(), side, side)
    scan = raw.rindex(b"\xff\xda")
    header = raw[scan:scan + 2 + struct.unpack_from(">H", raw, scan + 2)[0]]
    return raw[:scan] + header * scans + b"\xff\xd9"


def noise(count: int) -> bytes:
    """Return bytes that no decoder finds an end in: none of them is a marker's first."""
    return np.random.default_rng(0).integers(0, 255, count, np.uint8).tobytes()


def baseline_of_noise(side: int) -> bytes:
    """Return a baseline JPEG of a large picture, its entropy coded data noise to the end."""
    stream = with_jpeg_size(imagecodecs.jpeg8_encode(GRAY.astype(np.uint8)), side, side)
    scan = stream.index(b"\xff\xda")
    return stream[:scan + 2 + struct.unpack_from(">H", stream, scan + 2)[0]] + noise(FILLER) + b"\xff\xd9"


def j2k_of_noise(side: int) -> bytes:
    """Return a JPEG 2000 code stream of noise, which is real and compresses badly."""
    pixels = np.random.default_rng(0).integers(0, 65536, (side, side), np.uint16)
    return bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0, reversible=True))


def rle_of_runs(bytes_in: int) -> bytes:
    """Return an RLE frame of one segment of nothing but runs, 64 times its size."""
    return struct.pack("<16L", 1, 64, *[0] * 14) + b"\x81\x00" * (bytes_in // 2)


def fragments(count: int, frames: int, each: bytes = b"") -> bytes:
    """Return a file of so many fragments that claims so many frames."""
    raw = to_bytes(make_dataset(np.zeros((64, 64), np.uint8), NumberOfFrames=str(frames)), RLE, frames=[b"xx"])
    place = raw.rindex(b"\xe0\x7f\x10\x00") + 12
    one = ITEM + struct.pack("<L", len(each)) + each
    return raw[:place] + ITEM + bytes(4) + one * count + END


def elements(count: int) -> bytes:
    """Return a file of so many empty private elements before its pixels."""
    raw = to_bytes(make_dataset(GRAY))
    place = raw.index(b"\xe0\x7f\x10\x00")
    tags = ((0x2901 + 2 * (number >> 15), 0x1000 + (number & 0x7FFF)) for number in range(count))
    return raw[:place] + b"".join(struct.pack("<HH2sH", *tag, b"LO", 0) for tag in tags) + raw[place:]


def sequence(tag: int, item: bytes, count: int, **attributes: object) -> bytes:
    """Return a file with a sequence of so many items."""
    raw = to_bytes(make_dataset(GRAY, **attributes))
    place = raw.index(b"\xe0\x7f\x10\x00")
    items = (ITEM + struct.pack("<L", len(item)) + item) * count
    head = struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, b"SQ", 0, len(items))
    return raw[:place] + head + items + raw[place:]


def deflated(megabytes: int) -> bytes:
    """Return a deflated file of so many megabytes of noise and zeros."""
    raw = to_bytes(make_dataset(GRAY), DEFLATED)
    start = 144 + int.from_bytes(raw[140:144], "little")
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    content = squeeze.compress(to_bytes(make_dataset(GRAY), meta=False))
    content += b"".join(squeeze.compress(noise(1 << 14) + bytes((1 << 20) - (1 << 14))) for _ in range(megabytes))
    return raw[:start] + content + squeeze.flush()


def png(side: int) -> bytes:
    """Return a PNG of a large picture out of zeros, with filler behind it."""
    file = io.BytesIO()
    PIL.Image.fromarray(np.zeros((side, side), np.uint8)).save(file, "PNG")
    return file.getvalue() + bytes(FILLER)


def picture(kind: str, side: int, mode: str = "RGB", **options: object) -> bytes:
    """Return a large picture of one color, with filler behind it."""
    file = io.BytesIO()
    PIL.Image.new(mode, (side, side), 200).save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue() + bytes(FILLER)


def runs(side: int, segments: int) -> bytes:
    """Return a whole RLE frame of zeros, of so many segments."""
    segment = b"\x81\x00" * -(-side * side // 128)
    offsets = [64 + index * len(segment) for index in range(segments)]
    return struct.pack("<16L", segments, *offsets, *[0] * (15 - segments)) + segment * segments


def deflated_picture(side: int) -> bytes:
    """Return a deflated file of a large picture of zeros, with filler behind it."""
    header = make_dataset(np.zeros((2, 2), np.uint8), Rows=side, Columns=side)
    raw = to_bytes(header, DEFLATED)
    start = 144 + int.from_bytes(raw[140:144], "little")
    header.PixelData = bytes(side * side)
    return raw[:start] + zlib.compress(to_bytes(header, meta=False), 9, -zlib.MAX_WBITS) + bytes(FILLER)


def palette() -> dict[str, object]:
    """Return the attributes of a palette of gray."""
    return {"PhotometricInterpretation": "PALETTE COLOR"} | {
        f"{color}PaletteColorLookupTable{what}": value for color in ("Red", "Green", "Blue")
        for what, value in (("Descriptor", [256, 0, 8]), ("Data", bytes(range(256))))}


def jxl(side: int, rows: int) -> bytes:
    """Return a JPEG XL frame of a large picture in a file that claims so many rows and columns."""
    stream = imagecodecs.jpegxl_encode(np.zeros((side, side), np.uint16), lossless=True, effort=1)
    return file_of(JXL, bytes(stream) + noise(FILLER), rows, rows)


def contour(points: int) -> bytes:
    """Return a structure set of one contour of so many points."""
    data = b"1\\2\\3\\" * points
    return to_bytes(make_dataset(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.481.3", Modality="RTSTRUCT", FrameOfReferenceUID="7.7",
        StructureSetROISequence={"ROINumber": "1", "ROIName": "Heart"},
        ROIContourSequence={"ReferencedROINumber": "1", "ContourSequence": {
            "ContourGeometricType": "CLOSED_PLANAR", "ContourData": data[:-1].decode().split("\\")}}), DEFLATED)


BOMBS: dict[str, Callable[[], bytes]] = {
    "progressive JPEG of 20,000 scans": lambda: file_of(PROGRESSIVE, progressive(20_000, 4_000), 4_000, 4_000, 8),
    "progressive JPEG of 20,000 scans as baseline": lambda: file_of(
        BASELINE, progressive(20_000, 4_000), 4_000, 4_000, 8),
    "progressive JPEG picture of 20,000 scans": lambda: progressive(20_000, 4_000),
    "baseline JPEG of noise": lambda: file_of(BASELINE, baseline_of_noise(8_000), 8_000, 8_000, 8),
    "baseline JPEG claiming 12,000 x 12,000": lambda: file_of(BASELINE, baseline_of_noise(12_000), 12_000, 12_000, 8),
    "JPEG picture of noise": lambda: baseline_of_noise(8_000),
    "JPEG picture claiming 12,000 x 12,000": lambda: baseline_of_noise(12_000),
    "lossless JPEG claiming 8,000 x 8,000": lambda: file_of(
        LOSSLESS, with_jpeg_size(imagecodecs.ljpeg_encode(GRAY), 8_000, 8_000) + noise(FILLER), 8_000, 8_000),
    "JPEG-LS claiming 8,000 x 8,000": lambda: file_of(
        JPEG_LS, with_jpeg_size(imagecodecs.jpegls_encode(GRAY), 8_000, 8_000) + noise(FILLER), 8_000, 8_000),
    "JPEG 2000 claiming 8,000 x 8,000": lambda: file_of(
        J2K, with_j2k_size(j2k_of_noise(64), 8_000, 8_000) + noise(FILLER), 8_000, 8_000),
    "JPEG 2000 of noise": lambda: file_of(J2K, j2k_of_noise(1_500), 1_500, 1_500),
    "HTJ2K claiming 8,000 x 8,000": lambda: file_of(
        HTJ2K, with_j2k_size(imagecodecs.htj2k_encode(GRAY), 8_000, 8_000) + noise(FILLER), 8_000, 8_000),
    "JPEG XL of 8,000 x 8,000 claiming 64 x 64": lambda: jxl(8_000, 64),
    "JPEG XL of 8,000 x 8,000": lambda: jxl(8_000, 8_000),
    "RLE of runs": lambda: file_of(RLE, rle_of_runs(16_000_000), 64, 64, 8),
    "deflated frame of 140 MB": lambda: file_of(
        DEFLATED_FRAME, zlib.compress(bytes(144_000_000), 9, -zlib.MAX_WBITS) + bytes(FILLER), 12_000, 12_000, 8),
    "RLE of 8,500 x 8,500": lambda: file_of(RLE, runs(8_500, 2), 8_500, 8_500, BitsStored=12, HighBit=11),
    "RLE of 6,900 x 6,900 with a palette": lambda: file_of(RLE, runs(6_900, 1), 6_900, 6_900, 8, **palette()),
    "deflated file of 12,000 x 12,000": lambda: deflated_picture(12_000),
    "deflated file of 400 MB": lambda: deflated(400),
    "199,000 fragments of one frame": lambda: fragments(199_000, 1),
    "199,000 fragments of two frames": lambda: fragments(199_000, 2),
    "199,000 fragments of as many frames": lambda: fragments(199_000, 199_000),
    "a million elements": lambda: elements(1_000_000),
    "29,000 elements": lambda: elements(29_000),
    "19,000 content items": lambda: sequence(
        0x0040A730, b"\x40\x00\x40\xa0CS\x04\x00TEXT", 19_000, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11"),
    "199,000 content items": lambda: sequence(
        0x0040A730, b"\x40\x00\x40\xa0CS\x04\x00TEXT", 199_000, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11"),
    "199,000 functional groups": lambda: sequence(0x52009230, b"", 199_000, NumberOfFrames="199000"),
    "199,000 items of VOI LUTs": lambda: sequence(0x00283010, b"\x28\x00\x02\x30US\x06\0\x04\0\0\0\x08\0", 199_000),
    "PNG of zeros": lambda: png(8_000),
    "PNG of 12,000 x 12,000": lambda: picture("PNG", 12_000, "L"),
    "JPEG picture of one color": lambda: picture("JPEG", 6_000),
    "WebP of one color": lambda: picture("WEBP", 6_000, lossless=True),
    "TIFF of one color": lambda: picture("TIFF", 6_000, compression="tiff_lzw"),
    "TIFF of 12,000 x 12,000": lambda: picture("TIFF", 12_000, "L", compression="tiff_lzw"),
    "contour of 200,000 points": lambda: contour(200_000),
}
