"""How much memory this machine lets the program have."""

import os
import sys
from pathlib import Path

ASSUMED_BYTES = 4 << 30  # where the system does not tell
_CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_bytes() -> int:
    """Return the physical memory, or the limit of the container around us where that is less."""
    return min([_physical_bytes(), *_limits()])


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
