"""A copy is known by its instance and its bytes."""

import pytest

from core.studies.duplicates import same_content


@pytest.mark.parametrize(("one", "other", "same"), [
    (b"", b"", True), (b"a", b"a", True), (b"a", b"b", False), (b"a", b"aa", False),
    (b"x" * (3 << 20), b"x" * (3 << 20), True), (b"x" * (3 << 20), b"x" * ((3 << 20) - 1) + b"y", False),
])
def test_content_is_compared_to_its_last_byte(tmp_path, one, other, same):
    (tmp_path / "one").write_bytes(one)
    (tmp_path / "other").write_bytes(other)
    assert same_content(tmp_path / "one", tmp_path / "other") is same


def test_a_file_that_is_gone_is_no_copy(tmp_path):
    (tmp_path / "one").write_bytes(b"")
    assert not same_content(tmp_path / "one", tmp_path / "gone")
