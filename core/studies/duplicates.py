"""Which files are the same image again: one SOP Instance UID and the same bytes."""

from pathlib import Path
from typing import BinaryIO

from core.imaging.image import Image

_CHUNK_BYTES = 1 << 20


class KnownInstances:
    """The images that are open, by SOP Instance UID. Belongs to one thread.

    Two files of one instance that differ (a copy that was changed, another compression) are both kept: which of them
    is right is not ours to say.
    """

    def __init__(self) -> None:
        self._files: dict[str, list[Path]] = {}

    def first_of(self, image: Image) -> Path | None:
        """Return the known file of which the image's is a copy; None where there is none, then it is known from now."""
        files = self._files.setdefault(image.identity.instance_uid, [])
        for path in files:
            if path != image.path and same_content(path, image.path):
                return path
        if image.path not in files:
            files.append(image.path)
        return None


def same_content(one: Path, other: Path) -> bool:
    """Return whether two files hold the same bytes; False where one cannot be read."""
    try:
        if one.stat().st_size != other.stat().st_size:
            return False
        with one.open("rb") as left, other.open("rb") as right:
            return _same_bytes(left, right)
    except OSError:
        return False


def _same_bytes(left: BinaryIO, right: BinaryIO) -> bool:
    while chunk := left.read(_CHUNK_BYTES):
        if chunk != right.read(_CHUNK_BYTES):
            return False
    return True
