"""gui.app: the program as it is started, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from core.findings.wording import NOTHING_FOUND
from core.paths import program_folder
from core.settings import LARGEST_SIZE_PX, Settings
from gui import app
from tests.make.archive import make_zip
from tests.make.dicom import make_dicom
from tests.make.picture import make_picture
from tests.window.conftest import noise


def start(*arguments: object, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the window's program with a home folder of its own and no display."""
    variables = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    variables |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"),
                  "PYTHONPATH": str(program_folder()), **environment}
    command = [sys.executable, "-m", "gui.app", *map(str, arguments)]
    return subprocess.run(command, cwd=home, env=variables, capture_output=True, text=True, timeout=120, check=False)


def test_without_a_display_it_reads_writes_prints_and_ends(tmp_path, chest, model_folder) -> None:
    (tmp_path / "home").mkdir()
    home = tmp_path / "home"
    done = start(chest, "--model", model_folder, home=home, QT_QPA_PLATFORM="")
    assert done.returncode == 0, done.stderr
    assert "Opacity / consolidation" in done.stdout
    assert done.stderr == ""
    readings = json.loads((home / "out" / "readings.json").read_text())
    assert [(one["path"], one["verdict"]) for one in readings] == [(str(chest), "fits")]
    assert readings[0]["findings"][0]["above"] is True
    picture = QImage(str(home / "out" / "wetread.png"))
    assert (picture.width(), picture.height()) == (1600, 1000)
    assert not (home / "config").exists() or not list((home / "config").rglob("settings.json"))


def test_the_sample_study_is_read_by_the_model_that_comes_along_and_drawn_with_its_map(tmp_path) -> None:
    done = start("--sample", "--out", tmp_path / "report", home=tmp_path)
    assert done.returncode == 0, done.stderr
    readings = json.loads((tmp_path / "report" / "readings.json").read_text())
    assert [one["verdict"] for one in readings] == ["fits", "refused", "refused", "refused", "refused"]
    assert readings[0]["findings"][0]["above"] is True  # it shows masses
    picture = QImage(str(tmp_path / "report" / "wetread.png"))
    colored = sum(
        picture.pixelColor(x, y).saturation() > 60 for x in range(400, 1200, 10) for y in range(100, 700, 10)
    )
    assert colored > 100  # the heatmap


@pytest.mark.parametrize("content, reason", [(b"no picture", "not-an-image"), (b"", "empty-file")])
def test_a_file_that_cannot_be_read_is_an_object_too_and_the_exit_code_says_so(
    tmp_path, chest, model_folder, content, reason
) -> None:
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(content)
    done = start(chest, bad, "--out", tmp_path / "out", "--model", model_folder, home=tmp_path)
    assert done.returncode == 1
    readings = json.loads((tmp_path / "out" / "readings.json").read_text())
    assert [(one["verdict"], one["reason_code"]) for one in readings] == [("fits", None), ("failed", reason)]


def test_an_archive_that_asks_for_a_password_is_an_object_too_where_nobody_can_be_asked(
    tmp_path, chest, model_folder
) -> None:
    archive = make_zip(tmp_path / "locked.zip", {"1.dcm": chest.read_bytes()}, password="word")
    done = start(chest, archive, "--out", tmp_path / "out", "--model", model_folder, home=tmp_path)
    assert done.returncode == 1
    readings = json.loads((tmp_path / "out" / "readings.json").read_text())
    assert [(one["verdict"], one["reason_code"]) for one in readings] == [("fits", None), ("failed", "password-needed")]


def test_without_a_model_the_window_is_drawn_and_says_why(tmp_path, chest) -> None:
    done = start(chest, "--out", tmp_path / "out", "--model", tmp_path / "none", home=tmp_path)
    assert done.returncode == 1
    readings = json.loads((tmp_path / "out" / "readings.json").read_text())
    assert readings[0]["reason_code"] == "model-missing"
    assert (tmp_path / "out" / "wetread.png").is_file()


def test_nothing_to_open_is_said(tmp_path) -> None:
    done = start("--out", tmp_path / "out", home=tmp_path)
    assert done.returncode == 2
    assert "nothing to open" in done.stderr


def test_a_picture_that_cannot_be_written_is_told_with_its_file(tmp_path, chest, model_folder) -> None:
    picture = tmp_path / "out" / "wetread.png"
    picture.mkdir(parents=True)
    done = start(chest, "--out", tmp_path / "out", "--model", model_folder, home=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"{picture}: not written (Is a directory). Name a folder you may write to.\n"
    assert (tmp_path / "out" / "readings.json").is_file()


def test_what_is_no_picture_is_told_and_no_failure(tmp_path, model_folder) -> None:
    report = make_dicom(tmp_path / "report", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11")
    done = start(report, "--out", tmp_path / "out", "--model", model_folder, home=tmp_path)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads((tmp_path / "out" / "readings.json").read_text())
    assert (told["path"], told["verdict"], told["reason_code"]) == (str(report), "refused", "no-pixels")
    assert "holds no picture" in " ".join(done.stdout.split())


def test_a_folder_without_a_file_is_told_in_a_sentence(tmp_path, model_folder) -> None:
    (tmp_path / "empty").mkdir()
    done = start(tmp_path / "empty", "--out", tmp_path / "out", "--model", model_folder, home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{NOTHING_FOUND}\n")


def test_no_report_is_written_over_a_film_that_is_read(tmp_path, model_folder) -> None:
    (tmp_path / "films").mkdir()
    film = make_picture(tmp_path / "films" / "wetread.png", noise().astype("uint8"))
    content = film.read_bytes()
    for given in (film, film.parent):
        done = start(given, "--out", film.parent, "--model", model_folder, home=tmp_path)
        assert done.returncode == 2 and film.read_bytes() == content
        assert done.stderr == f"{film}: not written, it is one of the files to read. Name another folder.\n"
    assert [path.name for path in film.parent.iterdir()] == ["wetread.png"]


def test_the_version_is_printed(tmp_path) -> None:
    done = start("--version", home=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Wetread ")


def test_settings_are_reset_though_they_cannot_be_written(qtbot, tmp_path, monkeypatch, model_folder, caplog) -> None:
    (tmp_path / "file").write_text("where the settings folder would be")
    monkeypatch.setattr(app, "settings_file", lambda: tmp_path / "file" / "settings.json")
    arguments = app.build_parser().parse_args(["--reset-settings", "--model", str(model_folder)])
    window = app._make_window(arguments, is_report=False)
    qtbot.addWidget(window)
    assert window.remembered.settings == Settings()
    assert window.notices.text() == app.NOT_RESET
    assert "could not be written" in caplog.text


@pytest.mark.parametrize("settings", [Settings(geometry="\udce9"), Settings(panel_sizes=(LARGEST_SIZE_PX,) * 3)])
def test_settings_that_make_no_sense_do_not_stop_the_start(open_window, settings) -> None:
    assert open_window(settings=settings).desk is not None
