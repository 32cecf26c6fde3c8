"""Temporary folders of a user's files: readable by the user only, gone at close or, after a crash, at a later start."""

import logging
import os
import shutil
import stat
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

_PREFIX = "wetread-open-"
_LOCK = ".in-use"
_YOUNG_S = 60.0  # a folder this new may not have its lock yet, or not have locked it


class PrivateFolder:
    """A temporary folder of this process; a lock that dies with the process says that it is in use."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))  # mode 0700
        self._lock: IO[bytes] | None = (self.path / _LOCK).open("wb")
        _lock(self._lock)

    def close(self) -> None:
        """Remove the folder and what is in it. May be called twice."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            _remove(self.path)


def remove_stale_folders() -> int:
    """Remove the folders that a crashed program left behind, and return how many; those in use stay."""
    stale = [path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_stale(path)]
    for path in stale:
        _remove(path)
    return len(stale)


def _is_stale(folder: Path) -> bool:
    """Return whether a folder is this user's and was left behind; one that goes while it is looked at was not."""
    try:
        status = folder.lstat()
        is_own = stat.S_ISDIR(status.st_mode) and (os.name == "nt" or status.st_uid == os.getuid())
        if not is_own or time.time() - status.st_mtime <= _YOUNG_S:
            return False
        with (folder / _LOCK).open("r+b") as file:
            _lock(file)
    except FileNotFoundError:  # the lock, or the folder by now
        return folder.exists()
    except OSError:  # locked by the program that uses it
        return False
    return True


def _lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed. Raises OSError where another has locked it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        log.warning("a temporary folder could not be removed wholly")
