"""wetread-cli read and triage, called as a shell calls them, on a small real model."""

import csv
import errno
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

import core.cli
import core.reading.read_image
import core.triage.run
from core.cli.main import main
from core.cli.shared import is_stdout
from core.findings.wording import NOTHING_FOUND
from core.paths import sample_folder
from tests.make.archive import make_zip
from tests.make.dicom import make_dataset, make_dicom, make_dicomdir, to_bytes
from tests.make.model import make_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(make_model(tmp_path_factory.mktemp("models") / "made"))


@pytest.fixture
def films(tmp_path):
    """A gray picture, a color picture, a text file and a chest radiograph."""
    folder = tmp_path / "films"
    folder.mkdir()
    rng = np.random.default_rng(0)
    PillowImage.fromarray(rng.integers(0, 255, (200, 180), np.uint8)).save(folder / "a gray.png")
    PillowImage.fromarray(rng.integers(0, 255, (200, 180, 3), np.uint8)).save(folder / "b color.png")
    (folder / "c notes.txt").write_text("no image")
    (folder / "d chest.dcm").write_bytes((sample_folder() / "RG1_UNCR.dcm").read_bytes())
    return folder


def test_read_writes_one_object_for_each_file(films, model, tmp_path, capsys):
    target = tmp_path / "readings.json"
    code = main(["read", str(films), "--json", str(target), "--model", model, "--device", "cpu"])
    objects = json.loads(target.read_text())
    assert code == 1  # one file could not be read
    assert [item["verdict"] for item in objects] == ["uncertain", "refused", "failed", "fits"]
    assert all(item["reason"] for item in objects[:3]) and objects[3]["reason"] == ""
    for item in objects:
        assert len(item["model"]["weights_sha256"]) == 64 and item["device"] == "cpu" and item["seconds"] >= 0
    (finding,) = objects[3]["findings"]
    assert set(finding) == {"label", "probability", "threshold", "above", "uncertain", "calibrated_for"}
    assert finding["calibrated_for"] == {"population": "all ages", "prevalence": 0.5}
    assert finding["above"] == (finding["probability"] >= finding["threshold"])
    assert "d chest.dcm" in capsys.readouterr().out


def test_an_age_on_the_command_line_counts_for_all_files_and_nonsense_is_refused(films, model, tmp_path, capsys):
    target = tmp_path / "readings.json"
    main(["read", str(films / "a gray.png"), "--json", str(target), "--model", model, "--device", "cpu", "--age", "50"])
    (stated,) = json.loads(target.read_text())
    assert stated["age_years"] == 50 and stated["extent"] is None
    for odd in ("nan", "-1", "old"):
        with pytest.raises(SystemExit):
            main(["read", str(films), "--model", model, f"--age={odd}"])
        assert f"--age: {odd} is no age in years" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["read", "triage"])
def test_a_folder_without_a_file_is_told_in_a_sentence(command, tmp_path, model, capsys):
    (tmp_path / "empty").mkdir()
    assert main([command, str(tmp_path / "empty"), "--model", model]) == 1
    printed = capsys.readouterr()
    assert printed.err == f"{NOTHING_FOUND}\n" and "verdict" not in printed.out


def test_heatmaps_have_the_images_own_rows_and_columns(films, model, tmp_path):
    target, folder = tmp_path / "readings.json", tmp_path / "maps"
    main(["read", str(films / "a gray.png"), str(films / "d chest.dcm"), "--json", str(target), "--heatmaps",
          str(folder), "--model", model])
    shapes = []
    for item in json.loads(target.read_text()):
        heatmap = np.load(item["findings"][0]["heatmap"], allow_pickle=False)
        assert heatmap.dtype == np.float32 and heatmap.min() >= 0
        shapes.append(heatmap.shape)
    assert shapes == [(200, 180), (1955, 1841)]


def test_all_well_is_exit_code_0(films, model):
    assert main(["read", str(films / "a gray.png"), "--model", model]) == 0


