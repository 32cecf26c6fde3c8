"""A process for risky work: when a decoder ends it, or hangs in it, one answer is lost and the next starts anew."""

import logging
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from types import ModuleType, TracebackType
from typing import IO, Any

from core.dicom.decoders.messages import receive, send
from core.memory import resident_bytes

log = logging.getLogger(__name__)

SECONDS_TO_LOOK = 0.02  # at what a task's memory has come to; most tasks are done by then
SECONDS_TO_START = 60  # of a fresh interpreter and its imports, on a busy machine
SECONDS_TO_WAIT = 30  # by the clock and beyond its own: what a busy machine may keep a task waiting
_NOISE_BYTES = 500  # of what a library printed, for the log


class HelperFailed(Exception):
    """The helper ended, took too long, or its work raised; the message says which."""


class HelperTookTooLong(HelperFailed):
    """The helper had no answer when its time was spent, or that of the clock, and was ended."""


class HelperTookTooMuch(HelperFailed):
    """The helper took more memory than its task may, and was ended."""


def nothing() -> None:
    """Prepare nothing."""


class HelperProcess:
    """Runs a module-level function on one task after another in a process of its own, started with the first task.

    `prepare` is called once in the process before the first task, whose time does not count. May be asked from any
    thread; tasks wait for one another. The process ends with this one. What libraries print there goes to the log.
    A task's seconds are those that the process computes, so that a busy machine makes no sound file a damaged one.
    `spent_s` is how many the last task took, 0 where it did not come to one.
    """

    def __init__(self, work: Callable[[Any], Any], timeout_s: float, prepare: Callable[[], None] = nothing) -> None:
        self._work, self._timeout_s, self._prepare = work, timeout_s, prepare
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._is_ready = False
        self.spent_s = 0.0

    def ask(self, task: Any, timeout_s: float | None = None, memory_bytes: int | None = None) -> Any:
        """Return the work's answer. Raises HelperFailed, and MemoryError where this process has no room for the answer.

        `memory_bytes` is how much more memory the task may take than the process has. Where the system can hold it to
        that (Linux), the work itself gets a MemoryError; where not, the process is watched and ended.
        """
        with self._lock:
            self.spent_s = 0.0
            connection = self._started()
            try:
                if not self._is_ready:
                    self._watch(connection, self._now(), SECONDS_TO_START, SECONDS_TO_START, None)
                    receive(connection)
                    self._is_ready = True
                most = None if memory_bytes is None else self._resident_bytes() + memory_bytes
                send(connection, (task, memory_bytes))
                seconds = self._timeout_s if timeout_s is None else timeout_s
                watch = self._now()
                try:
                    self._watch(connection, watch, seconds, seconds + SECONDS_TO_WAIT, most)
                finally:
                    self.spent_s = watch.computed_s
                is_answer, answer, noise = receive(connection)
            except (HelperFailed, MemoryError):  # with no room for the answer it stays in the pipe
                self._start_anew()
                raise
            except (EOFError, OSError) as error:
                self._start_anew()
                raise HelperFailed("the decoder ended its process") from error
        if noise:
            log.info("a decoder printed: %s", noise)
        if not is_answer:
            raise HelperFailed(answer)
        return answer

    def _now(self) -> "_Watch":
        return _Watch(None if self._process is None else self._process.pid)

    def _resident_bytes(self) -> int:
        pid = None if self._process is None else self._process.pid
        return 0 if pid is None else resident_bytes(pid)

    def _watch(
        self, connection: Connection, watch: "_Watch", seconds: float, by_clock_s: float, most_bytes: int | None
    ) -> None:
        """Wait for an answer, and look meanwhile at what the process has computed and holds. Raises HelperFailed."""
        while not connection.poll(SECONDS_TO_LOOK):
            if most_bytes is not None and self._resident_bytes() > most_bytes:
                raise HelperTookTooMuch("the decoder took too much memory")
            if watch.by_clock_s >= by_clock_s or watch.computed_s >= seconds:
                raise HelperTookTooLong("the decoder took too long")

    def start(self) -> None:
        """Start the process without waiting for it, so that the first task need not."""
        with self._lock:
            self._started()

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
            self._process = context.Process(target=_serve, args=(theirs, self._work, self._prepare), daemon=True)
            with _without_main_module():
                self._process.start()
            theirs.close()  # so that the pipe breaks when the helper dies
            self._resident_bytes()  # which loads what looks, while the process loads what decodes
        return self._connection

    def _start_anew(self) -> None:
        """End the process; the next begins to start at once, so that the next task need not wait for it."""
        was_ready = self._is_ready
        self._stop()
        if was_ready:  # one that cannot start would not the next time either
            self._started()

    def _stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._connection = self._process = None
        self._is_ready = False


