"""The most memory that this process and its helpers have held, where the system tells."""

import multiprocessing
import os

from core import memory


def forget_peak() -> int:
    """Begin to watch anew; return how many bytes are held now."""
    return sum(map(memory.forget_peak, _processes()))


def peak_bytes() -> int:
    """Return the most bytes that each process has held since `forget_peak`, together; 0 where the system is silent.

    What two of them share counts for both.
    """
    return sum(map(memory.peak_bytes, _processes()))


def _processes() -> list[int]:
    return [os.getpid(), *(child.pid or 0 for child in multiprocessing.active_children())]
