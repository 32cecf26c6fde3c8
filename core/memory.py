"""How much memory this machine lets the program have, what a process holds, and the most that it has held."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ASSUMED_BYTES = 4 << 30  # where the system does not tell
_PROCESSES = Path("/proc")
# M_MMAP_MAX, M_TRIM_THRESHOLD and M_TOP_PAD of glibc's malloc.h: what they usually are, and to keep what is freed
_MALLOC_OPTIONS = {-4: (65536, 0), -1: (128 << 10, 2**31 - 1), -2: (128 << 10, 256 << 20)}
_CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_bytes() -> int:
    """Return the physical memory, or the limit of the container around us where that is less."""
    return min([_physical_bytes(), *_limits()])


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Let this process keep the large blocks that it frees for its next ones; glibc only, elsewhere nothing happens.

    glibc gives a block of some 32 MB back at once, and the next one comes page by page, cleared: a third of the time of
    a training step on a CPU, which frees and takes the same blocks again and again (mallopt(3)).
    """
    try:
        libc = ctypes.CDLL(None)
        mallopt, trim = libc.mallopt, libc.malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library
        yield
        return
    for option, (_, kept) in _MALLOC_OPTIONS.items():
        mallopt(option, kept)
    try:
        yield
    finally:
        for option, (usual, _) in _MALLOC_OPTIONS.items():
            mallopt(option, usual)
        trim(0)


def forget_peak(process: int | str = "self") -> int:
    """Begin to watch the resident memory of a process anew; return how many bytes it holds now. Linux only, else 0."""
    clear = _PROCESSES / str(process) / "clear_refs"
    try:
        clear.write_text("5", encoding="ascii")
    except OSError:
        return 0
    return peak_bytes(process)


def peak_bytes(process: int | str = "self") -> int:
    """Return the most bytes that a process has held in memory since `forget_peak`; 0 where the system is silent."""
    try:
        lines = (_PROCESSES / str(process) / "status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def resident_bytes(process: int) -> int:
    """Return how many bytes a process holds now, on Windows those that it has committed; 0 for one that is gone."""
    import psutil  # takes a moment, and only helpers are watched

    try:
        held = psutil.Process(process).memory_info()
    except psutil.Error:
        return 0
    return int(max(held.rss, getattr(held, "private", 0)))


def _physical_bytes() -> int:
    if sys.platform == "win32":
        return _windows_bytes()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return ASSUMED_BYTES


def _windows_bytes() -> int:
    import ctypes

    kilobytes = ctypes.c_ulonglong()
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (there is none for the type checker elsewhere)
    told = kernel.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
    return kilobytes.value * 1024 if told else ASSUMED_BYTES


def _limits() -> list[int]:
    found = []
    for path in _CONTAINER_LIMITS:
        try:
            text = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal() and int(text) > 0:
            found.append(int(text))
    return found
