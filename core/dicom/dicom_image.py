"""A DICOM file as an Image: its facts at once, its frames on demand."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.all_frames import LEAST_FRAMES_TO_DOUBT, frames_claimed
from core.dicom.dataset import OpenedDataset, open_dataset
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.frame_facts import facts_of_frames, laterality_of, thickness_of
from core.dicom.functional_groups import FrameAttributes, frames_of
from core.dicom.geometry import edge_letters, pixel_aspect, spacing_of
from core.dicom.guard import guarded, unless_changed
from core.dicom.header import read_header, read_identity, sop_class_name
from core.dicom.modality import modality_transform, modality_unit
from core.dicom.overlay_planes import StoredOverlay, overlay_planes, read_overlays
from core.dicom.palette import first_color
from core.dicom.pixels import PixelReader, open_pixels, warm_up_for
from core.dicom.read_format import read_format
from core.dicom.recognize import Kind
from core.dicom.shutter import OwnShutters, shutters_of
from core.dicom.values import integer, items, number, text
from core.dicom.voi import offered_voi
from core.files import Stamp
from core.findings.wording import INVALID_SHUTTER_NOTE
from core.imaging.image import EdgeLetters, Frame, Image, ModalityTransform, Spacing, Voi
from core.imaging.lookup import Rescale
from core.imaging.presentation import MASK_NOTE, Shutter
from core.refusal import Reason, Refusal

MAX_PIXELS = 500_000_000  # of one frame; a header that claims more is damaged or hostile
COLORS_NOTE = "colors of the file are not shown"
FOR_PROCESSING_NOTE = "for processing: not made to be looked at"  # PS3.3 C.8.11.1.1.1
PROFILE_NOTE = "its color profile is not applied"
_Covered = tuple[tuple[int, int], tuple[Shutter, ...], float]  # a frame's shape, what is seen of it, pixel aspect
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
    shutters: OwnShutters
    laterality: str
    thickness_mm: float | None
    first_color: int | None = None


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
        frame_facts=facts_of_frames(attributes, frame_count), stamp=stamp,
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
        shape = stored.values.shape[:2]
        shutter = self._shutter(shape, facts.shutters, facts.pixel_aspect)
        notes = stored.notes + facts.notes
        if shutter is None and facts.shutters.shutters:
            notes += (INVALID_SHUTTER_NOTE,)
        if facts.first_color is not None and stored.values.max() >= facts.first_color:
            notes += (COLORS_NOTE,)
        return Frame(
            stored.values, facts.modality, facts.voi, facts.inverse, facts.padding, facts.pixel_aspect, facts.unit,
            facts.spacing, facts.edges, notes,
            overlay_planes(overlays, shape, index, lambda: reader.cells(index)) if overlays else (),
            shutter, facts.shutters.gray,
            nominal_range=_nominal_range(reader.pixel_format), first_color=facts.first_color,
            laterality=facts.laterality, thickness_mm=facts.thickness_mm,
        )

    @cached_property
    def _covered(self) -> WeakValueDictionary[_Covered, NDArray[np.uint8]]:
        """What shutters cover; weak, since an image stays in the list when its frames have left the memory."""
        return WeakValueDictionary()

    def _shutter(
        self, shape: tuple[int, int], own: OwnShutters, pixel_aspect: float
    ) -> NDArray[np.uint8] | None:
        """Return what the image's own shutters cover, one array for all frames that have the same."""
        key = shape, own.shutters, pixel_aspect
        covered = self._covered.get(key)
        if covered is None and (covered := own.covered(shape, pixel_aspect)) is not None:
            self._covered[key] = covered
        return covered


def _nominal_range(pixel_format: PixelFormat) -> tuple[float, float] | None:
    """Return the least and largest value that Bits Stored and Pixel Representation allow, None for floats (C.11.1)."""
    if pixel_format.is_float:
        return None
    bits = pixel_format.bits_stored
    if pixel_format.is_signed and bits > 1:  # a single bit has none to spare for a sign
        return -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1
    return 0.0, 2.0**bits - 1


def _used_bits(pixel_format: PixelFormat) -> frozenset[int]:
    """Return the positions of the bits that hold the values."""
    return frozenset(range(pixel_format.high_bit + 1 - pixel_format.bits_stored, pixel_format.high_bit + 1))


def _frame_facts(frame: FrameAttributes, reader: PixelReader) -> _FrameFacts:
    spacing = spacing_of(frame)
    aspect, edges, shutters = pixel_aspect(frame, spacing), edge_letters(frame), shutters_of(frame)
    laterality, thickness_mm = laterality_of(frame), thickness_of(frame)
    pixel_format = reader.pixel_format
    if pixel_format.is_color:
        unapplied = (PROFILE_NOTE,) if _has_profile(frame.dataset) else ()
        return _FrameFacts(Rescale(), (), False, None, aspect, "", spacing, edges, unapplied, shutters, laterality,
                           thickness_mm)
    modality = modality_transform(frame, pixel_format.is_signed)
    voi, notes = offered_voi(frame, modality, pixel_format.is_signed)
    if text(frame.dataset, "RecommendedViewingMode") == "SUB" and "MaskSubtractionSequence" in frame.dataset:
        notes += (MASK_NOTE,)
    if text(frame.dataset, "PresentationIntentType") == "FOR PROCESSING":
        notes += (FOR_PROCESSING_NOTE,)
    return _FrameFacts(
        modality, voi, _is_inverse(frame.dataset, pixel_format.photometric),
        _padding(frame.dataset, pixel_format), aspect, modality_unit(frame), spacing, edges, notes, shutters,
        laterality, thickness_mm, first_color(frame.dataset, pixel_format.is_signed),
    )


def _has_profile(dataset: Dataset) -> bool:
    """Return whether an ICC profile other than sRGB's says what the colors are (PS3.3 C.11.15, C.8.12.5)."""
    holders = (dataset, *items(dataset, "OpticalPathSequence"))
    return any("ICCProfile" in one and text(one, "ColorSpace") != "SRGB" for one in holders)


def _is_inverse(dataset: Dataset, photometric: str) -> bool:
    """Return whether the picture is inverted after VOI: by Presentation LUT Shape, else by MONOCHROME1 (C.11.6)."""
    shape = text(dataset, "PresentationLUTShape")
    return shape == "INVERSE" if shape else photometric == "MONOCHROME1"


def _padding(dataset: Dataset, pixel_format: PixelFormat) -> tuple[float, float] | None:
    """Return the inclusive range of stored values that are no image (PS3.3 C.7.5.1.1.2).

    Float and double pixels have a padding value of their own type (C.7.6.24).
    """
    kind = "" if not pixel_format.is_float else "Float" if pixel_format.bits_allocated == 32 else "DoubleFloat"
    value = number(dataset, f"{kind}PixelPaddingValue")
    if value is None:
        return None
    limit = number(dataset, f"{kind}PixelPaddingRangeLimit")
    ends = [_as_stored(end, pixel_format) for end in (value, value if limit is None else limit)]
    return min(ends), max(ends)


@np.errstate(over="ignore")  # of a value that no pixel can have
def _as_stored(value: float, pixel_format: PixelFormat) -> float:
    """Return a padding value as a stored value: its VR may have been written with the wrong sign."""
    bits, is_signed = pixel_format.bits_stored, pixel_format.is_signed
    if pixel_format.is_float:
        return float(np.float32(value)) if pixel_format.bits_allocated == 32 else value
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
