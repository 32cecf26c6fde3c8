"""The order of a stack's frames: by position, temporal position and number, else by time and name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.imaging.image import Image

SAME_PLACE_MM = 0.02  # frames nearer to each other lie at one place: noise of the last digits tears none apart
SAME_ORIENTATION = 1e-3  # how far the cosines of two frames of one stack may differ


@dataclass(frozen=True, slots=True, eq=False)
class StackFrame:
    """One frame of an image, the unit in which a series is ordered and scrolled; index 0 is the image's first."""

    image: Image
    index: int = 0


def sort_frames(frames: Iterable[StackFrame]) -> list[StackFrame]:
    """Return the frames of one stack in the order in which a reader scrolls through them.

    By position along the slice normal where every frame has one and all lie the same way, in the direction in which
    the instance numbers grow; frames at one place, and all others, by temporal position, instance number, time,
    natural file name and frame number.
    """
    by_number = sorted(frames, key=_number_key)
    positions = positions_along_normal(by_number)
    if positions is not None:
        if _correlation(positions) < 0:
            positions = -positions
        places = _places(positions)
        order = sorted(range(len(by_number)), key=lambda one: (places[one], _time_key(by_number[one]), one))
        return [by_number[one] for one in order]
    return sorted(by_number, key=_time_key)


def positions_along_normal(frames: Sequence[StackFrame]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return each frame's position along the common slice normal in mm; None where they are no stack of slices."""
    if len(frames) < 2:
        return None
    facts = [frame.image.facts_of(frame.index) for frame in frames]
    origins, cosines = [one.position for one in facts], [one.orientation for one in facts]
    if None in origins or None in cosines:
        return None
    directions = np.array(cosines, dtype=np.float64)
    if np.abs(directions - directions[0]).max() > SAME_ORIENTATION:
        return None
    normal = np.cross(directions[0, :3], directions[0, 3:])
    positions: np.ndarray[Any, np.dtype[np.float64]] = np.array(origins, dtype=np.float64) @ normal
    return positions if np.ptp(positions) > SAME_PLACE_MM else None


def natural_key(name: str) -> tuple[Any, ...]:
    """Return the key by which img2 comes before img10."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in parts), name


def _correlation(positions: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Return whether positions rise (> 0) or fall (< 0) with the frames' numbers."""
    numbers = np.arange(len(positions)) - (len(positions) - 1) / 2
    return float(numbers @ (positions - positions.mean()))


def _places(positions: np.ndarray[Any, np.dtype[np.float64]]) -> list[int]:
    """Return the number of the place at which each frame lies, counted along the normal."""
    order = np.argsort(positions, kind="stable")
    places = np.empty(len(positions), dtype=np.int64)
    places[order] = np.concatenate([[0], np.cumsum(np.diff(positions[order]) > SAME_PLACE_MM)])
    return [int(place) for place in places]


def _time_key(frame: StackFrame) -> tuple[bool, int]:
    position = frame.image.facts_of(frame.index).temporal_position
    return position is None, position or 0


def _number_key(frame: StackFrame) -> tuple[Any, ...]:
    image, header = frame.image, frame.image.header
    number = int(header.instance_number) if re.fullmatch(r"-?\d+", header.instance_number) else None
    name = natural_key(image.path.name)
    return number is None, number or 0, header.date, header.time, name, str(image.path), frame.index
