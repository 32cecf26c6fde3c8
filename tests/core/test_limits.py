"""core.dicom.decoders.limits: a whole stream gets what its size needs, any other two seconds and half a gigabyte."""

import struct

import imagecodecs
import numpy as np
import pytest

from core.dicom.decoders import limits
from core.dicom.decoders.limits import is_whole, limits_of

GRAY = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
NOISE = np.random.default_rng(0).integers(0, 4096, (200, 300), np.uint16)
STREAMS = {
    "baseline": imagecodecs.jpeg8_encode(NOISE.astype(np.uint8)), "lossless": imagecodecs.ljpeg_encode(NOISE),
    "JPEG-LS": imagecodecs.jpegls_encode(NOISE), "J2K": imagecodecs.jpeg2k_encode(NOISE, codecformat="j2k", level=0),
    "JP2": imagecodecs.jpeg2k_encode(NOISE, codecformat="jp2", level=0), "HTJ2K": imagecodecs.htj2k_encode(NOISE),
}


@pytest.mark.parametrize(("samples", "encoded_bytes", "seconds"), [
    (500_000, 200_000, limits.SECONDS),  # a small picture
    (60_000_000, 5_000, limits.SECONDS),  # next to nothing that claims to be a large one
    (7_500_000, 5_000_000, 5.0),  # a mammogram
    (60_000_000, 30_000_000, 30.0),
])
def test_the_time_for_a_frame_follows_its_size_and_its_bytes(samples, encoded_bytes, seconds):
    assert limits_of(samples, samples, encoded_bytes).seconds == seconds
    assert limits_of(samples, samples, encoded_bytes, False).seconds == limits.SECONDS


@pytest.mark.parametrize(("encoded_bytes", "whole"), [(10_000, True), (1_300_000, True), (50_000_000, False)])
@pytest.mark.parametrize("samples", [1_000_000, 33_000_000, 120_000_000, 240_000_000])
def test_what_claims_much_and_has_little_gets_no_more_than_half_a_gigabyte(samples, encoded_bytes, whole):
    size = 2 * samples
    if whole and samples <= limits.DOUBTED_RATIO * encoded_bytes:
        assert limits_of(samples, size, encoded_bytes).memory_bytes > size
    elif samples == 240_000_000:
        with pytest.raises(MemoryError):
            limits_of(samples, size, encoded_bytes, whole)
    else:
        held = size  # by the process that asks for it
        assert held + limits_of(samples, size, encoded_bytes, whole).memory_bytes <= 512 << 20


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_whole_until_something_of_it_is_missing(name):
    stream = bytes(STREAMS[name])
    assert is_whole(stream) and is_whole(stream + b"\0") and is_whole(stream + b"\0\0\0")
    for cut in (1, 2, 100, len(stream) // 2, len(stream) - 60):
        assert not is_whole(stream[:-cut])
    assert not is_whole(stream + b"filler of any kind")


def test_a_tile_part_that_claims_to_be_longer_or_shorter_is_not_whole():
    stream = bytes(STREAMS["J2K"])
    place = stream.index(b"\xff\x90")
    for length in (1, 20, len(stream), 0xFFFFFFFF):
        assert not is_whole(stream[:place + 6] + struct.pack(">L", length) + stream[place + 10:])
    assert is_whole(stream[:place + 6] + bytes(4) + stream[place + 10:])  # to the end, whatever that is


def test_of_a_stream_of_another_kind_nothing_is_known():
    assert is_whole(b"") and is_whole(b"\xff\x0a of JPEG XL") and is_whole(bytes(100))
