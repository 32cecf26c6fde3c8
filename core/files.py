"""Files written whole or not at all, and their hashes."""

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # C0, delete and C1

Stamp = tuple[int, int]  # a file's size in bytes, and when it was written, in nanoseconds


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one, never half of one.

    A temporary file in the same folder is written, synced and renamed; a link keeps pointing to its target, and a file
    that is there its permissions. What is no regular file, such as a pipe, is written to as it is. Raises OSError.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file():  # before links are followed: that of a pipe leads to no name
        path.write_bytes(raw)
        return
    with written_atomically(path) as file:
        file.write(raw)


@contextmanager
def written_atomically(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of `path` at the end, and not at all where writing it fails.

    For what is written part by part; `path` is as in `write_atomically`, but nothing else than a file. Raises OSError.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        with temporary.open("xb") as file:  # with the permissions that the user's umask leaves
            _keep_permissions(path, temporary)  # before there is anything to be read
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keep_permissions(old: Path, new: Path) -> None:
    """Give a new file the permissions of the one that it stands in for, where there is one."""
    if os.name == "posix" and old.exists():
        with suppress(OSError):  # file systems that know no permissions say so in several ways
            new.chmod(stat.S_IMODE(old.stat().st_mode) & 0o777)


def file_stamp(path: Path) -> Stamp | None:
    """Return what tells a file from another one in its place, None where there is none."""
    try:
        return stamp_of(path.stat())
    except OSError:
        return None


def stamp_of(status: os.stat_result) -> Stamp:
    """Return a file's stamp from its status."""
    return status.st_size, status.st_mtime_ns


def printable(path: Path) -> str:
    """Return a path as text that can be printed on a terminal, whatever bytes its name holds."""
    return without_controls(path_text(path))


def path_text(path: Path) -> str:
    """Return a path as text that can be written as UTF-8, whatever bytes its name holds."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def without_controls(text: str, spared: str = "") -> str:
    """Return text that came from a file with its control characters written out ("\\x1b"): a terminal obeys them."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in spared else f"\\x{ord(found[0]):02x}", text)


def cut_to_bytes(text: str, most: int) -> str:
    """Return the beginning of a text that takes at most so many bytes as UTF-8, which is how a disk counts names."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of `content` in 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
