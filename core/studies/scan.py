"""Files and folders to files, in natural order; nothing is skipped silently and no link is followed in a circle."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from core.studies.first_names import first_names
from core.studies.order import natural_key

HEAD = 32  # entries that a folder has at least of which a first image is looked for before it is listed whole
TRIES = 8  # of them that are tried for it
DEPTH = 4  # of folders within folders that are looked into for it


class Found(NamedTuple):
    """A file as it was named, and the one name that all its spellings share (no links, no "..").

    One that is early may be the first image; if it is none, it comes again at its place.
    """

    path: Path
    real: str
    is_early: bool = False


def never() -> bool:
    """Answer that nobody has cancelled."""
    return False


def find_files(paths: Iterable[Path], cancelled: Callable[[], bool] = never) -> Iterator[Path]:
    """Yield every file among `paths` and below its folders, each once, folders in natural order (img2 before img10).

    A file that is reached by several spellings (relative, absolute, through links) comes by the first. What does not
    exist, or is a folder that may not be read, is yielded as it is, so that it can be reported. Stops as soon as
    `cancelled()` says yes. Reads no file.
    """
    return (found.path for found in walk(paths, cancelled))


def is_empty_folder(path: Path) -> bool:
    """Return whether a path is a folder without any file in it or below it; stops at the first."""
    return path.is_dir() and next(find_files((path,)), None) is None


def walk(
    paths: Iterable[Path], cancelled: Callable[[], bool] = never, is_waiting: Callable[[], bool] = never
) -> Iterator[Found]:
    """Yield the files of `find_files` with their real names.

    As long as `is_waiting()` says that nobody has found anything to look at, a few files of a large folder come before
    the folder is listed whole, so that the first image does not wait for the names of the others. One after which
    `is_waiting()` still says yes comes again at its place.
    """
    yield from _Walk(cancelled, is_waiting).run(paths)


class _Walk:
    """One walk, with what it has come by."""

    def __init__(self, cancelled: Callable[[], bool], is_waiting: Callable[[], bool]) -> None:
        self._cancelled, self._is_waiting = cancelled, is_waiting
        self._seen: set[str] = set()
        self._folders: set[tuple[int, int]] = set()

    def run(self, paths: Iterable[Path]) -> Iterator[Found]:
        for path in paths:
            yield from self._any(path, os.path.realpath(path))

    def _any(self, path: Path, real: str) -> Iterator[Found]:
        if self._cancelled():
            return
        try:
            is_folder, status = path.is_dir(), path.stat()
        except OSError:  # not there, not permitted, a name too long: the one who opens it says which
            yield from self._once(Found(path, real))
            return
        if not is_folder:
            yield from self._once(Found(path, real))
        elif (status.st_dev, status.st_ino) not in self._folders:
            self._folders.add((status.st_dev, status.st_ino))
            yield from self._folder(path, real)

    def _once(self, found: Found) -> Iterator[Found]:
        if found.real not in self._seen:
            self._seen.add(found.real)
            yield found

    def _folder(self, path: Path, real: str) -> Iterator[Found]:
        try:
            if self._is_waiting() and len(names := first_names(path, HEAD)) == HEAD:
                yield from self._early(path, real, names)
            with os.scandir(path) as listed:  # which knows what is a folder without asking for each, as pathlib does
                entries = _in_order(listed)
        except OSError:
            yield from self._once(Found(path, real))
            return
        for _, name, is_folder, is_link in entries:
            if self._cancelled():
                return
            below, real_below = path / name, _below(path, real, name, is_link)
            if is_folder:
                yield from self._any(below, real_below)
            else:
                yield from self._once(Found(below, real_below))

    def _early(self, path: Path, real: str, names: Iterable[str], depth: int = 0) -> Iterator[Found]:
        """Yield some of a folder's files, until one of them is something to look at: that one has had its turn."""
        for name in sorted(names, key=natural_key)[:TRIES]:
            below = path / name
            is_link, is_folder = os.path.islink(below), os.path.isdir(below)  # noqa: PTH112, PTH114  (never raise)
            found = Found(below, _below(path, real, name, is_link), is_early=True)
            if not is_folder:
                if found.real in self._seen:
                    continue
                yield found
                if not self._is_waiting():
                    self._seen.add(found.real)
            elif depth < DEPTH and not is_link:
                with suppress(OSError):  # told when the walk comes there
                    yield from self._early(below, found.real, first_names(below, HEAD), depth + 1)
            if not self._is_waiting() or self._cancelled():
                return


def _in_order(entries: Iterable["os.DirEntry[str]"]) -> list[tuple[Any, str, bool, bool]]:
    """Return entries of a folder in natural order: key, name, whether it is a folder, whether it is a link."""
    return sorted((natural_key(one.name), one.name, _is_folder(one), one.is_symlink()) for one in entries)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or to where nobody may look: one entry, not the end of its folder
        return False


def _below(path: Path, real: str, name: str, is_link: bool) -> str:
    """Return the real name of an entry of a folder, whose own real name is known."""
    return os.path.realpath(path / name) if is_link else os.path.join(real, name)  # noqa: PTH118  (ten times as fast)
