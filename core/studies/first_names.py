"""A few names out of a folder, without the wait for the many."""

import ctypes
import os
import struct
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

_BYTES = 1024  # some thirty short names; the C library behind os.scandir asks for 32 KiB, a thousand of them
_LENGTH_AT, _NAME_AT = 16, 19  # in a linux_dirent64: see getdents64(2)
_ITSELF = (b".", b"..")


def first_names(folder: Path, count: int) -> list[str]:
    """Return the names of at most `count` of a folder's entries, those that the file system comes to first.

    To list a thousand of a folder's entries takes a third of a millisecond, as long as to read a header. Linux gives
    as few as we ask for; elsewhere the system's own batch is waited for. Raises OSError.
    """
    if _getdents64() is None:
        with os.scandir(folder) as listed:
            return [entry.name for entry in islice(listed, count)]
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return [os.fsdecode(name) for name in islice(_names(descriptor), count)]
    finally:
        os.close(descriptor)


def _names(descriptor: int) -> Iterator[bytes]:
    buffer = ctypes.create_string_buffer(_BYTES)
    getdents64 = _getdents64()
    while (filled := getdents64(descriptor, buffer, _BYTES)) > 0:
        raw, place = buffer.raw[:filled], 0
        while place < filled:
            (length,) = struct.unpack_from("=H", raw, place + _LENGTH_AT)
            name = raw[place + _NAME_AT:place + length].split(b"\0", 1)[0]
            if name not in _ITSELF:
                yield name
            place += length
    if filled < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@cache
def _getdents64() -> Any:
    """Return the system's call, or None where there is none: only Linux has it, in glibc from 2.30 on."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "getdents64", None) if os.name == "posix" else None
    if call is not None:
        call.argtypes, call.restype = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t), ctypes.c_ssize_t
    return call