def test_a_model_folder_that_is_damaged_is_named(films, tmp_path, capsys):
    folder = make_model(tmp_path / "bad")
    (folder / "weights.safetensors").write_bytes(b"rubbish")
    assert main(["read", str(films), "--model", str(folder)]) == 2
    assert "weights.safetensors" in capsys.readouterr().err


def test_a_path_that_does_not_exist_is_a_failed_object(model, tmp_path):
    target = tmp_path / "r.json"
    assert main(["read", str(tmp_path / "nowhere.dcm"), "--json", str(target), "--model", model]) == 1
    (item,) = json.loads(target.read_text())
    assert item["verdict"] == "failed" and item["reason"] == "not found"


def test_triage_gives_every_file_exactly_one_row(films, model, tmp_path):
    target = tmp_path / "list.csv"
    assert main(["triage", str(films), "--csv", str(target), "--model", model]) == 1
    rows = list(csv.DictReader(target.open(newline="")))
    assert sorted(row["path"] for row in rows) == sorted(str(path) for path in films.iterdir())
    assert {"path", "state", "reason", "model", "finding", "probability", "above", "priority"} <= set(rows[0])
    states = {row["path"].rsplit("/", 1)[1]: row["state"] for row in rows}
    assert states == {"a gray.png": "read", "b color.png": "refused", "c notes.txt": "failed", "d chest.dcm": "read"}
    assert all(row["probability"] == "" for row in rows if row["state"] != "read")


@pytest.mark.parametrize("ask", ["read_json", "triage_csv"])
def test_an_unexpected_error_fails_one_image_and_not_the_list(
    films, model, tmp_path, monkeypatch, caplog, capsys, ask
):
    real, name = core.reading.read_image.input_gray, "DOE^JOHN"

    def breaks_once(frame, spec):
        if frame.stored.shape == (200, 180):
            raise ZeroDivisionError(name)
        return real(frame, spec)

    monkeypatch.setattr(core.reading.read_image, "input_gray", breaks_once)
    code, items = {"read_json": read_json, "triage_csv": triage_csv}[ask](model, tmp_path, films)
    said = {Path(item["path"]).name: (item.get("verdict") or item["state"], item["reason"]) for item in items}
    assert code == 1 and len(items) == 4
    assert said["a gray.png"] == ("failed", "failed") and said["d chest.dcm"][0] in ("fits", "read")
    assert "ZeroDivisionError" in caplog.text
    told = capsys.readouterr().err  # where it broke, without a word of the file
    assert "ZeroDivisionError" in told and "read_image.py" in told and "DOE" not in told


def test_a_name_that_is_no_text_is_still_a_row_and_an_object(model, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / os.fsdecode(b"na\xefve.txt")).write_bytes(b"no image")
    target, table = tmp_path / "r.json", tmp_path / "t.csv"
    assert main(["read", str(folder), "--json", str(target), "--model", model]) == 1
    assert main(["triage", str(folder), "--csv", str(table), "--model", model]) == 1
    assert json.loads(target.read_text())[0]["path"].endswith("na\\xefve.txt")
    assert "na\\xefve.txt" in table.read_text()


def test_heatmaps_that_cannot_be_written_do_not_lose_the_readings(films, model, tmp_path, capsys):
    target = tmp_path / "r.json"
    blocked = tmp_path / "file"
    blocked.write_text("")
    film = str(films / "a gray.png")
    assert main(["read", film, "--json", str(target), "--heatmaps", str(blocked / "maps"), "--model", model]) == 1
    assert json.loads(target.read_text())[0]["findings"]
    assert "not written" in capsys.readouterr().err


def test_a_path_too_long_for_the_system_is_a_failed_object(model, tmp_path):
    target = tmp_path / "r.json"
    assert main(["read", str(tmp_path / ("x" * 300)), "--json", str(target), "--model", model]) == 1
    assert json.loads(target.read_text())[0]["verdict"] == "failed"


def read_json(model, tmp_path, *arguments):
    target = tmp_path / "readings.json"
    code = main(["read", *map(str, arguments), "--json", str(target), "--model", model])
    return code, json.loads(target.read_text())


