"""Which files are the same image again: one SOP Instance UID and the same data set."""

from pathlib import Path
from typing import BinaryIO

from core.dicom.recognize import data_set_start
from core.imaging.image import Image

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 1 << 14  # within which file meta information ends, unless it is odd


class KnownInstances:
    """The images that are open, by SOP Instance UID. Belongs to one thread.

    Two files of one instance that differ (a copy that was changed, another compression) are both kept: which of them
    is right is not ours to say. Without its preamble or file meta information a copy is one still, as long as its
    transfer syntax is known to be the same: else its pixels may not be decoded.
    """

    def __init__(self) -> None:
        self._files: dict[str, dict[Path, str]] = {}  # each with its transfer syntax

    def first_of(self, image: Image) -> Path | None:
        """Return the known file of which the image's is a copy; None where there is none, then it is known from now."""
        files = self._files.setdefault(image.identity.instance_uid, {})
        syntax = image.header.transfer_syntax
        for path, other in files.items():
            if path != image.path and other == syntax and same_content(path, image.path):
                return path
        files.setdefault(image.path, syntax)
        return None


def same_content(one: Path, other: Path) -> bool:
    """Return whether two files hold the same data set, or are the same bytes; False where one cannot be read.

    No more of them is read than their beginnings, unless their data sets have the same length.
    """
    try:
        with one.open("rb") as left, other.open("rb") as right:
            return _to_data_set(left) == _to_data_set(right) and _same_bytes(left, right)
    except OSError:
        return False


def _to_data_set(file: BinaryIO) -> int:
    """Go to where the data set begins, and return how many bytes there are from there."""
    start = data_set_start(file.read(_HEAD_BYTES))
    size = file.seek(0, 2)
    file.seek(start)
    return size - start


def _same_bytes(left: BinaryIO, right: BinaryIO) -> bool:
    while chunk := left.read(_CHUNK_BYTES):
        if chunk != right.read(_CHUNK_BYTES):
            return False
    return True
