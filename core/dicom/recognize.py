"""What a file is, from its first bytes and never from its name."""

import struct
from collections.abc import Callable
from enum import StrEnum

HEAD_BYTES = 132  # preamble and "DICM" (PS3.10 7.1)

_LONGEST_FIRST_ELEMENT = 1 << 16
# PS3.5 6.2; a data set without preamble starts with a group length, a UID, a character set, a date or a code string
_FIRST_VRS = frozenset({b"UL", b"OB", b"UI", b"CS", b"DA", b"TM", b"SH", b"LO", b"ST", b"SQ", b"UN"})

# of file meta information, which is explicit little endian (PS3.10 7.1); the second have lengths of 32 bits
_META_VRS, _LONG_META_VRS = frozenset({b"UL", b"UI", b"SH", b"AE", b"LO", b"CS", b"UR"}), frozenset({b"OB", b"UN"})


class Kind(StrEnum):
    """What `load_image` can open. The value is the name that a person reads."""

    DICOM = "DICOM"
    PNG = "PNG"
    JPEG = "JPEG"
    TIFF = "TIFF"
    BMP = "BMP"
    WEBP = "WebP"


def recognize(head: bytes) -> Kind | None:
    """Return what a file with these first bytes is (`HEAD_BYTES` of them, fewer where it is shorter), None if neither.

    DICOM is asked first, since a DICOM file's preamble may hold a TIFF header (PS3.10 7.1).
    """
    if head[128:132] == b"DICM":
        return Kind.DICOM
    for kind, is_kind in _PICTURES:
        if is_kind(head):
            return kind
    return Kind.DICOM if starts_like_data_set(head) else None


def starts_like_data_set(head: bytes) -> bool:
    """Return whether the bytes start with a data element of group 0000, 0002 or 0008, in any of DICOM's encodings."""
    return len(head) >= 8 and (_is_first_element(head, "<") or _is_first_element(head, ">"))


def data_set_start(head: bytes) -> int:
    """Return where the data set of a DICOM file begins that starts with these bytes.

    Before it are preamble and file meta information (PS3.10 7.1), which a copy may lack or have been given anew; 0
    where there are none. Where the latter is odd or does not end within `head`, it counts as part of the data set.
    """
    position = start = 132 if head[128:132] == b"DICM" else 0
    while head[position:position + 2] == b"\2\0":
        vr = head[position + 4:position + 6]
        if vr in _LONG_META_VRS:
            position += 12 + int.from_bytes(head[position + 8:position + 12], "little")
        elif vr in _META_VRS:
            position += 8 + int.from_bytes(head[position + 6:position + 8], "little")
        else:
            return start
    return position if position <= len(head) else start


def _is_first_element(head: bytes, endian: str) -> bool:
    group, element = struct.unpack_from(f"{endian}HH", head)
    (length,) = struct.unpack_from(f"{endian}L", head, 4)
    if group == 0:  # a command set, which starts with its group length (PS3.7 E.1)
        return element == 0 and (head[4:6] == b"UL" or length == 4)
    if group not in (0x0002, 0x0008) or element > 0x0200:
        return False
    if head[4:6] in _FIRST_VRS:
        return True
    return bool(length < _LONGEST_FIRST_ELEMENT and length % 2 == 0)


def _is_bmp(head: bytes) -> bool:
    # "BM" alone is two letters of text: the length of the second header must be one that Windows or OS/2 wrote
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)


_PICTURES: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    (Kind.PNG, lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    (Kind.JPEG, lambda head: head.startswith(b"\xff\xd8\xff")),
    (Kind.TIFF, lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    (Kind.BMP, _is_bmp),
    (Kind.WEBP, lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP"),
)
