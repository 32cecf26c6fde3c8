"""resources/docs/disputed.md: a made file for each kind of picture on which decoders disagree, and what is chosen."""

import io
import struct

import numpy as np
import PIL.Image
import pytest

from core.dicom.decoders.jpeg_stream import read_jpeg_stream
from core.dicom.load_image import load_image
from core.imaging.image import Frame
from core.imaging.render import default_voi, minmax_window, render
from tests.make.dicom import make_dataset, make_dicom, to_bytes

BASELINE, RLE, BIG = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.2"
REDDISH = np.full((16, 16, 3), (200, 50, 20), np.uint8)


def first_frame(path) -> Frame:
    frame = load_image(path).frame()
    assert isinstance(frame, Frame), frame
    return frame


def jpeg(pixels, **options) -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def test_a_jfif_marker_counts_before_a_header_that_says_rgb(tmp_path):
    path = make_dicom(tmp_path / "a", REDDISH, syntax=BASELINE, frames=[jpeg(REDDISH)])
    assert np.abs(first_frame(path).stored.astype(int) - REDDISH).max() <= 4


def test_a_short_adobe_marker_says_nothing_and_the_header_counts(tmp_path):
    stream = jpeg(REDDISH, keep_rgb=True)
    start = stream.index(b"\xff\xc0")
    names = bytearray(stream[start:start + 19])
    names[10], names[13], names[16] = 1, 2, 3  # no longer R, G, B, by which the stream would tell
    scan = stream.index(b"\xff\xda")
    scanned = bytearray(stream[scan:])
    scanned[5], scanned[7], scanned[9] = 1, 2, 3
    short = b"\xff\xd8\xff\xee\x00\x07Adobe" + _tables(stream, start) + bytes(names)
    short += stream[start + 19:scan] + bytes(scanned)
    facts = read_jpeg_stream(short)
    assert facts.adobe_transform is None and not facts.has_jfif and facts.components == (1, 2, 3)
    path = make_dicom(tmp_path / "a", REDDISH, syntax=BASELINE, frames=[short])
    assert np.abs(first_frame(path).stored.astype(int) - REDDISH).max() <= 4


def _tables(stream: bytes, end: int) -> bytes:
    """Return the segments of a stream before its frame header that hold tables."""
    kept, position = b"", 2
    while position < end:
        length = 2 + int.from_bytes(stream[position + 2:position + 4], "big")
        if stream[position + 1] == 0xDB:
            kept += stream[position:position + length]
        position += length
    return kept


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_a_constant_frame_is_black_under_its_own_range(tmp_path, value):
    frame = first_frame(make_dicom(tmp_path / "a", np.full((4, 4), value, np.uint16)))
    assert not render(frame, minmax_window(frame)).any()


def test_modality_values_are_not_rounded_before_the_window(tmp_path):
    pixels = np.arange(16, dtype=np.uint16).reshape(4, 4)
    path = make_dicom(tmp_path / "a", pixels, RescaleSlope="0.3", RescaleIntercept="0.1", WindowCenter=2.5,
                      WindowWidth=5)
    values = pixels * 0.3 + 0.1
    expected = np.rint(255 * np.clip((values - 2) / 4 + 0.5, 0, 1))
    rounded = np.rint(255 * np.clip((np.rint(values) - 2) / 4 + 0.5, 0, 1))
    np.testing.assert_array_equal(render(first_frame(path)), expected)
    assert np.abs(expected - rounded).max() > 3


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", RLE])
def test_ybr_is_rounded_once(tmp_path, syntax):
    ybr = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path = make_dicom(tmp_path / "a", ybr, syntax=syntax, PhotometricInterpretation="YBR_FULL")
    y, blue, red = (ybr[..., index].astype(float) - (128 if index else 0) for index in range(3))
    expected = np.stack([y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], axis=-1)
    shown = first_frame(path).stored
    assert np.abs(shown - np.clip(expected, 0, 255)).max() < 0.51


@pytest.mark.parametrize("kind", [np.uint16, np.uint32])
def test_rle_color_of_several_bytes_has_the_most_significant_first(tmp_path, kind):
    top = np.iinfo(kind).max
    pixels = np.random.default_rng(0).integers(0, top, (8, 8, 3), kind, endpoint=True)
    path = make_dicom(tmp_path / "a", pixels, syntax=RLE, frames=[rle_frame(pixels)])
    np.testing.assert_array_equal(first_frame(path).stored, np.rint(pixels * (255 / top)))


def rle_frame(pixels) -> bytes:
    """Return a frame of up to 64 pixels in literal runs: of each sample its bytes, the most significant first."""
    size = pixels.dtype.itemsize
    cells = pixels.astype(f">u{size}").view(np.uint8).reshape(-1, 3, size)
    segments = [bytes([63]) + cells[:, sample, byte].tobytes() + b"\x80" for sample in range(3) for byte in range(size)]
    offsets = [64 + sum(map(len, segments[:index])) for index in range(len(segments))]
    return struct.pack("<16L", len(segments), *offsets, *[0] * (15 - len(segments))) + b"".join(segments)


def test_big_endian_cells_of_32_bits_are_one_number(tmp_path):
    dataset = make_dataset(np.zeros((2, 2), np.uint32))
    dataset.PixelData = np.array([[1, 2], [0x01020304, 70000]], "<u4").tobytes()
    (tmp_path / "a").write_bytes(to_bytes(dataset, BIG))
    assert first_frame(tmp_path / "a").stored.tolist() == [[1, 2], [0x01020304, 70000]]


def test_a_window_narrower_than_one_is_ignored_and_said(tmp_path):
    pixels = np.arange(16, dtype=np.uint16).reshape(4, 4)
    path = make_dicom(tmp_path / "a", pixels, WindowCenter=8, WindowWidth=0.5)
    frame = first_frame(path)
    assert frame.voi == () and "invalid window of width 0.5" in frame.notes[0]
    assert default_voi(frame).is_valid
    assert render(frame).min() == 0 and render(frame).max() == 255 and len(np.unique(render(frame))) > 10
