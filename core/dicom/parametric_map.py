"""Parametric maps: real world values of float, double or whole numbers, over the images that they belong to.

PS3.3 C.8.32; Real World Value Mapping: C.7.6.16.2.11.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.all_frames import all_frames, open_frames
from core.dicom.dataset import OpenedDataset
from core.dicom.functional_groups import FrameAttributes, frames_of
from core.dicom.guard import CannotDecode, guarded
from core.dicom.modality import mapped_unit, real_world_mapping
from core.dicom.pixels import PixelReader
from core.dicom.placed_frames import Located, PlacedFrames, placed_frames
from core.dicom.structured_report import code_text
from core.dicom.values import items, number, numbers, text
from core.imaging.image import Frame, Image
from core.imaging.layers import ValueMap
from core.imaging.plane import IDENTITY, Affine
from core.imaging.reslice import sampled
from core.refusal import Reason, Refusal

MAX_BYTES = 1 << 30  # of all values as float32

Values = NDArray[np.float32]  # (rows, columns), NaN where there is none


@dataclass(frozen=True, slots=True)
class Quantity:
    """What values measure. `low` and `high` are the smallest and largest of all frames of a file that measure it."""

    name: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class ParametricMap:
    """One file. `quantities` are one for each frame: a file may map several, such as the parameters of one fit.

    `lost` is how many frames could not be decoded; they have no values.
    """

    path: Path
    quantities: tuple[Quantity, ...]
    placed: PlacedFrames
    frames: tuple[Values, ...]
    lost: int = 0

    @property
    def name(self) -> str:
        """The names of all that it maps."""
        return ", ".join(dict.fromkeys(one.name for one in self.quantities))

    def on_frame(self, image: Image, index: int, frame: Frame) -> tuple[ValueMap, ...] | str | None:
        """Return the values on a frame of an image; a sentence where that cannot be said, None on strangers."""
        located = self.placed.on_image(image, index, frame)
        if located is None or isinstance(located, str):
            return located
        whole = [_layer(self.quantities[one.index], self.frames[one.index], one.image_from_frame)
                 for one in located if one.strip is None]
        return (*whole, *self._sliced(located, (frame.rows, frame.columns)))

    def _sliced(self, located: Iterable[Located], shape: tuple[int, int]) -> Iterable[ValueMap]:
        """Put together the strips of tilted frames, those of each quantity for themselves."""
        strips: dict[Quantity, Values] = defaultdict(lambda: np.full(shape, np.nan, np.float32))
        for one in located:
            if one.strip is not None:
                merged = strips[self.quantities[one.index]]
                values = sampled(self.frames[one.index], one.frame_from_image, one.strip, np.nan)
                merged[one.strip] = np.where(np.isfinite(values), values, merged[one.strip])
        return [_layer(quantity, merged, IDENTITY) for quantity, merged in strips.items()
                if np.isfinite(merged).any()]


def _layer(quantity: Quantity, values: Values, image_from_map: Affine) -> ValueMap:
    return ValueMap(quantity.name, values, image_from_map, quantity.low, quantity.high, quantity.unit)


def read_parametric_map(path: Path) -> ParametricMap | Refusal:
    """Read a parametric map and decode all of it. Never raises for what a file can hold."""
    return guarded(path, lambda: _read(path))


def _read(path: Path) -> ParametricMap:
    opened, reader, frame_count = open_frames(path)
    dataset = opened.dataset
    frames = frames_of(dataset, frame_count)
    size = reader.pixel_format.columns, reader.pixel_format.rows
    if frame_count * size[0] * size[1] * 4 > MAX_BYTES:
        raise CannotDecode(Reason.TOO_LARGE, detail=f"values of more than {MAX_BYTES >> 20} MiB")
    values, lost = _values(opened, reader, frames, frame_count)
    placed = placed_frames(dataset, frames, frame_count, size)
    return ParametricMap(path, _quantities(dataset, frames, values), placed, values, lost)


def _quantities(
    dataset: Dataset, frames: tuple[FrameAttributes, ...], values: tuple[Values, ...]
) -> tuple[Quantity, ...]:
    """Return what each frame's values measure. Frames of one name and unit share a range, however each is scaled.

    The Real World Value Mapping may be each frame's own (C.7.6.16.2.11).
    """
    mappings = [real_world_mapping(frame) for frame in frames]
    own = [(_name(dataset, mapping), mapped_unit(mapping)) for mapping in mappings]
    named = [own[min(index, len(own) - 1)] for index in range(len(values))]
    ends: dict[tuple[str, str], list[float]] = {}
    for key, one in zip(named, values, strict=True):
        finite = one[np.isfinite(one)]
        ends.setdefault(key, []).extend((float(finite.min()), float(finite.max())) if finite.size else ())
    made = {key: Quantity(*key, min(some, default=0.0), max(some, default=1.0)) for key, some in ends.items()}
    return tuple(made[key] for key in named)


def _values(
    opened: OpenedDataset, reader: PixelReader, frames: tuple[FrameAttributes, ...], frame_count: int
) -> tuple[tuple[Values, ...], int]:
    """Return each frame's real world values, and how many could not be decoded. Raises where none could."""
    found: list[Values] = []
    lost = 0
    # read-only, and without memory of its own: a header may claim what no frame has
    nothing = np.broadcast_to(np.float32(np.nan), (reader.pixel_format.rows, reader.pixel_format.columns))
    for index, stored in enumerate(all_frames(reader, frame_count)):
        if stored is None:
            lost += 1
            found.append(nothing)
            continue
        values = real_world_values(stored, real_world_mapping(frames[min(index, len(frames) - 1)]))
        values[_is_padding(stored, opened.dataset)] = np.nan
        values.flags.writeable = False
        found.append(values)
    return tuple(found), lost