class _Watch:
    """What has passed since it was made."""

    def __init__(self, pid: int | None) -> None:
        self._pid = pid
        self._started, self._cpu_s = time.monotonic(), _cpu_seconds(pid)

    @property
    def by_clock_s(self) -> float:
        """The seconds that have passed."""
        return time.monotonic() - self._started

    @property
    def computed_s(self) -> float:
        """Those of them in which the process computed; all where the system does not tell."""
        now = _cpu_seconds(self._pid)
        if now is None or self._cpu_s is None:
            return self.by_clock_s
        return min(now - self._cpu_s, self.by_clock_s)  # of several threads that compute at a time each has its seconds


def _cpu_seconds(pid: int | None) -> float | None:
    """Return how long a process has computed so far, None where the system does not tell."""
    import psutil  # takes a moment, and only helpers are watched

    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)


_MAIN_LOCK = threading.Lock()


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Hide the program's main module while a process starts.

    A spawned process would import it: the window's is slow to import, and a script's without the usual guard would
    run a second time. The work's own module is all that a helper needs.
    """
    with _MAIN_LOCK:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _serve(connection: Connection, work: Callable[[Any], Any], prepare: Callable[[], None]) -> None:
    with _quiet() as printed:
        prepare()
        send(connection, "ready")
        with suppress(EOFError, OSError, KeyboardInterrupt):  # the one who asks is gone
            while True:
                send(connection, (*_answer(work, *receive(connection)), _take(printed)))


def _answer(work: Callable[[Any], Any], task: Any, memory_bytes: int | None) -> tuple[bool, Any]:
    """Return whether the work has an answer, and that or what it raised; nothing of the task is kept."""
    try:
        with _memory_limit(memory_bytes):
            return True, work(task)
    except Exception as error:  # told to the one who asked
        return False, f"{type(error).__name__}: {error}"


@contextmanager
def _memory_limit(more_bytes: int | None) -> Iterator[None]:
    """Let this process grow by so many bytes of address space and no more, where the system can hold it to that."""
    try:
        import resource

        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  (no more imports in a process that may be full)
            now = int(file.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if more_bytes is not None:
        limit = now + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def _quiet() -> Iterator[IO[bytes]]:
    """Give the file that takes what C libraries print to the standard output and error of this process."""
    with tempfile.TemporaryFile() as printed:
        for descriptor in (1, 2):
            os.dup2(printed.fileno(), descriptor)
        yield printed


def _take(printed: IO[bytes]) -> str:
    """Return the first line of what was printed since, and forget all of it."""
    end = os.lseek(printed.fileno(), 0, os.SEEK_CUR)
    if not end:
        return ""
    os.lseek(printed.fileno(), 0, os.SEEK_SET)
    text = os.read(printed.fileno(), _NOISE_BYTES).decode("ascii", "replace")
    os.lseek(printed.fileno(), 0, os.SEEK_SET)
    os.ftruncate(printed.fileno(), 0)
    return text.strip().split("\n")[0].strip()
