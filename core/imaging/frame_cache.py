"""Decoded frames, least recently used out first, counted in bytes."""

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock

from core.imaging.image import Frame, Image
from core.refusal import Refusal

FrameKey = tuple[Path, int]  # the file, not the SOP Instance UID: two different files may claim the same one


class FrameCache:
    """Keeps decoded frames within a budget of bytes of pixels; any thread may use it."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._frames: OrderedDict[FrameKey, Frame] = OrderedDict()
        self._used = 0
        self._lock = Lock()

    @property
    def used_bytes(self) -> int:
        """Bytes of pixels that are kept; never more than the budget."""
        return self._used

    def __len__(self) -> int:
        return len(self._frames)

    def get(self, key: FrameKey) -> Frame | None:
        """Return a kept frame and make it the most recently used, None where it is not kept."""
        with self._lock:
            frame = self._frames.get(key)
            if frame is not None:
                self._frames.move_to_end(key)
            return frame

    def put(self, key: FrameKey, frame: Frame) -> None:
        """Keep the frame, dropping the least recently used; one over the budget is not kept."""
        size = frame.stored.nbytes
        with self._lock:
            self._drop(key)
            if size > self._budget:
                return
            while self._used + size > self._budget:
                self._drop(next(iter(self._frames)))
            self._frames[key] = frame
            self._used += size

    def drop_file(self, path: Path) -> None:
        """Forget every frame of a file."""
        with self._lock:
            for key in [key for key in self._frames if key[0] == path]:
                self._drop(key)

    def _drop(self, key: FrameKey) -> None:
        frame = self._frames.pop(key, None)
        if frame is not None:
            self._used -= frame.stored.nbytes


def through_cache(image: Image, cache: FrameCache, keep: bool = True) -> Image:
    """Return the image with frames that come from the cache where it has them.

    With `keep` a frame that had to be decoded is kept; without, decoding many images leaves the cache as it is.
    """

    def load(index: int) -> Frame | Refusal:
        key = (image.path, index)
        frame = cache.get(key)
        if frame is not None:
            return frame
        outcome = image.frame(index)
        if keep and isinstance(outcome, Frame):
            cache.put(key, outcome)
        return outcome

    return replace(image, load_frame=load)