def triage_csv(model, tmp_path, *arguments):
    target = tmp_path / "list.csv"
    code = main(["triage", *map(str, arguments), "--csv", str(target), "--model", model])
    return code, list(csv.DictReader(target.open(newline="")))


@pytest.fixture
def chest_bytes():
    pixels = np.random.default_rng(0).integers(0, 4000, (200, 180), np.uint16)
    return to_bytes(make_dataset(pixels, WindowCenter=2000, WindowWidth=4000))


def test_an_archive_is_read_by_the_names_inside_it_and_leaves_nothing_behind(
    model, tmp_path, chest_bytes, monkeypatch
):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    archive = make_zip(tmp_path / "night.zip", {"one/a.dcm": chest_bytes, "notes": b"text", "cut": chest_bytes[:400]})
    code, objects = read_json(model, tmp_path, archive)
    assert code == 1
    assert {item["path"]: item["verdict"] for item in objects} == {
        str(archive / "one" / "a.dcm"): "fits", str(archive / "notes"): "failed", str(archive / "cut"): "failed"}
    code, rows = triage_csv(model, tmp_path, archive)
    assert {row["path"] for row in rows} == {item["path"] for item in objects}
    assert not list((tmp_path / "temporary").iterdir())


def test_an_archive_with_a_password_is_read_with_it_and_nobody_hears_it(
    model, tmp_path, chest_bytes, capfd, caplog
):
    archive = make_zip(tmp_path / "a.zip", {"a.dcm": chest_bytes}, password="hush-hush")
    word = tmp_path / "word"
    for text, code, states in (("hush-hush\n", 0, ["read"]), ("\ufeffhush-hush\r\n", 0, ["read"]),
                               ("wrong", 1, ["failed"])):
        word.write_text(text, encoding="utf-8")
        found, rows = triage_csv(model, tmp_path, archive, "--password-file", word)
        assert (found, [row["state"] for row in rows]) == (code, states)
        assert read_json(model, tmp_path, archive, "--password-file", word)[0] == code
    assert rows[0]["reason"] == "wrong password"
    code, rows = triage_csv(model, tmp_path, archive)
    assert (code, rows[0]["reason"]) == (1, "password needed")
    out = capfd.readouterr()
    assert "hush-hush" not in out.out + out.err + caplog.text + (tmp_path / "list.csv").read_text()


@pytest.mark.parametrize("content", [None, "", "\nword"])
def test_a_password_file_without_a_password_is_wrong_usage(model, tmp_path, content, capsys):
    word = tmp_path / "word"
    if content is not None:
        word.write_text(content)
    with pytest.raises(SystemExit) as ended:
        main(["read", str(tmp_path), "--password-file", str(word), "--model", model])
    assert ended.value.code == 2
    assert str(word) in capsys.readouterr().err


def test_a_medium_is_read_as_far_as_it_is_there(model, tmp_path, chest_bytes):
    (tmp_path / "cd" / "IMAGES").mkdir(parents=True)
    (tmp_path / "cd" / "IMAGES" / "A").write_bytes(chest_bytes)
    (tmp_path / "cd" / "elsewhere").write_bytes(chest_bytes)
    medium = make_dicomdir(tmp_path / "cd" / "DICOMDIR", ["IMAGES/A", "IMAGES/B"])
    code, rows = triage_csv(model, tmp_path, medium)
    assert code == 1
    assert {row["path"].rsplit("/", 1)[1]: (row["state"], row["reason"]) for row in rows} == {
        "A": ("read", ""), "B": ("failed", "missing"), "DICOMDIR": ("refused", "no picture")}


def test_a_file_by_several_spellings_is_one_row(model, tmp_path, chest_bytes, monkeypatch):
    (tmp_path / "a.dcm").write_bytes(chest_bytes)
    (tmp_path / "link.dcm").symlink_to(tmp_path / "a.dcm")
    monkeypatch.chdir(tmp_path)
    _, rows = triage_csv(model, tmp_path, "a.dcm", "./a.dcm", tmp_path / "a.dcm", "link.dcm")
    assert [row["path"] for row in rows] == ["a.dcm"]
    assert len(read_json(model, tmp_path, "a.dcm", "./a.dcm", tmp_path / "a.dcm", "link.dcm")[1]) == 1


