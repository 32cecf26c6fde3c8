"""Paths to opened files: folders are walked, media and archives followed; every file ends in exactly one `Opened`."""

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core.dicom.dicom_object import DicomObject
from core.dicom.dicomdir import is_dicomdir, read_dicomdir
from core.dicom.file_set import FileSet
from core.dicom.load_image import load_image
from core.dicom.load_object import object_or_refusal
from core.imaging.image import Frame, Image
from core.refusal import Reason, Refusal
from core.studies.archive import is_document, is_zip, unpack
from core.studies.opened import Duplicate, Opened, OpenFiles, Outcome
from core.studies.order import path_key
from core.studies.scan import Found, never, walk

log = logging.getLogger(__name__)

_DEEPEST = 2  # archives within archives
_TOO_DEEP = "an archive in an archive in an archive"
_NO_IMAGE = frozenset({Reason.NOT_AN_IMAGE, Reason.NOTHING_INSIDE})
_FILM_NAME = re.compile(r".*\.(dcm|dicom|ima)|[^.]*\d[^.]*", re.IGNORECASE)  # such as a.dcm, IM0001
_MAYBE_OTHER = frozenset({Reason.NOT_AN_IMAGE, Reason.NO_PIXELS, Reason.DAMAGED, Reason.TOO_LARGE})


def open_files(
    paths: Iterable[Path], state: OpenFiles, passwords: Mapping[Path, str] | str = "",
    cancelled: Callable[[], bool] = never, first_soon: bool = False,
) -> Iterator[Opened]:
    """Open every file in `paths`, below their folders, in their archives and on their media, one at a time.

    A DICOMDIR that is named itself opens what it names, one found in a folder only tells what is missing there; if
    nothing that it names is there, its folder is searched. `passwords` are those of archives, or one for all of them.
    Files come in natural order, archives after all other files: of a file and its copy inside an archive, the file on
    disk is the original. With `first_soon` an image of a large folder comes before its other files are even
    listed. Each comes once, by the first spelling of its path. Never raises for what a file can hold.
    """
    paths = tuple(paths)
    state.openings += 1
    opening = _Opening(state, passwords, cancelled, frozenset(map(os.path.realpath, paths)), first_soon)
    archives: list[tuple[int, Path]] = []
    for number, path in enumerate(paths):
        for opened in opening.run((path,)):
            yield named(opened, state, number)
        archives += [(number, archive) for archive in opening.archives_found()]
    for number, archive in archives:
        for opened in opening.archive(archive):
            yield named(opened, state, number)


