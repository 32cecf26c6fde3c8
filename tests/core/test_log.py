"""core.log: traces for us, nothing of a patient."""

import faulthandler
import logging
from pathlib import Path

import pytest

from core.log import BACKUPS, CRASH_NAME, LOG_NAME, MAX_BYTES, set_up_logging, shut_down_logging


@pytest.fixture
def log_folder(tmp_path: Path):
    was_enabled = faulthandler.is_enabled()
    crash_file = set_up_logging(tmp_path / "logs")
    yield tmp_path / "logs"
    shut_down_logging(crash_file)
    if was_enabled:
        faulthandler.enable()


def test_the_log_names_the_error_and_its_line_but_not_its_message(log_folder: Path) -> None:
    name = "JANE".center(10)
    try:
        try:
            raise KeyError(name)
        except KeyError as error:
            raise ValueError(name) from error
    except ValueError:
        logging.getLogger("gui.test").exception("opening failed")
    text = (log_folder / LOG_NAME).read_text()
    assert "opening failed" in text
    assert "ValueError from KeyError" in text
    assert "test_log.py" in text
    assert name not in text


def test_what_libraries_log_is_not_written(log_folder: Path) -> None:
    logging.getLogger("pydicom").warning("Invalid value for VR PN: DOE^JANE")
    logging.getLogger("core.x").info("ours")
    assert "JANE" not in (log_folder / LOG_NAME).read_text()


def test_a_crash_file_lies_beside_it(log_folder: Path) -> None:
    assert (log_folder / CRASH_NAME).is_file()
    assert faulthandler.is_enabled()


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert set_up_logging(tmp_path / "file" / "logs") is None
    shut_down_logging(None)


def test_a_log_that_has_grown_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    for start in range(BACKUPS + 2):
        (tmp_path / LOG_NAME).write_text(f"{start} " + "x" * MAX_BYTES)
        shut_down_logging(set_up_logging(tmp_path))
    kept = {path.name: path.read_text().split()[0] for path in tmp_path.glob(f"{LOG_NAME}*")}
    newest = BACKUPS + 1
    assert kept == {f"{LOG_NAME}.{number}": str(newest + 1 - number) for number in range(1, BACKUPS + 1)}
