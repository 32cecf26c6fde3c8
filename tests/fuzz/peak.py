"""The most memory that this process and its helpers have held, and the time that the helpers worked."""

import multiprocessing
import os
from contextlib import suppress

import psutil

from core import memory


def forget_peak() -> int:
    """Begin to watch anew; return how many bytes are held now."""
    return sum(map(memory.forget_peak, _processes()))


def peak_bytes() -> int:
    """Return the most bytes that each process has held since `forget_peak`, together; 0 where the system is silent.

    What two of them share counts for both.
    """
    return sum(map(memory.peak_bytes, _processes()))


def seconds_of_helpers() -> float:
    """Return for how long processors have worked for helpers, those that have ended with them."""
    ended = os.times()
    seconds = ended.children_user + ended.children_system
    for process in _processes()[1:]:
        with suppress(psutil.Error):
            times = psutil.Process(process).cpu_times()
            seconds += times.user + times.system
    return seconds


def _processes() -> list[int]:
    return [os.getpid(), *(child.pid or 0 for child in multiprocessing.active_children())]
