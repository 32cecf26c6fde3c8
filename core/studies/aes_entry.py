"""Entries of zip archives with WinZip's AES encryption (AE-1 and AE-2), which the standard library does not open."""

import hashlib
import hmac
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from core.studies.aes import CounterMode

METHOD = 99  # what an encrypted entry gives as its compression

_EXTRA = 0x9901
_SALT_BYTES = {1: 8, 2: 12, 3: 16}  # by strength; the key is twice as long
_ITERATIONS, _CHECK_BYTES, _CODE_BYTES = 1000, 2, 10
_STORED, _DEFLATED = 0, 8
_STEP_BYTES = 1 << 18


class WrongPassword(Exception):
    """The password does not fit the entry."""


class AesEntry:
    """One entry as a readable stream, deciphered and unpacked on the way.

    Raises WrongPassword, NotImplementedError for another compression than none and deflate, and zipfile.BadZipFile
    where the entry is cut or its authentication code is wrong, the latter with the last read.
    """

    def __init__(self, archive: Path, entry: zipfile.ZipInfo, password: str) -> None:
        strength, method = _extra_field(entry.extra)
        if strength not in _SALT_BYTES or method not in (_STORED, _DEFLATED):
            raise NotImplementedError("unknown encryption or compression")
        salt_bytes = _SALT_BYTES[strength]
        self._left = entry.compress_size - salt_bytes - _CHECK_BYTES - _CODE_BYTES
        self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS) if method == _DEFLATED else None
        self._file: BinaryIO = archive.open("rb")
        try:
            _skip_header(self._file, entry)
            salt, check = self._file.read(salt_bytes), self._file.read(_CHECK_BYTES)
            keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, _ITERATIONS, 4 * salt_bytes + _CHECK_BYTES)
            if keys[4 * salt_bytes:] != check:
                raise WrongPassword
        except BaseException:
            self._file.close()
            raise
        self._cipher = CounterMode(keys[:2 * salt_bytes])
        self._code = hmac.new(keys[2 * salt_bytes:4 * salt_bytes], digestmod="sha1")
        self._is_checked = False

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes more, empty at the end."""
        if self._unpacker is None:
            return self._deciphered(size)
        while True:
            packed = self._unpacker.unconsumed_tail or self._deciphered(_STEP_BYTES)
            found = self._unpacker.decompress(packed, size)
            if found or not packed:
                return found

    def __enter__(self) -> "AesEntry":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _deciphered(self, size: int) -> bytes:
        """Return the next bytes deciphered, a multiple of the cipher's blocks but at the end."""
        wanted = min(max(16, size // 16 * 16), max(0, self._left))
        raw = self._file.read(wanted)
        if len(raw) < wanted or self._left < 0:
            raise zipfile.BadZipFile("not a whole zip archive")
        self._left -= len(raw)
        self._code.update(raw)
        if not self._left and not self._is_checked:
            self._is_checked = True
            if not hmac.compare_digest(self._file.read(_CODE_BYTES), self._code.digest()[:_CODE_BYTES]):
                raise zipfile.BadZipFile("Bad CRC: wrong authentication code")
        return self._cipher.apply(raw) if raw else b""


def _extra_field(extra: bytes) -> tuple[int, int]:
    """Return strength and compression method of the entry's AES extra field, zeros where it has none."""
    while len(extra) >= 4:
        kind, length = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _EXTRA and length >= 7 and len(extra) >= 11:
            return extra[8], int.from_bytes(extra[9:11], "little")
        extra = extra[4 + length:]
    return 0, 0


def _skip_header(file: BinaryIO, entry: zipfile.ZipInfo) -> None:
    """Go to an entry's data, behind its local header (APPNOTE 4.3.7)."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("not a whole zip archive")
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
