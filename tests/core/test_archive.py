"""Zip archives are unpacked entry by entry; whatever is in them, nothing is written elsewhere or without end."""

import errno
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusal import Reason, Refusal
from core.studies.archive import Limits, count_entries, is_zip, safe_path, unpack
from tests.make.archive import make_zip, with_wrong_checksums


@pytest.fixture
def into(tmp_path):
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


def unpacked(archive, into, **options):
    return list(unpack(archive, into, **options))


def refusal(found) -> Refusal:
    (one,) = (one for one in found if isinstance(one, Refusal))
    return one


def test_entries_come_one_by_one_in_natural_order_with_their_folders(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {"s/im10": b"ten", "s/im2": b"two", "x": b""})
    found = unpacked(archive, into)
    assert [path.relative_to(into).as_posix() for path in found] == ["s/im2", "s/im10", "x"]
    assert found[0].read_bytes() == b"two"


def test_nothing_is_unpacked_before_it_is_asked_for(tmp_path, into):
    entries = unpack(make_zip(tmp_path / "a.zip", {"a": b"1", "b": b"2"}), into)
    next(entries)
    assert [path.name for path in into.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["../out", "/etc/out", "..\\out", "C:\\out", "a/../../out", "//host/out", "a\x00out"])
def test_no_name_leads_out_of_the_folder(tmp_path, into, name):
    (found,) = unpacked(make_zip(tmp_path / "a.zip", {name: b"x"}), into)
    assert found.resolve().is_relative_to(into.resolve())
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "into"}


@given(st.text(max_size=300), st.integers(0, 99_999))
def test_any_name_becomes_a_path_below_the_folder(tmp_path_factory, name, number):
    folder = tmp_path_factory.getbasetemp()
    path = safe_path(folder, name, number)
    assert path.resolve().is_relative_to(folder.resolve())
    assert path != folder


def test_two_entries_of_one_name_are_both_there(tmp_path, into):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("same", b"1")
        archive.writestr("same", b"2")
    assert sorted(path.read_bytes() for path in unpacked(tmp_path / "a.zip", into)) == [b"1", b"2"]


def test_a_file_where_another_entry_needs_a_folder_hinders_nobody(tmp_path, into):
    found = unpacked(make_zip(tmp_path / "a.zip", {"a": b"1", "a/b": b"2"}), into)
    assert sorted(path.read_bytes() for path in found) == [b"1", b"2"]


def test_a_password_is_asked_for_and_opens(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {"a": b"secret"}, password="word")
    assert refusal(unpacked(archive, into)).reason is Reason.PASSWORD_NEEDED
    assert refusal(unpacked(archive, into, password="wrong")).reason is Reason.PASSWORD_WRONG
    assert list(into.iterdir()) == []
    (found,) = unpacked(archive, into, password="word")
    assert found.read_bytes() == b"secret"


def test_too_many_entries_are_refused_before_one_is_unpacked(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {f"{n}": b"" for n in range(11)})
    assert count_entries(archive) == 11
    assert refusal(unpacked(archive, into, limits=Limits(entries=10))).reason is Reason.ARCHIVE_LIMIT
    assert list(into.iterdir()) == []


def test_too_many_bytes_end_the_archive_after_what_was_whole(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {"a": bytes(600), "b": bytes(600), "c": b""})
    found = unpacked(archive, into, limits=Limits(total_bytes=1000))
    assert [path.name for path in found[:-1]] == ["a"]
    assert refusal(found).reason is Reason.ARCHIVE_LIMIT
    assert [path.name for path in into.iterdir()] == ["a"]


def test_what_unpacks_to_many_times_its_size_is_refused(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {"bomb": bytes(8 << 20)})
    found = unpacked(archive, into, limits=Limits(ratio=100, ratio_from=1 << 20))
    assert "100 times" in refusal(found).facts["detail"]
    assert list(into.iterdir()) == []


def test_a_full_disk_is_said(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {"a": b"1"})
    assert "disk" in refusal(unpacked(archive, into, limits=Limits(free_bytes=1 << 60))).facts["detail"]


def test_an_entry_with_a_wrong_checksum_does_not_stop_the_others(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {"a": b"first", "b": b"second"})
    raw = bytearray(archive.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 16] ^= 1  # of the first entry
    archive.write_bytes(raw)
    found = unpacked(archive, into)
    assert (refusal(found).path.name, refusal(found).reason) == ("a", Reason.DAMAGED)
    assert [path.name for path in found if not isinstance(path, Refusal)] == ["b"]


