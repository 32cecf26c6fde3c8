"""The table of readings tells files apart by as much of their paths as it takes."""

from pathlib import Path

import numpy as np
import pytest

from core.findings.finding import Finding, Reading, Verdict
from core.findings.table import distinct_names, print_readings
from core.refusal import Reason, Refusal


@pytest.mark.parametrize(("paths", "names"), [
    (["/d/a/film.dcm"], ["film.dcm"]),
    (["/d/a/film.dcm", "/d/b/film.dcm", "/d/b/other.dcm"], ["a/film.dcm", "b/film.dcm", "other.dcm"]),
    (["/d/x/s/1", "/d/y/s/1", "/d/y/t/1"], ["x/s/1", "y/s/1", "t/1"]),
    (["1", "s/1", "/n.zip/s/1"], ["1", "s/1", "n.zip/s/1"]),
    (["/d/1", "/d/1"], ["1", "1"]),
    ([], []),
])
def test_a_name_is_the_shortest_end_of_a_path_that_no_other_has(paths, names):
    found = distinct_names(list(map(Path, paths)))
    assert [found[Path(path)].as_posix() for path in paths] == names


@pytest.mark.parametrize("text", ["chest [copy].dcm", "Knee[/L]", "[red]a.dcm", ":skull:.dcm"])
def test_a_name_and_what_a_header_says_are_shown_as_they_are_and_are_no_markup(text, capsys):
    path = Path(f"{text}.dcm")
    refusal = Refusal(Reason.WRONG_BODY_PART, path, {"body_part": text})
    print_readings([Reading(path, 0, Verdict.REFUSED, refusal=refusal)])
    shown = capsys.readouterr().out
    assert f" {path.name} " in shown and f"Not analysed: {text}, not a chest." in shown


def test_nothing_of_a_file_reaches_the_terminal_as_a_command(capsys):
    path = Path("a\x1b[31m.dcm")
    refusal = Refusal(Reason.WRONG_MODALITY, path, {"modality": "M\x1b[2J\r\x9b"})
    print_readings([Reading(path, 0, Verdict.REFUSED, refusal=refusal, copy_of=Path("\x1b"))])
    shown = capsys.readouterr().out
    assert "a\\x1b[31m.dcm" in shown and "M\\x1b[2J\\x0d\\x9b" in shown
    assert not any(sign in shown for sign in "\x1b\r\x9b")


def test_files_of_one_name_are_told_apart_and_a_reason_names_no_file(capsys):
    readings = [Reading(path, 0, Verdict.FAILED, refusal=Refusal(Reason.EMPTY_FILE, path))
                for path in (Path("/d/a/film.dcm"), Path("/d/b/film.dcm"))]
    print_readings(readings)
    shown = capsys.readouterr().out
    assert "a/film.dcm" in shown and "b/film.dcm" in shown and "film.dcm:" not in shown


def test_a_finding_that_is_uncertain_is_told_so_beside_its_threshold_and_a_copy_by_its_first(capsys):
    findings = [Finding("Opacity", 0.52, 0.5, 0.0, 0.0, np.zeros((1, 1), np.float32), 1.0, doubt)
                for doubt in (True, False)]
    print_readings([Reading(Path("a"), 0, Verdict.FITS, findings=tuple(findings), copy_of=Path("first.dcm"))])
    unsure, sure = (line for line in capsys.readouterr().out.splitlines() if "Opacity" in line)
    assert "▲ above 0.500, uncertain" in unsure and "uncertain" not in sure and "copy of first.dcm" in sure