@np.errstate(over="ignore", invalid="ignore")  # of damaged slopes and signaling NaNs
def real_world_values(stored: NDArray[Any], mapping: Dataset | None) -> Values:
    """Return what stored values mean by an item of a Real World Value Mapping Sequence, float32 (C.7.6.16.2.11).

    By its table or its slope and intercept; whole numbers outside of the range that it maps have no value (NaN).
    Without an item, or one that maps nothing, stored values mean themselves.
    """
    values = stored.astype(np.float64)
    if mapping is None:
        return values.astype(np.float32)
    first, last = number(mapping, "RealWorldValueFirstValueMapped"), number(mapping, "RealWorldValueLastValueMapped")
    table = np.array(numbers(mapping, "RealWorldValueLUTData"))
    is_whole = stored.dtype.kind in "iu"
    outside = (values < first) | (values > last) if is_whole and first is not None and last is not None else None
    if table.size and first is not None and is_whole:
        values = table[np.clip(stored.astype(np.int64) - int(first), 0, table.size - 1)]
    else:
        slope, intercept = number(mapping, "RealWorldValueSlope"), number(mapping, "RealWorldValueIntercept")
        values = values * (1.0 if slope is None else slope) + (intercept or 0.0)
    if outside is not None:
        values[outside] = np.nan
    return values.astype(np.float32)


def _is_padding(stored: NDArray[Any], dataset: Dataset) -> NDArray[np.bool_]:
    for keyword in ("FloatPixelPaddingValue", "DoubleFloatPixelPaddingValue", "PixelPaddingValue"):
        low = number(dataset, keyword)
        if low is not None:
            limit = number(dataset, keyword.replace("Value", "RangeLimit"))
            ends = low, low if limit is None else limit
            return np.asarray((stored >= min(ends)) & (stored <= max(ends)))
    return np.zeros(stored.shape, bool)


def _name(dataset: Dataset, mapping: Dataset | None) -> str:
    """Return what is mapped: the quantity, else what the file calls the mapping or itself."""
    names = [] if mapping is None else [
        *(code_text(one, "ConceptCodeSequence") for one in items(mapping, "QuantityDefinitionSequence")),
        text(mapping, "LUTExplanation"), text(mapping, "LUTLabel")]
    names += [text(dataset, keyword) for keyword in ("SeriesDescription", "ContentDescription", "ContentLabel")]
    return next(filter(None, names), "Parametric map")
