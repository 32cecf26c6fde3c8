"""A series in the parts that belong together: by orientation, stack, echo, b-value; localizers and clips apart.

What is scrolled through as one must lie the same way and be taken the same way, or a reader compares what cannot be
compared. A part says what sets it apart, and why its series was split.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product

import numpy as np

from core.imaging.image import Image
from core.studies.order import SAME_ORIENTATION, Order, StackFrame, Traits, frames_of, sort_frames

FEW = 6  # so many parts are always made; more only where they are stacks, not single frames

_PLANES = ("sagittal", "coronal", "axial")
_REACH = SAME_ORIENTATION * 1.01  # so that rounding hides nothing that is as near as that
_CELL = SAME_ORIENTATION * 3  # wider than the reach to both sides
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
    is whole; `splits` says why it was split, or would be where a reader `is_joined` it again. `order` is the one that
    was asked for. `key` tells it from all other stacks and does not change while others come in.
    """

    key: str
    frames: tuple[StackFrame, ...]
    label: str = ""
    splits: tuple[Split, ...] = ()
    order: Order = Order.POSITION
    is_joined: bool = False

    @property
    def first(self) -> Image:
        """The image that holds its first frame."""
        return self.frames[0].image


@dataclass(frozen=True, slots=True)
class _Criterion:
    """One of the traits: its plural, its value, and the words for a value."""

    what: str
    value: Callable[[Traits], Hashable]
    words: Callable[[Hashable], str]


_Groups = dict[Traits, list[StackFrame]]
_Cosines = tuple[float, ...]
_Cell = tuple[float, ...]


def split_series(key: str, images: Iterable[Image], known: Iterable[Stack] = ()) -> tuple[Stack, ...]:
    """Return a series as stacks, by the smallest number of differences that keeps unlike frames apart.

    Localizers and clips (frames without a place of their own) are set apart first, then what lies otherwise, and what
    has another stack ID, size, echo time or b-value. Nothing is split that would fall into many single frames, such as
    a radial series of which each frame lies another way. `known` are the stacks in which some of the images stood.
    """
    groups = _grouped(images, known)
    parts: list[tuple[tuple[str, ...], _Groups]] = [((), groups)]
    splits: list[Split] = []
    for criterion in (_LOCALIZER, _CLIP, _orientation_of(groups), _STACK, _SIZE, _ECHO, _B_VALUE):
        grown = [part for labels, some in parts for part in _parted(criterion, labels, some)]
        if len(grown) > len(parts):
            splits.append(Split(criterion.what, len({criterion.value(traits) for traits in groups})))
        parts = grown
    return tuple(
        Stack(f"{key}/{label}" if label else key, tuple(sort_frames(chain.from_iterable(some.values()))), label,
              tuple(splits))
        for label, (_, some) in zip(_distinct(parts), parts, strict=True)
    )


def _grouped(images: Iterable[Image], known: Iterable[Stack]) -> _Groups:
    """Return the frames of images by their traits; frames that were made before are used again, in their order."""
    wanted = {id(image): image for image in images}
    frames = [frame for stack in known for frame in stack.frames if id(frame.image) in wanted]
    made = {id(frame.image) for frame in frames}
    frames += chain.from_iterable(frames_of(image) for one, image in wanted.items() if one not in made)
    groups: _Groups = {}
    for frame in frames:
        groups.setdefault(frame.traits, []).append(frame)
    return groups


def _parted(
    criterion: _Criterion, labels: tuple[str, ...], groups: _Groups
) -> list[tuple[tuple[str, ...], _Groups]]:
    """Return the parts into which a criterion divides frames, each with one label more; one part where it does not."""
    parts: dict[Hashable, _Groups] = {}
    for traits, frames in groups.items():
        parts.setdefault(criterion.value(traits), {})[traits] = frames
    if len(parts) == 1 or (len(parts) > FEW and len(parts) * 2 > sum(map(len, groups.values()))):
        return [(labels, groups)]
    ordered = sorted(parts.items(), key=lambda one: _sortable(one[0]))
    return [((*labels, criterion.words(value)), some) for value, some in ordered]