def test_a_copy_has_a_row_of_its_own_with_the_answer_of_the_first(model, tmp_path, chest_bytes):
    (tmp_path / "films").mkdir()
    for name in ("a.dcm", "b.dcm"):
        (tmp_path / "films" / name).write_bytes(chest_bytes)
    code, (first, copy) = triage_csv(model, tmp_path, tmp_path / "films")
    assert code == 0
    assert copy["reason"] == f"copy of {first['path']}"
    assert (copy["probability"], copy["state"]) == (first["probability"], "read")
    _, items = read_json(model, tmp_path, tmp_path / "films")
    assert [item["copy_of"] for item in items] == [None, items[0]["path"]]


def test_what_is_no_picture_is_told_and_no_failure(model, tmp_path):
    make_dicom(tmp_path / "report", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11")
    code, (item,) = read_json(model, tmp_path, tmp_path / "report")
    assert (code, item["verdict"], item["reason_code"]) == (0, "refused", "no-pixels")


@pytest.mark.parametrize(("command", "option"), [("read", "--json"), ("triage", "--csv"), ("render", "--out")])
def test_no_result_is_written_over_a_file_that_is_read_by_whatever_name(model, tmp_path, command, option, capsys):
    film = make_dicom(tmp_path / "film.dcm", np.zeros((4, 4), np.uint8))
    content = film.read_bytes()
    (tmp_path / "soft").symlink_to(film)
    (tmp_path / "hard").hardlink_to(film)
    extra = [] if command == "render" else ["--model", model]
    for target in (film, tmp_path / "." / "film.dcm", tmp_path / "soft", tmp_path / "hard"):
        assert main([command, str(film), option, str(target), *extra]) == 2
        assert film.read_bytes() == content and (tmp_path / "soft").is_symlink()
        assert f"{target.name}: not written, it is" in capsys.readouterr().err


def test_what_lies_below_a_folder_or_on_a_medium_that_is_read_is_not_written_over(model, tmp_path, chest_bytes, capsys):
    (tmp_path / "cd" / "IMAGES").mkdir(parents=True)
    (film := tmp_path / "cd" / "IMAGES" / "A").write_bytes(chest_bytes)
    medium = make_dicomdir(tmp_path / "cd" / "DICOMDIR", ["IMAGES/A"])
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "film").symlink_to(film)
    for given in (tmp_path / "cd", medium, tmp_path / "links"):
        assert main(["triage", str(given), "--csv", str(film), "--model", model]) == 2
        assert film.read_bytes() == chest_bytes
    assert f"{film}: not written" in capsys.readouterr().err
    assert main(["triage", str(tmp_path / "cd"), "--csv", str(tmp_path / "cd" / "new.csv"), "--model", model]) == 0


def test_neither_model_nor_password_nor_a_map_that_is_read_is_written_over(model, tmp_path, chest_bytes, capsys):
    (word := tmp_path / "word").write_text("hush-hush")
    (film := tmp_path / "00001-film-opacity.npy").write_bytes(chest_bytes)
    for options in (["--json", f"{model}/model.json"], ["--json", str(word), "--password-file", str(word)],
                    ["--heatmaps", str(tmp_path)]):
        assert main(["read", str(film), *options, "--model", model]) == 2
        assert "not written" in capsys.readouterr().err
    assert (word.read_text(), film.read_bytes()) == ("hush-hush", chest_bytes)


def test_the_list_alone_goes_to_the_output_also_where_progress_is_shown(films, model, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    main(["triage", str(films), "--model", model])
    printed = capsys.readouterr()
    assert printed.out.startswith("path,state,") and len(printed.out.splitlines()) == 5
    assert "4 files read" in printed.err and "4 files read" not in printed.out


def printed_on_windows(monkeypatch, *words):
    """Return the exit code and the bytes that go into a pipe on a system with another encoding and other line ends."""
    printed = io.BytesIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="cp1252", newline="\r\n"))
        code = main(words)
        sys.stdout.flush()
        return code, printed.getvalue()