def test_damaged_entries_keep_their_folders_so_that_no_two_films_share_a_path(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {"IM1": b"1", "S1/IM1": b"2", "S2/IM1": b"3", "../S3/IM1": b"4"})
    found = unpacked(with_wrong_checksums(archive, 1, 2, 3), into)
    refused = [one.path.relative_to(archive).as_posix() for one in found if isinstance(one, Refusal)]
    assert sorted(refused) == ["S1/IM1", "S2/IM1", "S3/IM1"]
    assert [path for path in found if not isinstance(path, Refusal)] == [into / "IM1"]


@pytest.mark.parametrize("damaged", [(0,), (1,), (0, 1), (0, 1, 2)])
def test_of_entries_of_one_name_damaged_and_whole_each_has_a_path_of_its_own(tmp_path, into, damaged):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for content in (b"1", b"2", b"3"):
            archive.writestr("s/same", content)
    found = unpacked(with_wrong_checksums(tmp_path / "a.zip", *damaged), into)
    places = [one.path.relative_to(tmp_path / "a.zip") if isinstance(one, Refusal) else one.relative_to(into)
              for one in found]
    assert len(set(places)) == 3 and places[0].as_posix() == "s/same"
    assert sum(isinstance(one, Refusal) for one in found) == len(damaged)


