"""What a file claims wrongly: an error with its reason or the part that is whole, soon, and in little memory."""

import io
import struct
import time
import zlib
from contextlib import nullcontext

import imagecodecs
import numpy as np
import PIL.Image
import pytest

from core.dicom import dataset
from core.dicom.color import to_rgb
from core.dicom.decoders import native
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.guard import CannotDecode
from core.dicom.header_tree import read_header_tree
from core.dicom.load_image import load_image
from core.dicom.palette import expand_segments
from core.imaging.display_state import DisplayState
from core.imaging.image import Frame, Image
from core.imaging.render import auto_window
from core.imaging.view_transform import view_transform
from core.refusal import Reason, Refusal
from tests.fuzz.peak import forget_peak, peak_bytes
from tests.make.dicom import make_dataset, make_dicom, to_bytes

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, which the program does not show

SECONDS, BYTES = 2.0, 512 << 20
GRAY = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
EXPLICIT, IMPLICIT, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99"
RLE, JPEG_LS, J2K, HTJ2K, JXL, BASELINE, LOSSLESS = (f"1.2.840.10008.1.2.{end}" for end in (
    "5", "4.80", "4.90", "4.201", "4.110", "4.50", "4.57"))
STREAMS = {
    HTJ2K: imagecodecs.htj2k_encode(GRAY), JXL: imagecodecs.jpegxl_encode(GRAY, lossless=True),
    BASELINE: imagecodecs.jpeg8_encode(GRAY.astype(np.uint8)), LOSSLESS: imagecodecs.ljpeg_encode(GRAY),
}


@pytest.fixture(autouse=True)
def soon_and_in_little_memory():
    before, started = forget_peak(), time.process_time()
    yield
    seconds, more = time.process_time() - started, peak_bytes() - before
    assert seconds < SECONDS
    assert more < BYTES


def outcome(path) -> Frame | Refusal:
    image = load_image(path)
    return image.frame() if isinstance(image, Image) else image


def with_value(raw: bytes, tag: int, value: bytes) -> bytes:
    """Return the file with other bytes in an element of a short VR."""
    start = raw.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 132) + 8
    return raw[:start] + value + raw[start + len(value):]


def with_length(raw: bytes, tag: int, length: int) -> bytes:
    start = raw.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 132)
    if raw[start + 4:start + 6] in (b"OW", b"OB", b"SQ", b"UN"):
        return raw[:start + 8] + struct.pack("<L", length) + raw[start + 12:]
    return raw[:start + 6] + struct.pack("<H", length) + raw[start + 8:]


def file_of(syntax: str) -> bytes:
    pixels = GRAY.astype(np.uint8) if syntax == BASELINE else GRAY
    frames = [STREAMS[syntax]] if syntax in STREAMS else None
    return to_bytes(make_dataset(pixels, NumberOfFrames="1"), syntax, frames=frames)


@pytest.mark.parametrize("side", [20_000, 65_535])
@pytest.mark.parametrize("syntax", [EXPLICIT, RLE, JPEG_LS, J2K, HTJ2K, JXL, BASELINE, LOSSLESS])
def test_a_header_that_claims_a_huge_picture_is_refused(tmp_path, syntax, side):
    raw = file_of(syntax)
    for tag in (0x00280010, 0x00280011):
        raw = with_value(raw, tag, struct.pack("<H", side))
    (tmp_path / "a").write_bytes(raw)
    refusal = outcome(tmp_path / "a")
    assert isinstance(refusal, Refusal)
    assert refusal.path == tmp_path / "a"
    assert refusal.reason in (Reason.TOO_LARGE, Reason.DAMAGED)