@pytest.fixture
def film_of_other_letters(films, tmp_path):
    (tmp_path / "odd").mkdir()
    return (films / "a gray.png").rename(tmp_path / "odd" / "\u80f8.png")


def test_what_the_outputs_encoding_has_no_letter_for_is_escaped(film_of_other_letters, model, monkeypatch):
    code, printed = printed_on_windows(monkeypatch, "read", str(film_of_other_letters), "--model", model)
    assert code == 0 and b"\\u80f8.png" in printed


def test_the_list_on_the_output_is_the_one_that_is_written_as_a_file(
    film_of_other_letters, model, monkeypatch, tmp_path
):
    words, target = ("triage", str(film_of_other_letters), "--model", model), tmp_path / "list.csv"
    assert main([*words, "--csv", str(target)]) == 0
    assert printed_on_windows(monkeypatch, *words) == (0, target.read_bytes())
    assert "\u80f8.png" in target.read_text(encoding="utf-8")


def test_readings_are_written_before_they_are_printed(films, model, tmp_path, monkeypatch):
    def broken(*_, **__):  # as rich does where nobody reads its output any more
        raise SystemExit(1)

    target = tmp_path / "r.json"
    monkeypatch.setattr("core.findings.table.print_readings", broken)
    with pytest.raises(SystemExit):
        main(["read", str(films / "a gray.png"), "--json", str(target), "--model", model])
    assert json.loads(target.read_text())[0]["findings"]


@pytest.mark.parametrize(("command", "option", "wanted"), [
    ("read", "--json", "file"), ("triage", "--csv", "file"), ("read", "--heatmaps", "folder"),
])
def test_a_folder_in_the_place_of_a_file_is_told_before_anything_is_read(
    films, tmp_path, capsys, command, option, wanted
):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    target = tmp_path / ("folder" if wanted == "file" else "file")
    assert main([command, str(films), option, str(target), "--model", str(tmp_path / "no model")]) == 2
    assert capsys.readouterr().err == f"{target}: not written, it is a {target.name}. Name a {wanted}.\n"