class _Opening:
    """One opening: what was seen already, so that no file comes twice. Knows files by where their bytes lie."""

    def __init__(
        self, state: OpenFiles, passwords: Mapping[Path, str] | str, cancelled: Callable[[], bool],
        asked: frozenset[str], first_soon: bool,
    ) -> None:
        self._state, self._passwords, self._cancelled, self._asked = state, passwords, cancelled, asked
        self._seen: set[str] = set()
        self._archives: list[Path] = []  # on disk, and not opened yet
        self._is_waiting = first_soon  # for something to look at

    def run(self, paths: Iterable[Path], depth: int = 0) -> Iterator[Opened]:
        for found in walk(paths, self._cancelled, lambda: self._is_waiting):
            if self._cancelled():
                return
            yield from self._early(found) if found.is_early else self._file(found, depth)

    def archives_found(self) -> list[Path]:
        """Return the archives on disk that `run` has come by since this was asked last."""
        found, self._archives = self._archives, []
        return found

    def archive(self, path: Path, depth: int = 0) -> Iterator[Opened]:
        """Yield what an archive holds; if nothing of it is an image, not even a damaged one, one refusal for it all."""
        waiting: list[Opened] = []
        has_images, is_ended = False, False
        for opened in self._entries(path, depth):
            has_images = has_images or not _is_no_image(opened)
            is_ended = is_ended or opened.path == path
            waiting.append(opened)
            if has_images or is_ended:
                yield from waiting
                waiting.clear()
        if not (has_images or is_ended or self._cancelled()):
            yield Opened(path, Refusal(Reason.NOTHING_INSIDE, path, {"files": str(len(waiting))}))

    def _early(self, found: Found) -> Iterator[Opened]:
        """Yield a file only where it is an image; anything else comes at its place."""
        path = self._state.first_spelling(found.path, found.real)
        outcome = None if found.real in self._seen else self._image(_load(path))
        if isinstance(outcome, Image):
            self._seen.add(found.real)
            self._is_waiting = False
            yield Opened(outcome.path, outcome, is_early=True)

    def _file(self, found: Found, depth: int) -> Iterator[Opened]:
        if found.real in self._seen:
            return
        self._seen.add(found.real)
        path = self._state.first_spelling(found.path, found.real)
        outcome = self._image(_load(path))
        if isinstance(outcome, Image):
            self._is_waiting = False
            yield Opened(outcome.path, outcome)
        elif isinstance(outcome, Duplicate):
            yield Opened(path, outcome)
        elif outcome.reason in _MAYBE_OTHER and is_dicomdir(path):
            yield from self._medium(path, found.real, depth)
        elif outcome.reason is Reason.NOT_AN_IMAGE and depth >= _DEEPEST and is_zip(path) and not is_document(path):
            yield Opened(path, Refusal(Reason.PACKING, path, {"detail": _TOO_DEEP}))  # films may be in it
        elif outcome.reason is Reason.NOT_AN_IMAGE and depth < _DEEPEST and is_zip(path):
            if depth:
                yield from self.archive(path, depth)
            else:
                self._archives.append(path)
        else:
            yield Opened(path, object_or_refusal(outcome))

    def _image(self, outcome: Image | Refusal) -> Image | Duplicate | Refusal:
        """Return what `load_image` said, or of which open file the image is a copy.

        The entry of an archive that was opened before is no copy, it is that file: the one that was unpacked then.
        """
        first = self._state.known.first_of(outcome) if isinstance(outcome, Image) else None
        if first is None or isinstance(outcome, Refusal):
            return outcome
        is_same = self._state.name_of(first) == self._state.name_of(outcome.path)
        return _load(first) if is_same else Duplicate(first)

    def _medium(self, path: Path, real: str, depth: int) -> Iterator[Opened]:
        file_set = read_dicomdir(path)
        is_asked = real in self._asked
        if isinstance(file_set, Refusal):
            yield Opened(path, file_set)
        elif file_set.missing and not file_set.present:
            yield Opened(path, Refusal(Reason.WRONG_DICOMDIR, path, {"files": str(len(file_set.missing))}))
        else:
            if is_asked:
                yield from self.run(file_set.present, depth)
            yield from self._missing(file_set)
            yield Opened(path, file_set)
            is_asked = is_asked and not file_set.present
        if is_asked:
            yield from self.run((path.parent,), depth)

    def _missing(self, file_set: FileSet) -> Iterator[Opened]:
        for missing in file_set.missing:
            real = _real(missing)
            if real not in self._seen:
                self._seen.add(real)
                yield Opened(missing, Refusal(Reason.NOT_ON_MEDIUM, missing))

    def _entries(self, path: Path, depth: int) -> Iterator[Opened]:
        try:
            folder = self._state.folder_for(path)
        except OSError as error:
            yield Opened(path, Refusal(Reason.FAILED, path, {"detail": error.strerror or ""}))
            return
        indexes, dropped = [], []
        word = self._passwords if isinstance(self._passwords, str) else self._passwords.get(path, "")
        for entry in unpack(path, folder, word, self._state.limits, self._cancelled):
            if self._cancelled():  # the entry may not be whole
                return
            if isinstance(entry, Refusal):
                refused = entry.path or path
                if refused != path:  # no medium misses it
                    dropped.append(folder / refused.relative_to(path))
                yield Opened(refused, entry)
            elif is_dicomdir(entry):
                indexes.append(entry)  # what is missing shows when all is unpacked
            else:
                is_kept, found = False, _found(entry)
                for opened in self._file(found, depth + 1):
                    is_kept = is_kept or (opened.path == entry and _is_read_again(opened))
                    yield opened
                if not is_kept:  # its room is free at once, and its name for another entry that has the same
                    _remove(entry)
                    self._seen.discard(found.real)
                    dropped.append(entry)
        yield from self._indexes(indexes, dropped, depth)

    def _indexes(self, indexes: list[Path], dropped: Iterable[Path], depth: int) -> Iterator[Opened]:
        """Open the DICOMDIRs of an archive. What was dropped or refused is there meanwhile, empty: none misses it."""
        husks = []
        try:
            for entry in dropped if indexes else ():
                with suppress(OSError):  # as where another entry has its name by now
                    entry.parent.mkdir(parents=True, exist_ok=True)
                    entry.touch(exist_ok=False)
                    husks.append(entry)
            for entry in indexes:
                yield from self._file(_found(entry), depth + 1)
        finally:
            for entry in husks:
                _remove(entry)


