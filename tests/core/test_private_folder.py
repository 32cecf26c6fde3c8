"""Temporary folders of a user's files: private, gone at close, and swept after a crash."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.private_folder import PrivateFolder, remove_stale_folders

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(folder: Path) -> None:
    os.utime(folder, (0, 0))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes; the folder lies in the user's own")
def test_only_the_user_may_look_into_it():
    folder = PrivateFolder()
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.close()


def test_closing_removes_it_and_what_is_in_it(temporary):
    folder = PrivateFolder()
    (folder.path / "deep").mkdir()
    (folder.path / "deep" / "file").write_bytes(b"x")
    folder.close()
    folder.close()
    assert list(temporary.iterdir()) == []


def test_a_folder_in_use_is_not_swept():
    folder = PrivateFolder()
    aged(folder.path)
    assert remove_stale_folders() == 0
    assert folder.path.is_dir()
    folder.close()


def test_what_a_killed_program_left_is_swept(temporary):
    code = f"import tempfile; tempfile.tempdir = {str(temporary)!r}\n" \
           "from core.private_folder import PrivateFolder\nimport os\nPrivateFolder(); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 9
    (left,) = temporary.iterdir()
    aged(left)
    assert remove_stale_folders() == 1
    assert list(temporary.iterdir()) == []


def test_other_folders_are_left_alone(temporary):
    (temporary / "other").mkdir()
    (temporary / "wetread-open-new").mkdir()  # so new that its lock may still come
    assert remove_stale_folders() == 0
    aged(temporary / "wetread-open-new")
    assert remove_stale_folders() == 1
    assert [path.name for path in temporary.iterdir()] == ["other"]


def test_a_new_folder_whose_lock_is_there_and_not_locked_yet_is_left_alone(temporary):
    (temporary / "wetread-open-new").mkdir()
    (temporary / "wetread-open-new" / ".in-use").touch()
    assert remove_stale_folders() == 0
    aged(temporary / "wetread-open-new")
    assert remove_stale_folders() == 1


@pytest.mark.parametrize("look", [1, 2, 3])
def test_a_folder_that_another_program_closes_meanwhile_is_no_error(temporary, monkeypatch, look):
    going, left = temporary / "wetread-open-going", temporary / "wetread-open-left"
    for folder in (going, left):
        folder.mkdir()
        aged(folder)
    real, looks = Path.stat, []

    def looked_at(path, **options):
        looks.append(path)
        if looks.count(going) == look:
            shutil.rmtree(going, ignore_errors=True)
        return real(path, **options)

    monkeypatch.setattr(Path, "stat", looked_at)
    remove_stale_folders()
    assert list(temporary.iterdir()) == []
