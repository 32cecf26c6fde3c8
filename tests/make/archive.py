"""Zip archives, also encrypted ones, which the standard library only reads."""

import binascii
import struct
import zlib
from pathlib import Path

HEADER = "<HHHHHLLLHH"


def make_zip(path: Path, entries: dict[str, bytes], password: str = "", method: int = 8) -> Path:
    """Write a zip archive with these entries, deflated; with a password by the traditional encryption (APPNOTE 6.1).

    Names are written as they are. `method` is the number that the entries claim to be packed by.
    """
    body, directory = b"", b""
    for name, content in entries.items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        check = binascii.crc32(content)
        if password:
            packed = _encrypted(bytes(11) + bytes([check >> 24]) + packed, password.encode())
        facts = struct.pack(HEADER, 20, int(bool(password)), method, 0, 0x21, check, len(packed), len(content),
                            len(name.encode()), 0)
        directory += (b"PK\x01\x02\x14\0" + facts + struct.pack("<HHHLL", 0, 0, 0, 0, len(body)) + name.encode())
        body += b"PK\x03\x04" + facts + name.encode() + packed
    count = len(entries)
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path


def with_wrong_checksums(archive: Path, *numbers: int) -> Path:
    """Damage the entries with these numbers, in the order in which they were written; 0 is the first."""
    raw, at = bytearray(archive.read_bytes()), 0
    for number in range(max(numbers) + 1):
        at = raw.index(b"PK\x01\x02", at + 1)
        if number in numbers:
            raw[at + 16] ^= 1
    archive.write_bytes(raw)
    return archive


def _encrypted(content: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in content:
        mixed = keys[2] | 2
        out.append(byte ^ ((mixed * (mixed ^ 1)) >> 8 & 0xFF))
        update(byte)
    return bytes(out)


def _crc(before: int, byte: int) -> int:
    return zlib.crc32(bytes([byte]), before ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
