"""Paths to opened files: folders are walked, media and archives followed; every file ends in exactly one `Opened`."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from core.dicom.dicom_object import DicomObject
from core.dicom.dicomdir import is_dicomdir, read_dicomdir
from core.dicom.file_set import FileSet
from core.dicom.load_image import load_image
from core.dicom.load_object import object_or_refusal
from core.imaging.image import Image
from core.refusal import Reason, Refusal
from core.studies.archive import is_zip, unpack
from core.studies.opened import Duplicate, Opened, OpenFiles
from core.studies.scan import find_files, never

log = logging.getLogger(__name__)

_DEEPEST = 2  # archives within archives
_MAYBE_OTHER = frozenset({Reason.NOT_AN_IMAGE, Reason.NO_PIXELS, Reason.DAMAGED})


def open_files(
    paths: Iterable[Path], state: OpenFiles, passwords: Mapping[Path, str] | None = None,
    cancelled: Callable[[], bool] = never,
) -> Iterator[Opened]:
    """Open every file in `paths`, below their folders, in their archives and on their media, one at a time.

    A DICOMDIR that is named itself opens what it names, one found in a folder only tells what is missing there; if
    nothing that it names is there, its folder is searched. Never raises for what a file can hold.
    """
    paths = tuple(paths)
    yield from _Opening(state, passwords or {}, cancelled, frozenset(paths)).run(paths)


class _Opening:
    """One opening: what was seen already, so that no file comes twice."""

    def __init__(
        self, state: OpenFiles, passwords: Mapping[Path, str], cancelled: Callable[[], bool], asked: frozenset[Path]
    ) -> None:
        self._state, self._passwords, self._cancelled, self._asked = state, passwords, cancelled, asked
        self._seen: set[str] = set()

    def run(self, paths: Iterable[Path], depth: int = 0) -> Iterator[Opened]:
        for path in find_files(paths, self._cancelled):
            if self._cancelled():
                return
            yield from self._file(path, depth)

    def _file(self, path: Path, depth: int) -> Iterator[Opened]:
        name = str(path.absolute())
        if name in self._seen:
            return
        self._seen.add(name)
        outcome = _load(path)
        if isinstance(outcome, Image):
            first = self._state.known.first_of(outcome)
            yield Opened(path, outcome if first is None else Duplicate(first))
        elif outcome.reason in _MAYBE_OTHER and is_dicomdir(path):
            yield from self._medium(path, depth)
        elif outcome.reason is Reason.NOT_AN_IMAGE and depth < _DEEPEST and is_zip(path):
            yield from self._archive(path, depth)
        else:
            yield Opened(path, object_or_refusal(outcome))

    def _medium(self, path: Path, depth: int) -> Iterator[Opened]:
        file_set = read_dicomdir(path)
        is_asked = path in self._asked
        if isinstance(file_set, Refusal):
            yield Opened(path, file_set)
        elif file_set.missing and not file_set.present:
            yield Opened(path, Refusal(Reason.WRONG_DICOMDIR, path, {"files": str(len(file_set.missing))}))
        else:
            if is_asked:
                yield from self.run(file_set.present, depth)
            for missing in file_set.missing:
                if str(missing) not in self._seen:
                    self._seen.add(str(missing))
                    yield Opened(missing, Refusal(Reason.NOT_ON_MEDIUM, missing))
            yield Opened(path, file_set)
            is_asked = is_asked and not file_set.present
        if is_asked:
            yield from self.run((path.parent,), depth)

    def _archive(self, path: Path, depth: int) -> Iterator[Opened]:
        """Yield what an archive holds; if nothing of it opens, one refusal for the whole archive."""
        waiting: list[Opened] = []
        has_opened, is_ended = False, False
        for opened in self._entries(path, depth):
            has_opened = has_opened or not isinstance(opened.outcome, Refusal)
            is_ended = is_ended or opened.path == path
            waiting.append(opened)
            if has_opened or is_ended:
                yield from waiting
                waiting.clear()
        if not (has_opened or is_ended or self._cancelled()):
            yield Opened(path, Refusal(Reason.NOTHING_INSIDE, path, {"files": str(len(waiting))}))

    def _entries(self, path: Path, depth: int) -> Iterator[Opened]:
        try:
            folder = self._state.folder_for(path)
        except OSError as error:
            yield Opened(path, Refusal(Reason.FAILED, path, {"detail": error.strerror or ""}))
            return
        indexes = []
        for entry in unpack(path, folder, self._passwords.get(path, ""), self._state.limits, self._cancelled):
            if self._cancelled():  # the entry may not be whole
                return
            if isinstance(entry, Refusal):
                yield Opened(entry.path or path, entry)
            elif is_dicomdir(entry):
                indexes.append(entry)  # what is missing shows when all is unpacked
            else:
                for opened in self._file(entry, depth + 1):
                    yield opened
                    if opened.path == entry and not isinstance(opened.outcome, Image):
                        _forget(entry, opened.outcome)
        for entry in indexes:
            yield from self._file(entry, depth + 1)


def _forget(entry: Path, outcome: DicomObject | Refusal | Duplicate | FileSet) -> None:
    """Remove an unpacked file that nobody will read again."""
    if isinstance(outcome, Duplicate) or (isinstance(outcome, Refusal) and outcome.reason is Reason.NOT_AN_IMAGE):
        entry.unlink(missing_ok=True)


def _load(path: Path) -> Image | Refusal:
    try:
        return load_image(path)
    except Exception:  # one bad file never stops the walk
        log.exception("opening a file failed")
        return Refusal(Reason.FAILED, path)
