"""Would a result be written over a file that is read?"""

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.dicom.dicomdir import is_dicomdir
from core.studies.scan import find_files


def overwritten(outputs: Iterable[Path | None], inputs: Iterable[Path | None]) -> tuple[Path, Path] | None:
    """Return an output that is a file that is read, and the name by which that is found; None where none is.

    Read is what is named and every file below a folder that is named, also through links; of a medium its whole folder.
    What is not there yet overwrites nothing, so that it costs no walk.
    """
    there = {identity: path for path in outputs if path is not None and (identity := _identity(path)) is not None}
    for path in find_files(with_media(inputs)) if there else ():
        target = there.get(_identity(path) or (0, 0))
        if target is not None:
            return target, path
    return None


def with_media(inputs: Iterable[Path | None]) -> Iterator[Path]:
    """Yield what is named, of a medium its folder."""
    for path in inputs:
        if path is not None:
            yield path.parent if _identity(path) is not None and is_dicomdir(path) else path


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what a regular file is known by, whatever it is called; None for what is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None