@pytest.mark.parametrize("syntax", [J2K, HTJ2K, BASELINE, LOSSLESS])
def test_a_stream_that_claims_a_huge_picture_is_refused(tmp_path, syntax):
    raw = bytearray(file_of(syntax))
    if syntax in (J2K, HTJ2K):
        struct.pack_into(">2L", raw, raw.rindex(b"\xff\x4f\xff\x51") + 8, 65535, 65535)
    else:
        start = max(raw.rfind(b"\xff\xc0"), raw.rfind(b"\xff\xc3"))
        struct.pack_into(">2H", raw, start + 5, 65535, 65535)
    (tmp_path / "a").write_bytes(bytes(raw))
    refusal = outcome(tmp_path / "a")
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.DAMAGED


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("tag", [b"\x28\x00\x00\x30", b"\x00\x52\x29\x92", b"\x29\x00\x10\x10"])
@pytest.mark.parametrize("depth", [1000, 50_000])
def test_sequences_nested_a_thousand_deep_do_not_keep_the_picture_from_opening(tmp_path, syntax, tag, depth):
    raw = to_bytes(make_dataset(GRAY), syntax)
    begin = tag + (b"SQ\0\0" if syntax == EXPLICIT else b"") + b"\xff" * 4 + b"\xfe\xff\x00\xe0" + b"\xff" * 4
    end = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    place = raw.index(b"\xe0\x7f\x10\x00")
    (tmp_path / "a").write_bytes(raw[:place] + begin * depth + end * depth + raw[place:])
    frame = outcome(tmp_path / "a")
    assert isinstance(frame, Frame)
    np.testing.assert_array_equal(frame.stored, GRAY)
    assert isinstance(read_header_tree(tmp_path / "a"), tuple | Refusal)


def test_sequences_nested_without_an_end_are_damage(tmp_path):
    raw = to_bytes(make_dataset(GRAY))
    place = raw.index(b"\xe0\x7f\x10\x00")
    begin = b"\x00\x52\x29\x92SQ\0\0" + b"\xff" * 4 + b"\xfe\xff\x00\xe0" + b"\xff" * 4
    (tmp_path / "a").write_bytes(raw[:place] + begin * 1000)
    refusal = outcome(tmp_path / "a")
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.DAMAGED


@pytest.mark.parametrize("left", [0.9, 0.6])
def test_pixels_that_are_cut_off_show_what_is_there_and_say_so(tmp_path, left):
    raw = to_bytes(make_dataset(GRAY))
    whole = int(GRAY.nbytes * left) // 2
    (tmp_path / "a").write_bytes(raw[:len(raw) - GRAY.nbytes + 2 * whole])
    frame = outcome(tmp_path / "a")
    assert isinstance(frame, Frame)
    assert any("incomplete" in note for note in frame.notes)
    np.testing.assert_array_equal(frame.stored.reshape(-1)[:whole], GRAY.reshape(-1)[:whole])


@pytest.mark.parametrize("syntax", [EXPLICIT, RLE, JPEG_LS, J2K, HTJ2K, JXL, BASELINE, LOSSLESS])
def test_pixels_that_are_cut_off_near_their_start_are_refused_or_incomplete(tmp_path, syntax):
    raw = file_of(syntax)
    place = raw.rindex(b"\xe0\x7f\x10\x00")
    for kept in (12, 20, 30, 60, 100):
        (tmp_path / "a").write_bytes(raw[:place + kept])
        found = outcome(tmp_path / "a")
        if isinstance(found, Refusal):
            assert found.reason is Reason.DAMAGED and found.path == tmp_path / "a"
        else:
            assert any("incomplete" in note for note in found.notes)


def test_frames_after_the_end_of_the_file_are_refused_one_by_one(tmp_path):
    raw = to_bytes(make_dataset(np.stack([GRAY] * 3)))
    (tmp_path / "a").write_bytes(raw[:-GRAY.nbytes])
    image = load_image(tmp_path / "a")
    assert isinstance(image.frame(1), Frame)
    refusal = image.frame(2)
    assert isinstance(refusal, Refusal) and "frame 3" in refusal.facts["detail"]


