"""Log files: rotating, small, and without a word about a patient.

A path, a header value or the message of an exception can hold a name. So only Wetread's own loggers are written
(libraries quote values), our lines name no files, and of an exception its type and lines of code are kept.
"""

import copy
import faulthandler
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

LOG_NAME, CRASH_NAME = "wetread.log", "crash.log"
MAX_BYTES, BACKUPS = 500_000, 3
OWN_LOGGERS = ("core", "gui")


class _WithoutMessages(logging.Formatter):
    """Formats an exception as its type and the lines of code; its message may quote a name and is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line, never with the trace that another handler's formatter left in the record."""
        record = copy.copy(record)
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: Any) -> str:
        """Return the traceback without the exception's message."""
        kind, error, trace = ei
        lines = "".join(traceback.format_tb(trace)).rstrip()
        cause = getattr(error, "__cause__", None)
        because = f" from {type(cause).__name__}" if cause is not None else ""
        return f"{lines}\n{getattr(kind, '__name__', 'unknown')}{because}"


def set_up_logging(folder: Path) -> TextIO | None:
    """Write Wetread's log into `folder`, and the stacks of a crash into a file beside it.

    Returns the crash file, to be closed by `shut_down_logging`; None where the folder cannot be written, and then the
    program runs without a log.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (LOG_NAME, CRASH_NAME):
            _rotate(folder / name)
        handler = logging.FileHandler(folder / LOG_NAME, encoding="utf-8", delay=True)
        crash_file = (folder / CRASH_NAME).open("a", encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(_WithoutMessages("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in OWN_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
    faulthandler.enable(crash_file)
    return crash_file


def shut_down_logging(crash_file: TextIO | None) -> None:
    """Undo `set_up_logging`."""
    if crash_file is None:
        return
    faulthandler.disable()
    crash_file.close()
    for name in OWN_LOGGERS:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            if isinstance(handler, logging.FileHandler):
                logger.removeHandler(handler)
                handler.close()


@contextmanager
def logged_on_stderr() -> Iterator[None]:
    """Write warnings, and the lines of code of what failed, to the standard error: a terminal has no log file."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_WithoutMessages("%(message)s"))
    loggers = [logging.getLogger(name) for name in OWN_LOGGERS]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def _rotate(path: Path) -> None:
    """Put a file that has grown too large aside, so that each start finds room; the oldest goes.

    The standard library's rotating handler does this at every line, and costs a tenth of the time to the first paint
    to import.
    """
    if not path.exists() or path.stat().st_size < MAX_BYTES:
        return
    for number in range(BACKUPS, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        newer = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)
