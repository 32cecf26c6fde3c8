"""What a medium's DICOMDIR names. Loads nothing of pydicom."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileSet:
    """What a DICOMDIR names, in its order: the files that are there, and the paths of those that are not."""

    path: Path
    present: tuple[Path, ...]
    missing: tuple[Path, ...]
