"""PNG, JPEG, TIFF, BMP and WebP: an Image of gray or color without spacing, header or orientation."""

import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
from numpy.typing import NDArray

from core.dicom.guard import guarded
from core.dicom.identity import made_identity
from core.dicom.recognize import Kind
from core.imaging.image import Frame, Header, Image
from core.imaging.window import Window
from core.refusal import Reason, Refusal

MAX_PIXELS = 150_000_000  # of one frame; a radiograph has 20 million, a decompression bomb billions
FULL_RANGE = Window(128, 256, explanation="full range")

_ORIENTATION = 0x0112  # EXIF and TIFF 6.0 Orientation
_PHOTOMETRIC = 0x0106  # TIFF 6.0 PhotometricInterpretation; 0 is WhiteIsZero
_GRAY_MODES = {"1", "L", "I;16", "I;16L", "I;16B", "I;16N", "I", "F"}
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
        if picture.width * picture.height > MAX_PIXELS:
            return _too_large(path, picture)
        columns, rows = picture.size
        if kind is not Kind.TIFF and picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8):
            columns, rows = rows, columns
        mode = f"{picture.mode} with transparency" if "transparency" in picture.info else picture.mode
        # An animated PNG is one picture for us; TIFF pages and WebP frames are frames.
        frame_count = getattr(picture, "n_frames", 1) if kind in (Kind.TIFF, Kind.WEBP) else 1
        return _Facts(rows, columns, frame_count, mode)


def _decode(path: Path, kind: Kind, index: int) -> Frame | Refusal:
    with path.open("rb") as file, PIL.Image.open(file, formats=[kind.name]) as picture:
        if index:
            picture.seek(index)
        if picture.width * picture.height > MAX_PIXELS:
            return _too_large(path, picture)
        white_is_zero = kind is Kind.TIFF and picture.tag_v2.get(_PHOTOMETRIC) == 0  # type: ignore[attr-defined]
        picture.load()
        upright = PIL.ImageOps.exif_transpose(picture)
        stored = _to_array(upright, "transparency" in picture.info)
    if stored.dtype == np.uint8:
        return Frame(stored, voi=() if stored.ndim == 3 else (FULL_RANGE,))
    # Pillow turns 8-bit pictures of this kind round itself, those of 16 bits it leaves as they are.
    return Frame(stored, inverse=white_is_zero)


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
    return _gray_if_equal(np.array(picture.convert("RGB")))


def _gray_if_equal(color: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the green channel alone where the three agree, else the color."""
    green = color[..., 1].astype(np.int16)
    for channel in (0, 2):
        if np.abs(color[..., channel] - green).max(initial=0) > _LOSSY_GRAY_DIFFERENCE:
            return color
    return np.ascontiguousarray(color[..., 1])


def _too_large(path: Path, picture: PIL.Image.Image) -> Refusal:
    return Refusal(Reason.TOO_LARGE, path, {"detail": f"{picture.width} × {picture.height} pixels"})