def _distinct(parts: Sequence[tuple[tuple[str, ...], _Groups]]) -> list[str]:
    """Return each part's label, numbered where several would read the same."""
    plain = [", ".join(filter(None, labels)) for labels, _ in parts]
    seen: dict[str, int] = {}
    distinct = []
    for label in plain:
        seen[label] = seen.get(label, 0) + 1
        is_numbered = len(parts) > 1 and seen[label] > 1
        distinct.append(f"{label} {seen[label]}".strip() if is_numbered else label)
    return distinct


def _sortable(value: Hashable) -> tuple[bool, str | tuple[float, ...]]:
    """Return a key that puts numbers in order, and what is missing last."""
    if value is None or isinstance(value, str):
        return not value, (value or "")
    numbers = value if isinstance(value, tuple) else (value,)
    return False, tuple(float(one) for one in numbers)


def _number_words(before: str, after: str) -> Callable[[Hashable], str]:
    def words(value: Hashable) -> str:
        return f"no {before}" if value is None else f"{before} {value:g} {after}".strip()

    return words


def _size_words(value: Hashable) -> str:
    return f"{value[0]} × {value[1]}" if isinstance(value, tuple) else "no position"


def _plane(value: Hashable) -> str:
    """Return the plane's name: axial, coronal or sagittal, oblique where it is none of them."""
    if not isinstance(value, tuple):
        return "no position"
    normal = np.abs(np.cross(value[:3], value[3:]))
    return _PLANES[int(normal.argmax())] if normal.max() >= _OBLIQUE * np.linalg.norm(normal) else "oblique"


def _orientation_of(groups: Iterable[Traits]) -> _Criterion:
    """Return the criterion of which way frames lie; ways that differ by noise are one, called by the first of them.

    Of thousands of ways, as a freehand sweep has them, each is compared with those in its own cells of a grid.
    """
    found = sorted({traits.orientation for traits in groups if traits.orientation is not None})
    leaders: defaultdict[_Cell, list[_Cosines]] = defaultdict(list)
    leader_of: dict[_Cosines | None, _Cosines] = {}
    for one in found:
        near = (leader for cell in _cells(one, _REACH) for leader in leaders.get(cell, ())
                if all(abs(a - b) <= SAME_ORIENTATION for a, b in zip(one, leader, strict=True)))
        leader_of[one] = min(near, default=one)
        if leader_of[one] == one:
            leaders[next(_cells(one, 0.0))].append(one)
    return _Criterion("orientations", lambda traits: leader_of.get(traits.orientation), _plane)


def _cells(cosines: _Cosines, reach: float) -> Iterator[_Cell]:
    """Return the cells of a grid that lie within reach of some cosines: one, or a few where these are near a border."""
    middle = _CELL / 2  # so that 0 and 1 are near no border
    return product(*({(one + middle - reach) // _CELL, (one + middle + reach) // _CELL} for one in cosines))


_LOCALIZER = _Criterion(
    "kinds of image (localizers apart)", lambda traits: not traits.is_localizer,
    lambda value: "" if value else "localizer",
)
_CLIP = _Criterion(
    "clips", lambda traits: traits.clip, lambda value: f"clip {str(value)[:9].strip()}".strip() if value else "",
)
_STACK = _Criterion(
    "stacks", lambda traits: traits.stack_id, lambda value: f"stack {str(value).splitlines()[0]}" if value else "",
)
_SIZE = _Criterion("sizes", lambda traits: traits.size, _size_words)
_ECHO = _Criterion("echo times", lambda traits: traits.echo_time, _number_words("echo", "ms"))
_B_VALUE = _Criterion("b-values", lambda traits: traits.b_value, _number_words("b", ""))