@pytest.mark.parametrize("groups", [{}, {"PerFrameFunctionalGroupsSequence": [{}, {}]}])
def test_a_file_that_claims_two_thousand_million_frames_has_room_for_fewer(tmp_path, groups):
    raw = to_bytes(make_dataset(GRAY, NumberOfFrames="1234567890", **groups))
    (tmp_path / "a").write_bytes(raw)
    image = load_image(tmp_path / "a")
    assert image.frame_count == len(raw) // GRAY.nbytes + 1
    assert isinstance(image.frame(0), Frame)
    assert isinstance(image.frame(image.frame_count - 1), Refusal)


@pytest.mark.parametrize("length", [0, 1, 3, 100, 8191, 8193, 1 << 20, 0xFFFFFFFE])
def test_a_wrong_length_of_the_pixels_is_no_crash(tmp_path, length):
    (tmp_path / "a").write_bytes(with_length(to_bytes(make_dataset(GRAY)), 0x7FE00010, length))
    found = outcome(tmp_path / "a")
    if isinstance(found, Refusal):
        assert found.reason is Reason.DAMAGED
    else:
        assert found.stored.shape == GRAY.shape


@pytest.mark.parametrize("tag", [0x00080016, 0x00280010, 0x00280100, 0x0020000D, 0x00080060])
@pytest.mark.parametrize("length", [0, 1, 3, 17, 0xFFFF])
def test_a_wrong_length_of_an_element_is_no_crash(tmp_path, tag, length):
    (tmp_path / "a").write_bytes(with_length(to_bytes(make_dataset(GRAY)), tag, length))
    found = outcome(tmp_path / "a")
    assert isinstance(found, Frame) or found.path == tmp_path / "a"


@pytest.mark.parametrize("vr", [b"SQ", b"OB", b"UN", b"FD", b"AT", b"PN", b"UT", b"XX", b"\0\0", b"\xff\xff"])
@pytest.mark.parametrize("tag", [0x00080060, 0x00100010, 0x00280010, 0x00280004])
def test_a_wrong_vr_is_no_crash(tmp_path, tag, vr):
    raw = to_bytes(make_dataset(GRAY))
    start = raw.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 132)
    (tmp_path / "a").write_bytes(raw[:start + 4] + vr + raw[start + 6:])
    found = outcome(tmp_path / "a")
    assert isinstance(found, Frame) or found.path == tmp_path / "a"


def test_a_deflated_file_that_inflates_without_end_is_refused(tmp_path):
    raw = to_bytes(make_dataset(GRAY), DEFLATED)
    start = 144 + int.from_bytes(raw[140:144], "little")
    bomb = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    content = bomb.compress(to_bytes(make_dataset(GRAY), meta=False))
    content += b"".join(bomb.compress(bytes(1 << 20)) for _ in range(140)) + bomb.flush()
    (tmp_path / "a").write_bytes(raw[:start] + content)
    refusal = outcome(tmp_path / "a")
    assert isinstance(refusal, Refusal) and "inflates" in refusal.facts["detail"]


def test_a_palette_that_goes_round_in_circles_is_refused():
    loop = [2, 65535, 6, 0, 0, 0] * 1000
    with pytest.raises(ValueError, match="palette"):
        expand_segments([0, 1, 5, *loop, *[0, 0] * 100_000])


def test_a_large_header_that_is_real_opens(tmp_path):
    path = make_dicom(tmp_path / "a", GRAY, PerFrameFunctionalGroupsSequence=[
        {"FrameContentSequence": {"StackID": str(one)}} for one in range(500)], NumberOfFrames="1")
    assert isinstance(outcome(path), Frame)


@pytest.mark.parametrize("bits", [1, 8])
def test_rle_of_fewer_bytes_than_pixels_is_no_picture(tmp_path, bits):  # found by make fuzz
    pixels = np.ones((64, 64), np.uint8)
    stream = struct.pack("<16L", 1, 64, *[0] * 14) + b"\x00\x01"  # one literal byte
    path = make_dicom(tmp_path / "a", pixels, syntax=RLE, frames=[stream], BitsAllocated=bits, BitsStored=bits,
                      HighBit=bits - 1)
    refusal = outcome(path)
    assert isinstance(refusal, Refusal) and "RLE segment" in refusal.facts["detail"]