def with_odd_names(path: Path, count: int) -> Path:
    """Write an archive of two entries, one of whose names is no UTF-8 in so many of the two places that have it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("\u00e4.dcm", b"1")
        archive.writestr("b.dcm", b"2")
    path.write_bytes(path.read_bytes().replace("\u00e4".encode(), b"\xff\xfe", count))
    return path


def test_a_name_that_is_not_the_utf_8_that_it_is_said_to_be_is_told(tmp_path, into):
    found = unpacked(with_odd_names(tmp_path / "entry.zip", 1), into)
    assert "not the UTF-8" in refusal(found).facts["detail"] and refusal(found).path.name == "\u00e4.dcm"
    assert [path.name for path in found if not isinstance(path, Refusal)] == ["b.dcm"]
    told = refusal(unpacked(with_odd_names(tmp_path / "whole.zip", 2), into))
    assert (told.reason, told.path) == (Reason.PACKING, tmp_path / "whole.zip")
    assert "not the UTF-8" in told.facts["detail"]


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_an_entry_that_is_damaged_does_not_stop_the_others_however_it_is_packed(tmp_path, into, method):
    content = random.Random(0).randbytes(4000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.dcm", content)
        archive.writestr("b.dcm", content)
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    raw[60:440] = bytes(byte ^ 0xFF for byte in raw[60:440])  # behind the first entry's header
    (tmp_path / "a.zip").write_bytes(raw)
    found = unpacked(tmp_path / "a.zip", into)
    assert (refusal(found).path, refusal(found).reason) == (tmp_path / "a.zip" / "a.dcm", Reason.DAMAGED)
    assert [path.name for path in found if not isinstance(path, Refusal)] == ["b.dcm"]


def test_a_name_that_is_too_long_for_the_disk_is_cut_by_its_bytes(tmp_path, into):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("\u80f8" * 99, "\u80f8" * 98 + "x", "z" * 99):
            archive.writestr(name, name)
    found = unpacked(tmp_path / "a.zip", into)
    assert len({path.read_text(encoding="utf-8") for path in found}) == 3
    assert {path.name for path in found} == {"\u80f8" * 46, "z" * 99}


def test_folders_that_are_too_long_together_leave_the_name_alone(tmp_path, into):
    name = "/".join(["z" * 99] * 12)
    assert safe_path(into, name, 7) == into / "#000007" / ("z" * 99)
    assert safe_path(into, "z/" * 11 + "a", 7) == into.joinpath(*"z" * 11, "a")
    found = unpacked(make_zip(tmp_path / "a.zip", {name: b"1", "b": b"2"}), into)
    assert [path.read_bytes() for path in found] == [b"2", b"1"]
    assert all(len(str(path)) < 1024 for path in found)


def test_a_name_that_the_system_cannot_ask_for_is_one_entry(tmp_path, into, monkeypatch):
    def exists(path):
        if path.name == "a":
            raise OSError(errno.ENAMETOOLONG, "told by the system")  # as Python 3.11 does
        return real(path)

    archive, real = make_zip(tmp_path / "a.zip", {"a": b"1", "b": b"2"}), Path.exists
    monkeypatch.setattr(Path, "exists", exists)
    found = unpacked(archive, into)
    assert (refusal(found).path, refusal(found).facts["detail"]) == (archive / "a", "told by the system")
    assert [path.name for path in found if not isinstance(path, Refusal)] == ["b"]


def test_a_damaged_entry_that_cannot_be_removed_is_one_entry(tmp_path, into, monkeypatch):
    def unlink(path, **_):
        raise PermissionError(errno.EACCES, "in use")

    archive = make_zip(tmp_path / "a.zip", {"a": b"first", "b": b"second"})
    raw = bytearray(archive.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 16] ^= 1  # of the first entry
    archive.write_bytes(raw)
    monkeypatch.setattr(Path, "unlink", unlink)
    found = unpacked(archive, into)
    assert (refusal(found).path, refusal(found).facts["detail"]) == (archive / "a", "wrong checksum")
    assert [path.name for path in found if not isinstance(path, Refusal)] == ["b"]


def test_an_entry_that_finds_its_place_taken_removes_nothing(tmp_path, into):
    found = unpacked(make_zip(tmp_path / "a.zip", {"#000002/c": b"1", "b": b"2", "b/c": b"3"}), into)
    assert refusal(found).reason is Reason.DAMAGED
    assert sorted(path.read_bytes() for path in found if not isinstance(path, Refusal)) == [b"1", b"2"]


@pytest.mark.parametrize(("number", "reason", "names"), [
    (errno.EIO, Reason.DAMAGED, ["b"]), (errno.ENOSPC, Reason.ARCHIVE_LIMIT, []),
    (errno.EDQUOT, Reason.ARCHIVE_LIMIT, []),
])
def test_what_cannot_be_written_is_one_entry_but_a_full_disk_ends_the_archive(
    tmp_path, into, monkeypatch, number, reason, names
):
    def opened(path, *rest, **named):
        if path == into / "a":
            raise OSError(number, "told by the system")
        return real(path, *rest, **named)

    archive, real = make_zip(tmp_path / "a.zip", {"a": b"1", "b": b"2"}), Path.open
    monkeypatch.setattr(Path, "open", opened)
    found = unpacked(archive, into)
    assert refusal(found).reason is reason
    assert [path.name for path in found if not isinstance(path, Refusal)] == names
    assert refusal(found).facts["detail"] == ("told by the system" if names else "the disk for temporary files is full")


def test_an_unknown_packing_is_said(tmp_path, into):
    assert refusal(unpacked(make_zip(tmp_path / "a.zip", {"a": b"x"}, method=97), into)).reason is Reason.PACKING
    without_field = make_zip(tmp_path / "b.zip", {"a": b"x"}, password="word", method=99)
    assert refusal(unpacked(without_field, into, password="word")).facts["detail"] == "method 99"


@pytest.mark.parametrize("cut", [1, 30, 60, 90])
def test_a_cut_archive_is_damaged(tmp_path, into, cut):
    archive = make_zip(tmp_path / "a.zip", {"a": b"x" * 50})
    archive.write_bytes(archive.read_bytes()[:cut])
    assert refusal(unpacked(archive, into)).reason is Reason.DAMAGED


@given(st.data())
def test_no_damage_raises(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("zip")
    (folder / "into").mkdir()
    raw = bytearray(make_zip(folder / "a.zip", {"a": b"x" * 50, "b/c": b"y"}).read_bytes())
    for _ in range(3):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (folder / "a.zip").write_bytes(raw)
    for found in unpack(folder / "a.zip", folder / "into", "word"):
        assert isinstance(found, Refusal) or found.is_relative_to(folder / "into")


def test_cancelling_stops(tmp_path, into):
    archive = make_zip(tmp_path / "a.zip", {f"{n}": b"" for n in range(9)})
    assert len(unpacked(archive, into, cancelled=lambda: len(list(into.iterdir())) >= 3)) == 3


def test_a_zip_is_told_by_its_first_bytes(tmp_path):
    assert is_zip(make_zip(tmp_path / "a", {}))
    assert is_zip(make_zip(tmp_path / "b", {"x": b""}))
    (tmp_path / "c.zip").write_bytes(b"no")
    assert not is_zip(tmp_path / "c.zip")
    assert not is_zip(tmp_path / "gone.zip")
