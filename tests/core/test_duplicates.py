"""A copy is known by its instance and its data set, whatever became of preamble and file meta information."""

from dataclasses import replace

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.studies.duplicates import KnownInstances, same_content
from tests.make.dicom import make_dataset, make_dicom, to_bytes

PIXELS = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
JPEG_LS = "1.2.840.10008.1.2.4.80"


@pytest.mark.parametrize(("one", "other", "same"), [
    (b"", b"", True), (b"a", b"a", True), (b"a", b"b", False), (b"a", b"aa", False),
    (b"x" * (3 << 20), b"x" * (3 << 20), True), (b"x" * (3 << 20), b"x" * ((3 << 20) - 1) + b"y", False),
    (b"\2\0\x10\0UI\4\0", b"\2\0\x10\0UI\6\0", False),  # file meta information that does not end
])
def test_content_is_compared_to_its_last_byte(tmp_path, one, other, same):
    (tmp_path / "one").write_bytes(one)
    (tmp_path / "other").write_bytes(other)
    assert same_content(tmp_path / "one", tmp_path / "other") is same


def test_a_file_that_is_gone_is_no_copy(tmp_path):
    (tmp_path / "one").write_bytes(b"")
    assert not same_content(tmp_path / "one", tmp_path / "gone")


@pytest.fixture
def whole(tmp_path):
    return make_dicom(tmp_path / "whole", PIXELS)


def is_copy(tmp_path, whole, content: bytes) -> bool:
    (tmp_path / "other").write_bytes(content)
    known = KnownInstances()
    assert known.first_of(load_image(whole)) is None
    found = known.first_of(load_image(tmp_path / "other"))
    assert found in (None, whole)
    return found is not None


def test_a_copy_that_lost_its_preamble_or_file_meta_information_or_has_another_is_one(tmp_path, whole):
    raw = whole.read_bytes()
    data_set = 144 + int.from_bytes(raw[140:144], "little")
    other_writer = raw.replace(b"PYDICOM", b"ANOTHER")
    assert other_writer != raw
    for content in (raw[132:], raw[data_set:], other_writer, b"text" * 32 + raw[128:]):
        assert is_copy(tmp_path, whole, content)
    (tmp_path / "bare").write_bytes(raw[132:])
    assert is_copy(tmp_path, tmp_path / "bare", raw)  # whichever comes first


def test_a_file_of_the_instance_with_another_data_set_is_none(tmp_path, whole):
    raw = whole.read_bytes()
    assert not is_copy(tmp_path, whole, raw[:-1] + bytes([raw[-1] ^ 1]))
    assert not is_copy(tmp_path, whole, raw.replace(b"Doe^Jane", b"Doe^John")[132:])


def test_pixels_whose_compression_nobody_knows_any_more_are_no_copy_and_keep_none_from_opening(tmp_path):
    raw = to_bytes(make_dataset(PIXELS), JPEG_LS)
    whole = tmp_path / "whole"
    whole.write_bytes(raw)
    data_set = 144 + int.from_bytes(raw[140:144], "little")
    assert not is_copy(tmp_path, whole, raw[data_set:])
    assert is_copy(tmp_path, whole, raw[132:])


def test_the_beginnings_alone_are_read_of_files_of_other_lengths(tmp_path, whole, monkeypatch):
    first = load_image(whole)
    (tmp_path / "other").write_bytes(whole.read_bytes() + bytes(2))
    monkeypatch.setattr("core.studies.duplicates._same_bytes", None)
    known = KnownInstances()
    assert known.first_of(first) is known.first_of(replace(first, path=tmp_path / "other")) is None