@pytest.mark.parametrize("kind", [np.uint8, np.int16])
def test_the_window_of_a_huge_picture_takes_little_memory(kind):  # found by make fuzz
    frame = Frame(np.zeros((10_000, 10_000), kind))
    auto_window(frame)


@pytest.mark.parametrize("syntax", [JPEG_LS, J2K, HTJ2K, BASELINE, LOSSLESS])
@pytest.mark.parametrize("side", [4_000, 6_000, 8_000, 12_000])
def test_a_header_and_a_stream_that_claim_the_same_large_picture_take_little(tmp_path, syntax, side):
    raw = bytearray(file_of(syntax))
    if syntax in (J2K, HTJ2K):
        place = raw.rindex(b"\xff\x4f\xff\x51")
        for field in (8, 24):  # of the image and of its tiles
            struct.pack_into(">2L", raw, place + field, side, side)
    else:
        start = max(raw.rfind(marker) for marker in (b"\xff\xc0", b"\xff\xc3", b"\xff\xf7"))
        struct.pack_into(">2H", raw, start + 5, side, side)
    for tag in (0x00280010, 0x00280011):
        raw = with_value(bytes(raw), tag, struct.pack("<H", side))
    (tmp_path / "a").write_bytes(raw)
    found = outcome(tmp_path / "a")
    assert isinstance(found, Frame) or found.reason in (Reason.DAMAGED, Reason.TOO_LARGE)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_a_picture_of_hundreds_of_megabytes_out_of_next_to_nothing_is_refused(tmp_path, kind):
    file, side = io.BytesIO(), 12_000
    PIL.Image.new("L", (64, 64)).save(file, kind)
    raw = bytearray(file.getvalue())
    if kind == "PNG":
        struct.pack_into(">2L", raw, 16, side, side)
        struct.pack_into(">L", raw, 29, zlib.crc32(raw[12:29]))
    elif kind == "JPEG":
        struct.pack_into(">2H", raw, raw.index(b"\xff\xc0") + 5, side, side)
    elif kind == "BMP":
        struct.pack_into("<2L", raw, 18, side, side)
    else:
        for tag in (256, 257):
            struct.pack_into("<HHLH", raw, raw.index(struct.pack("<HHL", tag, 4, 1)), tag, 3, 1, side)
    (tmp_path / "a").write_bytes(raw)
    refusal = outcome(tmp_path / "a")
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.DAMAGED
    assert "12000 × 12000 pixels" in refusal.facts["detail"]


def test_many_fragments_and_a_long_table_are_no_square_of_work(tmp_path):
    raw = to_bytes(make_dataset(GRAY, NumberOfFrames="2"), RLE, frames=[b"x" * 8] * 2)
    count = 18_000
    table = np.arange(count, dtype="<u4") * 8
    place = raw.rindex(b"\xe0\x7f\x10\x00") + 12
    item = b"\xfe\xff\x00\xe0"
    body = item + struct.pack("<L", table.nbytes) + table.tobytes() + (item + bytes(4)) * count
    (tmp_path / "a").write_bytes(raw[:place] + body + b"\xfe\xff\xdd\xe0\0\0\0\0")
    assert isinstance(outcome(tmp_path / "a"), Refusal)


@pytest.mark.parametrize("is_undefined", [False, True])
def test_a_million_empty_items_are_refused_unread(tmp_path, is_undefined):
    raw = to_bytes(make_dataset(GRAY))
    items = b"\xfe\xff\x00\xe0\0\0\0\0" * 1_000_000
    length = b"\xff" * 4 if is_undefined else struct.pack("<L", len(items))
    end = b"\xfe\xff\xdd\xe0\0\0\0\0" if is_undefined else b""
    place = raw.index(b"\xe0\x7f\x10\x00")
    (tmp_path / "a").write_bytes(raw[:place] + b"\x00\x52\x30\x92SQ\0\0" + length + items + end + raw[place:])
    refusal = outcome(tmp_path / "a")
    assert isinstance(refusal, Refusal) and "items" in refusal.facts["detail"]


