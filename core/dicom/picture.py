"""PNG, JPEG, TIFF, BMP and WebP: an Image of gray or color without spacing, header or orientation.

Compressed TIFF is decoded in a helper process: libtiff prints what it does not like, and has many old formats. So is
what is large, and JPEG of many scans, which may have been made to take long.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
from numpy.typing import NDArray

from core.dicom.decoders.decoder import Samples
from core.dicom.decoders.helper_pool import POOL
from core.dicom.decoders.helper_process import HelperFailed
from core.dicom.decoders.jpeg_stream import has_many_scans
from core.dicom.decoders.limits import limits_of
from core.dicom.guard import CannotDecode, guarded
from core.dicom.identity import made_identity
from core.dicom.recognize import Kind
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
_GRAY_MODES = {"1", "L", "I;16", "I;16L", "I;16B", "I;16N", "I", "F"}
_BYTES_OF_A_PIXEL = {"1": 1, "L": 1, "P": 3, "RGB": 3, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
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


def load_picture(path: Path, kind: Kind) -> Image | Refusal:
    """Open a picture file that `recognize` found to be of `kind`.

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
        load_frame=_Frames(path, kind, facts.frame_count, first),
    )


class _Frames:
    """Decodes frames on demand; the frame that opening had to decode is handed out once and then forgotten."""

    def __init__(self, path: Path, kind: Kind, frame_count: int, first: Frame | None) -> None:
        self._path, self._kind, self._frame_count = path, kind, frame_count
        self._first, self._lock = first, Lock()

    def __call__(self, index: int) -> Frame | Refusal:
        if index == 0:
            with self._lock:
                first, self._first = self._first, None
            if first is not None:
                return first
        return _load_frame(self._path, self._kind, self._frame_count, index)


def _load_frame(path: Path, kind: Kind, frame_count: int, index: int) -> Frame | Refusal:
    if not 0 <= index < frame_count:
        return Refusal(Reason.NO_SUCH_FRAME, path, {"frame": str(index + 1), "frames": str(frame_count)})
    return guarded(path, partial(_decode, path, kind, index))


def _read_facts(path: Path, kind: Kind) -> _Facts | Refusal:
    with path.open("rb") as file, PIL.Image.open(file, formats=[kind.name]) as picture:
        _check_plausible(path, picture)
        columns, rows = picture.size
        if kind is not Kind.TIFF and picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8):
            columns, rows = rows, columns
        mode = f"{picture.mode} with transparency" if "transparency" in picture.info else picture.mode
        # An animated PNG is one picture for us; TIFF pages and WebP frames are frames.
        frame_count = _page_count(picture) if kind in (Kind.TIFF, Kind.WEBP) else 1
        return _Facts(rows, columns, frame_count, mode)


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
        is_risky = _is_risky(path, kind, picture)
        decoded = _decoded_elsewhere(path, kind, index, picture) if is_risky else _decoded(picture)
    stored = decoded.values
    if stored.dtype == np.uint8:
        return Frame(stored, voi=() if stored.ndim == 3 else (FULL_RANGE,))
    # Pillow turns 8-bit pictures of this kind round itself, those of 16 bits it leaves as they are.
    return Frame(stored, inverse=decoded.photometric == "MONOCHROME1")


def _is_risky(path: Path, kind: Kind, picture: PIL.Image.Image) -> bool:
    """Return whether a picture may take long, or much, for what its size says."""
    if kind is Kind.TIFF:
        return picture.info.get("compression") != "raw"
    return _decoded_bytes(picture) > LARGE_BYTES or (kind is Kind.JPEG and has_many_scans(path.read_bytes()))


def _decoded_bytes(picture: PIL.Image.Image) -> int:
    return picture.width * picture.height * _BYTES_OF_A_PIXEL.get(picture.mode, 4)


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
        return _decoded(picture)


@contextmanager
def _opened(path: Path, kind: Kind, index: int) -> Iterator[PIL.Image.Image]:
    with path.open("rb") as file, PIL.Image.open(file, formats=[kind.name]) as picture:
        if index:
            picture.seek(index)
        yield picture


def _decoded(picture: PIL.Image.Image) -> Samples:
    white_is_zero = picture.format == "TIFF" and picture.tag_v2.get(_PHOTOMETRIC) == 0  # type: ignore[attr-defined]
    picture.load()
    has_transparency = "transparency" in picture.info
    PIL.ImageOps.exif_transpose(picture, in_place=True)
    values = _to_array(picture, has_transparency)
    return Samples(values, "RGB" if values.ndim == 3 else "MONOCHROME1" if white_is_zero else "MONOCHROME2")


def _to_array(picture: PIL.Image.Image, has_transparency: bool) -> NDArray[Any]:
    """Return (rows, columns) uint8, uint16, int32 or float32, or (rows, columns, 3) uint8."""
    if picture.mode in _GRAY_MODES and not has_transparency:
        if picture.mode == "1":
            picture = picture.convert("L")
        gray = np.array(picture)
        if gray.dtype == np.int32 and gray.size and gray.min() >= 0 and gray.max() <= 0xFFFF:
            gray = gray.astype(np.uint16)
        return gray.astype(gray.dtype.newbyteorder("="), copy=False)
    if has_transparency or picture.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        picture = picture.convert("RGBA")
        picture = PIL.Image.alpha_composite(PIL.Image.new("RGBA", picture.size, (0, 0, 0, 255)), picture)
    # no copy of what is RGB: of a large picture each takes as much memory as it does
    return _gray_if_equal(np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB")))


def _gray_if_equal(color: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the green channel alone where the three agree, else the color."""
    for start in range(0, len(color), 512):  # rows: signed differences of the whole would take twice its memory
        part = color[start:start + 512].astype(np.int16)
        if np.abs(part - part[..., 1:2]).max(initial=0) > _LOSSY_GRAY_DIFFERENCE:
            return color
    return np.ascontiguousarray(color[..., 1])


def _check_plausible(path: Path, picture: PIL.Image.Image) -> None:
    """Raise CannotDecode for too many pixels, or many out of next to nothing, before anything makes room for them."""
    pixels, size = picture.width * picture.height, path.stat().st_size
    facts = f"{picture.width} × {picture.height} pixels"
    if pixels > MAX_PIXELS:
        raise CannotDecode(Reason.TOO_LARGE, detail=facts)
    if _decoded_bytes(picture) > max(DOUBTED_BYTES, DOUBTED_RATIO * size):
        raise CannotDecode(Reason.DAMAGED, detail=f"{facts} in {size} bytes")
