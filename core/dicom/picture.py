"""PNG, JPEG, TIFF, BMP and WebP: an Image of gray or color without spacing, header or orientation.

Compressed TIFF is decoded in a helper process, as is that of 16-bit color, by OpenCV: libtiff prints what it does not
like, and has many old formats. So is what is large, and JPEG of many scans, which may have been made to take long.
"""

import io
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, ClassVar

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps
import PIL.TiffImagePlugin
from numpy.typing import NDArray

from core.dicom.color import to_byte
from core.dicom.decoders.decoder import Samples
from core.dicom.decoders.helper_pool import POOL
from core.dicom.decoders.helper_process import HelperFailed
from core.dicom.decoders.jpeg_stream import has_many_scans
from core.dicom.decoders.limits import limits_of
from core.dicom.decoders.pillow import STRIP_PIXELS, stacked, strips
from core.dicom.guard import CannotDecode, guarded, unless_changed
from core.dicom.identity import made_identity
from core.dicom.recognize import Kind
from core.dicom.source import Bytes
from core.files import Stamp
from core.findings.wording import EIGHT_OF_SIXTEEN_NOTE
from core.imaging.image import Frame, Header, Image
from core.imaging.window import Window
from core.refusal import Reason, Refusal

MAX_PIXELS = 150_000_000  # of one frame; a radiograph has 20 million, a decompression bomb billions
DOUBTED_BYTES, DOUBTED_RATIO = 64 << 20, 300  # more bytes than that out of so few are a bomb as well
LARGE_BYTES = 64 << 20  # of a picture that is not decoded in this process
MAX_PAGES = 10_000
FULL_RANGE = Window(128, 256, explanation="full range")

