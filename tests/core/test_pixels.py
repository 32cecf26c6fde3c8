"""Encoded frames to stored values: bits, signs, colors, palettes, fragments."""

import io
import zlib

import imagecodecs
import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jpeg_ls import encode_pixel_data
from openjpeg.utils import encode_array
from pydicom.encaps import encapsulate

from core.dicom.color import to_byte, to_rgb
from core.dicom.decoders import DECODERS, native, pillow
from core.dicom.decoders.decoder import Samples
from core.dicom.decoders.jpeg_stream import read_jpeg_stream
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.dicom_image import COLORS_NOTE, FOR_PROCESSING_NOTE, PROFILE_NOTE
from core.dicom.fragments import group_into_frames, read_fragments
from core.dicom.load_image import load_image
from core.dicom.palette import Palette, expand_segments, read_palette
from core.dicom.pixels import stored_values
from core.imaging.image import Frame, Image
from core.imaging.render import auto_window
from core.imaging.window import Window
from core.refusal import Reason, Refusal
from tests.fuzz.peak import forget_peak, peak_bytes
from tests.make.dicom import make_dataset, make_dicom, to_bytes
from tests.make.picture import gradient

BIG, JPEG, LOSSLESS_JPEG, DEFLATED_FRAMES = (
    "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.8.1",
)
RLE, JPEG_LS, JPEG_LS_LOSSY, JPEG_2000, HTJ2K = (
    "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
)


def first_frame(path) -> Frame:
    image = load_image(path)
    assert isinstance(image, Image), image
    frame = image.frame()
    assert isinstance(frame, Frame), frame
    return frame


def color_picture(rows=16, columns=24) -> np.ndarray:
    plane = gradient(rows, columns)
    return np.stack([plane, plane[::-1], plane[:, ::-1]], axis=-1)


def gray_format(bits_allocated, bits_stored, high_bit, is_signed) -> PixelFormat:
    return PixelFormat("1.2.840.10008.1.2.1", 1, 1, 1, bits_allocated, bits_stored, high_bit, is_signed, "MONOCHROME2")


@given(st.integers(2, 16), st.integers(0, 15), st.booleans(), st.integers(0, 65535), st.integers(-40000, 65535))
def test_a_value_is_found_among_any_other_bits_of_its_cell(bits, shift, is_signed, others, value):
    low = min(shift, 16 - bits)
    smallest = -(1 << (bits - 1)) if is_signed else 0
    value = smallest + (value - smallest) % (1 << bits)
    mask = ((1 << bits) - 1) << low
    cell = ((value << low) & mask) | (others & ~mask & 0xFFFF)
    cells = np.array([[cell]], np.uint16)
    found = stored_values(Samples(cells, "MONOCHROME2"), gray_format(16, bits, low + bits - 1, is_signed))
    assert found[0, 0] == value
    assert found.dtype == (np.int16 if is_signed else np.uint16)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", BIG])
def test_native_pixels_of_every_width_and_sign_keep_their_values(tmp_path, dtype, syntax):
    ends = np.iinfo(dtype)
    pixels = np.array([[ends.min, 0, 1], [2, ends.max - 1, ends.max]], dtype)
    frame = first_frame(make_dicom(tmp_path / "image", pixels, syntax=syntax))
    assert frame.stored.dtype == dtype
    np.testing.assert_array_equal(frame.stored, pixels)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_pixels_keep_their_values(tmp_path, dtype):
    pixels = np.array([[-1.5, 0], [1e-20, 3e10]], dtype)
    frame = first_frame(make_dicom(tmp_path / "image", pixels))
    assert frame.stored.dtype == dtype
    np.testing.assert_array_equal(frame.stored, pixels)


def test_overlay_bits_above_the_high_bit_are_stripped(tmp_path):
    pixels = np.array([[0xF001, 0x0FFF]], np.uint16)
    frame = first_frame(make_dicom(tmp_path / "image", pixels, BitsStored=12, HighBit=11))
    np.testing.assert_array_equal(frame.stored, [[1, 0xFFF]])


def test_signed_values_of_twelve_bits_are_extended(tmp_path):
    pixels = np.array([[0x0FFF, 0x07FF]], np.uint16)
    frame = first_frame(make_dicom(tmp_path / "image", pixels, BitsStored=12, HighBit=11, PixelRepresentation=1))
    np.testing.assert_array_equal(frame.stored, [[-1, 0x7FF]])


