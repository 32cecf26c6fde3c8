"""Segmentations: binary, fractional and label map, as masks on the images that they belong to (PS3.3 C.8.20)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.all_frames import all_frames, open_frames
from core.dicom.display_color import display_color
from core.dicom.functional_groups import FrameAttributes, frames_of
from core.dicom.guard import CannotDecode, guarded
from core.dicom.pixels import PixelReader
from core.dicom.placed_frames import Located, PlacedFrames, placed_frames
from core.dicom.structured_report import code_text
from core.dicom.values import first_item, integer, items, text
from core.imaging.image import Frame, Image
from core.imaging.lab import Rgb, calm_color
from core.imaging.layers import Segment, SegmentMask
from core.imaging.plane import IDENTITY, chained
from core.imaging.reslice import sampled
from core.refusal import Reason, Refusal

BACKGROUND_CODE = "125040"  # of DCM
MAX_BYTES = 1 << 30  # of all masks, each cut to what it marks


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """What one frame marks of one segment: `share`, uint8, 255 is wholly inside, from the pixel `at` (x, y) on."""

    number: int
    share: NDArray[np.uint8]
    at: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """One file; `masks` has what each of its frames marks, `lost` how many frames could not be decoded."""

    path: Path
    name: str
    segments: Mapping[int, Segment]
    placed: PlacedFrames
    masks: tuple[tuple[Mask, ...], ...]
    lost: int = 0

    def on_frame(self, image: Image, index: int, frame: Frame) -> tuple[SegmentMask, ...] | str | None:
        """Return the segments on a frame of an image; a sentence where that cannot be said, None on strangers.

        For how they are placed see `PlacedFrames.on_image`.
        """
        located = self.placed.on_image(image, index, frame)
        if located is None or isinstance(located, str):
            return located
        found = [self._masked(one, mask) for one in located if one.strip is None for mask in self.masks[one.index]]
        return (*found, *self._sliced(located, (frame.rows, frame.columns)))

    def _masked(self, one: Located, mask: Mask) -> SegmentMask:
        from_crop = np.array([[1.0, 0, mask.at[0]], [0, 1.0, mask.at[1]]])
        return SegmentMask(self.segments[mask.number], mask.share, chained(one.image_from_frame, from_crop))

    def _sliced(self, located: Iterable[Located], shape: tuple[int, int]) -> Iterable[SegmentMask]:
        """Put together what strips of tilted frames mark, each segment once."""
        merged: dict[int, NDArray[np.uint8]] = {}
        for one in located:
            if one.strip is None:
                continue
            for mask in self.masks[one.index]:
                to_crop = np.array([[1.0, 0, -mask.at[0]], [0, 1.0, -mask.at[1]]])
                share = sampled(mask.share, chained(to_crop, one.frame_from_image), one.strip, 0)
                if share.any():
                    whole = merged.setdefault(mask.number, np.zeros(shape, np.uint8))
                    whole[one.strip] = np.maximum(whole[one.strip], share)
        return [SegmentMask(self.segments[number], share, IDENTITY) for number, share in merged.items()]


def read_segmentation(path: Path) -> Segmentation | Refusal:
    """Read a segmentation and decode all of it. Never raises for what a file can hold."""
    return guarded(path, lambda: _read(path))


def _read(path: Path) -> Segmentation:
    opened, reader, frame_count = open_frames(path)
    dataset = opened.dataset
    colors = reader.palette
    # a palette colors the numbers of segments, which are what is wanted here
    reader = replace(reader, palette=None, pixel_format=replace(reader.pixel_format, photometric="MONOCHROME2"))
    frames = frames_of(dataset, frame_count)
    size = reader.pixel_format.columns, reader.pixel_format.rows
    segments = dict(_segments(dataset))
    if colors is not None:
        own = colors.apply(np.array(list(segments), np.int64)).tolist()
        colored = zip(segments.items(), own, strict=True)
        segments = {number: replace(one, color=(red, green, blue)) for (number, one), (red, green, blue) in colored}
    placed = placed_frames(dataset, frames, frame_count, size)
    backgrounds = set(_backgrounds(dataset))
    if text(dataset, "SegmentationType") == "LABELMAP":
        backgrounds |= {integer(dataset, "PixelPaddingValue"), *({0} - segments.keys())}
    segments = {number: one for number, one in segments.items() if number not in backgrounds}
    masks, lost = _masks(dataset, reader, frames, frame_count, backgrounds)
    for number in {mask.number for frame in masks for mask in frame} - segments.keys():
        segments[number] = Segment(number, f"Segment {number}", calm_color(number - 1))
    name = text(dataset, "SeriesDescription") or text(dataset, "ContentDescription") or text(dataset, "ContentLabel")
    return Segmentation(path, name or "Segmentation", segments, placed, masks, lost)


def _segments(dataset: Dataset) -> Iterable[tuple[int, Segment]]:
    for order, one in enumerate(items(dataset, "SegmentSequence")):
        number = integer(one, "SegmentNumber", order + 1) or 0
        kind = first_item(one, "SegmentedPropertyTypeCodeSequence")
        parts = (
            code_text(one, "SegmentedPropertyCategoryCodeSequence"),
            code_text(one, "SegmentedPropertyTypeCodeSequence"),
            "" if kind is None else code_text(kind, "SegmentedPropertyTypeModifierCodeSequence"),
            code_text(one, "AnatomicRegionSequence"),
        )
        meaning = " · ".join(dict.fromkeys(filter(None, parts)))
        name = text(one, "SegmentLabel") or code_text(one, "SegmentedPropertyTypeCodeSequence") or f"Segment {number}"
        yield number, Segment(number, name, _color(one, order), meaning)


def _backgrounds(dataset: Dataset) -> Iterable[int | None]:
    """Yield the numbers of segments that stand for what belongs to none (PS3.3 C.8.20.2, CID 7150)."""
    for one in items(dataset, "SegmentSequence"):
        kind = first_item(one, "SegmentedPropertyTypeCodeSequence")
        if kind is not None and text(kind, "CodeValue") == BACKGROUND_CODE:
            yield integer(one, "SegmentNumber")


def _color(one: Dataset, order: int) -> Rgb:
    return display_color(one, "RecommendedDisplayCIELabValue") or calm_color(order)


def _masks(
    dataset: Dataset, reader: PixelReader, frames: tuple[FrameAttributes, ...], frame_count: int,
    backgrounds: set[int | None],
) -> tuple[tuple[tuple[Mask, ...], ...], int]:
    """Return what each frame marks, and how many frames could not be decoded. Raises where none could."""
    kind, most = text(dataset, "SegmentationType"), integer(dataset, "MaximumFractionalValue", 255) or 255
    found: list[tuple[Mask, ...]] = []
    lost, used = 0, 0
    for index, values in enumerate(all_frames(reader, frame_count)):
        if values is None:
            lost += 1
            found.append(())
            continue
        if kind == "LABELMAP":
            numbers_here = [number for number in np.unique(values).tolist() if number not in backgrounds]
            marked = [_cut(number, values == number, 1) for number in numbers_here]
        else:
            number = _segment_of(frames[min(index, len(frames) - 1)], index, frame_count, dataset)
            is_background = number in backgrounds
            marked = [] if is_background else [_cut(number, values, most if kind == "FRACTIONAL" else 1)]
        found.append(tuple(mask for mask in marked if mask is not None))
        used += sum(mask.share.nbytes for mask in found[-1])
        if used > MAX_BYTES:
            raise CannotDecode(Reason.TOO_LARGE, detail=f"masks of more than {MAX_BYTES >> 20} MiB")
    return tuple(found), lost


def _segment_of(frame: FrameAttributes, index: int, frame_count: int, dataset: Dataset) -> int:
    """Return the number of a frame's segment; the frames of a tiled slide without groups go through them in turn."""
    group = frame.group("SegmentIdentificationSequence")
    number = None if group is None else integer(group, "ReferencedSegmentNumber")
    if number is not None:
        return number
    numbered = [integer(one, "SegmentNumber", 1) or 1 for one in items(dataset, "SegmentSequence")] or [1]
    return numbered[min(index * len(numbered) // frame_count, len(numbered) - 1)]


def _cut(number: int, values: NDArray[Any], most: int) -> Mask | None:
    """Return what is marked, of values up to `most`, without the empty border; None where nothing is."""
    rows, columns = np.flatnonzero(values.any(axis=1)), np.flatnonzero(values.any(axis=0))
    if not rows.size:
        return None
    inside = values[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    share = np.clip(np.rint(inside * (255 / most)), 0, 255).astype(np.uint8)
    share.flags.writeable = False
    return Mask(number, share, (int(columns[0]), int(rows[0])))
