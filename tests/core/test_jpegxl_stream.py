"""core.dicom.decoders.jpegxl_stream: a size is read as libjxl reads it, and before libjxl does."""

import struct

import imagecodecs
import numpy as np
import pytest

from core.dicom.decoders import imagecodecs as ours
from core.dicom.decoders.jpegxl_stream import read_size
from core.dicom.decoders.pixel_format import PixelFormat

SIZES = [(1, 1), (8, 8), (64, 64), (256, 256), (264, 264), (40, 48), (30, 40), (100, 150), (90, 160), (80, 100),
         (50, 100), (100, 50), (511, 513), (513, 9000), (9000, 3), (7, 8200)]


@pytest.mark.parametrize("size", SIZES)
def test_a_size_is_that_of_the_picture(size):
    assert read_size(bytes(imagecodecs.jpegxl_encode(np.zeros(size, np.uint8), lossless=True, effort=1))) == size


@pytest.mark.parametrize("kind", [b"jxlc", b"jxlp"])
@pytest.mark.parametrize("is_long", [False, True])
def test_a_size_is_found_in_the_boxes_of_a_container(kind, is_long):
    stream = bytes(imagecodecs.jpegxl_encode(np.zeros((30, 50), np.uint8), usecontainer=False))
    inside = (bytes(4) if kind == b"jxlp" else b"") + stream
    head = struct.pack(">L4sQ", 1, kind, 16 + len(inside)) if is_long else struct.pack(">L4s", 8 + len(inside), kind)
    signature = b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"
    other = struct.pack(">L4s", 20, b"ftyp") + b"jxl \0\0\0\0jxl "
    assert read_size(signature + other + head + inside) == (30, 50)


def test_a_jpeg_in_a_container_has_its_size():
    jpeg = imagecodecs.jpeg8_encode(np.zeros((40, 70), np.uint8))
    assert read_size(bytes(imagecodecs.jpegxl_encode_jpeg(jpeg))) == (40, 70)


@pytest.mark.parametrize("raw", [b"", b"\xff", b"\xff\x0a", b"\xff\x0a\x00", bytes(50), b"\xff\xd8\xff\xe0",
                                 b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a", b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a" * 50])
def test_what_is_no_stream_or_ends_early_is_a_value_error(raw):
    with pytest.raises(ValueError, match="JPEG XL"):
        read_size(raw)


def test_a_stream_of_another_size_is_not_decoded(monkeypatch):
    stream = np.frombuffer(imagecodecs.jpegxl_encode(np.zeros((300, 200), np.uint8), lossless=True), np.uint8)
    monkeypatch.setattr(imagecodecs, "jpegxl_decode", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(ValueError, match="200 × 300 pixels"):
        ours.decode_jpegxl(stream, PixelFormat("1.2.840.10008.1.2.4.110", 64, 64, 1, 8, 8, 7, False, "MONOCHROME2"))