def test_single_bits_follow_one_another_over_the_frames(tmp_path):
    bits = np.random.default_rng(1).integers(0, 2, (3, 3, 5), np.uint8)
    dataset = make_dataset(bits, BitsAllocated=1, BitsStored=1, HighBit=0)
    dataset.PixelData = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    (tmp_path / "image").write_bytes(to_bytes(dataset))
    image = load_image(tmp_path / "image")
    for index in range(3):
        np.testing.assert_array_equal(image.frame(index).stored, bits[index])


def test_cells_of_twelve_bits_are_unpacked(tmp_path):
    values = np.array([[0x123, 0xFFF], [0x000, 0x456]], np.uint16)
    bits = np.unpackbits(values.astype("<u2").view(np.uint8).reshape(-1, 2), axis=1, bitorder="little")[:, :12]
    dataset = make_dataset(values, BitsAllocated=12, BitsStored=12, HighBit=11)
    dataset.PixelData = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    (tmp_path / "image").write_bytes(to_bytes(dataset))
    np.testing.assert_array_equal(first_frame(tmp_path / "image").stored, values)


def test_eight_bits_in_big_endian_words_are_swapped_back(tmp_path):
    dataset = make_dataset(gradient())
    dataset["PixelData"].VR = "OW"
    dataset.PixelData = gradient().reshape(-1, 2)[:, ::-1].tobytes()
    (tmp_path / "image").write_bytes(to_bytes(dataset, BIG))
    np.testing.assert_array_equal(first_frame(tmp_path / "image").stored, gradient())


@pytest.mark.parametrize("shape", [(1, 3, 5), (2, 3, 5), (3, 5, 1)])
def test_frames_of_odd_length_in_big_endian_words_begin_and_end_within_a_word(tmp_path, shape):
    """PS3.5 8.1.1, A.3."""
    pixels = np.arange(1, np.prod(shape) + 1, dtype=np.uint8).reshape(shape)
    dataset = make_dataset(pixels)
    dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").byteswap().tobytes()
    dataset["PixelData"].VR = "OW"
    (tmp_path / "image").write_bytes(to_bytes(dataset, BIG))
    image = load_image(tmp_path / "image")
    for index, expected in enumerate(pixels):
        assert (image.frame(index).stored.tolist(), image.frame(index).notes) == (expected.tolist(), ())


def test_single_bits_in_big_endian_words_follow_one_another_over_the_frames(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 2, (3, 3, 5), np.uint8)
    raw = np.packbits(pixels.ravel(), bitorder="little")
    dataset = make_dataset(pixels, BitsAllocated=1, BitsStored=1, HighBit=0)
    dataset.PixelData = raw.view("<u2").byteswap().tobytes()
    dataset["PixelData"].VR = "OW"
    (tmp_path / "image").write_bytes(to_bytes(dataset, BIG))
    image = load_image(tmp_path / "image")
    assert [image.frame(index).stored.tolist() for index in range(3)] == pixels.tolist()


@pytest.mark.parametrize(("vr", "syntax"), [("OW", BIG), ("OB", BIG), ("OW", "1.2.840.10008.1.2.1")])
def test_tables_of_bytes_in_big_endian_words_are_swapped_back(tmp_path, vr, syntax):
    dataset = make_dataset(np.arange(4, dtype=np.uint8)[None], **palette_attributes(8, *[[0] * 4] * 3))
    raw = np.array([1, 80, 160, 240], np.uint8)
    for color in ("Red", "Green", "Blue"):
        value = raw.view("<u2").byteswap() if (vr, syntax) == ("OW", BIG) else raw
        dataset[f"{color}PaletteColorLookupTableData"].value = value.tobytes()
        dataset[f"{color}PaletteColorLookupTableData"].VR = vr
    (tmp_path / "image").write_bytes(to_bytes(dataset, syntax))
    assert first_frame(tmp_path / "image").stored[0, :, 0].tolist() == raw.tolist()


@pytest.mark.parametrize("planar", [0, 1])
def test_color_by_pixel_and_by_plane_is_the_same_picture(tmp_path, planar):
    pixels = color_picture()
    dataset = make_dataset(pixels, PlanarConfiguration=planar)
    if planar:
        dataset.PixelData = np.moveaxis(pixels, -1, 0).tobytes()
    (tmp_path / "image").write_bytes(to_bytes(dataset))
    frame = first_frame(tmp_path / "image")
    assert frame.is_color
    np.testing.assert_array_equal(frame.stored, pixels)


