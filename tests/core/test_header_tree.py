"""A file's header as rows of text."""

from pathlib import Path

import numpy as np
import pytest

from core.dicom.header_tree import MAX_TEXT, UNREADABLE, read_header_tree
from core.dicom.text_tree import TreeRow, as_lines, count_rows, search
from core.refusal import Reason, Refusal
from tests.make.dicom import make_dataset, make_dicom, to_bytes

PIXELS = np.zeros((4, 4), np.uint16)


def cells(rows, name: str) -> tuple[str, ...]:
    """Return the cells of the first row with this name."""
    return next(row for row in rows if row.cells[1] == name).cells


def test_rows_have_tag_name_vr_and_value(tmp_path):
    rows = read_header_tree(make_dicom(tmp_path / "a.dcm", PIXELS))
    assert cells(rows, "Patient's Name") == ("(0010,0010)", "Patient's Name", "PN", "Doe^Jane")
    assert cells(rows, "Rows") == ("(0028,0010)", "Rows", "US", "4")


def test_file_meta_comes_first_and_uids_are_named(tmp_path):
    rows = read_header_tree(make_dicom(tmp_path / "a.dcm", PIXELS))
    assert rows[0].cells[0].startswith("(0002,")
    assert cells(rows, "Transfer Syntax UID")[3] == "1.2.840.10008.1.2.1 (Explicit VR Little Endian)"


def test_sequences_hold_their_items(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", PIXELS, ViewCodeSequence={"CodeMeaning": "postero-anterior"})
    row = next(row for row in read_header_tree(path) if row.cells[1] == "View Code Sequence")
    assert row.cells[2:] == ("SQ", "1 item")
    assert row.children[0].cells[1] == "Item 1"
    assert row.children[0].children[0].cells[3] == "postero-anterior"


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
@pytest.mark.parametrize("length", [40_000, 3_000_000])  # the second stays in the file until it is asked for
def test_a_long_sequence_holds_its_items_with_and_without_a_stated_vr(tmp_path, syntax, length):
    items = [{"TextValue": "x" * length}] * 3
    path = make_dicom(tmp_path / "a.dcm", PIXELS, syntax=syntax, ContentSequence=items)
    row = next(row for row in read_header_tree(path) if row.cells[1] == "Content Sequence")
    assert (row.cells[2:], len(row.children)) == (("SQ", "3 items"), 3)


def test_private_elements_tell_their_creator(tmp_path):
    dataset = make_dataset(PIXELS)
    block = dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x10, "OB", bytes(40))
    dataset.private_block(0x0031, "NOBODY KNOWS", create=True).add_new(0x01, "LO", "something")
    path = tmp_path / "a.dcm"
    path.write_bytes(to_bytes(dataset))
    rows = read_header_tree(path)
    known, unknown = (next(row.cells for row in rows if row.cells[0] == tag) for tag in ("(0029,1010)", "(0031,1001)"))
    assert known[1].endswith("· SIEMENS CSA HEADER")
    assert not known[1].startswith("private")
    assert known[3].startswith("40 bytes: 00 00")
    assert unknown[1:] == ("private · NOBODY KNOWS", "LO", "something")


def test_pixels_are_told_but_not_read(tmp_path):
    rows = read_header_tree(make_dicom(tmp_path / "a.dcm", PIXELS))
    assert rows[-1].cells[:3] == ("(7FE0,0010)", "Pixel Data", "OW")
    assert rows[-1].cells[3].startswith("32 bytes from byte ")


def test_a_file_without_a_picture_has_a_header_too(tmp_path):
    path = make_dicom(tmp_path / "raw.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.66")
    assert cells(read_header_tree(path), "SOP Class UID")[3].endswith("(Raw Data Storage)")