def test_a_list_that_cannot_be_written_is_printed(films, model, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert main(["triage", str(films), "--csv", str(tmp_path / "file" / "list.csv"), "--model", model]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("path,state,") and len(printed.out.splitlines()) == 5
    assert "not written (" in printed.err and "4 files · 2 read" in printed.err


@pytest.fixture
def interrupted(monkeypatch):
    """Return what lets a person press Ctrl-C while the film with that number is read; 0 is the first."""
    def after(number):
        def pressed(*rest, **named):
            if len(asked) == number:
                raise KeyboardInterrupt
            asked.append(rest)
            return real(*rest, **named)

        asked, real = [], core.triage.run.read_image
        monkeypatch.setattr(core.triage.run, "read_image", pressed)

    return after


@pytest.mark.parametrize("ask", ["read_json", "triage_csv"])
def test_who_ends_the_work_has_what_was_read_so_far(films, model, tmp_path, interrupted, capsys, ask):
    interrupted(2)  # at the chest film, after a picture in color and a text file
    code, items = {"read_json": read_json, "triage_csv": triage_csv}[ask](model, tmp_path, films)
    assert (code, len(items)) == (130, 3)
    printed = capsys.readouterr()
    assert "interrupted after 3 files: the list is not whole" in printed.err
    assert "a gray.png" in printed.out if ask == "read_json" else "3 files" in printed.err


@pytest.mark.parametrize(("command", "option"), [("read", "--json"), ("triage", "--csv")])
def test_a_list_that_is_not_whole_takes_the_place_of_none(films, model, tmp_path, interrupted, capsys, command, option):
    interrupted(2)
    (tmp_path / "list").write_text("of before")
    assert main([command, str(films), option, str(tmp_path / "list"), "--model", model]) == 130
    printed = capsys.readouterr()
    assert (tmp_path / "list").read_text() == "of before"
    assert "left as it was" in printed.err and "a gray.png" in printed.out


@pytest.mark.parametrize(("command", "option"), [("read", "--json"), ("triage", "--csv")])
def test_who_ends_the_work_at_once_loses_no_list_of_before(
    films, model, tmp_path, interrupted, capsys, command, option
):
    interrupted(0)
    (tmp_path / "list").write_text("of before")
    assert main([command, str(films), option, str(tmp_path / "list"), "--model", model]) == 130
    printed = capsys.readouterr()
    assert printed.err == "interrupted after 0 files: the list is not whole\n" and not printed.out
    assert (tmp_path / "list").read_text() == "of before"


@pytest.mark.parametrize(("command", "options", "code"), [
    ("triage", (), 1), ("triage", ("--csv", "list"), 0), ("read", ("--json", "list"), 1),
])
def test_an_output_that_nobody_reads_any_more_ends_without_a_trace(films, model, tmp_path, command, options, code):
    (films / "c notes.txt").unlink()
    reader, writer = os.pipe()
    os.close(reader)  # as after `head`
    words = [sys.executable, "-m", "core.cli.main", command, str(films), *options, "--model", model, "--device", "cpu"]
    environment = {**os.environ, "PYTHONPATH": str(Path(core.cli.__file__).parents[2])}
    done = subprocess.run(words, cwd=tmp_path, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert done.returncode == code and "Traceback" not in done.stderr and "Broken pipe" not in done.stderr
    assert not options or "d chest.dcm" in (tmp_path / "list").read_text()


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="the system names no open files")
def test_json_on_the_output_is_alone_there(films, model, monkeypatch, capsys):
    reader, writer = os.pipe()
    with os.fdopen(reader) as reading:
        with os.fdopen(writer, "w") as output:
            monkeypatch.setattr(sys, "stdout", output)
            assert main(["read", str(films / "a gray.png"), "--json", f"/dev/fd/{writer}", "--model", model]) == 0
            monkeypatch.undo()
        assert json.loads(reading.read())[0]["findings"]
    assert "a gray.png" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="the system names no open files")
@pytest.mark.parametrize(("command", "option"), [("read", "--json"), ("triage", "--csv")])
def test_what_is_written_to_the_output_goes_behind_what_is_there(films, model, monkeypatch, tmp_path, command, option):
    words, target, log = [command, str(films / "a gray.png"), "--model", model], tmp_path / "r", tmp_path / "\u80f8"
    log.write_text("an earlier line\n")
    for name in ("/dev/fd/{}", str(log)):
        with log.open("a", encoding="cp1252", newline="\r\n") as output, monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", output)
            output.write("printed before; ")
            assert main([*words, option, name.format(output.fileno())]) == 0
            output.write("printed after; ")
    main([*words, option, str(target)])
    text, earlier = log.read_bytes().decode(), "an earlier line\n"
    wanted = "printed before; " + target.read_text() + "printed after; "
    if command == "read":  # whose JSON tells how long it took
        assert text.startswith(earlier + "printed before; [") and text.endswith("]\nprinted after; ")
        assert text.count("printed before; [") == text.count("]\nprinted after; ") == 2
    else:
        assert text == earlier + wanted * 2


def test_the_output_is_known_by_its_name_where_the_system_has_no_link_for_it(monkeypatch, tmp_path):
    with (tmp_path / "log").open("w") as output, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", output)
        patched.setattr(os.path, "realpath", str)  # as on macOS, where it is a device of its own
        patched.setattr(os.path, "samestat", lambda *_: False)
        assert is_stdout(Path(f"/dev/fd/{output.fileno()}"))
        assert not is_stdout(Path("/dev/fd/1000")) and not is_stdout(tmp_path / "log") and not is_stdout(None)


def test_maps_are_not_written_among_files_that_are_read(films, model, tmp_path, capsys):
    (tmp_path / "link").symlink_to(films)
    (films / "deep").mkdir()
    (films / "deep" / "notes.txt").write_text("read, too")
    for folder in (films, films / "deep", tmp_path / "link" / "deep", films / ".." / "films" / "deep"):
        assert main(["read", str(films), "--heatmaps", str(folder), "--model", model]) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"{folder}: not written there, ") and "Name an empty folder" in told
    assert not list(films.rglob("*.npy"))


