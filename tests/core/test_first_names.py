"""core.studies.first_names: a few names, as true as a whole listing, from either way to ask the system."""

import os
import sys

import pytest

from core.studies import first_names as module
from core.studies.first_names import first_names

NAMES = ["a", "ä.dcm", "x" * 200, *(f"{number}.dcm" for number in range(100))]


@pytest.fixture(params=["system call", "scandir"])
def way(request, monkeypatch):
    if request.param == "scandir":
        monkeypatch.setattr(module, "_getdents64", lambda: None)
    return request.param


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        (tmp_path / name).touch()
    return tmp_path


def test_names_are_those_of_the_folder_each_once(way, folder):
    assert sorted(first_names(folder, 1000)) == sorted(NAMES)


@pytest.mark.parametrize("count", [0, 1, 32, 103])
def test_there_are_as_many_as_asked_for(way, folder, count):
    names = first_names(folder, count)
    assert len(names) == len(set(names)) == count and set(names) <= set(NAMES)


def test_an_empty_folder_has_none(way, tmp_path):
    assert first_names(tmp_path, 32) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only there names are any bytes")
def test_a_name_that_is_no_text_comes_as_scandir_gives_it(way, tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xfe.dcm")).touch()
    assert first_names(tmp_path, 32) == [entry.name for entry in os.scandir(tmp_path)]


def test_what_is_no_folder_or_not_there_is_an_os_error(way, tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "gone"):
        with pytest.raises(OSError):
            first_names(path, 32)


@pytest.mark.skipif(sys.platform != "linux", reason="the call is Linux's")
def test_linux_is_asked_for_a_few_at_a_time(folder, monkeypatch):
    asked, call = [], module._getdents64()
    monkeypatch.setattr(module, "_getdents64", lambda: lambda *about: asked.append(about) or call(*about))
    first_names(folder, 3)
    assert len(asked) == 1
