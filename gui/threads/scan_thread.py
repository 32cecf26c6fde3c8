"""Walks dropped files and folders and opens their headers off the window's thread."""

import logging
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.dicom.dicom_object import DicomObject
from core.imaging.image import Image
from core.refusal import Reason, Refusal
from gui.threads.job_thread import JobThread, Overtaken, Report

log = logging.getLogger(__name__)

REPORT_S = 0.1  # so that a thousand files redraw the window ten times a second, not a thousand times


@dataclass(frozen=True)
class Opened:
    """One file and what came of opening it."""

    path: Path
    outcome: Image | DicomObject | Refusal


def open_files(paths: tuple[Path, ...], overtaken: Overtaken, report: Report) -> int:
    """Open every file in `paths` and below, report tuples of `Opened`, the first at once; return how many files."""
    # pydicom takes a while to import: here, in the background, and not before the first file
    from core.dicom.load_image import load_image
    from core.dicom.load_object import object_or_refusal
    from core.studies.scan import find_files

    count, batch, due = 0, [], 0.0
    for path in find_files(paths, overtaken):
        if overtaken():
            break
        try:
            batch.append(Opened(path, object_or_refusal(load_image(path))))
        except Exception:  # one bad file never stops the walk
            log.exception("opening a file failed")
            batch.append(Opened(path, Refusal(Reason.FAILED, path)))
        count += 1
        if time.monotonic() >= due:
            report(tuple(batch))
            batch, due = [], time.monotonic() + REPORT_S
    if batch:
        report(tuple(batch))
    return count


class ScanThread(JobThread):
    """scan() paths, hear `opened` at most ten times a second and `finished` once, unless cancelled."""

    opened = Signal(object)  # tuple[Opened, ...]
    finished = Signal(int)  # files found
    failed = Signal()  # an unexpected error ended the walk
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        def work(job: object, overtaken: Overtaken, report: Report) -> object:
            assert isinstance(job, tuple)
            return open_files(job, overtaken, report)

        super().__init__("scan", work, parent)
        self._waiting: deque[tuple[Path, ...]] = deque()

    def scan(self, paths: Iterable[Path]) -> None:
        """Open these files and folders after those already asked for."""
        self._waiting.append(tuple(paths))
        self._hand_next()

    def cancel(self) -> None:
        """Stop; what was opened stays open."""
        self._waiting.clear()
        if self._in_flight is not None:
            self._overtake()
            self.cancelled.emit()

    def _has_waiting(self) -> bool:
        return bool(self._waiting)

    def _take_next(self) -> object | None:
        return self._waiting.popleft() if self._waiting else None

    def _reported(self, report: object) -> None:
        self.opened.emit(report)

    def _answer(self, job: object, outcome: object, is_late: bool) -> None:
        if is_late:
            return
        if isinstance(outcome, int):
            self.finished.emit(outcome)
        else:
            self.failed.emit()
