"""A background QThread that does one job at a time; what frame, scan and reading threads have in common.

Waiting jobs stay on the window's side, so that their order can change and all can be cancelled; the worker holds one.
Only plain data crosses over, and only between methods of QObjects: those run in the thread where their object lives.
"""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from core.reading.request import GenerationCounter, Request, Response

log = logging.getLogger(__name__)

Overtaken = Callable[[], bool]
Report = Callable[[object], None]
Work = Callable[[object, Overtaken, Report], object]  # job, overtaken, report -> outcome


class _Worker(QObject):
    """Lives in the background thread. Touches no widget and no shared state."""

    finished = Signal(object)  # Response, one for each request
    reported = Signal(object)  # what the work reports on its way

    def __init__(self, work: Work, counter: GenerationCounter) -> None:
        super().__init__()  # no parent: a child cannot move to another thread
        self._work, self._counter = work, counter

    @Slot(object)
    def answer(self, request: Request) -> None:
        def overtaken() -> bool:
            return request.generation != self._counter.newest

        outcome: object = None
        if not overtaken():
            try:
                outcome = self._work(request.job, overtaken, self.reported.emit)
            except Exception as error:  # the thread must outlive any one job
                log.exception("a job of the %s thread failed", QThread.currentThread().objectName())
                outcome = error
        self.finished.emit(Response(request.generation, request.job, outcome))


class JobThread(QObject):
    """The window's door to one background thread; subclasses keep the queue and say what an answer means."""

    idle = Signal()  # the last job is done and none waits
    _handed = Signal(object)

    def __init__(self, name: str, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._counter = GenerationCounter()  # this thread advances it, the worker reads it
        self._in_flight: Request | None = None
        self._is_closed = False
        self._thread = QThread(self)
        self._thread.setObjectName(name)
        self._worker = _Worker(work, self._counter)
        self._worker.moveToThread(self._thread)
        self._handed.connect(self._worker.answer, Qt.ConnectionType.QueuedConnection)
        self._worker.finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._worker.reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether a job is being done or waits."""
        return self._in_flight is not None or self._has_waiting()

    def ask_to_end(self) -> None:
        """Cancel everything and tell the thread to end, without waiting for it."""
        self._is_closed = True
        self._counter.advance()
        self._thread.quit()

    def close(self, timeout_ms: int = 5_000) -> bool:
        """Cancel everything, end the thread, and say whether it ended in time."""
        self.ask_to_end()
        if self._thread.wait(timeout_ms):
            return True
        log.error("the %s thread did not end in time", self._thread.objectName())
        return False

    def _hand_next(self) -> None:
        """Give the worker the next waiting job if it has none."""
        if self._in_flight is not None or self._is_closed:
            return
        job = self._take_next()
        if job is not None:
            self._in_flight = Request(self._counter.advance(), job)
            self._handed.emit(self._in_flight)

    def _overtake(self) -> None:
        """Make the job in flight stop at its next step; its answer will be late."""
        self._counter.advance()

    @Slot(object)
    def _on_finished(self, response: Response) -> None:
        self._in_flight = None
        if self._is_closed:
            return
        self._answer(response.job, response.outcome, is_late=response.generation != self._counter.newest)
        self._hand_next()
        if not self.is_busy:
            self.idle.emit()

    @Slot(object)
    def _on_reported(self, report: object) -> None:
        if not self._is_closed:
            self._reported(report)

    # what a subclass says

    def _has_waiting(self) -> bool:
        raise NotImplementedError

    def _take_next(self) -> object | None:
        """Remove and return the most important waiting job, None where none waits."""
        raise NotImplementedError

    def _answer(self, job: object, outcome: object, is_late: bool) -> None:
        """Use an outcome; `is_late` says that nobody waits for it any more."""
        raise NotImplementedError

    def _reported(self, report: object) -> None:
        """Use what the work reports on its way."""
