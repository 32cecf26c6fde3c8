"""core.dicom.decoders.imagecodecs: JPEG XL, High-Throughput JPEG 2000, JPEG of 12 bits."""

import struct

import imagecodecs
import numpy as np
import pytest

from core.dicom.decoders import imagecodecs as decoders
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.load_image import load_image
from core.refusal import Reason, Refusal
from tests.make.dicom import make_dicom

JPEG_EXTENDED, PROGRESSIVE = "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.55"
HTJ2K_LOSSLESS, JXL_LOSSLESS, JXL_RECOMPRESSED = (
    "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111")


def ramp(high: int, rows: int = 64, columns: int = 80) -> np.ndarray:
    return np.linspace(0, high, rows * columns).reshape(rows, columns).astype(np.uint8 if high < 256 else np.uint16)


def opened(tmp_path, pixels, stream, syntax, **attributes):
    path = make_dicom(tmp_path / "a.dcm", pixels, syntax=syntax, frames=[stream], **attributes)
    return load_image(path).frame()


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_lossless_jpeg_xl_comes_back_as_it_was(tmp_path, bits):
    pixels = ramp(2**bits - 1)
    stream = imagecodecs.jpegxl_encode(pixels, lossless=True, bitspersample=bits)
    frame = opened(tmp_path, pixels, stream, JXL_LOSSLESS, BitsStored=bits, HighBit=bits - 1)
    np.testing.assert_array_equal(frame.stored, pixels)


def test_color_of_jpeg_xl_is_rgb_whatever_the_header_says(tmp_path):
    pixels = np.stack([ramp(255), ramp(255)[::-1], np.full((64, 80), 200, np.uint8)], axis=-1)
    jpeg = imagecodecs.jpeg8_encode(pixels, level=95)
    frame = opened(tmp_path, pixels, imagecodecs.jpegxl_encode_jpeg(jpeg), JXL_RECOMPRESSED,
                   PhotometricInterpretation="YBR_FULL_422")
    assert frame.is_color
    assert np.abs(frame.stored.astype(int) - imagecodecs.jpeg8_decode(jpeg)).max() <= 3


def test_signed_jpeg_xl_is_signed(tmp_path):
    pixels = (ramp(60000).astype(np.int32) - 30000).astype(np.int16)
    stream = imagecodecs.jpegxl_encode(pixels.view(np.uint16), lossless=True)
    np.testing.assert_array_equal(opened(tmp_path, pixels, stream, JXL_LOSSLESS).stored, pixels)


@pytest.mark.parametrize("syntax", [JPEG_EXTENDED, PROGRESSIVE])
def test_jpeg_of_12_bits_opens(tmp_path, syntax):
    pixels = ramp(4095)
    stream = imagecodecs.jpeg8_encode(pixels, bitspersample=12, level=100)
    frame = opened(tmp_path, pixels, stream, syntax, BitsStored=12, HighBit=11)
    assert np.abs(frame.stored.astype(int) - pixels).max() <= 2


def test_high_throughput_jpeg_2000_has_a_second_decoder(tmp_path):
    pixels = ramp(4095)
    frame = opened(tmp_path, pixels, imagecodecs.htj2k_encode(pixels), HTJ2K_LOSSLESS, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(frame.stored, pixels)
    reader = load_image(tmp_path / "a.dcm").load_frame.reader
    encoded, _ = reader.read_frame(0)
    np.testing.assert_array_equal(decoders.decode_htj2k(encoded, reader.pixel_format).values, pixels)


def test_a_code_stream_that_claims_another_size_is_refused_before_it_is_decoded():
    pixels = ramp(4095)
    stream = bytearray(imagecodecs.htj2k_encode(pixels))
    struct.pack_into(">2L", stream, stream.find(b"\xff\x4f\xff\x51") + 8, 65535, 65535)
    claimed = PixelFormat(HTJ2K_LOSSLESS, 64, 80, 1, 16, 12, 11, False, "MONOCHROME2")
    with pytest.raises(ValueError, match="65535 × 65535"):
        decoders.decode_htj2k(np.frombuffer(bytes(stream), np.uint8), claimed)


def test_a_stream_that_is_no_jpeg_xl_is_damaged(tmp_path):
    refusal = opened(tmp_path, ramp(255), b"\xff\x0a" + b"\x55" * 100, JXL_LOSSLESS)
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.DAMAGED