_ORIENTATION = 0x0112  # EXIF and TIFF 6.0 Orientation
_PHOTOMETRIC = 0x0106  # TIFF 6.0 PhotometricInterpretation; 0 is WhiteIsZero
# others of TIFF 6.0: ImageWidth, ImageLength, BitsPerSample, StripOffsets, SamplesPerPixel, PlanarConfiguration,
# TileOffsets, SampleFormat
_WIDTH, _LENGTH, _BITS, _STRIP_OFFSETS, _SAMPLES, _PLANES = 0x0100, 0x0101, 0x0102, 0x0111, 0x0115, 0x011C
_TILE_OFFSETS, _SAMPLE_FORMAT = 0x0144, 0x0153
_NO_DECODER = "a kind of TIFF without a decoder here"
_GRAY_MODES = {"1", "L", "I;16", "I;16L", "I;16B", "I;16N", "I", "F"}
_BYTES_OF_A_PIXEL = {"1": 1, "L": 1, "P": 3, "RGB": 3, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
_PART_BYTES = 1 << 20  # of a file that is looked through
_START_OF_SCAN = b"\xff\xda"  # ITU-T T.81, B.1.1.3
_PNG_TEXTS = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
_PNG_SIGNATURE_BYTES, _PNG_END_BYTES = 8, 12
_LOSSY_GRAY_DIFFERENCE = 2  # gray stored as color: chroma rounding tears the channels this far apart

warnings.filterwarnings("ignore", module=r"PIL\b")  # of damaged tags: what was wrong is told with the picture
PIL.Image.MAX_IMAGE_PIXELS = None  # ours is MAX_PIXELS, checked before a frame is decoded


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the file says before any pixel is decoded."""

    rows: int
    columns: int
    frame_count: int
    mode: str


def load_picture(path: Path, kind: Kind, stamp: Stamp) -> Image | Refusal:
    """Open a picture file that `recognize` found to be of `kind`; `stamp` tells it from another in its place.

    Gray of 8 bits offers the full range as its window, gray of 16 bits none. Transparency is laid over black, EXIF
    orientation is applied. Color whose channels agree is gray; to know this, the first frame of a color file is
    decoded here (and kept for the first who asks for it).
    """
    facts = guarded(path, partial(_read_facts, path, kind))
    if isinstance(facts, Refusal):
        return facts
    first: Frame | None = None
    if facts.mode not in _GRAY_MODES:
        outcome = _load_frame(path, kind, facts.frame_count, 0)
        if isinstance(outcome, Refusal):
            return outcome
        first = outcome
    return Image(
        path=path, kind=kind.value, identity=made_identity(path), header=Header(), rows=facts.rows,
        columns=facts.columns,
        frame_count=facts.frame_count, is_color=first is not None and first.is_color,
        load_frame=_Frames(path, kind, facts.frame_count, first, stamp), stamp=stamp,
    )


class _Frames:
    """Decodes frames on demand; the frame that opening had to decode is handed out once and then forgotten.

    Only that of the picture opened last is kept: a folder of photographs would fill the memory. `stamp` is the file's
    when it was opened.
    """

    _lock = Lock()
    _newest: ClassVar[tuple["_Frames", Frame] | None] = None

    def __init__(
        self, path: Path, kind: Kind, frame_count: int, first: Frame | None, stamp: Stamp
    ) -> None:
        self._stamp = stamp
        self._path, self._kind, self._frame_count = path, kind, frame_count
        if first is not None:
            with _Frames._lock:
                _Frames._newest = self, first

    def __call__(self, index: int) -> Frame | Refusal:
        first = self._take_first() if index == 0 else None
        if first is not None:
            return first
        outcome = _load_frame(self._path, self._kind, self._frame_count, index)
        return unless_changed(self._path, self._stamp, outcome)

    def _take_first(self) -> Frame | None:
        """Return the frame that opening decoded, once, where no other picture was opened since."""
        with _Frames._lock:
            if _Frames._newest is None or _Frames._newest[0] is not self:
                return None
            first, _Frames._newest = _Frames._newest[1], None
            return first


def _load_frame(path: Path, kind: Kind, frame_count: int, index: int) -> Frame | Refusal:
    if not 0 <= index < frame_count:
        return Refusal(Reason.NO_SUCH_FRAME, path, {"frame": str(index + 1), "frames": str(frame_count)})
    return guarded(path, partial(_decode, path, kind, index))


def _read_facts(path: Path, kind: Kind) -> _Facts | Refusal:
    with path.open("rb") as file, _opened_file(file, kind) as picture:
        _check_plausible(path, picture)
        columns, rows = picture.size
        if kind is not Kind.TIFF and _orientation(path, picture) in (5, 6, 7, 8):
            columns, rows = rows, columns
        mode = f"{picture.mode} with transparency" if "transparency" in picture.info else picture.mode
        # An animated PNG is one picture for us; TIFF pages and WebP frames are frames.
        frame_count = _page_count(picture) if kind in (Kind.TIFF, Kind.WEBP) else 1
        return _Facts(rows, columns, frame_count, mode)


def _orientation(path: Path, picture: PIL.Image.Image) -> int:
    if picture.format != "PNG":
        return int(picture.getexif().get(_ORIENTATION, 1))
    with PIL.Image.open(io.BytesIO(_of_one_pixel(path)), formats=["PNG"]) as small:
        return int(small.getexif().get(_ORIENTATION, 1))


def _of_one_pixel(path: Path) -> bytes:
    """Return a PNG with the texts and EXIF of a file: they may lie behind its pixels, which Pillow decodes for them."""
    file_of_one, size = io.BytesIO(), path.stat().st_size
    PIL.Image.new("L", (1, 1)).save(file_of_one, "PNG")
    texts = []
    with path.open("rb") as file:
        file.seek(_PNG_SIGNATURE_BYTES)
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">L4s", head)
            if kind in _PNG_TEXTS:
                texts.append(head + file.read(min(length + 4, size)))  # with its check sum
            else:
                file.seek(length + 4, os.SEEK_CUR)
    start, end = file_of_one.getvalue()[:-_PNG_END_BYTES], file_of_one.getvalue()[-_PNG_END_BYTES:]
    return b"".join([start, *texts, end])


def _page_count(picture: PIL.Image.Image) -> int:
    """Return the number of pages or frames, of TIFF at most `MAX_PAGES`: to count them all is to walk through them."""
    if picture.format != "TIFF":
        return int(getattr(picture, "n_frames", 1))
    for index in range(1, MAX_PAGES):
        try:
            picture.seek(index)
        except EOFError:
            return index
    return MAX_PAGES


def _decode(path: Path, kind: Kind, index: int) -> Frame:
    with _opened(path, kind, index) as picture:
        _check_plausible(path, picture)
        is_deep = _is_deep(picture)
        if is_deep and _tag(picture, _PLANES) == 2:  # which Pillow and OpenCV both garble
            raise CannotDecode(Reason.UNSUPPORTED, syntax=kind.value, detail=_NO_DECODER)
        is_risky = _is_risky(path, kind, picture)
        decoded = _decoded_elsewhere(path, kind, index, picture) if is_risky else _decoded(path, picture, index)
    stored = decoded.values
    if stored.dtype == np.uint8:
        is_gray = stored.ndim == 2
        notes = (EIGHT_OF_SIXTEEN_NOTE,) if is_gray and is_deep else ()
        return Frame(stored, voi=(FULL_RANGE,) if is_gray else (), notes=notes)
    # Pillow turns 8-bit pictures of this kind round itself, those of 16 bits it leaves as they are.
    return Frame(stored, inverse=decoded.photometric == "MONOCHROME1")


def _is_risky(path: Path, kind: Kind, picture: PIL.Image.Image) -> bool:
    """Return whether a picture may take long, or much, for what its size says."""
    if kind is Kind.TIFF:
        return picture.info.get("compression") != "raw" or _is_deep(picture)
    return _decoded_bytes(picture) > LARGE_BYTES or (kind is Kind.JPEG and _has_many_scans(path))


def _has_many_scans(path: Path) -> bool:
    """Return whether a file has more scans than a JPEG of its components needs; reads no further than to know it."""
    markers, last = b"", b""
    with path.open("rb") as file:
        while part := file.read(_PART_BYTES):
            markers += _START_OF_SCAN * (last + part).count(_START_OF_SCAN)
            if has_many_scans(markers):
                return True
            last = part[-1:]  # a marker may lie across the parts; one byte of it is counted with neither
    return False


def _decoded_bytes(picture: PIL.Image.Image) -> int:
    size = picture.width * picture.height * _BYTES_OF_A_PIXEL.get(picture.mode, 4)
    return 2 * size if _is_deep(picture) else size


def _is_deep(picture: PIL.Image.Image) -> bool:
    """Return whether a picture that is not yet loaded has color or transparency of 16 bits, of which Pillow keeps 8."""
    if picture.mode in _GRAY_MODES:
        return False
    if picture.format == "TIFF":
        return bool(_tag(picture, _BITS) == 16)
    return picture.format == "PNG" and any(";16" in tile[3] for tile in getattr(picture, "tile", ()))


def _tag(picture: PIL.Image.Image, tag: int) -> Any:
    """Return the first value of a TIFF's tag, None where it has none or is no TIFF."""
    value = picture.tag_v2.get(tag) if isinstance(picture, PIL.TiffImagePlugin.TiffImageFile) else None
    return next(iter(value), None) if isinstance(value, tuple) else value


def _decoded_elsewhere(path: Path, kind: Kind, index: int, picture: PIL.Image.Image) -> Samples:
    try:
        limits = limits_of(picture.width * picture.height, _decoded_bytes(picture), path.stat().st_size)
        return POOL.run(decode_page, (path, kind, index), _decoded_bytes(picture), limits)
    except HelperFailed as error:
        raise CannotDecode(Reason.DAMAGED, detail=str(error)) from error


def decode_page(path: Path, kind: Kind, index: int) -> Samples:
    """Return a page's samples, (rows, columns) or RGB of (rows, columns, 3), as MONOCHROME1 where 0 is white.

    Raises any of Pillow's exceptions where the file is damaged.
    """
    with _opened(path, kind, index) as picture:
        return _decoded(path, picture, index)


@contextmanager
def _opened(path: Path, kind: Kind, index: int) -> Iterator[PIL.Image.Image]:
    # closed, its pixels are free: Pillow's pictures may stay in circles that are collected late
    with path.open("rb") as file, closing(_opened_file(file, kind)) as picture:
        if index:
            picture.seek(index)
        yield picture


def _opened_file(file: BinaryIO, kind: Kind) -> PIL.Image.Image:
    """Open a picture. Raises CannotDecode for a sound TIFF of a kind that Pillow does not know."""
    try:
        return PIL.Image.open(file, formats=[kind.name])
    except PIL.UnidentifiedImageError:
        if kind is Kind.TIFF and _is_whole_tiff(file):
            raise CannotDecode(Reason.UNSUPPORTED, syntax=kind.value, detail=_NO_DECODER) from None
        raise


def _is_whole_tiff(file: BinaryIO) -> bool:
    """Return whether the tags of a TIFF give its first page a size and places for its pixels within the file."""
    file.seek(0)
    head = file.read(8)
    tags = PIL.TiffImagePlugin.ImageFileDirectory_v2(head + file.read(8) if head[2] == 43 else head)  # 43 is BigTIFF's
    file.seek(tags.next)
    tags.load(file)
    places = tags.get(_STRIP_OFFSETS) or tags.get(_TILE_OFFSETS) or ()
    has_pixels = bool(tags.get(_WIDTH) and tags.get(_LENGTH) and places)
    return has_pixels and max(places) < file.seek(0, os.SEEK_END)


def _decoded(path: Path, picture: PIL.Image.Image, index: int) -> Samples:
    white_is_zero = _tag(picture, _PHOTOMETRIC) == 0
    is_unsigned = _tag(picture, _BITS) == 32 and _tag(picture, _SAMPLE_FORMAT) in (None, 1)
    is_deep = _is_deep(picture)
    if picture.format == "WEBP" and _decoded_bytes(picture) > LARGE_BYTES and not _is_animation(path):
        picture = _large_webp(path, picture)
    picture.load()
    if is_deep:
        picture = _of_sixteen_bits(path, picture, index) or picture
    transparency = picture.info.get("transparency")
    PIL.ImageOps.exif_transpose(picture, in_place=True)
    values = _to_array(picture, transparency)
    if is_unsigned and values.dtype == np.int32:  # Pillow has no other type for it
        values = values.view(np.uint32)
    return Samples(values, "RGB" if values.ndim == 3 else "MONOCHROME1" if white_is_zero else "MONOCHROME2")


def _is_animation(path: Path) -> bool:
    """Return what the flags of a WebP file say (RFC 9649, 2.7); only the extended format has them."""
    with path.open("rb") as file:
        head = file.read(21)
    return head[12:16] == b"VP8X" and bool(head[20] & 2)


def _large_webp(path: Path, picture: PIL.Image.Image) -> PIL.Image.Image:
    """Return a WebP file's only picture by OpenCV, the same in half the memory: Pillow decodes each as an animation."""
    values = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.shape[:2] != (picture.height, picture.width):
        raise ValueError("its WebP stream is damaged")
    mode, order = ("RGBA", "BGRA") if values.shape[2] == 4 else ("RGB", "BGR")
    decoded = PIL.Image.frombytes(mode, picture.size, values, "raw", order)
    decoded.info = picture.info
    return decoded


def _of_sixteen_bits(path: Path, picture: PIL.Image.Image, index: int) -> PIL.Image.Image | None:
    """Return a loaded PNG or page of a TIFF with color of 16 bits by OpenCV, with transparency laid over black.

    It is gray of 16 bits where the channels agree, else RGB of 8. None for what OpenCV does not take, or otherwise.
    """
    if path.stat().st_size > LARGE_BYTES + 6 * picture.width * picture.height:  # it has many pages
        return None
    raw = np.fromfile(path, np.uint8)
    if picture.format == "TIFF":
        if picture.mode != "RGB" or _tag(picture, _SAMPLES) != 3:
            return None
        values, info = _page_of(raw, index), {}  # OpenCV turned it already, as its tags say
    else:
        values, info = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED), dict(picture.info)
    if values is None or values.dtype != np.uint16 or values.shape[:2] != (picture.height, picture.width):
        return None
    rows = max(STRIP_PIXELS // picture.width, 1)
    parts = [values[top:top + rows] for top in range(0, picture.height, rows)]
    if values.shape[2] == 4:
        for part in parts:
            part[..., :3] = (part[..., :3].astype(np.uint32) * part[..., 3:] + 32767) // 65535
    is_gray = all(_are_equal(part[..., :3]) for part in parts)
    decoded = PIL.Image.fromarray(values[..., 1].copy() if is_gray else to_byte(values[..., 2::-1], 16))
    info.pop("transparency", None)
    decoded.info = info
    return decoded


def _page_of(raw: Bytes, index: int) -> NDArray[Any] | None:
    """Return a page of a TIFF by OpenCV, None where that cannot."""
    try:
        return next(iter(cv2.imdecodemulti(raw, cv2.IMREAD_UNCHANGED, range=(index, index + 1))[1]), None)
    except cv2.error:
        return None


def _to_array(picture: PIL.Image.Image, transparency: Any) -> NDArray[Any]:
    """Return (rows, columns) uint8, uint16, int32 or float32, or (rows, columns, 3) uint8.

    Color is the green channel alone where the three agree. `transparency` is PNG's tRNS, None where there is none.
    """
    has_transparency = transparency is not None
    if picture.mode in _GRAY_MODES and (picture.mode.startswith("I;16") or not has_transparency):
        gray = stacked(map(_gray, strips(picture)), picture.height)
        if has_transparency:
            gray[gray == transparency] = 0
        is_short = gray.dtype == np.int32 and gray.size and gray.min() >= 0 and gray.max() <= 0xFFFF
        return gray.astype(np.uint16) if is_short else gray
    greens: list[NDArray[np.uint8]] = []
    for strip in strips(picture):
        color = _color(strip, has_transparency)
        if not _are_equal(color):
            break
        greens.append(color[..., 1].copy())
    else:
        return np.concatenate(greens)
    greens.clear()
    return stacked((_color(strip, has_transparency) for strip in strips(picture)), picture.height)


def _gray(strip: PIL.Image.Image) -> NDArray[Any]:
    gray = np.asarray(strip.convert("L") if strip.mode == "1" else strip)
    return gray.astype(gray.dtype.newbyteorder("="), copy=False)


def _color(strip: PIL.Image.Image, has_transparency: bool) -> NDArray[np.uint8]:
    if has_transparency or strip.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        strip = strip.convert("RGBA")
        strip = PIL.Image.alpha_composite(PIL.Image.new("RGBA", strip.size, (0, 0, 0, 255)), strip)
    return np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))


def _are_equal(color: NDArray[Any]) -> bool:
    part = color.astype(np.int32)
    most = _LOSSY_GRAY_DIFFERENCE * (np.iinfo(color.dtype).max // 255)
    return bool(np.abs(part - part[..., 1:2]).max(initial=0) <= most)


def _check_plausible(path: Path, picture: PIL.Image.Image) -> None:
    """Raise CannotDecode for too many pixels, or many out of next to nothing, before anything makes room for them."""
    pixels, size = picture.width * picture.height, path.stat().st_size
    facts = f"{picture.width} × {picture.height} pixels"
    if pixels > MAX_PIXELS:
        raise CannotDecode(Reason.TOO_LARGE, detail=facts)
    if _decoded_bytes(picture) > max(DOUBTED_BYTES, DOUBTED_RATIO * size):
        raise CannotDecode(Reason.DAMAGED, detail=f"{facts} in {size} bytes")
