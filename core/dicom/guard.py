"""The border at which the exceptions of damaged files become Refusals."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core.files import Stamp, file_stamp
from core.refusal import Reason, Refusal

log = logging.getLogger(__name__)

T = TypeVar("T")


class CannotDecode(Exception):
    """A refusal found deep inside the decoding of a file; carries its reason and facts."""

    def __init__(self, reason: Reason, **facts: str) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


def guarded(path: Path, work: Callable[[], T | Refusal]) -> T | Refusal:
    """Return what `work` on the file at `path` returns, a Refusal where the file is damaged, too large or gone.

    pydicom, Pillow and the decoders raise some dozen kinds of exceptions on damaged files, SyntaxError, struct.error
    and RecursionError among them. So here, and only here, exceptions count as damage; the log keeps their kind.
    """
    try:
        return work()
    except CannotDecode as error:
        return Refusal(error.reason, path, error.facts)
    except FileNotFoundError:
        return Refusal(Reason.NOT_FOUND, path)
    except PermissionError:
        return Refusal(Reason.NOT_PERMITTED, path)
    except MemoryError:
        return Refusal(Reason.TOO_LARGE, path)
    except (NameError, ImportError):
        raise  # no file brings these about
    except Exception as error:
        log.info("damaged file: %s", type(error).__name__)
        return Refusal(Reason.DAMAGED, path, {"detail": _detail(error)})


def unless_changed(path: Path, stamp: Stamp | None, outcome: T | Refusal) -> T | Refusal:
    """Return what a file gave after it was opened, a Refusal where it is another one than then, by its `Stamp`.

    What has taken the place of a file, such as an export to the same names, may be another patient's. Without a stamp
    nothing is known of then.
    """
    now = None if stamp is None else file_stamp(path)
    return outcome if now is None or now == stamp else Refusal(Reason.CHANGED, path)


def _detail(error: Exception) -> str:
    """Return what a reader may make use of: the message of a ValueError or OSError, never a whole object's repr."""
    message = str(error).splitlines()[0] if str(error) else ""
    return message if type(error) in (ValueError, OSError) and len(message) < 80 else ""
