"""Where risky decoders work: warm helper processes with limits of time and memory, results through a pipe.

GDCM ends its process on some malformed streams, other libraries hang or ask for all memory on some. Here that costs
the frame it happened on, and nothing else.
"""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from queue import LifoQueue
from typing import Any

import numpy as np

from core.dicom.decoders.decoder import Decoder, NotForThisDecoder, Samples
from core.dicom.decoders.helper_process import HelperProcess, HelperTookTooLong, HelperTookTooMuch
from core.dicom.decoders.limits import SECONDS, Limits, Spent, is_whole, limits_of
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.guard import CannotDecode
from core.dicom.source import Bytes
from core.refusal import Reason

HELPERS = 2
LEAST_SECONDS = 0.2  # that a decoder gets, however long others took before it
# a safe decoder works in this process where frame and stream are no larger
LARGE_BYTES, LARGE_STREAM_BYTES = 64 << 20, 4 << 20

_LIBRARIES = ("gdcm", "openjpeg", "openjpeg.utils", "jpeg_ls", "imagecodecs")

Decode = Callable[[Bytes, PixelFormat], Samples]
Work = Callable[..., Samples]
Task = tuple[Work, tuple[Any, ...], int]
# what became of it: "" and the samples, or the name of an exception and its message
Answer = tuple[str, Any]


class HelperPool:
    """Decodes frames in other processes. The first starts when it is warmed or asked, more when it is busy."""

    def __init__(self, size: int = HELPERS) -> None:
        self._helpers = [HelperProcess(decode_task, SECONDS, load_libraries) for _ in range(size)]
        self._idle: LifoQueue[HelperProcess] = LifoQueue()
        for helper in reversed(self._helpers):
            self._idle.put(helper)
        self._is_warm = False

    def warm(self) -> None:
        """Start the first process, if none was; does not wait until it is ready."""
        if not self._is_warm and not _is_helper():
            self._is_warm = True
            self._helpers[0].start()

    def decode(
        self, decode: Decode, encoded: Bytes, pixel_format: PixelFormat, spent: Spent | None = None
    ) -> Samples:
        """Return what `decode`, a function of a module, makes of a frame. Raises what `run` raises.

        What other decoders have `spent` on it is taken from its time, and its own is added.
        """
        spent = spent or Spent()
        samples = pixel_format.pixels * pixel_format.samples
        size = samples * max(2, pixel_format.bits_allocated // 8)
        limits = limits_of(samples, size, encoded.size, is_whole(encoded.tobytes()))
        left = replace(limits, seconds=max(limits.seconds - spent.seconds, LEAST_SECONDS))
        return self.run(decode, (encoded, pixel_format), size, left, spent)

    def run(
        self, work: Work, arguments: tuple[Any, ...], size: int, limits: Limits, spent: Spent | None = None
    ) -> Samples:
        """Return what `work`, a function of a module, makes of its arguments: samples of at most `size` bytes.

        A helper's process may have no helper of its own, and does the work itself, without limits. Raises ValueError,
        NotForThisDecoder, MemoryError, HelperFailed, and CannotDecode where it took too long.
        """
        if _is_helper():
            return work(*arguments)
        helper = self._idle.get()
        try:
            outcome, answer = helper.ask((work, arguments, size), limits.seconds, limits.memory_bytes)
        except HelperTookTooMuch as error:
            raise MemoryError from error
        except HelperTookTooLong as error:
            raise CannotDecode(Reason.TOOK_TOO_LONG) from error
        finally:
            if spent is not None:
                spent.seconds += helper.spent_s
            self._idle.put(helper)
        if outcome:
            raise {"not-for": NotForThisDecoder, "memory": MemoryError}.get(outcome, ValueError)(answer)
        samples: Samples = answer
        return samples

    def close(self) -> None:
        """End the processes; the next frame would start another."""
        for helper in self._helpers:
            helper.close()


def run_decoder(
    decoder: Decoder, encoded: Bytes, pixel_format: PixelFormat, spent: Spent | None = None
) -> Samples:
    """Return what a decoder makes of a frame: in this process where that is safe, else in a helper's.

    What only copies is safe at any size. What decompresses may be given a stream that was made to take long, and is
    safe where little can come of it. For what was `spent` see `HelperPool.decode`.
    """
    is_large = pixel_format.native_bits > 8 * LARGE_BYTES or encoded.size > LARGE_STREAM_BYTES
    if decoder.is_safe and (decoder.is_copying or not is_large):
        spent, started = spent or Spent(), time.thread_time()
        try:
            return decoder.decode(encoded, pixel_format)
        finally:
            spent.seconds += time.thread_time() - started
    return POOL.decode(decoder.decode, encoded, pixel_format, spent)


def load_libraries() -> None:
    """Import what decodes, so that no frame waits for it."""
    for name in _LIBRARIES:
        if find_spec(name.split(".")[0]) is not None:
            import_module(name)


def decode_task(task: Task) -> Answer:
    """Decode a frame in this process, which may end by it."""
    work, arguments, size = task
    try:
        samples = work(*arguments)
        if samples.values.nbytes > size:
            return "damaged", "its code stream holds more than its header says"
        # what lies in a row goes back without a copy
        return "", replace(samples, values=np.ascontiguousarray(samples.values))
    except NotForThisDecoder as error:
        return "not-for", str(error)
    except MemoryError:
        return "memory", ""
    except Exception as error:  # libraries raise what they like on a damaged stream
        return "damaged", str(error).splitlines()[0] if str(error) else type(error).__name__


def _is_helper() -> bool:
    """Whether this process is somebody's helper already (of training, say), which may not have one of its own."""
    return bool(multiprocessing.current_process().daemon)


POOL = HelperPool()
