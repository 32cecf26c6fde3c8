"""Where, when and how a frame was taken: from the functional groups, else from the data set."""

import re

from core.dicom.functional_groups import FrameAttributes
from core.dicom.geometry import orientation_of, position_of
from core.dicom.values import first_item, integer, number, text
from core.imaging.image import FrameFacts


def frame_facts(frame: FrameAttributes) -> FrameFacts:
    """Return what orders and splits a series (PS3.3 C.7.6.1, C.7.6.16.2.2, C.8.13.5.5, C.8.13.5.9, C.8.3.1)."""
    return FrameFacts(
        position=position_of(frame), orientation=orientation_of(frame), temporal_position=_temporal_position(frame),
        echo_time=_echo_time(frame), b_value=_b_value(frame), stack_id=_stack_id(frame),
        tile=tile_of(frame), acquired=_acquired(frame),
    )


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
