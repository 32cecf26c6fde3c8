"""Where the frames of a segmentation or a parametric map lie on other images: by position, else by reference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.frame_facts import tile_of
from core.dicom.functional_groups import FrameAttributes
from core.dicom.geometry import orientation_of, position_of, spacing_of
from core.dicom.values import integer, items, number, numbers, text
from core.findings.wording import NO_PLACE, matrix_text
from core.imaging.image import Frame, Image
from core.imaging.plane import IDENTITY, PARALLEL_COSINE, THIN_MM, Affine, Plane, inverted, plane_of
from core.imaging.reslice import Pixels, strips

ROUNDING_MM = 1e-3  # planes nearer than this are the same

Source = tuple[str, int]  # SOP Instance UID and number of its frame, from 1 on; 0 is every frame


@dataclass(frozen=True, slots=True, eq=False)
class FramePlace:
    """What one frame says of where it lies: its plane, the images that it was made from, its tile of a slide."""

    plane: Plane | None
    thickness_mm: float | None
    sources: frozenset[Source]
    tile: tuple[int, int] | None

    def names(self, source: Source) -> bool:
        """Return whether it was made from this frame of an image."""
        return source in self.sources or (source[0], 0) in self.sources


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A frame that lies on an image: `frame_from_image` is the (2, 3) affine from image to frame coordinates.

    `strip` is None, or the pixels of the image that lie within a tilted frame's thickness.
    """

    index: int
    frame_from_image: Affine
    strip: Pixels | None = None

    @property
    def image_from_frame(self) -> Affine:
        """The inverse affine. Only without a strip."""
        return inverted(self.frame_from_image)


