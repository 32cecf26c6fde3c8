"""The conformance statement is what the program's tables and the committed numbers give."""

import json

import pytest

from core.cli.conformance_files import Comparison, Examined, FileResult
from core.cli.statement import COUNTS, as_markdown, counted, treatment
from core.dicom.decoders import DECODERS, UNSUPPORTED
from core.dicom.header import storage_classes

PAGE = COUNTS.with_name("conformance.md")
NATIVE, BASELINE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"


def test_the_page_is_what_its_generator_makes():
    assert PAGE.read_text(encoding="utf-8") == as_markdown(json.loads(COUNTS.read_text(encoding="utf-8")))


def test_every_syntax_has_decoders_or_a_reason():
    assert set(UNSUPPORTED) == {syntax for syntax, decoders in DECODERS.items() if not decoders}
    page = as_markdown({"files": 0, "pictures": 0, "syntaxes": {}, "classes": {}})
    for syntax in DECODERS:
        assert page.count(f"| `{syntax}` |") == 1


def test_the_committed_numbers_are_numbers_of_files_and_name_nobody():
    counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    assert counts["files"] == sum(sum(one.values()) for one in counts["classes"].values())
    assert all(not uid or uid.replace(".", "").isdigit() for uid in (*counts["syntaxes"], *counts["classes"]))
    for one in counts["syntaxes"].values():
        assert max(one["decoders"].values()) == one["files"]  # each file is decoded by one decoder at least


@pytest.mark.parametrize(("name", "words"), [
    ("CT Image", "opens as a picture"), ("RT Dose", "opens as a picture"), ("Segmentation", "laid over"),
    ("Comprehensive SR", "tree"), ("Key Object Selection Document", "tree"), ("Encapsulated PDF", "handed"),
    ("12-lead ECG Waveform", "listed by name"), ("Raw Data", "listed by name"),
    ("Spatial Registration", "listed by name"), ("Grayscale Softcopy Presentation State", "applied to them"),
    ("Blending Softcopy Presentation State", "not applied"),
    ("RT Structure Set", "drawn over"), ("Video Endoscopic Image", "refused"), ("Hanging Protocol", "listed by name"),
])
def test_every_kind_of_class_says_what_is_done_with_it(name, words):
    assert name in storage_classes().values()
    assert words in treatment(name)


def test_files_decoders_and_agreeing_pictures_are_counted():
    def file(path, outcome, syntax, sop_class, decoders=()):
        return FileResult(path, Examined("", outcome, "", syntax, sop_class, 0.0, 0, ()), None, (), decoders)

    files = [file("a", "image", BASELINE, "1.2", ("Pillow", "GDCM")), file("b", "image", BASELINE, "1.2", ("GDCM",)),
             file("c", "object", NATIVE, "1.3"), file("d", "refused", NATIVE, "")]
    compared = [Comparison("a", 1, "first", "agreed", "", 0, 1), Comparison("a", 2, "first", "agreed", "", 9, 1),
                Comparison("b", 1, "first", "disputed", "", 0, 1), Comparison("d", 1, "first", "agreed", "", None, 1)]
    assert counted(files, compared) == {
        "files": 4, "pictures": 3,
        "syntaxes": {BASELINE: {"files": 2, "pictures": 2, "agree": 1, "decoders": {"Pillow": 1, "GDCM": 2}}},
        "classes": {"1.2": {"image": 2}, "1.3": {"object": 1}, "": {"refused": 1}},
    }
