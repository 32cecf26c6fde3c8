"""Reads, off the window's thread, what is shown as text or lies over pictures.

Headers, objects without a picture, presentation states, structure sets, segmentations and parametric maps.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from core.refusal import Reason, Refusal
from gui.threads.job_thread import JobThread, Overtaken, Report

Job = tuple[str, Path, Callable[[], object]]  # who asks, for which file, what is done


class ObjectThread(JobThread):
    """ask() for what a file holds in somebody's name; `answer` is called with it, or with a Refusal.

    A new question of the same name replaces the one that waits, and what comes of an earlier one is not told. What
    somebody looks at now goes before what was opened with it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        def work(job: object, overtaken: Overtaken, report: Report) -> object:
            assert isinstance(job, tuple)
            return job[2]()

        super().__init__("objects", work, parent)
        self._looked_at: deque[Job] = deque()
        self._waiting: deque[Job] = deque()  # until none of those is left
        self._answers: dict[str, tuple[Path, Callable[[object], None]]] = {}

    def ask(
        self, name: str, path: Path, work: Callable[[], object], answer: Callable[[object], None],
        is_looked_at: bool = False,
    ) -> None:
        """Have `work` done in the background and `answer` called with what it returns."""
        self.forget(name)
        (self._looked_at if is_looked_at else self._waiting).append((name, path, work))
        self._answers[name] = path, answer
        self._hand_next()

    def forget(self, name: str) -> None:
        """Drop what was asked for in this name."""
        self._looked_at, self._waiting = (
            deque(job for job in jobs if job[0] != name) for jobs in (self._looked_at, self._waiting)
        )
        self._answers.pop(name, None)

    def forget_all(self) -> None:
        """Everything was closed: nobody waits for anything any more."""
        self._looked_at.clear()
        self._waiting.clear()
        self._answers.clear()
        self._overtake()

    def _has_waiting(self) -> bool:
        return bool(self._looked_at or self._waiting)

    def _take_next(self) -> object | None:
        jobs = self._looked_at or self._waiting
        return jobs.popleft() if jobs else None

    def _answer(self, job: object, outcome: object, is_late: bool) -> None:
        assert isinstance(job, tuple)
        name, path = job[0], job[1]
        is_asked_anew = any(one[0] == name for one in (*self._looked_at, *self._waiting))
        if name not in self._answers or self._answers[name][0] != path or is_asked_anew:
            return
        _, answer = self._answers.pop(name)
        answer(Refusal(Reason.FAILED, path) if isinstance(outcome, Exception) else outcome)