@pytest.mark.parametrize("syntax", [RLE, JPEG_LS])
def test_color_survives_lossless_compression(tmp_path, syntax):
    pixels = color_picture(64, 64)
    np.testing.assert_array_equal(first_frame(make_dicom(tmp_path / "image", pixels, syntax=syntax)).stored, pixels)


@pytest.mark.parametrize("shift", [0, 4])
def test_color_is_found_among_any_other_bits_of_its_cells(tmp_path, shift):
    pixels = np.array([[[0, 2047, 4095]]], np.uint16)
    cells = (pixels << shift) | (0xF000 if shift == 0 else 0x000F)
    path = make_dicom(tmp_path / "image", cells.astype(np.uint16), BitsStored=12, HighBit=11 + shift)
    np.testing.assert_array_equal(first_frame(path).stored, [[[0, 127, 255]]])


def jpeg_ls(cells, error=0) -> bytes:
    rows, columns, *samples = cells.shape
    return bytes(encode_pixel_data(cells.tobytes(), rows=rows, columns=columns, bits_stored=16, lossy_error=error,
                                   samples_per_pixel=(*samples, 1)[0], interleave_mode=2 if samples else 0))


def jpeg_2000(cells) -> bytes:
    return bytes(encode_array(cells, bits_stored=16, photometric_interpretation=2, codec_format=0))


WHOLE_CELLS = [(JPEG_LS, jpeg_ls), (JPEG_2000, jpeg_2000), (HTJ2K, imagecodecs.htj2k_encode)]


@pytest.mark.parametrize(("syntax", "encode"), WHOLE_CELLS)
@pytest.mark.parametrize("low", [0, 3])
def test_a_lossless_stream_of_whole_cells_gives_the_values_and_overlays_that_lie_in_them(
    tmp_path, syntax, encode, low
):
    values = (gradient(64, 80, np.uint16) >> 4).astype(np.uint16)
    cells = values << low
    cells[20:30, 20:30] |= 0x8000
    dataset = make_dataset(cells, BitsStored=12, HighBit=11 + low)
    for tag, vr, value in ((0x10, "US", 64), (0x11, "US", 80), (0x40, "CS", "G"), (0x50, "SS", [1, 1]),
                           (0x100, "US", 16), (0x102, "US", 15)):
        dataset.add_new(0x60000000 + tag, vr, value)
    (tmp_path / "image").write_bytes(to_bytes(dataset, syntax, frames=[encode(cells)]))
    frame = first_frame(tmp_path / "image")
    np.testing.assert_array_equal(frame.stored, values)
    (overlay,) = frame.overlays
    np.testing.assert_array_equal(overlay.mask > 0, cells >= 0x8000)


@pytest.mark.parametrize(("syntax", "encode"), WHOLE_CELLS)
def test_signed_values_in_a_lossless_stream_of_whole_cells_are_extended(tmp_path, syntax, encode):
    values = np.linspace(-1000, 1000, 64 * 80).round().astype(np.int16).reshape(64, 80)
    cells = values.view(np.uint16) & 0xFFF
    path = make_dicom(tmp_path / "image", cells, syntax=syntax, frames=[encode(cells)], BitsStored=12, HighBit=11,
                      PixelRepresentation=1)
    np.testing.assert_array_equal(first_frame(path).stored, values)


def test_color_in_a_lossless_stream_of_whole_cells_is_scaled_by_its_stored_bits(tmp_path):
    cells = np.full((64, 64, 3), 2048, np.uint16)
    path = make_dicom(tmp_path / "image", cells, syntax=JPEG_LS, frames=[jpeg_ls(cells)], BitsStored=12, HighBit=11)
    assert (first_frame(path).stored == 128).all()


def test_what_lossy_coding_gives_beyond_the_stored_bits_is_clipped(tmp_path):
    values = np.full((64, 64), 4090, np.uint16)
    values[::2] = 4095 + 3
    path = make_dicom(tmp_path / "image", values, syntax=JPEG_LS_LOSSY, frames=[jpeg_ls(values, error=2)],
                      BitsStored=12, HighBit=11)
    stored = first_frame(path).stored
    assert stored.max() == 4095
    assert np.abs(stored - np.minimum(values, 4095).astype(int)).max() <= 2


