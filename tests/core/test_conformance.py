"""wetread-cli conformance counts what agrees with reference renderings, and survives any file."""

import io
import json

import numpy as np
import PIL.Image
import pytest

from core.cli.conformance_files import (
    MOST_BYTES,
    MOST_SECONDS,
    Comparison,
    Examined,
    FileResult,
    decodes,
    largest_difference,
)
from core.cli.conformance_tables import read_table
from core.cli.main import main
from tests.make.dicom import make_dicom
from tests.make.picture import gradient

MANIFEST = ("path", "sop_class", "ts_uid", "pydicom", "gdcm", "dcmtk", "imagecodecs")
ORACLE = ("path", "frame", "window", "oracle", "status", "reason", "full_w", "full_h", "x0", "y0", "w", "h")


def write_table(path, columns, rows):
    lines = ["\t".join(columns), *("\t".join(str(row.get(column, "")) for column in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def corpus(tmp_path):
    """Two files with right references, one of them a crop; one object without picture; one file that nobody opens."""
    make_dicom(tmp_path / "gray", gradient())
    make_dicom(tmp_path / "color", np.stack([gradient()] * 3, axis=-1))
    make_dicom(tmp_path / "report", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11")
    (tmp_path / "broken").write_bytes(b"\x08\x00\x05\x00CS")
    PIL.Image.fromarray(gradient()[2:6, 3:9]).save(tmp_path / "gray.png")
    PIL.Image.fromarray(np.stack([gradient()] * 3, axis=-1)).save(tmp_path / "color.png")
    native = {"ts_uid": "1.2.840.10008.1.2.1", "pydicom": "yes"}
    write_table(tmp_path / "MANIFEST.tsv", MANIFEST, [
        {"path": "gray", **native}, {"path": "color", **native}, {"path": "report", "pydicom": "n/a"},
        {"path": "broken", "pydicom": "no", "sop_class": "unknown"},
    ])
    whole = {"frame": 1, "status": "agreed", "full_w": 20, "full_h": 12}
    write_table(tmp_path / "ORACLE.tsv", ORACLE, [
        {"path": "gray", "window": "minmax", "oracle": "gray.png", **whole, "x0": 3, "y0": 2, "w": 6, "h": 4},
        {"path": "color", "window": "none", "oracle": "color.png", **whole, "x0": 0, "y0": 0, "w": 20, "h": 12},
    ])
    return tmp_path


def test_agreement_is_counted_and_exits_with_zero(corpus, capsys):
    assert main(["conformance", str(corpus), "--json", str(corpus / "out.json")]) == 0
    printed = capsys.readouterr().out
    assert "1 of 1 undisputed grayscale pictures agree" in printed
    assert "1 of 1 undisputed color pictures agree" in printed
    assert "2 of 2 files open that another decoder opens" in printed
    assert "2 images, 1 objects without a picture and 1 refused: 4 files" in printed
    lines = {line.split("  ")[0]: line for line in printed.splitlines()}
    assert "Digital X-Ray Image - For Presentation, 20 × 12, Explicit VR Little Endian" in lines["gray"]
    assert lines["gray"].endswith("  image")
    assert "Report: Basic Text SR" in lines["report"] and lines["report"].endswith("  object")
    assert "unknown" in lines["broken"] and lines["broken"].endswith("refused: no image")
    results = json.loads((corpus / "out.json").read_text())
    assert [one["difference"] for one in results["comparisons"]] == [0, 0]
    assert [one["opened"] for one in results["files"]] == [True, True, False, False]
    assert [one["outcome"] for one in results["files"]] == ["image", "image", "object", "refused"]
    assert [one["difference"] for one in results["files"]] == [0, 0, None, None]
    assert [one["decoders"] for one in results["files"]] == [["native"], ["native"], [], []]
    assert all(one["holds"] and one["seconds"] >= 0 for one in results["files"])


def test_a_gray_picture_that_differs_is_named_with_its_difference_and_exits_with_one(corpus, capsys):
    wrong = gradient()[2:6, 3:9].copy()
    wrong[1, 1] += 7
    PIL.Image.fromarray(wrong).save(corpus / "gray.png")
    assert main(["conformance", str(corpus)]) == 1
    assert "gray frame 1 (minmax): differs by up to 7 gray levels" in capsys.readouterr().out


def test_a_color_picture_that_differs_exits_with_one(corpus, capsys):
    PIL.Image.fromarray(np.zeros((12, 20, 3), np.uint8)).save(corpus / "color.png")
    assert main(["conformance", str(corpus)]) == 1
    assert "color frame 1 (none): differs by up to" in capsys.readouterr().out


def test_a_disputed_picture_that_differs_is_named_and_counts_for_nothing(corpus, capsys):
    PIL.Image.fromarray(np.zeros((12, 20, 3), np.uint8)).save(corpus / "color.png")
    table = (corpus / "ORACLE.tsv").read_text().splitlines()
    table[2] = table[2].replace("agreed\t", "disputed\tmarkers")
    (corpus / "ORACLE.tsv").write_text("\n".join(table) + "\n")
    assert main(["conformance", str(corpus)]) == 0
    assert "[disputed: markers]" in capsys.readouterr().out


@pytest.mark.parametrize(("outcome", "peers", "seconds", "peak", "holds"), [
    ("image", ("gdcm",), 9.0, 1 << 30, True), ("refused", (), 0.1, 1000, True),
    ("refused", ("gdcm",), 0.1, 1000, False), ("object", (), 0.1, None, True), ("object", ("gdcm",), 0.1, None, False),
    ("refused", (), MOST_SECONDS + 0.1, 1000, False), ("refused", (), 0.1, MOST_BYTES + 1, False),
])
def test_what_is_refused_is_refused_soon_and_in_little_memory(outcome, peers, seconds, peak, holds):
    found = Examined("", outcome, "", "", "", seconds, peak, ())
    assert FileResult("a", found, None, peers, ()).holds == holds


def test_decoders_are_tried_each_for_itself(tmp_path):
    path = make_dicom(tmp_path / "a", np.zeros((64, 64), np.uint8), syntax="1.2.840.10008.1.2.4.90")
    assert decodes((str(path), "pylibjpeg-openjpeg"))
    path = make_dicom(tmp_path / "b", np.zeros((64, 64), np.uint8), syntax="1.2.840.10008.1.2.4.50",
                      frames=[b"no JPEG"])
    assert not decodes((str(path), "Pillow"))
    PIL.Image.fromarray(gradient(64, 64)).save(jpeg := io.BytesIO(), "JPEG")
    path = make_dicom(tmp_path / "c", np.zeros((8, 64, 64), np.uint8), syntax="1.2.840.10008.1.2.4.50",
                      frames=[jpeg.getvalue() + bytes(len(jpeg.getvalue()) % 2)] * 8)
    assert decodes((str(path), "Pillow"))  # the first of eight frames, whose fragments are not all its own


def test_a_file_that_others_open_and_we_do_not_is_named(corpus, capsys):
    (corpus / "gray").write_bytes(b"")
    assert main(["conformance", str(corpus)]) == 1
    assert "gray: not opened: empty (opened by pydicom)" in capsys.readouterr().out


def test_a_folder_without_tables_is_wrong_usage(tmp_path, capsys):
    assert main(["conformance", str(tmp_path)]) == 2
    assert "MANIFEST.tsv" in capsys.readouterr().err


@pytest.mark.parametrize(("table", "word"), [
    ("", "lacks the columns"), ("path\tframe\n", "lacks the columns"),
    ("\t".join(ORACLE) + "\n" + "gray\tone" + "\t1" * (len(ORACLE) - 2) + "\n", "line 2"),
    ("\t".join(ORACLE) + "\ngray\n", "line 2"), (b"\xff\xfe", "no text"),
])
def test_a_table_that_is_none_is_wrong_usage(corpus, capsys, table, word):
    (corpus / "ORACLE.tsv").write_bytes(table if isinstance(table, bytes) else table.encode())
    assert main(["conformance", str(corpus)]) == 2
    assert word in capsys.readouterr().err


def test_a_reference_of_no_file_is_named_and_no_agreement(corpus, capsys):
    table = (corpus / "ORACLE.tsv").read_text()
    more = "".join(table.splitlines()[1].replace("gray\t", f"gone{number}\t") + "\n" for number in range(7))
    (corpus / "ORACLE.tsv").write_text(table + more)
    assert main(["conformance", str(corpus)]) == 2
    told = capsys.readouterr().err
    assert "references for gone0, gone1, gone2, gone3, gone4 and 2 more, which MANIFEST.tsv does not name" in told


def test_a_manifest_of_nothing_is_no_agreement(corpus, capsys):
    write_table(corpus / "MANIFEST.tsv", MANIFEST, [])
    assert main(["conformance", str(corpus)]) == 2
    assert "MANIFEST.tsv names no file" in capsys.readouterr().err


def test_results_are_written_before_anything_is_printed(corpus, tmp_path_factory, monkeypatch):
    def broken(*_, **__):
        raise BrokenPipeError

    out = tmp_path_factory.mktemp("out")
    monkeypatch.setattr("core.cli.conformance.table", broken)
    command = ["conformance", str(corpus), "--json", str(out / "all.json"), "--counts", str(out / "counts.json")]
    assert main(command) == 1
    assert json.loads((out / "all.json").read_text())["files"] and json.loads((out / "counts.json").read_text())


def test_quotes_in_tables_are_letters(tmp_path):
    (tmp_path / "table.tsv").write_text('path\tnote\na"b\t"x\n')
    assert read_table(tmp_path / "table.tsv", ("path", "note")) == [{"path": 'a"b', "note": '"x'}]


def test_a_picture_of_another_size_differs_wholly(corpus):
    row = read_table(corpus / "ORACLE.tsv", ORACLE)[0]
    assert largest_difference(gradient(), corpus, row) == 0
    assert largest_difference(gradient()[1:], corpus, row) == 255
    assert largest_difference(np.stack([gradient()] * 3, axis=-1), corpus, row) == 255


@pytest.mark.parametrize(
    ("difference", "tolerance", "agrees"), [(1, 1, True), (2, 1, False), (2, 2, True), (None, 1, False)]
)
def test_agreement_is_within_the_tolerance(difference, tolerance, agrees):
    assert Comparison("a", 1, "first", "agreed", "", difference, tolerance).agrees == agrees