def test_maps_in_a_new_folder_among_the_films_are_not_read_as_films(films, model, tmp_path):
    apart = read_json(model, tmp_path, films, "--heatmaps", tmp_path / "elsewhere")
    maps = films / "z maps"  # listed after the films, when the first maps are there
    maps.mkdir()
    code, items = read_json(model, tmp_path, films, "--heatmaps", maps)
    assert list(maps.iterdir())
    assert code == apart[0] and [item["path"] for item in items] == [item["path"] for item in apart[1]]


@pytest.mark.parametrize(("given", "maps"), [
    ("films/a gray.png", "films"), ("films/a gray.png", "."), ("films", "."), ("links", "films"),
    ("films/a gray.png", "films/deep"), ("links", "films/deep"),
])
def test_films_in_or_below_the_folder_for_maps_are_read(films, model, tmp_path, monkeypatch, given, maps):
    for name in ("b color.png", "c notes.txt", "d chest.dcm"):
        (films / name).unlink()
    (films / "deep").mkdir()
    (films / "deep" / "notes.txt").write_text("read only with all films")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "film.png").symlink_to(films / "a gray.png")
    monkeypatch.chdir(tmp_path)
    _, items = read_json(model, tmp_path, given, "--heatmaps", maps)
    (map_there,) = (tmp_path / maps).glob("*.npy")
    assert Path(items[0]["findings"][0]["heatmap"]) == map_there.relative_to(tmp_path)
    assert [Path(item["path"]).suffix for item in items] == ([".png", ".txt"] if given == "films" else [".png"])


def test_maps_are_not_read_as_films_also_where_a_link_among_the_films_leads_to_them(films, model, tmp_path):
    (tmp_path / "maps").mkdir()
    (films / "z link").symlink_to(tmp_path / "maps")
    _, items = read_json(model, tmp_path, films, "--heatmaps", tmp_path / "maps")
    assert list((tmp_path / "maps").iterdir()) and len(items) == 4


@pytest.fixture
def unlisted(tmp_path, monkeypatch):
    """A folder that may be written to and not listed; root may list any."""
    def iterdir(path):
        if path == folder:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path)

    folder, real = tmp_path / "films" / "unlisted", Path.iterdir
    monkeypatch.setattr(Path, "iterdir", iterdir)
    return folder


def test_a_folder_that_cannot_be_listed_takes_maps_only_where_nothing_in_it_is_read(films, model, unlisted, capsys):
    unlisted.mkdir()
    assert main(["read", str(films / "a gray.png"), "--heatmaps", str(unlisted), "--model", model]) == 0
    assert len(list(unlisted.glob("*.npy"))) == 1
    assert main(["read", str(films), "--heatmaps", str(unlisted), "--model", model]) == 2
    assert capsys.readouterr().err == (
        f"{unlisted}: not written there, since what is in it is read with {films} (Permission denied). "
        "Name an empty folder, or one elsewhere.\n")


def test_a_folder_for_maps_that_cannot_be_is_told_and_does_not_lose_the_readings(films, model, tmp_path, capsys):
    code, (item,) = read_json(model, tmp_path, films / "a gray.png", "--heatmaps", tmp_path / ("x" * 300))
    assert code == 1 and item["findings"]
    assert "not written (File name too long)" in capsys.readouterr().err


@pytest.mark.parametrize("name", [os.fsdecode("\u80f8\u90e8".encode("shift-jis") * 20), "\U0001fac1" * 60],
                         ids=["Shift-JIS", "UTF-8"])
def test_maps_of_odd_names_in_odd_folders_are_written_and_named(films, model, tmp_path, name):
    film = (films / "a gray.png").rename(films / name)
    folder = tmp_path / os.fsdecode(b"m\xff")
    code, (item,) = read_json(model, tmp_path, film, "--heatmaps", folder)
    (written,) = folder.iterdir()
    named = Path(item["findings"][0]["heatmap"])
    assert (code, named.parent.name, named.name) == (0, "m\\xff", written.name)
