"""Where, when and how a frame was taken: from the functional groups, else from the data set."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.dicom.functional_groups import FrameAttributes
from core.dicom.geometry import orientation_of, position_of
from core.dicom.values import first_item, integer, number, numbers, text
from core.imaging.image import FrameFacts
from core.imaging.plane import MOST_MM

_SAME_MM = 1e-3  # of numbers that are rounded otherwise
_AXIAL_COSINE = 1e-3  # how far off the z axis the normal of an axial grid may be


def facts_of_frames(frames: Sequence[FrameAttributes], frame_count: int) -> tuple[FrameFacts, ...]:
    """Return the facts of each frame, or one for all; the frames of an RT Dose have places of their own."""
    facts = tuple(frame_facts(frame) for frame in frames)
    if len(facts) > 1 or frame_count < 2:
        return facts
    positions = _dose_positions(frames[0].dataset, facts[0], frame_count)
    return tuple(replace(facts[0], position=(x, y, z)) for x, y, z in positions) or facts


def frame_facts(frame: FrameAttributes) -> FrameFacts:
    """Return what orders and splits a series (PS3.3 C.7.6.1, C.7.6.16.2.2, C.8.13.5.5, C.8.13.5.9, C.8.3.1)."""
    return FrameFacts(
        position=position_of(frame), orientation=orientation_of(frame), temporal_position=_temporal_position(frame),
        echo_time=_echo_time(frame), b_value=_b_value(frame), stack_id=_stack_id(frame),
        tile=tile_of(frame), acquired=_acquired(frame),
    )


def laterality_of(frame: FrameAttributes) -> str:
    """Return the side of the body that a frame shows (PS3.3 C.7.6.16.2.8), else the image's or the series'."""
    anatomy = frame.group_with("FrameAnatomySequence", "FrameLaterality")
    return (text(anatomy, "FrameLaterality") or text(frame.dataset, "ImageLaterality")
            or text(frame.dataset, "Laterality"))


def thickness_of(frame: FrameAttributes) -> float | None:
    """Return how thick a frame's slice is, mm (PS3.3 C.7.6.16.2.1, C.7.6.2); None where it is not told."""
    return number(frame.group_with("PixelMeasuresSequence", "SliceThickness"), "SliceThickness")


def tile_of(frame: FrameAttributes) -> tuple[int, int] | None:
    """Return the column and row, from 1 on, of a tile's first pixel in its slide (PS3.3 C.8.12.6.1); None for others.

    The tiles of a slide that is tiled in full do not tell it: they follow one another row by row.
    """
    place = None if frame.own is None else first_item(frame.own, "PlanePositionSlideSequence")
    if place is None:
        return None
    column = integer(place, "ColumnPositionInTotalImagePixelMatrix")
    row = integer(place, "RowPositionInTotalImagePixelMatrix")
    return None if column is None or row is None else (column, row)


def _dose_positions(dataset: Dataset, first: FrameFacts, frame_count: int) -> list[list[float]]:
    """Return where each frame of an RT Dose lies, by its Grid Frame Offset Vector (PS3.3 C.8.8.3.2); empty for others.

    Offsets from 0 on run along the normal; those of an axial grid that begin with the first position's z are z itself.
    A vector that is neither, or that has not one offset for each frame, is damaged and says nothing.
    """
    if text(dataset, "Modality") != "RTDOSE" or first.position is None or first.orientation is None:
        return []
    offsets = np.array(numbers(dataset, "GridFrameOffsetVector"))
    if offsets.size != frame_count or np.abs(offsets).max() > MOST_MM:
        return []
    positions: NDArray[np.float64] = np.tile(np.array(first.position), (frame_count, 1))
    across, down = np.array(first.orientation).reshape(2, 3)
    normal = np.cross(across, down)
    length = float(np.linalg.norm(normal))
    if not 1 / MOST_MM < length < MOST_MM:
        return []
    if offsets[0] == 0:
        positions += offsets[:, None] * (normal / length)
    elif abs(offsets[0] - first.position[2]) <= _SAME_MM and np.hypot(*normal[:2]) <= _AXIAL_COSINE * length:
        positions[:, 2] = offsets
    else:
        return []
    found: list[list[float]] = positions.tolist()
    return found


def _temporal_position(frame: FrameAttributes) -> int | None:
    content = frame.group_with("FrameContentSequence", "TemporalPositionIndex")
    index = integer(content, "TemporalPositionIndex")
    return integer(frame.dataset, "TemporalPositionIdentifier") if index is None else index


def _echo_time(frame: FrameAttributes) -> float | None:
    echo = frame.group_with("MREchoSequence", "EffectiveEchoTime")
    milliseconds = number(echo, "EffectiveEchoTime")
    return number(frame.dataset, "EchoTime") if milliseconds is None else milliseconds


def _b_value(frame: FrameAttributes) -> float | None:
    return number(frame.group_with("MRDiffusionSequence", "DiffusionBValue"), "DiffusionBValue")


def _stack_id(frame: FrameAttributes) -> str:
    content = None if frame.own is None else first_item(frame.own, "FrameContentSequence")
    return "" if content is None else text(content, "StackID")


def _acquired(frame: FrameAttributes) -> str:
    """Return when a frame was acquired, else when its content began; without the offset from UTC, "" where not told."""
    content = frame.group_with("FrameContentSequence", "FrameAcquisitionDateTime")
    moment = text(content, "FrameAcquisitionDateTime") or text(frame.dataset, "AcquisitionDateTime")
    if moment:
        return re.split(r"[+-]", moment)[0]
    for level in ("Acquisition", "Content"):
        if time := text(frame.dataset, f"{level}Time"):
            return re.sub(r"[^0-9.]", "", text(frame.dataset, f"{level}Date").replace(".", "") + time)  # ACR-NEMA
    return ""
