"""Decoded frames, least recently used out first, counted in bytes; those on the screen stay."""

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock

from core.imaging.image import Frame, Image
from core.memory import memory_bytes
from core.refusal import Refusal

SHARE_OF_MEMORY = 4

FrameKey = tuple[Path, int]  # the file, not the SOP Instance UID: two different files may claim the same one


def cache_bytes(wanted_mib: int) -> int:
    """Return the budget of a cache: the wanted one, or a quarter of the memory where that is 0."""
    return wanted_mib << 20 if wanted_mib else memory_bytes() // SHARE_OF_MEMORY


def frame_bytes(frame: Frame) -> int:
    """Return what a frame takes: its pixels, and a byte for each of them in every overlay and in a shutter.

    Masks that the frames of a file share count for each of them: one that stays keeps them all.
    """
    masks = [plane.mask for plane in frame.overlays] + ([] if frame.shutter is None else [frame.shutter])
    return frame.stored.nbytes + sum(mask.nbytes for mask in masks)


class FrameCache:
    """Keeps decoded frames in their stored type within a budget of bytes of pixels and masks; any thread may use it.

    What is pinned (stands on the screen) is not dropped for another frame; a frame for which that leaves no room is
    not kept.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._frames: OrderedDict[FrameKey, Frame] = OrderedDict()
        self._pinned: dict[int, FrameKey] = {}  # place on the screen -> its frame
        self._used = 0
        self._epoch = 0
        self._lock = Lock()

    @property
    def used_bytes(self) -> int:
        """Bytes of pixels and masks that are kept; never more than the budget."""
        return self._used

    @property
    def epoch(self) -> int:
        """How often everything was forgotten."""
        return self._epoch

    def __len__(self) -> int:
        return len(self._frames)

    def get(self, key: FrameKey) -> Frame | None:
        """Return a kept frame and make it the most recently used, None where it is not kept."""
        with self._lock:
            frame = self._frames.get(key)
            if frame is not None:
                self._frames.move_to_end(key)
            return frame

    def put(self, key: FrameKey, frame: Frame, epoch: int | None = None) -> None:
        """Keep the frame, dropping the least recently used that are not pinned; one without room is not kept.

        Nor is one that was asked for in an `epoch` that is over: its file may be another by now.
        """
        size = frame_bytes(frame)
        with self._lock:
            if epoch is not None and epoch != self._epoch:
                return
            self._drop(key)
            leaving = self._to_leave_for(size)
            if leaving is None:
                return
            for other in leaving:
                self._drop(other)
            self._frames[key] = frame
            self._used += size

    def pin(self, place: int, key: FrameKey | None) -> None:
        """Say which frame stands at a place on the screen, None for no more; what stood there may leave again."""
        with self._lock:
            if key is None:
                self._pinned.pop(place, None)
            else:
                self._pinned[place] = key

    def _to_leave_for(self, size: int) -> list[FrameKey] | None:
        """Return what has to leave for so many bytes; None where even that makes no room."""
        pinned = set(self._pinned.values())
        free, leaving = self._budget - self._used, []
        for key, frame in self._frames.items():
            if free >= size:
                break
            if key not in pinned:
                leaving.append(key)
                free += frame_bytes(frame)
        return leaving if free >= size else None

    def clear(self) -> None:
        """Forget everything, what is being decoded now with it."""
        with self._lock:
            self._epoch += 1
            self._frames.clear()
            self._pinned.clear()
            self._used = 0

    def _drop(self, key: FrameKey) -> None:
        frame = self._frames.pop(key, None)
        if frame is not None:
            self._used -= frame_bytes(frame)


def through_cache(image: Image, cache: FrameCache, keep: bool = True) -> Image:
    """Return the image with frames that come from the cache where it has them.

    With `keep` a frame that had to be decoded is kept; without, decoding many images leaves the cache as it is.
    """

    epoch = cache.epoch

    def load(index: int) -> Frame | Refusal:
        key = (image.path, index)
        frame = cache.get(key)
        if frame is not None:
            return frame
        outcome = image.frame(index)
        if keep and isinstance(outcome, Frame):
            cache.put(key, outcome, epoch)
        return outcome

    return replace(image, load_frame=load)
