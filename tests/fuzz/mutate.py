"""Mutations of DICOM files that know where elements, lengths, VRs, fragments and code streams are."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass

from core.dicom.decoders import DECODERS
from core.dicom.plain_header import read_plain_header

LONG_VRS = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
VRS = (*LONG_VRS, b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH",
       b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US", b"XX", b"\0\0")
LENGTHS = (0, 1, 2, 3, 7, 8, 255, 65534, 65535, 1 << 20, 0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF)
WORDS = (0, 1, 2, 3, 4, 7, 8, 9, 10, 12, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 128, 255, 256, 512, 4096, 32767,
         32768, 40000, 65534, 65535)
DECIMALS = (b"0", b"1", b"-1", b"1e308", b"-1e308", b"1e-308", b"nan", b"inf", b"99999999999999999999", b"", b"\\",
            b"a", b"2147483647", b"-2147483648", b"1\\2\\3\\4\\5", b"0.0000001", b"4294967296", b" ")
# of the picture: what allocations and loops depend on
PICTURE_TAGS = frozenset({
    0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280010, 0x00280011, 0x00280034, 0x00280100, 0x00280101,
    0x00280102, 0x00280103, 0x00280120, 0x00280121, 0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281056,
    0x00281101, 0x00281102, 0x00281103, 0x00281201, 0x00281202, 0x00281203, 0x00281221, 0x00281222, 0x00281223,
    0x00283000, 0x00283010, 0x00020010, 0x00080005, 0x00080016, 0x52009229, 0x52009230, 0x7FE00001, 0x7FE00002,
})
NESTING = (10, 200, 1000, 5000)


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element of the file lies: `value` to `end`, and whether its length has two bytes or four."""

    tag: int
    start: int
    value: int
    end: int
    length_bytes: int

    @property
    def vr_at(self) -> int:
        """Where the VR is, in explicit VR."""
        return self.start + 4


@dataclass(frozen=True, slots=True)
class Seed:
    """A file to mutate, its elements before the pixels, and where the pixels' element and value begin."""

    name: str
    raw: bytes
    elements: tuple[Element, ...]
    pixels: int
    explicit: bool


def read_seed(name: str, raw: bytes) -> Seed:
    """Take a file as a seed; one that is no plain DICOM file has no elements, and its bytes are mutated blindly."""
    plain = read_plain_header(raw, True)
    if plain is None:
        return Seed(name, raw, (), len(raw), True)
    found = []
    for dataset in (plain.dataset.file_meta, plain.dataset):
        for tag in dataset.keys():  # noqa: SIM118
            one = dataset.get_item(tag, keep_deferred=True)
            explicit = not one.is_implicit_VR
            size = 12 if explicit and one.VR.encode() in LONG_VRS else 8
            found.append(Element(int(tag), one.value_tell - size, one.value_tell, one.value_tell + one.length,
                                 4 if size == 12 or not explicit else 2))
    pixels = plain.pixels[2] if plain.pixels else len(raw)
    return Seed(name, raw, tuple(found), pixels, not plain.dataset.original_encoding[0])


def mutate(seed: Seed, case: random.Random) -> bytes:
    """Return the file with one to four mutations."""
    raw = bytearray(seed.raw)
    ways = WAYS if seed.elements else BLIND
    chosen = case.choices(ways, k=case.choice((1, 1, 2, 4)))
    for way in chosen:
        if way not in MOVING:
            way(raw, seed, case)
    # after one that moves bytes the places of all others are wrong
    for way in [way for way in chosen if way in MOVING][:1]:
        way(raw, seed, case)
    return bytes(raw)


def _element(seed: Seed, case: random.Random) -> Element:
    chosen = [one for one in seed.elements if one.tag in PICTURE_TAGS]
    return case.choice(chosen if chosen and case.random() < 0.7 else seed.elements)


