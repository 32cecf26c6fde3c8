"""A DICOM file as an Image: its facts at once, its frames on demand."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydicom.dataset import Dataset

from core.dicom.all_frames import LEAST_FRAMES_TO_DOUBT, frames_claimed
from core.dicom.dataset import OpenedDataset, open_dataset
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.frame_facts import frame_facts
from core.dicom.functional_groups import FrameAttributes, frames_of
from core.dicom.geometry import edge_letters, pixel_aspect, spacing_of
from core.dicom.guard import guarded, unless_changed
from core.dicom.header import read_header, read_identity, sop_class_name
from core.dicom.modality import modality_transform, modality_unit
from core.dicom.overlay_planes import StoredOverlay, overlay_planes, read_overlays
from core.dicom.pixels import PixelReader, open_pixels, warm_up_for
from core.dicom.read_format import read_format
from core.dicom.recognize import Kind
from core.dicom.values import integer, number, text
from core.dicom.voi import offered_voi
from core.files import Stamp
from core.imaging.image import EdgeLetters, Frame, Image, ModalityTransform, Spacing, Voi
from core.imaging.lookup import Rescale
from core.refusal import Reason, Refusal

MAX_PIXELS = 500_000_000  # of one frame; a header that claims more is damaged or hostile
_AFTER_DESCRIPTION = 0x00290000  # tags are in order, and the Image Pixel module stands in group 0028


@dataclass(frozen=True, slots=True, eq=False)
class _FrameFacts:
    """All of a Frame but its pixels."""

    modality: ModalityTransform
    voi: tuple[Voi, ...]
    inverse: bool
    padding: tuple[float, float] | None
    pixel_aspect: float
    unit: str
    spacing: Spacing | None
    edges: EdgeLetters | None
    notes: tuple[str, ...]


def load_dicom(path: Path, head: bytes, stamp: Stamp) -> Image | Refusal:
    """Open a DICOM file, whose first bytes were read by `read_head`; `stamp` tells it from another in its place.

    Reads no pixels; the data set is not kept. Never raises for what a file can hold.
    """
    return guarded(path, lambda: _load(path, head, stamp))


def _load(path: Path, head: bytes, stamp: Stamp) -> Image | Refusal:
    opened = open_dataset(path, head)
    dataset, element = opened.dataset, opened.pixels
    if element is None:
        return _without_pixels(path, opened)
    frame_count = frames_claimed(opened)
    pixel_format = read_format(dataset, opened.syntax, element, frame_count)
    is_doubted = (integer(dataset, "NumberOfFrames") or 1) > LEAST_FRAMES_TO_DOUBT
    if is_doubted and element.length is not None:  # one more says that others are missing
        frame_count = min(frame_count, opened.source.size() * 8 // pixel_format.native_bits + 1)
    if pixel_format.pixels > MAX_PIXELS:
        size = f"{pixel_format.columns} × {pixel_format.rows} pixels"
        return Refusal(Reason.TOO_LARGE, path, {"detail": size})
    warm_up_for(opened.syntax)
    attributes = frames_of(dataset, frame_count)
    return Image(
        path=path, kind=Kind.DICOM.value, identity=read_identity(dataset, path),
        header=read_header(attributes[0], opened.syntax), rows=pixel_format.rows, columns=pixel_format.columns,
        frame_count=frame_count, is_color=pixel_format.is_color, load_frame=_Frames(path, frame_count, stamp),
        frame_facts=tuple(frame_facts(frame) for frame in attributes),
    )


@dataclass(frozen=True, eq=False)
class _Frames:
    """Decodes frames on demand, from any thread. The first one reads the header again: a scan needs less of it.

    `stamp` is the file's when it was opened.
    """

    path: Path
    frame_count: int
    stamp: Stamp

    def __call__(self, index: int) -> Frame | Refusal:
        if not 0 <= index < self.frame_count:
            facts = {"frame": str(index + 1), "frames": str(self.frame_count)}
            return Refusal(Reason.NO_SUCH_FRAME, self.path, facts)
        return unless_changed(self.path, self.stamp, guarded(self.path, lambda: self._decode(index)))

    @cached_property
    def reader(self) -> PixelReader:
        """What reads the pixels."""
        return self._opened[0]

    @cached_property
    def _opened(self) -> tuple[PixelReader, tuple[_FrameFacts, ...], tuple[StoredOverlay, ...]]:
        """The reader, the facts of each frame or one for all, and the overlays. Raises what a damaged file raises."""
        opened = open_dataset(self.path)
        if opened.pixels is None:
            raise ValueError("its pixels are gone")
        reader = open_pixels(opened, opened.pixels, self.frame_count)
        attributes = frames_of(opened.dataset, self.frame_count)
        overlays = read_overlays(opened.dataset, _used_bits(reader.pixel_format))
        return reader, tuple(_frame_facts(frame, reader) for frame in attributes), overlays

    def _decode(self, index: int) -> Frame:
        reader, all_facts, overlays = self._opened
        stored = reader.stored(index)
        facts = all_facts[min(index, len(all_facts) - 1)]
        return Frame(
            stored.values, facts.modality, facts.voi, facts.inverse, facts.padding, facts.pixel_aspect, facts.unit,
            facts.spacing, facts.edges, stored.notes + facts.notes,
            overlay_planes(overlays, stored.values.shape[:2], index, lambda: reader.cells(index)) if overlays else (),
        )


def _used_bits(pixel_format: PixelFormat) -> frozenset[int]:
    """Return the positions of the bits that hold the values."""
    return frozenset(range(pixel_format.high_bit + 1 - pixel_format.bits_stored, pixel_format.high_bit + 1))


def _frame_facts(frame: FrameAttributes, reader: PixelReader) -> _FrameFacts:
    spacing = spacing_of(frame)
    aspect, edges = pixel_aspect(frame, spacing), edge_letters(frame)
    pixel_format = reader.pixel_format
    if pixel_format.is_color:
        return _FrameFacts(Rescale(), (), False, None, aspect, "", spacing, edges, ())
    modality = modality_transform(frame, pixel_format.is_signed)
    voi, notes = offered_voi(frame, modality, pixel_format.is_signed)
    return _FrameFacts(
        modality, voi, _is_inverse(frame.dataset, pixel_format.photometric),
        _padding(frame.dataset, pixel_format.bits_stored, pixel_format.is_signed), aspect, modality_unit(frame),
        spacing, edges, notes,
    )


def _is_inverse(dataset: Dataset, photometric: str) -> bool:
    """Return whether the picture is inverted after VOI: by Presentation LUT Shape, else by MONOCHROME1 (C.11.6)."""
    shape = text(dataset, "PresentationLUTShape")
    return shape == "INVERSE" if shape else photometric == "MONOCHROME1"


def _padding(dataset: Dataset, bits: int, is_signed: bool) -> tuple[float, float] | None:
    """Return the inclusive range of stored values that are no image (PS3.3 C.7.5.1.1.2)."""
    value = number(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = number(dataset, "PixelPaddingRangeLimit")
    ends = [_as_stored(end, bits, is_signed) for end in (value, value if limit is None else limit)]
    return min(ends), max(ends)


def _as_stored(value: float, bits: int, is_signed: bool) -> float:
    """Return a padding value as a stored value: its VR may have been written with the wrong sign."""
    if is_signed and value >= 1 << (bits - 1):
        return value - (1 << 16 if value >= 1 << 15 else 1 << bits)
    return value + (1 << bits) if not is_signed and value < 0 else value


def _without_pixels(path: Path, opened: OpenedDataset) -> Refusal:
    """Say why a data set holds no picture: an object that is none, or a file that ends before its pixels."""
    dataset, name = opened.dataset, sop_class_name(opened.dataset)
    if opened.is_cut:
        return Refusal(Reason.DAMAGED, path, {"detail": "it ends before its pixels"})
    # who goes on beyond where the size of a picture stands, and has none, never had one: an image by its class alone
    may_be_cut = "Image" in name and max(dataset.keys()) < _AFTER_DESCRIPTION
    if ("Rows" in dataset and "SpectroscopyData" not in dataset) or may_be_cut:
        return Refusal(Reason.DAMAGED, path, {"detail": "its pixels are missing"})
    return Refusal(Reason.NO_PIXELS, path, {"sop_class": name}) if name else Refusal(Reason.NOT_AN_IMAGE, path)