@dataclass(frozen=True, eq=False)
class PlacedFrames:
    """All frames of one file; `images` are the SOP Instance UIDs that it names anywhere.

    `size` is (columns, rows); `slide` is that of the slide whose tiles the frames are, zeros for none.
    """

    instance_uid: str
    frame_of_reference: str
    images: frozenset[str]
    size: tuple[int, int]
    places: tuple[FramePlace, ...]
    slide: tuple[int, int] = (0, 0)

    def on_image(self, image: Image, index: int, frame: Frame) -> tuple[Located, ...] | str | None:
        """Return which frames lie on a frame of an image; a sentence where that cannot be said; None on strangers.

        By their planes where both have one in the same patient coordinates, for an image that is not parallel by
        slicing through them; else by the frames that they name, pixel for pixel; else by their tiles on a slide.
        """
        uid = image.identity.instance_uid
        if uid == self.instance_uid:
            return (Located(index, IDENTITY),) if index < len(self.places) else ()
        is_same_space = bool(self.frame_of_reference) and self.frame_of_reference == image.header.frame_of_reference
        if uid not in self.images and not is_same_space:
            return None
        plane, source = plane_of(image, index, frame), (uid, index + 1)
        if plane is not None and len(self._planes):
            found = self._by_plane(plane, frame)
            named = [one for one in found if self.places[one.index].names(source)]
            # of several moments at one place, those that were made from this one
            return tuple(one for one in found if not named or one in named or not self.places[one.index].sources)
        if uid not in self.images:
            return None
        named_places = [number for number, place in enumerate(self.places) if place.names(source)]
        if named_places and self.size == (frame.columns, frame.rows):
            return tuple(Located(number, IDENTITY) for number in named_places)
        is_told = any(place.sources for place in self.places)
        if self.slide[0] and (named_places or not is_told):
            return tuple(self._by_tile(image, index))
        if named_places:
            return matrix_text(*self.size)
        return () if is_told else NO_PLACE

    def _by_plane(self, plane: Plane, frame: Frame) -> list[Located]:
        normals, positions = self._normals_and_positions
        parallel = np.flatnonzero(np.abs(normals @ plane.normal) >= PARALLEL_COSINE)
        if not parallel.size:
            return self._through_planes(plane, frame)
        # a segmentation of a hundred organs has thousands of planes
        distances = np.abs(((positions[parallel] - plane.position) * normals[parallel]).sum(axis=1))
        if distances.min() > self.step_mm / 2 + ROUNDING_MM:
            return []
        near = parallel[distances <= distances.min() + ROUNDING_MM].tolist()
        return [Located(self._planes[at][0], self._planes[at][1].from_plane(plane)) for at in near]

    def _by_tile(self, image: Image, index: int) -> Iterable[Located]:
        """Yield the tiles that overlap a tile of the image whose slide this is."""
        size = image.columns, image.rows  # an image's tiles need not be of the size of ours
        column, row = image.facts_of(index).tile or _in_turn(index, self.slide, size)
        for at, place in enumerate(self.places):
            if place.tile is None:
                continue
            right, down = place.tile[0] - column, place.tile[1] - row
            if -self.size[0] < right < image.columns and -self.size[1] < down < image.rows:
                yield Located(at, np.array([[1.0, 0, -right], [0, 1.0, -down]]))

    def _through_planes(self, plane: Plane, frame: Frame) -> list[Located]:
        """Return what a plane cuts of frames that are tilted against it, each within half a step of its own plane."""
        half, size = self.step_mm / 2 + ROUNDING_MM, (frame.columns, frame.rows)
        return [Located(self._planes[at][0], self._planes[at][1].from_plane(plane), strip)
                for at, strip in strips(*self._normals_and_positions, half, plane, size)]

    @cached_property
    def _planes(self) -> tuple[tuple[int, Plane], ...]:
        return tuple((number, place.plane) for number, place in enumerate(self.places) if place.plane is not None)

    @cached_property
    def _normals_and_positions(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The planes' normals and positions, (planes, 3) each."""
        return (np.stack([one.normal for _, one in self._planes]), np.stack([one.position for _, one in self._planes]))

    @cached_property
    def step_mm(self) -> float:
        """The distance from plane to plane: the smallest that there is, though no more than the stated thickness."""
        if not self._planes:
            return THIN_MM
        normals, positions = self._normals_and_positions
        is_parallel = np.abs(normals @ normals[0]) >= PARALLEL_COSINE
        offsets = np.unique(np.round((positions[is_parallel] - positions[0]) @ normals[0], 4))
        gaps = np.diff(offsets)
        stated = [place.thickness_mm for place in self.places if place.thickness_mm]
        return float(min([*gaps[gaps > ROUNDING_MM].tolist(), *stated], default=THIN_MM))


def placed_frames(
    dataset: Dataset, frames: Sequence[FrameAttributes], frame_count: int, size: tuple[int, int]
) -> PlacedFrames:
    """Return where the frames of a data set lie; `frames` are one for each, or the last stands for all that follow."""
    listed = frozenset(text(one, "ReferencedSOPInstanceUID")
                       for series in items(dataset, "ReferencedSeriesSequence")
                       for one in items(series, "ReferencedInstanceSequence")) - {""}
    slide = _slide(dataset)
    is_full = all(slide) and text(dataset, "DimensionOrganizationType") == "TILED_FULL"
    places = []
    own = [_place(frame) for frame in frames]
    for index in range(frame_count):
        place = own[min(index, len(own) - 1)]
        if is_full:
            place = replace(place, tile=_in_turn(index, slide, size))
        elif not place.sources and place.plane is None and frame_count == 1 and len(listed) == 1:
            place = replace(place, sources=frozenset((uid, 0) for uid in listed))
        places.append(place)
    named = {uid for place in places for uid, _ in place.sources}
    placed = PlacedFrames(text(dataset, "SOPInstanceUID"), text(dataset, "FrameOfReferenceUID"), listed | named, size,
                          tuple(places), slide)
    placed.step_mm  # noqa: B018  (worked out here, in the background, so that the window need not)
    return placed


def _place(frame: FrameAttributes) -> FramePlace:
    position, orientation, spacing = position_of(frame), orientation_of(frame), spacing_of(frame)
    plane = None
    if position is not None and orientation is not None and spacing is not None:
        plane = Plane.of(position, orientation, spacing.column_mm, spacing.row_mm)
    measures = frame.group("PixelMeasuresSequence") or frame.dataset
    sizes = [number(measures, keyword) for keyword in ("SpacingBetweenSlices", "SliceThickness")]
    sources: set[Source] = set()
    for holder in (frame.own, frame.shared):
        for derivation in () if holder is None else items(holder, "DerivationImageSequence"):
            for one in items(derivation, "SourceImageSequence"):
                numbered = numbers(one, "ReferencedFrameNumber") or (0,)
                sources |= {(text(one, "ReferencedSOPInstanceUID"), int(value)) for value in numbered}
        if sources:
            break
    return FramePlace(plane, next((abs(value) for value in sizes if value), None), frozenset(sources), tile_of(frame))


def _slide(dataset: Dataset) -> tuple[int, int]:
    """Return the columns and rows of the slide whose tiles the frames are, 0 where they are not told."""
    columns, rows = (max(integer(dataset, f"TotalPixelMatrix{axis}", 0) or 0, 0) for axis in ("Columns", "Rows"))
    return columns, rows


def _in_turn(index: int, slide: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Return the column and row, from 1 on, of a tile of a slide that is tiled in full (PS3.3 C.7.6.17.3).

    Tiles follow one another row by row, and each further focal plane, optical path or segment begins anew.
    """
    across, down = -(-slide[0] // size[0]), -(-slide[1] // size[1])
    number = index % (across * down) if down else index
    return number % across * size[0] + 1, number // across * size[1] + 1
