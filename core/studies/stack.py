"""A series in the parts that belong together: by orientation, stack, echo, b-value; localizers and clips apart.

What is scrolled through as one must lie the same way and be taken the same way, or a reader compares what cannot be
compared. A part says what sets it apart, and why its series was split.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.imaging.image import FrameFacts, Image
from core.studies.order import SAME_ORIENTATION, StackFrame, sort_frames

FEW = 6  # so many parts are always made; more only where they are stacks, not single frames

_PLANES = ("sagittal", "coronal", "axial")
_OBLIQUE = 0.9  # a normal with no cosine above this lies in no plane that has a name


@dataclass(frozen=True, slots=True)
class Split:
    """One reason why a series was split: what differs, as a plural, and in how many ways ("echo times", 2)."""

    what: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The frames of a series that are scrolled through together, in order.

    `label` says what sets it apart from the other parts of its series ("sagittal", "echo 20 ms"), "" where the series
    is whole; `splits` says why it was split. `key` tells it from all other stacks and does not change while others
    come in.
    """

    key: str
    frames: tuple[StackFrame, ...]
    label: str = ""
    splits: tuple[Split, ...] = ()

    @property
    def first(self) -> Image:
        """The image that holds its first frame."""
        return self.frames[0].image


@dataclass(frozen=True, slots=True)
class _Criterion:
    """Something by which frames may differ: its plural, the value of a frame, and the words for a value."""

    what: str
    value: Callable[[StackFrame], Hashable]
    words: Callable[[Hashable], str]


def split_series(key: str, images: Iterable[Image]) -> tuple[Stack, ...]:
    """Return a series as stacks, by the smallest number of differences that keeps unlike frames apart.

    Localizers and clips (frames without a place of their own) are set apart first, then what lies otherwise, and what
    has another stack ID, size, echo time or b-value. Nothing is split that would fall into many single frames, such as
    a radial series of which each frame lies another way.
    """
    images = tuple(images)
    frames = [StackFrame(image, index) for image in images for index in range(max(1, image.frame_count))]
    parts: list[tuple[tuple[str, ...], list[StackFrame]]] = [((), frames)]
    splits: list[Split] = []
    for criterion in (_LOCALIZER, _clips_of(images), _orientation_of(frames), _STACK, _SIZE, _ECHO, _B_VALUE):
        grown = [part for labels, some in parts for part in _parted(criterion, labels, some)]
        if len(grown) > len(parts):
            splits.append(Split(criterion.what, len({criterion.value(frame) for frame in frames})))
        parts = grown
    return tuple(
        Stack(f"{key}/{label}" if label else key, tuple(sort_frames(some)), label, tuple(splits))
        for label, some in zip(_distinct(parts), (some for _, some in parts), strict=True)
    )


def _parted(
    criterion: _Criterion, labels: tuple[str, ...], frames: list[StackFrame]
) -> list[tuple[tuple[str, ...], list[StackFrame]]]:
    """Return the parts into which a criterion divides frames, each with one label more; one part where it does not."""
    groups: dict[Hashable, list[StackFrame]] = {}
    for frame in frames:
        groups.setdefault(criterion.value(frame), []).append(frame)
    if len(groups) == 1 or (len(groups) > FEW and len(groups) * 2 > len(frames)):
        return [(labels, frames)]
    ordered = sorted(groups.items(), key=lambda one: _sortable(one[0]))
    return [((*labels, criterion.words(value)), some) for value, some in ordered]


def _distinct(parts: Sequence[tuple[tuple[str, ...], list[StackFrame]]]) -> list[str]:
    """Return each part's label, numbered where several would read the same."""
    plain = [", ".join(filter(None, labels)) for labels, _ in parts]
    seen: dict[str, int] = {}
    distinct = []
    for label in plain:
        seen[label] = seen.get(label, 0) + 1
        is_numbered = len(parts) > 1 and (not label or seen[label] > 1)
        distinct.append(f"{label} {seen[label]}".strip() if is_numbered else label)
    return distinct


def _sortable(value: Hashable) -> tuple[bool, str | tuple[float, ...]]:
    """Return a key that puts numbers in order, and what is missing last."""
    if value is None or isinstance(value, str):
        return not value, (value or "")
    numbers = value if isinstance(value, tuple) else (value,)
    return False, tuple(float(one) for one in numbers)


def _facts(frame: StackFrame) -> FrameFacts:
    return frame.image.facts_of(frame.index)


def _clips_of(images: Sequence[Image]) -> _Criterion:
    """Return the criterion of which clip a frame belongs to, "" for slices and single images."""
    clips = {image.path: f"{image.header.instance_number:>9} {image.path}" for image in images if _is_clip(image)}
    return _Criterion("clips", lambda frame: clips.get(frame.image.path, ""),
                      lambda value: f"clip {str(value)[:9].strip()}".strip() if value else "")


def _is_clip(image: Image) -> bool:
    """Return whether the frames of an image have no places of their own: a cine, not a stack of slices."""
    return image.frame_count > 1 and len({one.position for one in image.frame_facts}) < 2


def _number_words(before: str, after: str) -> Callable[[Hashable], str]:
    def words(value: Hashable) -> str:
        return f"no {before}" if value is None else f"{before} {value:g} {after}".strip()

    return words


def _size(frame: StackFrame) -> tuple[int, int] | None:
    """Return columns and rows of a slice; radiographs of one series may differ in size."""
    return (frame.image.columns, frame.image.rows) if _facts(frame).orientation is not None else None


def _size_words(value: Hashable) -> str:
    return f"{value[0]} × {value[1]}" if isinstance(value, tuple) else "no position"


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)


_LOCALIZER = _Criterion(
    "kinds of image (localizers apart)", lambda frame: not frame.image.header.is_localizer,
    lambda value: "" if value else "localizer",
)
_STACK = _Criterion("stacks", lambda frame: _facts(frame).stack_id, lambda value: f"stack {value}" if value else "")
_SIZE = _Criterion("sizes", _size, _size_words)
_ECHO = _Criterion("echo times", lambda frame: _rounded(_facts(frame).echo_time), _number_words("echo", "ms"))
_B_VALUE = _Criterion("b-values", lambda frame: _rounded(_facts(frame).b_value), _number_words("b", ""))


def _orientation_of(frames: Sequence[StackFrame]) -> _Criterion:
    """Return the criterion of which way frames lie; frames without a place lie no way."""
    clusters: dict[tuple[float, ...], tuple[float, ...]] = {}
    found = sorted({one for frame in frames if (one := _placed_orientation(frame)) is not None})
    leaders: list[tuple[float, ...]] = []
    for one in found:
        near = (leader for leader in leaders if max(abs(a - b) for a, b in zip(one, leader, strict=True))
                <= SAME_ORIENTATION)
        clusters[one] = next(near, one)
        if clusters[one] == one:
            leaders.append(one)

    def value(frame: StackFrame) -> Hashable:
        orientation = _placed_orientation(frame)
        return None if orientation is None else clusters[orientation]

    return _Criterion("orientations", value, _plane)


def _placed_orientation(frame: StackFrame) -> tuple[float, ...] | None:
    facts = _facts(frame)
    return facts.orientation if facts.position is not None else None


def _plane(value: Hashable) -> str:
    """Return the plane's name: axial, coronal or sagittal, oblique where it is none of them."""
    if not isinstance(value, tuple):
        return "no position"
    normal = np.abs(np.cross(value[:3], value[3:]))
    return _PLANES[int(normal.argmax())] if normal.max() >= _OBLIQUE * np.linalg.norm(normal) else "oblique"
