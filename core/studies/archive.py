"""Zip archives to files in a private folder, entry by entry, within limits.

Neither the names nor the sizes in an archive are believed: names are made safe before they become paths, and bytes are
counted while they are written.
"""

import errno
import lzma
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.files import cut_to_bytes
from core.refusal import Reason, Refusal
from core.studies import aes_entry
from core.studies.order import natural_key
from core.studies.scan import never

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # a first entry, or the end of an empty archive
_TAIL_BYTES = 65_557  # the end record and the longest comment (APPNOTE 4.3.16)
_LEAST_RECORD_BYTES = 46  # of the central directory (APPNOTE 4.3.12)
_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 1  # general purpose bit (APPNOTE 4.4.4)
_NAME_LENGTH, _NAME_BYTES, _DEPTH = 100, 140, 12  # of what is kept of a name; eCryptfs has room for 143 bytes
_PATH_BYTES = 1000  # of a whole path; macOS takes 1023
_FULL = "the disk for temporary files is full"
_ODD_NAME = "the name of an entry is not the UTF-8 that it is said to be"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# what one entry can raise: bzip2 says OSError of damage, and LZMAError is no kind of it
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)
# how the first entry of an office document or of a Java program is called, which are zip archives too
_OF_A_DOCUMENT = re.compile(rb"(\[Content_Types\]\.xml|mimetype)\Z|(_rels|docProps|word|xl|ppt|META-INF)/")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold at most; `ratio` is looked at from `ratio_from` bytes on."""

    entries: int = 100_000
    total_bytes: int = 32 << 30
    ratio: int = 300
    ratio_from: int = 256 << 20
    free_bytes: int = 1 << 30  # that stay free on the disk


def is_zip(path: Path) -> bool:
    """Return whether a file starts like a zip archive."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _MAGIC
    except OSError:
        return False


def is_document(archive: Path) -> bool:
    """Return whether a zip archive is an office document or a program, by its first entry. Never raises OSError."""
    try:
        with archive.open("rb") as file:
            header = file.read(30)
            return bool(_OF_A_DOCUMENT.match(file.read(int.from_bytes(header[26:28], "little"))))
    except OSError:
        return False


def unpack(
    archive: Path, into: Path, password: str = "", limits: Limits | None = None, cancelled: Callable[[], bool] = never
) -> Iterator[Path | Refusal]:
    """Yield each entry of an archive as a file below the folder `into`, in natural order, one at a time.

    An entry that is damaged or packed in an unknown way is a Refusal whose path is the archive's, and below it what the
    entry's own would be. What ends the whole archive (no or a wrong password, a limit, damage to its directory) is one
    Refusal with the archive's path, and the last.
    """
    limits = limits or Limits()
    try:
        if count_entries(archive) > limits.entries:
            yield _over_limit(archive, f"more than {limits.entries} entries")
            return
        with zipfile.ZipFile(archive) as opened:
            yield from _Unpacking(archive, opened, into, password, limits, cancelled).run()
    except FileNotFoundError:
        yield Refusal(Reason.NOT_FOUND, archive)
    except PermissionError:
        yield Refusal(Reason.NOT_PERMITTED, archive)
    except UnicodeDecodeError:  # zipfile reads no directory with such a name in it; other programs do
        yield Refusal(Reason.PACKING, archive, {"detail": _ODD_NAME})
    except _DAMAGE as error:
        yield Refusal(Reason.DAMAGED, archive, {"detail": _words(error)})


