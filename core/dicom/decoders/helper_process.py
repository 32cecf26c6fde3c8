"""A process for risky work: when a decoder ends it, or hangs in it, one answer is lost and the next starts anew."""

import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import ModuleType, TracebackType
from typing import Any


class HelperFailed(Exception):
    """The helper ended, took too long, or its work raised; the message says which."""


class HelperProcess:
    """Runs a module-level function on one task after another in a process of its own, started with the first task.

    May be asked from any thread; tasks wait for one another. The process ends with this one.
    """

    def __init__(self, work: Callable[[Any], Any], timeout_s: float) -> None:
        self._work, self._timeout_s = work, timeout_s
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def ask(self, task: Any) -> Any:
        """Return the work's answer. Raises HelperFailed."""
        with self._lock:
            connection = self._started()
            try:
                connection.send(task)
                if not connection.poll(self._timeout_s):
                    raise HelperFailed("the decoder took too long")
                is_answer, answer = connection.recv()
            except HelperFailed:
                self._stop()
                raise
            except (EOFError, OSError) as error:
                self._stop()
                raise HelperFailed("the decoder ended its process") from error
        if not is_answer:
            raise HelperFailed(answer)
        return answer

    def close(self) -> None:
        """End the process; the next task would start another."""
        with self._lock:
            self._stop()

    def __enter__(self) -> "HelperProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _started(self) -> Connection:
        if self._connection is None or self._process is None or not self._process.is_alive():
            self._stop()
            # a fresh interpreter: a fork would copy the locks of this one's threads
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._work), daemon=True)
            with _without_main_module():
                self._process.start()
            theirs.close()  # so that the pipe breaks when the helper dies
        return self._connection

    def _stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._connection = self._process = None


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Hide the program's main module while a process starts.

    A spawned process would import it: the window's is slow to import, and a script's without the usual guard would
    run a second time. The work's own module is all that a helper needs.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        try:
            answer = True, work(task)
        except Exception as error:  # told to the one who asked
            answer = False, f"{type(error).__name__}: {error}"
        connection.send(answer)
