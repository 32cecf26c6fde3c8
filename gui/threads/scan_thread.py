"""Walks dropped files, folders, media and archives and opens their headers off the window's thread."""

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.dicom.whole_pydicom import import_whole_pydicom
from core.private_folder import remove_stale_folders
from core.studies.opened import Opened, OpenFiles
from gui.threads.job_thread import JobThread, Overtaken, Report

REPORT_S = 0.1  # so that a thousand files redraw the window ten times a second, not a thousand times
MANY = 2_000  # from so many files on reports come more seldom, as each costs more


@dataclass(frozen=True, eq=False)
class ScanJob:
    """Files and folders to open, the passwords of archives among them, and what is known from earlier openings."""

    paths: tuple[Path, ...]
    state: OpenFiles
    passwords: Mapping[Path, str] = field(default_factory=dict, repr=False)


_SWEEP = "remove what a crashed program left behind"


@dataclass(frozen=True, eq=False)
class _Report:
    state: OpenFiles
    opened: tuple[Opened, ...]


def scan_files(job: ScanJob, overtaken: Overtaken, report: Report) -> int:
    """Open everything that a job names, report tuples of `Opened`; return how many files.

    The first is told at once, and so is the first that is in its place: behind it may come one that takes long.
    """
    # pydicom takes a while to import: here, in the background, and not before the first file
    import_whole_pydicom()
    from core.studies.open_files import open_files

    count, due, is_begun = 0, 0.0, False
    batch: list[Opened] = []
    for opened in open_files(job.paths, job.state, job.passwords, overtaken, first_soon=True):
        batch.append(opened)
        count += 1
        begins = not (is_begun or opened.is_early)
        is_begun = is_begun or begins
        if begins or time.monotonic() >= due:
            report(_Report(job.state, tuple(batch)))
            batch, due = [], time.monotonic() + REPORT_S * (1 + count / MANY)
    if batch:
        report(_Report(job.state, tuple(batch)))
    return count


class ScanThread(JobThread):
    """scan() paths, hear `opened` at most ten times a second and `finished` once, unless cancelled."""

    opened = Signal(object)  # tuple[Opened, ...]
    finished = Signal(int)  # files found
    failed = Signal()  # an unexpected error ended the walk
    cancelled = Signal()
    stopped = Signal()  # what was cancelled has come to its end: nothing more comes of it

    def __init__(self, parent: QObject | None = None) -> None:
        def work(job: object, overtaken: Overtaken, report: Report) -> object:
            if job is _SWEEP:
                return remove_stale_folders()
            if isinstance(job, OpenFiles):
                job.close()
                return None
            assert isinstance(job, ScanJob)
            return scan_files(job, overtaken, report)

        super().__init__("scan", work, parent)
        self._state = OpenFiles()
        self._waiting: deque[ScanJob] = deque()
        self._tidying: deque[object] = deque([_SWEEP])  # before anything is opened
        self._unclosed = [self._state]
        self._hand_next()

    def scan(self, paths: Iterable[Path], passwords: Mapping[Path, str] | None = None) -> None:
        """Open these files and folders after those already asked for."""
        self._waiting.append(ScanJob(tuple(paths), self._state, passwords or {}))
        self._hand_next()

    def cancel(self) -> None:
        """Stop; what was opened stays open."""
        self._waiting.clear()
        if self._in_flight is not None and isinstance(self._in_flight.job, ScanJob):
            self._overtake()
            self.cancelled.emit()

    def forget(self) -> None:
        """Everything was closed: what was unpacked is removed, and each file is new again."""
        self.cancel()
        self._tidying.append(self._state)
        self._state = OpenFiles()
        self._unclosed.append(self._state)
        self._hand_next()

    def close(self, timeout_ms: int = 5_000) -> bool:
        """Cancel everything, end the thread, remove what was unpacked, and say whether the thread ended in time."""
        has_ended = super().close(timeout_ms)
        if has_ended:
            for state in self._unclosed:
                state.close()
        return has_ended

    @property
    def is_busy(self) -> bool:
        """Whether files are being opened or wait for it; tidying up is nobody's business."""
        return self._has_waiting() or (self._in_flight is not None and isinstance(self._in_flight.job, ScanJob))

    def _has_waiting(self) -> bool:
        return bool(self._waiting)

    def _take_next(self) -> object | None:
        if self._tidying:
            return self._tidying.popleft()
        return self._waiting.popleft() if self._waiting else None

    def _reported(self, report: object) -> None:
        assert isinstance(report, _Report)
        if report.state is self._state:  # else everything was closed meanwhile
            self.opened.emit(report.opened)

    def _answer(self, job: object, outcome: object, is_late: bool) -> None:
        if isinstance(job, OpenFiles):
            self._unclosed.remove(job)
        if not isinstance(job, ScanJob):
            return
        if is_late:
            if job.state is self._state:
                self.stopped.emit()
            return
        if isinstance(outcome, int):
            self.finished.emit(outcome)
        else:
            self.failed.emit()
