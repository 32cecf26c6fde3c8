"""Encoded frame to stored values: Bits Stored, High Bit and sign for gray, RGB of 8 bits for color."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.color import to_rgb
from core.dicom.dataset import OpenedDataset, PixelElement
from core.dicom.decoders import DECODERS, UNSUPPORTED, native
from core.dicom.decoders.decoder import NotForThisDecoder, Samples
from core.dicom.decoders.helper_pool import POOL, run_decoder
from core.dicom.decoders.limits import Spent
from core.dicom.decoders.pixel_format import PALETTE, PixelFormat
from core.dicom.fragments import Fragment, group_into_frames, read_fragments
from core.dicom.guard import CannotDecode
from core.dicom.header import syntax_name
from core.dicom.palette import Palette, read_palette
from core.dicom.read_format import read_format
from core.dicom.source import Bytes, Source
from core.dicom.values import raw_bytes
from core.dicom.words import swapped_words
from core.refusal import Reason

log = logging.getLogger(__name__)

DOUBTED_BYTES, DOUBTED_RATIO = 64 << 20, 300  # a frame of more bytes, and more than that for each of its own, is none
LOSSLESS_JPEG_RATIO = 8  # samples for a byte: each has one bit or more (ITU-T T.81 H.1.2)
CUT_NOTE = "incomplete: the file is cut off"

_EXPLICIT, _ENCAPSULATED_NATIVE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.98"
_NATIVE = frozenset(syntax for syntax, decoders in DECODERS.items() if native.DECODER in decoders)
_LOSSLESS_JPEG = frozenset({"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"})
_STREAM_STARTS = (  # what a stream is whose transfer syntax says "not compressed"
    (b"\xff\x4f\xff\x51", "1.2.840.10008.1.2.4.90"), (b"\xff\xd8\xff\xf7", "1.2.840.10008.1.2.4.80"),
    (b"\xff\xd8", "1.2.840.10008.1.2.4.70"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One frame's values, (rows, columns) in their stored type or (rows, columns, 3) uint8, and notes on them."""

    values: NDArray[Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PixelReader:
    """Reads and decodes one frame at a time; `read_frame` gives a frame's bytes and how many of them are missing."""

    pixel_format: PixelFormat
    read_frame: Callable[[int], tuple[Bytes, int]]
    palette: Palette | None

    def cells(self, index: int) -> NDArray[Any] | None:
        """Return a gray frame's cells with the bits that its values leave unused; None where the code has none.

        Raises CannotDecode and OSError.
        """
        samples = _decoded(self.read_frame(index)[0], self.pixel_format)
        is_gray = self.pixel_format.samples == 1 and samples.values.dtype.kind in "iu"
        return samples.values if is_gray and samples.precision is None else None

    def stored(self, index: int) -> Stored:
        """Return the stored values of a frame. Raises CannotDecode and OSError."""
        encoded, missing = self.read_frame(index)
        samples = _decoded(encoded, self.pixel_format)
        notes = (CUT_NOTE,) if missing else ()
        if self.pixel_format.samples > 1:
            return Stored(_color(samples, self.pixel_format), notes)
        values = stored_values(samples, self.pixel_format)
        if self.pixel_format.photometric == PALETTE:
            if self.palette is None:
                raise CannotDecode(Reason.DAMAGED, detail="its color palette is missing")
            values = self.palette.apply(values)
        elif missing:
            _blacken_missing(values, missing, self.pixel_format)
        return Stored(values, notes)


def open_pixels(opened: OpenedDataset, element: PixelElement, frame_count: int) -> PixelReader:
    """Return the reader of a data set's frames. Reads no pixels. Raises CannotDecode, OSError and ValueError."""
    dataset = opened.dataset
    syntax = opened.syntax
    read_frame: Callable[[int], tuple[Bytes, int]]
    if element.length is None:
        frames = _encapsulated_frames(opened.source, dataset, element, frame_count)
        if syntax in _NATIVE and syntax != _ENCAPSULATED_NATIVE:
            syntax = _syntax_of_stream(opened.source, frames) or syntax
        read_frame = partial(_read_fragments, opened.source, frames)
    pixel_format = read_format(dataset, syntax if element.length is None else _native(syntax), element, frame_count)
    if element.length is not None:
        read_frame = partial(_read_native, opened.source, element, pixel_format)
    palette = read_palette(dataset) if pixel_format.photometric == PALETTE else None
    return PixelReader(pixel_format, read_frame, palette)


def warm_up_for(syntax: str) -> None:
    """Start what will decode a transfer syntax, if it works in another process; does not wait."""
    if any(not decoder.is_safe for decoder in DECODERS.get(syntax, ())[:1]):
        POOL.warm()


def stored_values(samples: Samples, pixel_format: PixelFormat) -> NDArray[Any]:
    """Return samples as the stored values they mean: overlay bits stripped, sign extended (PS3.5 8.1.1).

    The result has the smallest type of the cell's width, and may be a view on the samples.
    """
    cells = samples.values
    if cells.dtype.kind == "f":
        return cells
    width = 8 * cells.dtype.itemsize
    bits, low = pixel_format.bits_stored, max(pixel_format.high_bit + 1 - pixel_format.bits_stored, 0)
    if samples.precision is not None:
        bits, low = samples.precision, 0
    kind = "i" if pixel_format.is_signed and bits > 1 else "u"
    cells = cells.view(f"{kind}{cells.dtype.itemsize}")
    if bits >= width:
        return cells
    # into the frame's own buffer where it has one, which a bare read does not spend either
    own = cells if cells.flags.writeable else None
    if kind == "i":  # shifted up, so that the sign is the cell's, and back down with it
        shifted = np.left_shift(cells, width - bits - low, out=own)
        return np.asarray(np.right_shift(shifted, width - bits, out=shifted))
    if low:
        cells = own = np.right_shift(cells, low, out=own)
    return np.asarray(np.bitwise_and(cells, cells.dtype.type((1 << bits) - 1), out=own))


def _color(samples: Samples, pixel_format: PixelFormat) -> NDArray[np.uint8]:
    bits = samples.precision or pixel_format.bits_stored
    values = stored_values(samples, replace(pixel_format, is_signed=False))
    try:
        return to_rgb(values, samples.photometric, bits)
    except ValueError as error:
        raise CannotDecode(Reason.UNSUPPORTED, syntax=str(error)) from error


def _decoded(encoded: Bytes, pixel_format: PixelFormat) -> Samples:
    """Ask the decoders of the transfer syntax, best first. Raises CannotDecode where none of them can."""
    syntax = pixel_format.syntax
    decoders = [decoder for decoder in DECODERS.get(syntax, ()) if decoder.is_available()]
    if not decoders:
        missing = UNSUPPORTED.get(syntax, "its decoder is not installed" if syntax in DECODERS else "")
        raise CannotDecode(Reason.UNSUPPORTED, syntax=syntax_name(syntax), detail=missing)
    _check_plausible(encoded, pixel_format)
    damage: list[str] = []
    spent = Spent()
    for decoder in decoders:
        try:
            samples = run_decoder(decoder, encoded, pixel_format, spent)
            if samples.values.shape != pixel_format.shape:
                raise ValueError("its code stream has other samples than its header")
            return samples
        except NotForThisDecoder as error:
            log.debug("%s: %s", decoder.name, error)
        except MemoryError as error:
            raise CannotDecode(Reason.TOO_LARGE) from error
        except CannotDecode:  # it took too long: another decoder would take as long once more
            raise
        except Exception as error:  # libraries raise what they like on a damaged stream
            log.debug("%s: %s", decoder.name, error)
            damage.append(str(error).splitlines()[0] if str(error) else type(error).__name__)
    if damage:
        raise CannotDecode(Reason.DAMAGED, detail=damage[0])
    raise CannotDecode(Reason.UNSUPPORTED, syntax=syntax_name(syntax), detail="an unusual kind of it")


def _check_plausible(encoded: Bytes, pixel_format: PixelFormat) -> None:
    """Raise CannotDecode for a huge frame out of next to nothing, before anything makes room for it."""
    size_of_cell = max((pixel_format.bits_allocated + 7) // 8, 1)
    ratio = LOSSLESS_JPEG_RATIO * size_of_cell if pixel_format.syntax in _LOSSLESS_JPEG else DOUBTED_RATIO
    if pixel_format.pixels * pixel_format.samples * size_of_cell > max(DOUBTED_BYTES, ratio * encoded.size):
        size = f"{pixel_format.columns} × {pixel_format.rows} pixels in {encoded.size} bytes"
        raise CannotDecode(Reason.DAMAGED, detail=size)


def _read_native(source: Source, element: PixelElement, pixel_format: PixelFormat, index: int) -> tuple[Bytes, int]:
    """Return the bytes of a native frame, filled up with zeros, and how many of them the file lacks."""
    bits = pixel_format.native_bits
    first_bit = index * bits
    needed = (bits + 7) // 8
    start, end = first_bit // 8, (first_bit + bits + 7) // 8
    if pixel_format.is_word_swapped:
        start, end = start // 2 * 2, end + end % 2  # a frame may begin and end within a word (PS3.5 8.1.1)
    length = max(min(end, element.length or 0) - start, 0)
    found = source.read(element.offset + start, length) if length else np.empty(0, np.uint8)
    missing = end - start - found.size
    if missing * 2 > needed:
        raise CannotDecode(Reason.DAMAGED, detail=f"frame {index + 1} is cut off")
    if missing:
        found = np.concatenate([found, np.zeros(missing, np.uint8)])
    if pixel_format.is_word_swapped:
        found = swapped_words(found)[first_bit // 8 - start:][:(first_bit % 8 + bits + 7) // 8]
    if first_bit % 8:  # frames of single bits follow one another without a gap (PS3.5 8.1.1)
        shifted = np.unpackbits(found, bitorder="little")[first_bit % 8:first_bit % 8 + bits]
        found = np.packbits(shifted, bitorder="little")
    return found, missing


def _encapsulated_frames(
    source: Source, dataset: Dataset, element: PixelElement, frame_count: int
) -> tuple[tuple[Fragment, ...], ...]:
    with source.open() as file:
        encapsulated = read_fragments(file, element.offset)
        extended = np.frombuffer(raw_bytes(dataset, "ExtendedOffsetTable"), "<u8").tolist()
        return group_into_frames(encapsulated, frame_count, partial(_first_bytes, file), extended)


def _first_bytes(file: BinaryIO, fragment: Fragment) -> bytes:
    file.seek(fragment.offset)
    return file.read(min(fragment.length, 8))


def _read_fragments(
    source: Source, frames: tuple[tuple[Fragment, ...], ...], index: int
) -> tuple[Bytes, int]:
    """Return the bytes of an encapsulated frame, and whether the file ends within it."""
    if index >= len(frames):
        raise CannotDecode(Reason.DAMAGED, detail=f"frame {index + 1} is not in the file")
    fragments = frames[index]
    first, last = fragments[0], fragments[-1]
    span = source.read(first.offset, last.offset + last.length - first.offset)  # a read for each would take its time
    if len(fragments) > 1:
        raw = memoryview(span.data)
        parts = (raw[one.offset - first.offset:one.offset - first.offset + one.length] for one in fragments)
        span = np.frombuffer(b"".join(parts), np.uint8)
    return span, int(last.is_cut)


def _syntax_of_stream(source: Source, frames: tuple[tuple[Fragment, ...], ...]) -> str:
    """Return the syntax of streams in a file that claims not to be compressed; "" where they are unknown."""
    start = source.read(frames[0][0].offset, 4).tobytes() if frames else b""
    return next((syntax for magic, syntax in _STREAM_STARTS if start.startswith(magic)), "")


def _native(syntax: str) -> str:
    """Return the syntax of pixels with a stated length, which are not compressed whatever the file says."""
    return syntax if syntax in _NATIVE else _EXPLICIT


def _blacken_missing(values: NDArray[Any], missing: int, pixel_format: PixelFormat) -> None:
    """Give the pixels that the file lacks the darkest of the others' values, so that they stretch no window."""
    there = max(values.size - -(-missing * 8 // pixel_format.bits_allocated), 1)
    flat = values.reshape(-1)
    flat[there:] = flat[:there].max() if pixel_format.photometric == "MONOCHROME1" else flat[:there].min()