def test_long_values_are_shortened_to_one_line(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", ImageComments="one\ntwo " + "x" * 5000)
    text = cells(read_header_tree(path), "Image Comments")[3]
    assert text.startswith("one ⏎ two")
    assert text.endswith(" …")
    assert len(text) < MAX_TEXT + 20


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
@pytest.mark.parametrize(("name", "attributes", "text"), [
    ("Image Position (Patient)", {"ImagePositionPatient": ["-249.51171875", "1.50", "+0012.0E+01"]},
     "-249.51171875\\1.50\\+0012.0E+01"),
    ("Slice Thickness", {"SliceThickness": "2.0000000000001 "}, "2.0000000000001"),
    ("Instance Number", {"InstanceNumber": "+007"}, "+007"),
    ("RT Beam Limiting Device Offset", {"RTBeamLimitingDeviceOffset": 1394644860123.5}, "1394644860123.5"),
    ("Diffusion b-value", {"DiffusionBValue": 0.1}, "0.1"),
    ("Recommended Display Frame Rate in Float", {"RecommendedDisplayFrameRateInFloat": 0.1}, "0.1"),
    ("Examined Body Thickness", {"ExaminedBodyThickness": 16777216.0}, "16777216.0"),
])
def test_numbers_are_shown_as_they_are_written(tmp_path, syntax, name, attributes, text):
    rows = read_header_tree(make_dicom(tmp_path / "a.dcm", PIXELS, syntax=syntax, **attributes))
    assert cells(rows, name)[3] == text


def test_a_value_that_cannot_be_read_leaves_the_others(tmp_path):
    raw = make_dicom(tmp_path / "a.dcm", PIXELS, SliceThickness="12345678").read_bytes()
    path = tmp_path / "b.dcm"
    path.write_bytes(raw.replace(b"12345678", b"what is?"))
    rows = read_header_tree(path)
    assert cells(rows, "Slice Thickness")[3] in (UNREADABLE, "what is?")
    assert cells(rows, "Patient ID")[3] == "MADE-1"


def test_sequences_nested_very_deep_are_shown_in_part_or_refused(tmp_path):
    item = {"CodeMeaning": "bottom"}
    for _ in range(80):
        item = {"ConceptCodeSequence": item}
    rows = read_header_tree(make_dicom(tmp_path / "a.dcm", **item))
    assert any("nested too deep" in line for line in as_lines(rows))


def test_what_is_no_file_is_a_refusal(tmp_path):
    refusal = read_header_tree(tmp_path / "none.dcm")
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.NOT_FOUND


@pytest.mark.parametrize("kept", (10, 140, 200, 400, 600))
def test_a_cut_file_gives_rows_or_a_refusal(tmp_path, kept):
    path: Path = make_dicom(tmp_path / "a.dcm", PIXELS)
    path.write_bytes(path.read_bytes()[:kept])
    assert isinstance(read_header_tree(path), tuple | Refusal)


TREE = (TreeRow(("a", "Patient's Name", "Doe")), TreeRow(("b", "Codes", ""), (TreeRow(("", "Item 1", "")),
        TreeRow(("c", "Meaning", "Chest")))))


def test_search_keeps_the_way_to_what_is_found():
    found = search(TREE, "chest")
    assert [row.cells[1] for row in found] == ["Codes"]
    assert [row.cells[1] for row in found[0].children] == ["Meaning"]


def test_search_wants_every_word_in_any_case():
    assert search(TREE, "patient DOE") == TREE[:1]
    assert search(TREE, "patient chest") == ()


def test_a_row_that_is_found_keeps_all_below_it():
    assert search(TREE, "codes") == TREE[1:]
    assert search(TREE, " ") == TREE
    assert count_rows(TREE) == 4


@pytest.mark.parametrize("wanted", [
    "(0018,0050)", "0018,0050", "00180050", "SliceThickness", "thickn", "slice thickness",
])
def test_an_element_is_found_by_number_name_and_keyword(tmp_path, wanted):
    rows = read_header_tree(make_dicom(tmp_path / "a.dcm", PIXELS, SliceThickness="2.5"))
    assert [row.cells[1] for row in search(rows, wanted)] == ["Slice Thickness"]


def test_sequences_and_pixels_are_found_by_their_keywords(tmp_path):
    rows = read_header_tree(make_dicom(tmp_path / "a.dcm", PIXELS, ViewCodeSequence={"CodeMeaning": "oblique"}))
    assert [row.cells[1] for row in search(rows, "ViewCodeSequence")] == ["View Code Sequence"]
    assert [row.cells[1] for row in search(rows, "pixeldata")] == ["Pixel Data"]