@pytest.mark.parametrize(("item_bytes", "is_refused"), [(70, False), (50, True)])
def test_a_header_may_have_the_more_items_the_larger_it_is(monkeypatch, item_bytes, is_refused):
    """As enhanced MR has, 14 and 2.3 kB of them for a frame."""
    item = b"\xfe\xff\x00\xe0" + struct.pack("<L", item_bytes - 8) + bytes(item_bytes - 8)
    monkeypatch.setattr(dataset, "MOST_ITEMS", 1_000)
    with pytest.raises(CannotDecode, match="too-large") if is_refused else nullcontext():
        dataset._check_items(item * 10_000)


def test_a_header_of_more_items_than_are_read_is_called_large_and_not_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "MOST_ITEMS", 1_000)
    groups = [{"FrameContentSequence": {"StackID": str(one)}} for one in range(4_000)]
    refusal = outcome(make_dicom(tmp_path / "a", GRAY, PerFrameFunctionalGroupsSequence=groups, NumberOfFrames="1"))
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.TOO_LARGE
    assert refusal.facts["detail"] == "more than 1000 items of sequences"


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_value_that_stays_in_the_file_is_not_read_and_missed_where_it_is_cut_off(tmp_path, is_cut):
    data = make_dataset(SOPClassUID="1.2.840.10008.5.1.4.1.1.66", Modality="MR")
    data.private_block(0x2005, "MADE", create=True).add_new(0x10, "OB", bytes(64 << 20))
    raw = to_bytes(data)
    (tmp_path / "a").write_bytes(raw[:len(raw) - is_cut])
    del data, raw
    before = forget_peak()
    refusal = load_image(tmp_path / "a")
    rows = read_header_tree(tmp_path / "a")
    assert peak_bytes() - before < 50 << 20  # a part is looked at
    assert refusal.reason is (Reason.DAMAGED if is_cut else Reason.NO_PIXELS)
    assert rows[-1].cells[3] == f"{64 << 20} bytes"


def test_the_header_of_a_deflated_file_is_opened_without_reading_the_rest(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (20, 1000, 1000), np.uint8)
    (tmp_path / "a").write_bytes(to_bytes(make_dataset(noise), DEFLATED))
    before = forget_peak()
    image = load_image(tmp_path / "a")
    assert peak_bytes() - before < 10 << 20
    np.testing.assert_array_equal(image.frame(19).stored, noise[19])


@pytest.mark.parametrize("photometric", ["YBR_FULL", "RGB", "CMYK"])
def test_color_is_converted_in_little_more_than_its_own_memory(photometric):
    samples = np.zeros((3_000, 3_000, 4 if photometric == "CMYK" else 3), np.uint16)
    before = forget_peak()
    to_rgb(samples, photometric, 16)
    assert peak_bytes() - before < 128 << 20


def test_single_bits_in_a_cell_of_twelve_take_little_memory():
    pixel_format = PixelFormat(EXPLICIT, 4_000, 4_000, 1, 12, 12, 11, False, "MONOCHROME2")
    native.decode(np.zeros(24_000_000, np.uint8), pixel_format)


@pytest.mark.parametrize("spacing", [["1e300", "1e-300"], ["1e-300", "1e300"], ["1", "1e-9"], ["1e16", "1e-16"]])
def test_a_damaged_spacing_leaves_a_picture_that_can_be_looked_at(tmp_path, spacing):
    """PS3.3 10.7.1.3: no pixel has such sides, and no view room for its picture."""
    frame = outcome(make_dicom(tmp_path / "a", GRAY, PixelSpacing=spacing, ImagerPixelSpacing=spacing))
    assert isinstance(frame, Frame)
    assert (frame.spacing, frame.pixel_aspect) == (None, 1.0)
    view = view_transform((frame.columns, frame.rows), frame.pixel_aspect, (400, 300), DisplayState())
    assert view.drawn_size == (300, 300)