def _remove(file: Path) -> None:
    with suppress(OSError):  # all that was unpacked is removed in the end
        file.unlink(missing_ok=True)


def _found(file: Path) -> Found:
    return Found(file, os.path.realpath(file))


def _real(file: Path) -> str:
    try:
        return os.path.realpath(file)
    except ValueError:  # it is named by what no system takes as a name
        return str(file)


def _is_read_again(opened: Opened) -> bool:
    """Return whether somebody may read an unpacked file again: its picture, its text or its header."""
    is_archive = isinstance(opened.outcome, Refusal) and opened.outcome.reason is Reason.PACKING
    return not (isinstance(opened.outcome, Duplicate) or is_archive or _is_no_image(opened))


def _is_no_image(opened: Opened) -> bool:
    """Return whether a file is plainly no image; an empty one may be a film that was lost, by its name."""
    if not isinstance(opened.outcome, Refusal):
        return False
    reason = opened.outcome.reason
    return reason in _NO_IMAGE or (reason is Reason.EMPTY_FILE and not _FILM_NAME.fullmatch(opened.path.name))


def named(opened: Opened, state: OpenFiles, number: int = 0) -> Opened:
    """Return an opened file by the path that a person knows, with its rank below the named path with that number."""
    name, outcome = state.name_of(opened.path), opened.outcome
    rank = state.openings, number, path_key(name)
    if name == opened.path:
        return replace(opened, outcome=_first_named(outcome, state), rank=rank)
    if isinstance(outcome, Image):
        outcome = replace(outcome, path=name, unpacked=opened.path, load_frame=_NamedFrames(outcome, name))
    elif isinstance(outcome, DicomObject):
        outcome = replace(outcome, path=name, unpacked=opened.path)
    elif isinstance(outcome, Refusal):
        outcome = replace(outcome, path=name)
    elif isinstance(outcome, FileSet):
        present, missing = (tuple(map(state.name_of, files)) for files in (outcome.present, outcome.missing))
        outcome = FileSet(name, present, missing)
    return Opened(name, _first_named(outcome, state), opened.path, rank)


def _first_named(outcome: Outcome, state: OpenFiles) -> Outcome:
    return Duplicate(state.name_of(outcome.first)) if isinstance(outcome, Duplicate) else outcome


@dataclass(frozen=True, eq=False)
class _NamedFrames:
    """The frames of an unpacked file; what is said of one that cannot be decoded names the archive."""

    image: Image
    name: Path

    def __call__(self, index: int) -> Frame | Refusal:
        outcome = self.image.frame(index)
        return replace(outcome, path=self.name) if isinstance(outcome, Refusal) else outcome


def _load(path: Path) -> Image | Refusal:
    try:
        return load_image(path)
    except Exception:  # one bad file never stops the walk
        log.exception("opening a file failed")
        return Refusal(Reason.FAILED, path)
