"""What is scrolled through together, and where in it somebody looks: plain values."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.imaging.image import Image
from core.studies.gaps import Gap, uneven_gaps
from core.studies.order import Order, frames_by, offered_orders
from core.studies.stack import Stack
from gui.threads.reading_thread import ReadingKey


@dataclass(frozen=True, eq=False)
class OpenSeries:
    """What is scrolled through together, in order: a series, or the part of it that one stack holds.

    `series_key` is that of the whole series.
    """

    key: str
    stack: Stack
    series_key: str = ""

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Uneven gaps between slices; their `index` is that of the order by position."""
        frames = self.stack.frames
        return uneven_gaps(frames if self.stack.order is Order.POSITION else frames_by(Order.POSITION, frames))

    @cached_property
    def orders(self) -> frozenset[Order]:
        """The orders that tell its images apart."""
        return offered_orders(self.stack.frames)

    @cached_property
    def images(self) -> tuple[Image, ...]:
        """The images whose frames it holds, each once."""
        return tuple({frame.image.path: frame.image for frame in self.stack.frames}.values())

    @cached_property
    def _numbers(self) -> dict[tuple[Path, int], int]:
        return {(frame.image.path, frame.index): number for number, frame in enumerate(self.stack.frames)}

    def __len__(self) -> int:
        return len(self.stack.frames)

    def __contains__(self, place: "Place") -> bool:
        return place.reading_key in self._numbers

    def at(self, number: int) -> "Place":
        """Return the place with this number, 0 is the first; numbers beyond the ends give the ends."""
        frame = self.stack.frames[min(max(number, 0), len(self) - 1)]
        return Place(frame.image, frame.index)

    def number_of(self, place: "Place") -> int:
        """Return the number of a place; 0 where its file is not in the series any more."""
        return self._numbers.get(place.reading_key, 0)


@dataclass(frozen=True)
class Place:
    """One frame of one open image. It is known by its file, so files that come in do not move it."""

    image: Image
    frame_index: int = 0

    @property
    def reading_key(self) -> ReadingKey:
        """What its reading is filed under."""
        return self.image.path, self.frame_index
