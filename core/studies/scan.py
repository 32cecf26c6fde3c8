"""Files and folders to files, in natural order; nothing is skipped silently and no link is followed in a circle."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core.studies.order import natural_key


def never() -> bool:
    """Answer that nobody has cancelled."""
    return False


def find_files(paths: Iterable[Path], cancelled: Callable[[], bool] = never) -> Iterator[Path]:
    """Yield every file among `paths` and below its folders, each once, folders in natural order (img2 before img10).

    What does not exist, or is a folder that may not be read, is yielded as it is, so that it can be reported. Stops
    as soon as `cancelled()` says yes. Reads no file.
    """
    seen: set[str] = set()
    folders: set[tuple[int, int]] = set()
    for path in paths:
        for found in _walk(path, folders, cancelled):
            name = str(found.absolute())
            if name not in seen:
                seen.add(name)
                yield found


def _walk(path: Path, folders: set[tuple[int, int]], cancelled: Callable[[], bool]) -> Iterator[Path]:
    if cancelled():
        return
    try:
        is_folder, status = path.is_dir(), path.stat()
    except OSError:  # not there, not permitted, a name too long: the one who opens it says which
        yield path
        return
    if not is_folder:
        yield path
        return
    if (status.st_dev, status.st_ino) in folders:
        return
    folders.add((status.st_dev, status.st_ino))
    try:
        with os.scandir(path) as found:  # which knows what is a folder without asking for each, as pathlib does
            entries = sorted((natural_key(entry.name), entry.name, entry.is_dir()) for entry in found)
    except OSError:
        yield path
        return
    for _, name, is_folder in entries:
        if is_folder:
            yield from _walk(path / name, folders, cancelled)
        elif cancelled():
            return
        else:
            yield path / name