def test_a_stream_of_more_bits_than_its_cells_tells_its_own_bits(tmp_path):
    values = (gradient(64, 80, np.uint16) >> 4).astype(np.uint16)
    path = make_dicom(tmp_path / "image", values, syntax=JPEG_LS, frames=[jpeg_ls(values)], BitsAllocated=8,
                      BitsStored=8, HighBit=7)
    np.testing.assert_array_equal(first_frame(path).stored, values)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_color_of_more_than_eight_bits_is_scaled_by_its_greatest_value(tmp_path, bits):
    top = (1 << bits) - 1
    pixels = np.array([[[0, top // 2, top]]], np.uint16)
    path = make_dicom(tmp_path / "image", pixels, BitsStored=bits, HighBit=bits - 1)
    np.testing.assert_array_equal(first_frame(path).stored, [[[0, round(top // 2 * 255 / top), 255]]])


def test_three_samples_that_call_themselves_gray_are_color(tmp_path):
    path = make_dicom(tmp_path / "image", color_picture(), PhotometricInterpretation="MONOCHROME2")
    assert load_image(path).is_color
    np.testing.assert_array_equal(first_frame(path).stored, color_picture())


def test_a_gray_stream_under_a_color_header_is_refused(tmp_path):
    path = make_dicom(tmp_path / "image", color_picture(64, 64), syntax=JPEG, frames=[jpeg(gradient(64, 64))])
    assert "other samples" in load_image(path).frame().facts["detail"]


def test_ybr_is_converted_by_the_standards_numbers():
    ybr = np.array([[[76, 85, 255], [150, 44, 21], [29, 255, 107], [128, 128, 128]]], np.uint8)
    expected = np.array([[[254, 0, 0], [0, 255, 1], [0, 0, 254], [128, 128, 128]]])
    assert np.abs(to_rgb(ybr, "YBR_FULL", 8).astype(int) - expected).max() <= 1


def test_partial_range_ybr_runs_from_16_to_235():
    ybr = np.array([[[16, 128, 128], [235, 128, 128]]], np.uint8)
    assert np.abs(to_rgb(ybr, "YBR_PARTIAL_422", 8).astype(int) - [[[0] * 3, [255] * 3]]).max() <= 1


def test_native_422_gives_both_pixels_of_a_pair_their_chroma(tmp_path):
    dataset = make_dataset(np.zeros((1, 4, 3), np.uint8), PhotometricInterpretation="YBR_FULL_422")
    dataset.PixelData = bytes([10, 20, 128, 128, 30, 40, 128, 128])
    (tmp_path / "image").write_bytes(to_bytes(dataset))
    np.testing.assert_array_equal(first_frame(tmp_path / "image").stored[0, :, 0], [10, 20, 30, 40])


def test_a_color_space_that_is_none_is_refused_by_name(tmp_path):
    frame = load_image(make_dicom(tmp_path / "image", color_picture(), PhotometricInterpretation="HSV")).frame()
    assert frame.reason is Reason.UNSUPPORTED
    assert "HSV" in frame.facts["syntax"]


@given(st.integers(8, 16))
def test_scaling_to_a_byte_keeps_black_and_white(bits):
    assert to_byte(np.array([0, (1 << bits) - 1], np.uint16), bits).tolist() == [0, 255]


def palette_attributes(bits, red, green, blue, first=0):
    attributes = {}
    for name, entries in (("Red", red), ("Green", green), ("Blue", blue)):
        attributes[f"{name}PaletteColorLookupTableDescriptor"] = [len(entries), first, bits]
        attributes[f"{name}PaletteColorLookupTableData"] = entries
    return {"PhotometricInterpretation": "PALETTE COLOR", **attributes}


def test_palette_entries_of_sixteen_bits_are_shown_by_their_high_byte(tmp_path):
    attributes = palette_attributes(16, [0xFF00, 0x1234], [0, 0x8000], [1, 0xFFFF])
    frame = first_frame(make_dicom(tmp_path / "image", np.array([[0, 1, 7]], np.uint8), **attributes))
    np.testing.assert_array_equal(frame.stored, [[[255, 0, 0], [0x12, 0x80, 255], [0x12, 0x80, 255]]])


def test_a_palette_may_start_above_zero(tmp_path):
    attributes = palette_attributes(16, [0x0100, 0x0200], [0, 0], [0, 0], first=10)
    frame = first_frame(make_dicom(tmp_path / "image", np.array([[0, 10, 11]], np.uint8), **attributes))
    assert frame.stored[0, :, 0].tolist() == [1, 1, 2]


@pytest.mark.parametrize(("first", "size"), [(65_536 + 2, 4 + 2), (60_000_000, 4 + 34_560)])
def test_the_first_value_of_a_palette_has_sixteen_bits_whatever_its_vr(first, size):
    """PS3.3 C.7.6.3.1.5."""
    dataset = make_dataset(np.zeros((2, 2), np.uint8), **palette_attributes(8, *[[1, 2, 3, 4]] * 3))
    dataset.add_new(dataset["GreenPaletteColorLookupTableDescriptor"].tag, "UL", [4, first, 8])
    palette = read_palette(dataset)
    assert (palette.first, palette.colors.shape) == (0, (size, 3))


def test_a_palette_of_signed_values_may_start_below_zero(tmp_path):
    attributes = palette_attributes(16, [0x0100, 0x0200, 0x0300], [0, 0, 0], [0, 0, 0], first=-2)
    frame = first_frame(make_dicom(tmp_path / "image", np.array([[-3, -2, -1, 0]], np.int8), **attributes))
    assert frame.stored[0, :, 0].tolist() == [1, 1, 2, 3]


def test_tables_that_start_with_other_values_are_each_looked_up_from_their_own(tmp_path):
    attributes = palette_attributes(16, *[[256 * value for value in range(8)]] * 3)
    attributes["BluePaletteColorLookupTableDescriptor"] = [5, 3, 16]
    attributes["BluePaletteColorLookupTableData"] = [256 * value for value in range(13, 18)]
    frame = first_frame(make_dicom(tmp_path / "image", np.array([[0, 3, 5, 9]], np.uint8), **attributes))
    assert frame.stored[0].tolist() == [[0, 0, 13], [3, 3, 13], [5, 5, 15], [7, 7, 17]]


def test_a_large_palette_picture_is_looked_up_as_a_small_one_in_little_more_than_its_memory():
    colors = np.random.default_rng(0).integers(0, 256, (300, 3), np.uint8)
    stored = np.random.default_rng(1).integers(0, 400, (3_000, 4_001), np.uint16)
    before = forget_peak()
    found = Palette(50, colors).apply(stored)
    assert peak_bytes() - before < found.nbytes + (16 << 20)
    np.testing.assert_array_equal(found[:, -1], colors[np.clip(stored[:, -1].astype(int) - 50, 0, 299)])


def test_color_that_may_be_written_to_is_converted_where_it_lies():
    ybr = np.random.default_rng(0).integers(0, 256, (60, 70, 3), np.uint8)
    kept = ybr.copy()
    kept.flags.writeable = False
    expected = to_rgb(kept, "YBR_FULL", 8)
    found = to_rgb(ybr, "YBR_FULL", 8)
    assert found is ybr or np.shares_memory(found, ybr)
    np.testing.assert_array_equal(found, expected)
    assert not np.shares_memory(expected, kept)


@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("high_bit", [11, 13])
def test_stored_values_are_the_same_in_their_own_memory_and_beside_it(is_signed, high_bit):
    cells = np.random.default_rng(0).integers(0, 65536, (40, 50), np.uint16)
    kept = cells.copy()
    kept.flags.writeable = False
    pixel_format = PixelFormat("1.2.840.10008.1.2.1", 40, 50, 1, 16, 12, high_bit, is_signed, "MONOCHROME2")
    expected = (kept.astype(int) >> (high_bit - 11)) & 4095
    expected -= 4096 * (is_signed & (expected > 2047))
    found = stored_values(Samples(kept, "MONOCHROME2"), pixel_format)
    np.testing.assert_array_equal(found, expected)
    found = stored_values(Samples(cells, "MONOCHROME2"), pixel_format)
    np.testing.assert_array_equal(found, expected)
    assert np.shares_memory(found, cells) and found.dtype == (np.int16 if is_signed else np.uint16)


def test_a_missing_palette_is_refused(tmp_path):
    path = make_dicom(tmp_path / "image", gradient(), PhotometricInterpretation="PALETTE COLOR")
    assert load_image(path).frame().reason is Reason.DAMAGED


def test_segmented_palettes_hold_runs_lines_and_repetitions():
    discrete, line, again = [0, 2, 10, 20], [1, 4, 60], [2, 1, 0, 0]
    assert expand_segments(discrete + line + again).tolist() == [10, 20, 30, 40, 50, 60, 10, 20]


def test_segmented_palettes_of_bytes_repeat_from_an_offset_of_four_bytes(tmp_path):
    """PS3.3 C.7.9.2.3."""
    segments = [0, 4, 0, 80, 160, 240, 2, 1, 0, 0, 0, 0, 1, 2, 0]
    entries = [0, 80, 160, 240, 0, 80, 160, 240, 120, 0]
    assert expand_segments(segments, bits=8).tolist() == entries
    with pytest.raises(ValueError, match="palette"):
        expand_segments(segments[:9], bits=8)
    tables = {f"{color}PaletteColorLookupTableDescriptor": [10, 0, 8] for color in ("Red", "Green", "Blue")}
    tables |= {f"Segmented{color}PaletteColorLookupTableData": bytes([*segments, 0])
               for color in ("Red", "Green", "Blue")}
    path = make_dicom(tmp_path / "image", np.arange(10, dtype=np.uint8)[None],
                      PhotometricInterpretation="PALETTE COLOR", **tables)
    assert first_frame(path).stored[0, :, 1].tolist() == entries


@pytest.mark.parametrize("words", [[1, 4, 60], [7, 1, 1], [2, 1, 0, 0] * 2, [0, 1, 5, 2, 1, 3, 0]])
def test_impossible_palette_segments_are_an_error(words):
    with pytest.raises(ValueError, match="palette"):
        expand_segments(words)


def jpeg(pixels, **options) -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def test_baseline_jpeg_opens_within_its_losses(tmp_path):
    pixels = gradient(64, 64)
    frame = first_frame(make_dicom(tmp_path / "image", pixels, syntax=JPEG, frames=[jpeg(pixels)]))
    assert np.abs(frame.stored.astype(int) - pixels).max() <= 4


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_a_jfif_stream_is_ybr_whatever_the_header_says(tmp_path, photometric):
    pixels = np.full((16, 16, 3), (200, 50, 20), np.uint8)
    path = make_dicom(tmp_path / "image", pixels, syntax=JPEG, frames=[jpeg(pixels)],
                      PhotometricInterpretation=photometric)
    assert np.abs(first_frame(path).stored.astype(int) - pixels).max() <= 4


def test_a_stream_that_is_marked_or_stated_as_rgb_is_left_alone(tmp_path):
    pixels = np.full((16, 16, 3), (200, 50, 20), np.uint8)
    stream = jpeg(pixels, keep_rgb=True)  # Adobe's marker or the component names say so
    for photometric in ("RGB", "YBR_FULL_422"):
        path = make_dicom(tmp_path / "image", pixels, syntax=JPEG, frames=[stream],
                          PhotometricInterpretation=photometric)
        assert np.abs(first_frame(path).stored.astype(int) - pixels).max() <= 4


def test_the_facts_of_a_jpeg_stream_are_read_without_decoding():
    stream = read_jpeg_stream(jpeg(gradient(40, 56)))
    assert (stream.process, stream.precision, stream.rows, stream.columns) == (0xC0, 8, 40, 56)
    assert stream.has_jfif
    assert len(stream.components) == 1


@given(st.binary(max_size=64))
def test_any_bytes_are_a_jpeg_stream_or_a_value_error(some):
    for content in (some, b"\xff\xd8" + some, b"\xff\xd8\xff\xc0\x00\x0b" + some):
        try:
            read_jpeg_stream(content)
        except ValueError as error:
            assert "JPEG" in str(error)


def test_a_stream_of_another_size_than_the_header_is_refused(tmp_path):
    path = make_dicom(tmp_path / "image", gradient(), syntax=JPEG, frames=[jpeg(gradient(64, 64))])
    refusal = load_image(path).frame()
    assert refusal.reason is Reason.DAMAGED
    assert "64 × 64" in refusal.facts["detail"]


def test_a_frame_deflated_by_itself_opens(tmp_path):
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    frame = deflater.compress(gradient().tobytes()) + deflater.flush()
    path = make_dicom(tmp_path / "image", gradient(), syntax=DEFLATED_FRAMES, frames=[frame])
    np.testing.assert_array_equal(first_frame(path).stored, gradient())


def test_a_deflated_frame_may_hold_more_and_must_not_hold_less(tmp_path):
    for more, is_enough in ((50, True), (-1, False)):
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        content = (gradient().tobytes() + bytes(50))[:gradient().nbytes + more]
        frame = deflater.compress(content) + deflater.flush()
        found = load_image(make_dicom(tmp_path / "image", gradient(), syntax=DEFLATED_FRAMES, frames=[frame])).frame()
        assert isinstance(found, Refusal) != is_enough


def test_a_lossless_jpeg_syntax_that_holds_baseline_opens_all_the_same(tmp_path):
    pixels = gradient(64, 64)
    path = make_dicom(tmp_path / "image", pixels, syntax=LOSSLESS_JPEG, frames=[jpeg(pixels)])
    assert np.abs(first_frame(path).stored.astype(int) - pixels).max() <= 4


def test_damaged_streams_are_refused_by_every_decoder(tmp_path):
    for syntax, decoders in DECODERS.items():
        if decoders and syntax.startswith("1.2.840.10008.1.2.4"):
            path = make_dicom(tmp_path / "image", gradient(64, 64), syntax=syntax, frames=[b"\xff\xd8" + bytes(50)])
            assert load_image(path).frame().reason is Reason.DAMAGED


def test_pillow_leaves_jpeg_of_twelve_bits_to_others():
    stream = bytearray(jpeg(gradient(64, 64)))
    stream[stream.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(Exception, match="12 bits"):
        pillow.decode(np.frombuffer(stream, np.uint8), gray_format(16, 12, 11, False))


def grouped(frames, count, extended=(), **options):
    raw = b"padding." + encapsulate(frames, **options) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    encapsulated = read_fragments(io.BytesIO(raw), 8)
    groups = group_into_frames(
        encapsulated, count, lambda one: raw[one.offset:one.offset + 8], extended
    )
    return [b"".join(raw[one.offset:one.offset + one.length] for one in group) for group in groups]


FRAMES = [b"\xff\xd8" + bytes([index]) * (20 + 2 * index) for index in range(3)]


def test_frames_of_one_fragment_need_no_table():
    assert grouped(FRAMES, 3, has_bot=False) == FRAMES


def test_frames_of_several_fragments_are_cut_at_the_tables_offsets():
    assert grouped(FRAMES, 3, fragments_per_frame=2) == FRAMES


def test_frames_of_several_fragments_without_table_are_cut_where_streams_start():
    assert grouped(FRAMES, 3, fragments_per_frame=2, has_bot=False) == FRAMES


def test_a_single_frame_takes_all_fragments():
    assert grouped(FRAMES[:1], 1, fragments_per_frame=5, has_bot=False) == FRAMES[:1]


def test_a_delimiter_inside_a_fragment_is_not_the_end(tmp_path):
    hidden = [b"\xff\xd8 \xfe\xff\xdd\xe0\0\0\0\0 and on"]
    assert [frame.rstrip(b"\0") for frame in grouped(hidden, 1)] == hidden


def test_frames_that_the_file_does_not_reach_are_missing():
    raw = encapsulate(FRAMES)
    encapsulated = read_fragments(io.BytesIO(raw[:-20]), 0)
    assert encapsulated.fragments[-1].is_cut
    assert not encapsulated.fragments[0].is_cut


def cut_after(count, has_bot) -> tuple[list[str], bool]:
    """Return which fragments make up the frames of a file of three, of two fragments each, cut behind so many of them.

    And whether the last says that it is cut.
    """
    raw = encapsulate([frame + b"\xff\xd9" for frame in FRAMES], fragments_per_frame=2, has_bot=has_bot)
    whole = read_fragments(io.BytesIO(raw), 0).fragments
    last = whole[count - 1]
    raw = raw[:last.offset + last.length]
    found = read_fragments(io.BytesIO(raw), 0)
    groups = group_into_frames(found, 3, lambda one: raw[one.offset:one.offset + 8])
    places = [one.offset for one in whole]
    return ["".join(str(places.index(one.offset)) for one in group) for group in groups], groups[-1][-1].is_cut


@pytest.mark.parametrize("has_bot", [True, False])
@pytest.mark.parametrize(("count", "frames", "is_cut"), [
    (1, ["0"], True), (2, ["01"], False), (3, ["01", "2"], True), (4, ["01", "23"], False),
    (5, ["01", "23", "4"], True), (6, ["01", "23", "45"], False),
])
def test_of_a_file_that_is_cut_the_last_frames_are_missing_and_none_is_shifted(has_bot, count, frames, is_cut):
    assert cut_after(count, has_bot) == (frames, is_cut)


def test_frames_of_one_fragment_stay_where_they_are_when_a_stream_among_them_is_damaged():
    damaged = [FRAMES[0], b"\0\0" + FRAMES[1][2:], FRAMES[2]]
    assert grouped(damaged, 3, has_bot=False) == damaged


def test_a_whole_file_of_one_fragment_a_frame_is_not_looked_through_and_believes_no_table():
    raw = encapsulate(FRAMES) + b"\xfe\xff\xdd\xe0\0\0\0\0"  # with the sequence's delimiter
    offsets = b"".join(one.to_bytes(4, "little") for one in (0, 100_000, 200_000))
    file = raw[:4] + len(offsets).to_bytes(4, "little") + offsets + raw[20:]
    groups = group_into_frames(read_fragments(io.BytesIO(file), 0), 3, lambda one: pytest.fail("was read"))
    assert [len(group) for group in groups] == [1, 1, 1]


def test_a_table_of_too_few_or_wrong_offsets_is_not_believed():
    raw = encapsulate(FRAMES)
    for table in ((0,), (0, 0, 0), (0, 10, 20)):
        offsets = b"".join(one.to_bytes(4, "little") for one in table)
        file = raw[:4] + len(offsets).to_bytes(4, "little") + offsets + raw[20:]
        groups = group_into_frames(read_fragments(io.BytesIO(file), 0), 3, lambda one: b"")
        assert [len(group) for group in groups] == [1, 1, 1]


@given(st.binary(max_size=100))
def test_any_bytes_are_walked_to_an_end(some):
    for fragment in read_fragments(io.BytesIO(some), 0).fragments:
        assert fragment.offset + fragment.length <= len(some)


@pytest.mark.parametrize(("presentation", "first", "notes"), [
    ("COLOR", 200, (COLORS_NOTE,)), ("MIXED", 200, (COLORS_NOTE,)), ("COLOR", 204, ()), ("MONOCHROME", None, ()),
])
def test_values_that_a_supplemental_palette_gives_colors_are_noted_and_left_out_of_the_automatic_window(
    tmp_path, presentation, first, notes
):
    """PS3.3 C.8.16.2.1.1.1."""
    attributes = palette_attributes(16, *[[0, 0xFF00, 0, 0xFF00]] * 3, first=first or 200)
    pixels = np.array([[0, 50, 100, 150], [200, 201, 202, 203]], np.uint16)
    frame = first_frame(make_dicom(tmp_path / "image", pixels, PixelPresentation=presentation,
                                   **attributes | {"PhotometricInterpretation": "MONOCHROME2"}))
    assert (frame.first_color, frame.notes, frame.is_color) == (first, notes, False)
    assert auto_window(frame) == Window.between(0, 150 if first == 200 else 203, "auto")


@pytest.mark.parametrize(("intent", "notes"), [
    ("FOR PROCESSING", (FOR_PROCESSING_NOTE,)), ("FOR PRESENTATION", ()), (None, ()),
])
def test_what_is_meant_for_processing_says_so(tmp_path, intent, notes):
    """PS3.3 C.8.11.1."""
    path = make_dicom(tmp_path / "image", gradient(), PresentationIntentType=intent)
    assert first_frame(path).notes == notes


@pytest.mark.parametrize(("attributes", "notes"), [
    ({"ICCProfile": bytes(128)}, (PROFILE_NOTE,)),
    ({"ICCProfile": bytes(128), "ColorSpace": "ADOBERGB"}, (PROFILE_NOTE,)),
    ({"ICCProfile": bytes(128), "ColorSpace": "SRGB"}, ()),
    ({"OpticalPathSequence": [{"ICCProfile": bytes(128)}]}, (PROFILE_NOTE,)),
    ({"OpticalPathSequence": [{"OpticalPathIdentifier": "1"}]}, ()),
    ({}, ()),
])
def test_a_color_profile_that_is_not_applied_is_told(tmp_path, attributes, notes):
    """PS3.3 C.11.15, C.8.12.5."""
    path = make_dicom(tmp_path / "image", np.zeros((4, 4, 3), np.uint8), **attributes)
    assert first_frame(path).notes == notes


def test_the_first_color_of_signed_pixels_may_lie_below_zero(tmp_path):
    attributes = palette_attributes(16, *[[0, 0xFF00]] * 3, first=-2) | {"PhotometricInterpretation": "MONOCHROME2"}
    path = make_dicom(tmp_path / "image", np.array([[-5, -2]], np.int16), PixelPresentation="COLOR", **attributes)
    assert first_frame(path).first_color == -2


@given(st.integers(2, 31), st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=40), st.integers(0, 3))
def test_cells_of_any_width_are_packed_from_their_lowest_bit_on(bits, values, more):
    values = [value % 2**bits for value in values]
    whole = sum(value << (bits * place) for place, value in enumerate(values))
    encoded = np.frombuffer(whole.to_bytes((bits * len(values) + 7) // 8 + more, "little"), np.uint8)
    pixel_format = PixelFormat("1.2.840.10008.1.2.1", 1, len(values), 1, bits, bits, bits - 1, False, "MONOCHROME2")
    assert native.decode(encoded, pixel_format).values.ravel().tolist() == values
