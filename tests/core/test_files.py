import os
import stat
from pathlib import Path

import pytest

from core.files import cut_to_bytes, path_text, printable, sha256_of, without_controls, write_atomically


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "new folder" / "a.json"
    write_atomically(path, "first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.json"]


def test_the_users_umask_decides_who_may_read(tmp_path):
    before = os.umask(0o077)
    try:
        write_atomically(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o400])
def test_a_file_that_is_there_keeps_who_may_read_it(tmp_path, mode):
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(mode)
    write_atomically(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new" and stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def test_a_link_keeps_pointing_to_its_target(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_atomically(link, "new")
    assert link.is_symlink() and target.read_text() == "new"


def test_what_is_no_regular_file_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, "hello")
        assert os.read(reader, 10) == b"hello"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="the system names no open files")
def test_a_pipe_that_is_named_by_its_descriptor_is_written_to():
    reader, writer = os.pipe()
    try:
        write_atomically(Path(f"/dev/fd/{writer}"), "hello")  # as /dev/stdout before a pipe, and >(...) in a shell
        assert os.read(reader, 10) == b"hello"
    finally:
        os.close(reader)
        os.close(writer)


def test_a_text_is_cut_between_two_letters():
    assert [cut_to_bytes("\u80f8\u90e8", most) for most in (0, 2, 3, 5, 6, 9)] == ["", "", *["\u80f8"] * 2,
                                                                                  *["\u80f8\u90e8"] * 2]
    assert cut_to_bytes("\udcff", 1) == "?"


def test_any_name_can_be_printed(tmp_path):
    path = tmp_path / os.fsdecode(b"na\xefve")
    assert printable(path).endswith("na\\xefve")
    printable(path).encode("utf-8")


def test_what_a_terminal_would_obey_is_written_out():
    assert printable(Path("a\x1b[2J\r\n\x9b\x7fü")) == "a\\x1b[2J\\x0d\\x0a\\x9b\\x7fü"
    assert path_text(Path("a\x1b\n")) == "a\x1b\n"
    assert without_controls("\ta\x00\n", spared="\t\n") == "\ta\\x00\n"


def test_the_hash_is_sha_256():
    assert sha256_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