def count_entries(archive: Path) -> int:
    """Return the least number of entries that an archive's end record admits, without reading its directory.

    The size of the directory counts too, so that a record that lies brings no more into memory. Raises OSError.
    """
    with archive.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    count, directory = int.from_bytes(tail[at + 10:at + 12], "little"), int.from_bytes(tail[at + 12:at + 16], "little")
    large = tail.rfind(b"PK\x06\x06", 0, at)
    if large >= 0 and len(tail) >= large + 48:
        count = max(count, int.from_bytes(tail[large + 32:large + 40], "little"))
        directory = max(directory, int.from_bytes(tail[large + 40:large + 48], "little"))
    return max(count, min(directory, size) // (_LEAST_RECORD_BYTES * 8))


class _Stop(Exception):
    """The archive is not read any further; carries why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class _Unpacking:
    """One archive being unpacked, with what was written so far."""

    def __init__(
        self, archive: Path, opened: zipfile.ZipFile, into: Path, password: str, limits: Limits,
        cancelled: Callable[[], bool],
    ) -> None:
        self._archive, self._opened, self._into = archive, opened, into
        self._password, self._limits, self._cancelled = password, limits, cancelled
        self._written, self._size = 0, max(1, archive.stat().st_size)
        self._refused: set[Path] = set()  # where entries would be that were not written, so that no other one is there

    def run(self) -> Iterator[Path | Refusal]:
        entries = [entry for entry in self._opened.infolist() if not entry.is_dir()]
        if len(entries) > self._limits.entries:
            yield _over_limit(self._archive, f"more than {self._limits.entries} entries")
            return
        if any(entry.flag_bits & _ENCRYPTED for entry in entries) and not self._password:
            yield Refusal(Reason.PASSWORD_NEEDED, self._archive)
            return
        for number, entry in enumerate(sorted(entries, key=lambda one: natural_key(one.filename))):
            if self._cancelled():
                return
            target = self._into.joinpath(*_harmless(entry.filename))
            try:
                target = safe_path(self._into, entry.filename, number, self._refused)
                yield self._written_whole(entry, target)
            except _Stop as stop:
                yield stop.refusal
                return
            except _DAMAGE as error:
                self._refused.add(target)
                yield _refused(entry, self._archive / target.relative_to(self._into), error)

    def _written_whole(self, entry: zipfile.ZipInfo, target: Path) -> Path:
        try:
            return self._write(entry, target)
        except OSError as error:
            if error.errno in _NO_ROOM:  # nor will there be room for the next one
                raise _Stop(_over_limit(self._archive, _FULL)) from error
            raise

    def _write(self, entry: zipfile.ZipInfo, target: Path) -> Path:
        with self._open(entry) as source:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")  # outside of what follows: that removes nothing but what was begun here
            try:
                with file:
                    while chunk := source.read(_CHUNK_BYTES):
                        self._count(len(chunk))
                        file.write(chunk)
                        if self._cancelled():
                            break
            except BaseException:
                with suppress(OSError):
                    target.unlink(missing_ok=True)
                raise
        return target

    def _open(self, entry: zipfile.ZipInfo) -> IO[bytes] | aes_entry.AesEntry:
        if not entry.flag_bits & _ENCRYPTED:
            return self._opened.open(entry)
        try:
            if entry.compress_type == aes_entry.METHOD:
                return aes_entry.AesEntry(self._archive, entry, self._password)
            return self._opened.open(entry, pwd=self._password.encode())
        except NotImplementedError:
            raise
        except (aes_entry.WrongPassword, RuntimeError) as error:  # zipfile raises the latter for a wrong password
            raise _Stop(Refusal(Reason.PASSWORD_WRONG, self._archive)) from error

    def _count(self, length: int) -> None:
        self._written += length
        limits = self._limits
        if self._written > limits.total_bytes:
            raise _Stop(_over_limit(self._archive, f"more than {limits.total_bytes >> 20} MB unpacked"))
        if self._written > limits.ratio_from and self._written > limits.ratio * self._size:
            raise _Stop(_over_limit(self._archive, f"it unpacks to more than {limits.ratio} times its size"))
        if shutil.disk_usage(self._into).free < limits.free_bytes:
            raise _Stop(_over_limit(self._archive, _FULL))


def safe_path(into: Path, name: str, number: int, taken: Collection[Path] = ()) -> Path:
    """Return where an entry is written: its own folders and name where they are harmless, always below `into`.

    Drive letters, roots, "..", letters that a file system forbids, and names that are too long lose their force. Where
    something stands in the way or the place is `taken`, or all folders together are too long, the entry goes to a
    folder named by its number.
    """
    harmless = _harmless(name)
    path = into.joinpath(*harmless)
    above = path.parents[:len(harmless) - 1]
    is_too_long = len(str(path).encode("utf-8", "replace")) > _PATH_BYTES
    if is_too_long or path in taken or path.exists() or any(folder.is_file() for folder in above):
        return into / f"#{number:06d}" / harmless[-1]
    return path


def _harmless(name: str) -> list[str]:
    """Return an entry's folders and name without what could lead elsewhere or is too long for a disk."""
    safe = (_FORBIDDEN.sub("_", part).strip(" .")[:_NAME_LENGTH] for part in re.split(r"[/\\]", name))
    parts = [cut_to_bytes(part, _NAME_BYTES) for part in safe]
    return [part for part in parts if part][-_DEPTH:] or ["entry"]


def _refused(entry: zipfile.ZipInfo, path: Path, error: Exception) -> Refusal:
    if isinstance(error, NotImplementedError):
        return Refusal(Reason.PACKING, path, {"detail": f"method {entry.compress_type}"})
    return Refusal(Reason.DAMAGED, path, {"detail": _words(error)})


def _over_limit(archive: Path, detail: str) -> Refusal:
    return Refusal(Reason.ARCHIVE_LIMIT, archive, {"detail": detail})


def _words(error: Exception) -> str:
    if isinstance(error, OSError):  # an invalid argument is a place before the archive's first byte
        return "" if error.errno == errno.EINVAL else error.strerror or ""
    if isinstance(error, UnicodeDecodeError):
        return _ODD_NAME
    message = str(error)
    return "wrong checksum" if "CRC" in message else "not a whole zip archive" if "zip" in message.lower() else ""
