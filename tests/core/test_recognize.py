"""What a file is, by its first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dicom.recognize import HEAD_BYTES, Kind, recognize
from tests.make.dicom import make_dicom
from tests.make.picture import gradient, make_picture


@pytest.mark.parametrize(("suffix", "kind"), [
    ("png", Kind.PNG), ("jpg", Kind.JPEG), ("tiff", Kind.TIFF), ("bmp", Kind.BMP), ("webp", Kind.WEBP),
])
def test_pictures_are_told_apart_by_content(tmp_path, suffix, kind):
    assert recognize(make_picture(tmp_path / f"picture.{suffix}", gradient()).read_bytes()[:HEAD_BYTES]) is kind


@pytest.mark.parametrize(("preamble", "meta"), [(True, True), (False, True), (False, False)])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
def test_dicom_is_known_with_and_without_preamble_and_file_meta(tmp_path, preamble, meta, syntax):
    path = make_dicom(tmp_path / "image", gradient(), syntax=syntax, preamble=preamble, meta=meta)
    assert recognize(path.read_bytes()[:HEAD_BYTES]) is Kind.DICOM


def test_a_command_set_starts_dicom_and_zeros_do_not():
    assert recognize(bytes.fromhex("00000000 04000000 26000000")) is Kind.DICOM
    assert recognize(bytes(12)) is None


def test_dicom_with_a_tiff_header_in_its_preamble_is_dicom(tmp_path):
    raw = make_dicom(tmp_path / "image", gradient()).read_bytes()
    assert recognize(b"II*\0" + raw[4:HEAD_BYTES]) is Kind.DICOM


@pytest.mark.parametrize("head", [
    b"", b"B", b"BM is how this text begins, and it is no bitmap", b"%PDF-1.7", b"PK\x03\x04", b"\x1f\x8b\x08",
    b"RIFF\x00\x00\x00\x00WAVE", b"\x7fELF\x02\x01\x01" + bytes(9), b"\x08\x00", b"\x00" * 200, b"\xff" * 200,
    b'{"json": true}', b"<?xml version='1.0'?>",
])
def test_what_is_neither_is_none(head):
    assert recognize(head[:HEAD_BYTES]) is None


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_have_an_answer(head):
    assert recognize(head) is None or isinstance(recognize(head), Kind)