def change_value(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Give an element an extreme value of its own length."""
    element = _element(seed, case)
    length = element.end - element.value
    if length == 2:
        struct.pack_into("<H", raw, element.value, case.choice(WORDS))
    elif length == 4 and case.random() < 0.5:
        struct.pack_into("<L", raw, element.value, case.choice(LENGTHS))
    elif length:
        raw[element.value:element.end] = case.choice(DECIMALS)[:length].ljust(length)


def change_size(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Claim another number of rows, columns, or both."""
    for element in seed.elements:
        if element.tag in (0x00280010, 0x00280011) and case.random() < 0.8:
            struct.pack_into("<H", raw, element.value, case.choice((1, 512, 8192, 20000, 65535)))


def change_length(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Claim another length for an element."""
    element = _element(seed, case)
    if element.length_bytes == 2:
        struct.pack_into("<H", raw, element.value - 2, case.choice(LENGTHS) & 0xFFFF)
    else:
        struct.pack_into("<L", raw, element.value - 4, case.choice(LENGTHS))


def change_pixels_length(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Claim another length for the pixels, or make them encapsulated or not."""
    if 4 <= seed.pixels <= len(raw):
        struct.pack_into("<L", raw, seed.pixels - 4, case.choice((*LENGTHS, case.randrange(1 << 24))))


def change_vr(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Give an element another VR."""
    element = _element(seed, case)
    if seed.explicit:
        raw[element.vr_at:element.vr_at + 2] = case.choice(VRS)


def change_tag(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Give an element the tag of another, of an item or of a delimiter."""
    element = _element(seed, case)
    other = case.choice((0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0x7FE00010, 0, _element(seed, case).tag))
    struct.pack_into("<HH", raw, element.start, other >> 16, other & 0xFFFF)


def change_bytes(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Change a few bytes anywhere."""
    for _ in range(case.choice((1, 3, 20))):
        raw[case.randrange(len(raw))] = case.randrange(256)


def change_stream(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Change bytes near the start of the pixels, where fragments and code streams have their headers."""
    start = min(seed.pixels, len(raw) - 1)
    for _ in range(case.choice((1, 2, 6))):
        place = min(start + int(case.paretovariate(0.6)) - 1, len(raw) - 1)
        raw[place] = case.choice((0, 1, 0x7F, 0x80, 0xFF, case.randrange(256)))


def change_item_length(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Claim another length for an item of a sequence or a fragment."""
    items = []
    place = raw.find(b"\xfe\xff\x00\xe0")
    while place >= 0 and len(items) < 200:
        items.append(place)
        place = raw.find(b"\xfe\xff\x00\xe0", place + 8)
    if items and (place := case.choice(items)) + 8 <= len(raw):
        struct.pack_into("<L", raw, place + 4, case.choice(LENGTHS))


def change_syntax(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Name another transfer syntax."""
    for element in seed.elements:
        if element.tag == 0x00020010:
            uid = case.choice([*DECODERS, "1.2.3"]).encode()
            uid += b"\0" * (len(uid) % 2)
            raw[element.value:element.end] = uid
            struct.pack_into("<H", raw, element.value - 2, len(uid))


def cut(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """End the file early: anywhere, within an element, or within the pixels."""
    places = [case.randrange(len(raw)), min(seed.pixels + case.randrange(64), len(raw))]
    if seed.elements:
        element = _element(seed, case)
        places.append(case.choice((element.start, element.value, element.start + 5)))
    del raw[case.choice(places):]


def drop(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Leave an element out."""
    element = _element(seed, case)
    del raw[element.start:element.end]


def double(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Put an element in twice, or somewhere else."""
    element, other = _element(seed, case), _element(seed, case)
    raw[other.start:other.start] = raw[element.start:element.end]


def nest(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Put in a sequence of sequences of sequences."""
    tag = case.choice((b"\x28\x00\x00\x30", b"\x29\x00\x10\x10", b"\x00\x52\x29\x92", b"\x40\x00\x30\xa7"))
    depth, undefined = case.choice(NESTING), b"\xff\xff\xff\xff"
    open_one = tag + (b"SQ\0\0" if seed.explicit else b"") + undefined + b"\xfe\xff\x00\xe0" + undefined
    close_one = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    closed = case.choice((depth, depth, 0, depth // 2))
    place = _element(seed, case).start
    raw[place:place] = open_one * depth + close_one * closed


def shuffle(raw: bytearray, seed: Seed, case: random.Random) -> None:
    """Move a part of the file, or put zeros in its place."""
    start = case.randrange(len(raw))
    part = raw[start:start + case.choice((1, 4, 16, 256, 4096))]
    del raw[start:start + len(part)]
    place = case.randrange(len(raw) + 1)
    raw[place:place] = case.choice((part, bytes(len(part)), b""))


Way = Callable[[bytearray, Seed, random.Random], None]
MOVING: tuple[Way, ...] = (change_syntax, drop, double, nest, shuffle, cut)
BLIND: tuple[Way, ...] = (change_bytes, change_item_length, cut, shuffle, change_stream)
WAYS: tuple[Way, ...] = (
    change_value, change_value, change_value, change_size, change_length, change_pixels_length, change_vr, change_tag,
    change_bytes, change_stream, change_stream, change_item_length, *MOVING,
)
