"""The frames of images, what sets them apart, and their order: by position, temporal position, number, time, name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.imaging.image import FrameFacts, Image

SAME_PLACE_MM = 0.02  # frames nearer to each other lie at one place: noise of the last digits tears none apart
SAME_ORIENTATION = 1e-3  # how far the cosines of two frames of one stack may differ

# Python refuses to make numbers of thousands of digits, which damaged text may have
_DIGITS, _WHOLE = re.compile(r"(\d{1,99})"), re.compile(r"-?\d{1,99}")


class Order(StrEnum):
    """By what the frames of a stack are put in order. The value is the name that a person reads."""

    POSITION = "position"  # the program's own choice: see `sort_frames`
    NUMBER = "instance number"
    TIME = "acquisition time"
    NAME = "file name"


@dataclass(frozen=True, slots=True)
class Traits:
    """All by which a frame may differ from others of its series; frames of equal traits always stay together."""

    is_localizer: bool
    clip: str  # which clip it belongs to, "" for slices and single images
    orientation: tuple[float, ...] | None  # None for a frame without a place
    stack_id: str  # a dose grid's own name: several of one series lie in each other, and must not be mixed; its first
    # line is for people
    size: tuple[int, int] | None  # columns and rows of a slice; radiographs of one series may differ in size
    echo_time: float | None
    b_value: float | None


@dataclass(frozen=True, slots=True, eq=False)
class StackFrame:
    """One frame of an image, the unit in which a series is ordered and scrolled; index 0 is the image's first.

    `number_key` orders frames by number, time and name. It and the traits are made once, since a series that grows is
    split and sorted again and again.
    """

    image: Image
    index: int
    facts: FrameFacts
    traits: Traits
    number_key: tuple[Any, ...]


def frames_of(image: Image) -> list[StackFrame]:
    """Return the frames of an image, at least one."""
    header = image.header
    number, part = (
        int(one) if _WHOLE.fullmatch(one) else None for one in (header.instance_number, header.in_concatenation))
    name = natural_key(image.path.name), str(image.path)
    key = (number is None, number or 0, header.concatenation, part or 0, header.date, header.time, *name)
    clip = f"{header.instance_number:>9} {header.concatenation or image.path}" if _is_clip(image) else ""
    frames = []
    for index in range(max(1, image.frame_count)):
        facts = image.facts_of(index)
        frames.append(StackFrame(image, index, facts, _traits(image, facts, clip), (*key, index)))
    return frames


def _is_clip(image: Image) -> bool:
    """Return whether the frames of an image have no places of their own: a cine, not a stack of slices.

    The last file of a cine that lies in several may have a single frame.
    """
    facts = image.frame_facts
    if image.header.concatenation and image.frame_count == 1:
        return image.facts_of(0).position is None
    return image.frame_count > 1 and all(one.position == facts[0].position for one in facts)


def _traits(image: Image, facts: FrameFacts, clip: str) -> Traits:
    return Traits(
        image.header.is_localizer, clip, facts.orientation if facts.position is not None else None,
        facts.stack_id or _dose_grid(image),
        (image.columns, image.rows) if facts.orientation is not None else None, _rounded(facts.echo_time),
        _rounded(facts.b_value),
    )


def _dose_grid(image: Image) -> str:
    """Return by what the slices of an RT Dose know that they are one grid (PS3.3 C.8.8.3), "" for others."""
    is_grid = image.header.modality == "RTDOSE" and image.frame_count > 1
    return f"{image.header.instance_number} {image.path.name}".strip() + f"\n{image.path}" if is_grid else ""


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)


def sort_frames(frames: Iterable[StackFrame]) -> list[StackFrame]:
    """Return the frames of one stack in the order in which a reader scrolls through them.

    By position along the slice normal where every frame has one and all lie the same way, in the direction in which
    the instance numbers grow; frames at one place, and all others, by temporal position, instance number, time,
    natural file name and frame number.
    """
    by_number = sorted(frames, key=lambda frame: frame.number_key)
    positions = positions_along_normal(by_number)
    if positions is not None:
        if _correlation(positions) < 0:
            positions = -positions
        places = _places(positions)
        order = sorted(range(len(by_number)), key=lambda one: (places[one], _time_key(by_number[one]), one))
        return [by_number[one] for one in order]
    return sorted(by_number, key=_time_key)


def frames_by(order: Order, frames: Iterable[StackFrame]) -> list[StackFrame]:
    """Return the frames of one stack in an order that a reader asks for; what it leaves open is by number and name."""
    if order is Order.POSITION:
        return sort_frames(frames)
    by_number = sorted(frames, key=lambda frame: frame.number_key)
    if order is Order.TIME:
        return sorted(by_number, key=lambda frame: (not frame.facts.acquired, frame.facts.acquired))
    if order is Order.NAME:
        return sorted(by_number, key=lambda frame: (natural_key(frame.image.path.name), frame.index))
    return by_number


def offered_orders(frames: Sequence[StackFrame]) -> frozenset[Order]:
    """Return the orders that tell the frames of one stack apart."""
    told = {Order.POSITION: positions_along_normal(frames) is not None,
            Order.NUMBER: _differ(frame.image.header.instance_number for frame in frames),
            Order.TIME: _differ(frame.facts.acquired for frame in frames),
            Order.NAME: _differ(frame.image.path.name for frame in frames)}
    return frozenset(order for order, is_told in told.items() if is_told)


def order_in_use(order: Order, frames: Sequence[StackFrame], offered: frozenset[Order]) -> str:
    """Return by what the frames really are in order, where an order was asked for: the first that tells them apart.

    `offered` are their `offered_orders`; "" stands for a single frame.
    """
    if order is not Order.POSITION or Order.POSITION in offered:
        return order.value
    if _differ(frame.facts.temporal_position for frame in frames):
        return "temporal position"
    if _differ(frame.index for frame in frames) and Order.NAME not in offered:
        return "frame number"
    return next((one.value for one in (Order.NUMBER, Order.TIME, Order.NAME) if one in offered), "")


def _differ(values: Iterable[object]) -> bool:
    return len(set(values)) > 1


def positions_along_normal(frames: Sequence[StackFrame]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return each frame's position along the common slice normal in mm; None where they are no stack of slices."""
    if len(frames) < 2:
        return None
    origins = [frame.facts.position for frame in frames]
    cosines = {frame.facts.orientation for frame in frames}
    if None in origins or None in cosines:
        return None
    directions = np.array(sorted(cosines), dtype=np.float64)  # type: ignore[type-var]  # none of them is None
    if np.abs(directions - directions[0]).max() > SAME_ORIENTATION:
        return None
    normal = np.cross(directions[0, :3], directions[0, 3:])
    positions: np.ndarray[Any, np.dtype[np.float64]] = np.array(origins, dtype=np.float64) @ normal
    return positions if np.ptp(positions) > SAME_PLACE_MM else None


def natural_key(name: str) -> tuple[Any, ...]:
    """Return the key by which img2 comes before img10."""
    parts = _DIGITS.split(name.casefold())
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in parts), name


def path_key(path: Path) -> tuple[Any, ...]:
    """Return the key by which paths are in natural order, folder by folder; no two have the same."""
    return (*_keys_of(path.parent), natural_key(path.name))


@lru_cache(maxsize=1000)
def _keys_of(folder: Path) -> tuple[Any, ...]:
    return tuple(map(natural_key, folder.parts))


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
    position = frame.facts.temporal_position
    return position is None, position or 0
