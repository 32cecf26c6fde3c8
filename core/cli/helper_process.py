"""A process that does risky work: when a decoder ends it or hangs in it, one answer is lost and it starts again."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any


class HelperProcess:
    """Runs a module-level function on one task after another in a process of its own."""

    def __init__(self, work: Callable[[Any], Any], timeout_s: float) -> None:
        self._work, self._timeout_s = work, timeout_s
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def ask(self, task: Any) -> Any:
        """Return the work's answer, or the text "ended the process" or "took too long"."""
        try:
            self._ours.send(task)
            if self._ours.poll(self._timeout_s):
                return self._ours.recv()
            failure = "took too long"
        except (EOFError, ConnectionError):
            failure = "ended the process"
        self._stop()
        self._start()
        return failure

    def __enter__(self) -> "HelperProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        self._ours, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs, self._work), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe breaks when the helper dies

    def _stop(self) -> None:
        self._ours.close()
        self._process.terminate()
        self._process.join()


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(work(task))
