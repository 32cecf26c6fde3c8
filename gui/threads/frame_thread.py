"""Decodes frames off the window's thread: what is asked for first, then its neighbors, then thumbnails."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from core.dicom.dicom_object import LayerKind, layer_kind
from core.imaging.frame_cache import FrameCache, through_cache
from core.imaging.image import Frame, Image
from core.imaging.thumbnail import map_thumbnail, thumbnail
from core.refusal import Reason, Refusal
from gui.threads.job_thread import JobThread, Overtaken, Report

THUMBNAIL_SIDE_PX = 256  # drawn at half of it on ordinary screens, as it is on dense ones


@dataclass(frozen=True)
class FrameJob:
    """Decode one frame for the viewport with number `slot`; -1 is nobody, to have it at hand."""

    slot: int
    image: Image
    frame_index: int
    ticket: int = 0


@dataclass(frozen=True)
class ThumbnailJob:
    """Make the small picture of one frame: the first of what is scrolled through, not always of its image."""

    image: Image
    frame_index: int = 0


@dataclass(frozen=True)
class FrameAnswer:
    """The frame that a viewport asked for, or why there is none."""

    slot: int
    image: Image
    frame_index: int
    outcome: Frame | Refusal


def _small(image: Image, index: int, frame: Frame) -> NDArray[np.uint8]:
    """Make the small picture; a parametric map has its colors, as in the cells."""
    if layer_kind(image) is LayerKind.PARAMETRIC_MAP:
        # pydicom takes a while to import: in the background
        from core.dicom.parametric_map import read_parametric_map

        values = read_parametric_map(image.file)
        if not isinstance(values, Refusal) and values.frames[index].shape == frame.stored.shape:
            quantity = values.quantities[index]
            return map_thumbnail(frame, values.frames[index], quantity.low, quantity.high, THUMBNAIL_SIDE_PX)
    return thumbnail(frame, THUMBNAIL_SIDE_PX)


class FrameThread(JobThread):
    """ask() a frame for a viewport, hear `answered` once, or never when the viewport asks for another before."""

    answered = Signal(object)  # FrameAnswer
    thumbnail_made = Signal(object, int, object)  # Path, frame index, uint8 array (rows, columns[, 3])

    def __init__(self, cache: FrameCache, parent: QObject | None = None) -> None:
        def work(job: object, overtaken: Overtaken, report: Report) -> object:
            match job:
                case FrameJob():
                    frame = through_cache(job.image, cache).frame(job.frame_index)
                    if isinstance(frame, Frame):
                        frame.stored_range  # noqa: B018  (worked out here, so that the window need not)
                    return frame
                case ThumbnailJob():
                    frame = through_cache(job.image, cache, keep=False).frame(job.frame_index)
                    return frame if isinstance(frame, Refusal) else _small(job.image, job.frame_index, frame)
                case _:
                    raise TypeError(type(job).__name__)

        super().__init__("frames", work, parent)
        self._cache = cache
        self._newest: dict[int, int] = {}  # slot -> its newest ticket, until that is answered
        self._asked: dict[int, FrameJob] = {}
        self._nearby: deque[FrameJob] = deque()
        self._thumbnails: deque[ThumbnailJob] = deque()
        self._tickets = 0

    def ask(self, slot: int, image: Image, frame_index: int = 0) -> None:
        """Ask for a frame; the viewport's earlier request is stale at once."""
        self._tickets += 1
        self._newest[slot] = self._tickets
        self._asked[slot] = FrameJob(slot, image, frame_index, self._tickets)
        self._nearby.clear()
        self._hand_next()

    def awaits(self, slot: int) -> bool:
        """Return whether the answer to a viewport's newest request is still to come."""
        return slot in self._newest

    def forget(self, slot: int) -> None:
        """Drop the viewport's request: it shows something else or nothing."""
        self._newest.pop(slot, None)
        self._asked.pop(slot, None)
        self._cache.pin(slot, None)

    def prefetch(self, wanted: Iterable[tuple[Image, int]]) -> None:
        """Decode these frames, nearest first, when nothing else is asked; replaces the earlier wish."""
        self._nearby = deque(FrameJob(-1, image, index) for image, index in wanted)
        self._hand_next()

    def ask_thumbnail(self, image: Image, frame_index: int = 0) -> None:
        """Ask for the small picture of a frame; a frame without one stays without."""
        self._thumbnails.append(ThumbnailJob(image, frame_index))
        self._hand_next()

    def forget_all(self) -> None:
        """Everything was closed: nothing is wanted any more, and files may be others when they are opened again."""
        for waiting in (self._newest, self._asked, self._nearby, self._thumbnails):
            waiting.clear()
        self._overtake()
        self._cache.clear()

    def _has_waiting(self) -> bool:
        return bool(self._asked or self._nearby or self._thumbnails)

    def _take_next(self) -> object | None:
        if self._asked:
            return self._asked.pop(next(iter(self._asked)))
        if self._nearby:
            return self._nearby.popleft()
        return self._thumbnails.popleft() if self._thumbnails else None

    def _answer(self, job: object, outcome: object, is_late: bool) -> None:
        if isinstance(job, ThumbnailJob):
            if not (is_late or isinstance(outcome, Refusal | Exception)):
                self.thumbnail_made.emit(job.image.path, job.frame_index, outcome)
            return
        assert isinstance(job, FrameJob)
        if job.slot < 0 or self._newest.get(job.slot) != job.ticket:
            return
        del self._newest[job.slot]
        if isinstance(outcome, Exception):
            outcome = Refusal(Reason.FAILED, job.image.path)
        assert isinstance(outcome, Frame | Refusal)
        # what is about to stand on the screen stays at hand, whatever is looked ahead at
        self._cache.pin(job.slot, (job.image.path, job.frame_index) if isinstance(outcome, Frame) else None)
        self.answered.emit(FrameAnswer(job.slot, job.image, job.frame_index, outcome))
