"""core.dicom.plain_header and core.dicom.values: faster than pydicom, and never anything else than pydicom says."""

import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_partial

from core.dicom import values
from core.dicom.dataset import HEAD_BYTES, open_dataset
from core.dicom.plain_header import PIXEL_TAGS, read_plain_header
from core.paths import sample_folder
from tests.make.dicom import make_dataset, make_dicom, to_bytes

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, about what the tests make wrong on purpose

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
SEQUENCES = {
    "ReferencedStudySequence": {"ReferencedSOPInstanceUID": "1.2"},
    "SharedFunctionalGroupsSequence": [{"PixelMeasuresSequence": {"PixelSpacing": [0.5, 0.25]}}, {}],
}


def by_pydicom(raw: bytes) -> Dataset:
    return read_partial(io.BytesIO(raw), lambda tag, vr, length: tag in PIXEL_TAGS, force=True)


def value_by_pydicom(dataset: Dataset, tag) -> tuple[bool, object]:
    """Return whether pydicom can convert an element's value, and the value."""
    try:
        return True, dataset[tag].value
    except Exception:  # any of a dozen, of damaged values; only here are they passed over
        return False, None


def assert_the_same(raw: bytes) -> bool:
    """Compare element by element; return whether the file was plain at all, and readable for pydicom."""
    plain = read_plain_header(raw, True)
    if plain is None:
        return False
    try:
        expected = by_pydicom(raw)
        encoding = expected.original_character_set
    except Exception:
        return False  # pydicom refuses it; where we read on, the rest of it is whole
    assert list(plain.dataset.keys()) == list(expected.keys())
    assert plain.dataset.original_encoding == expected.original_encoding
    assert plain.dataset.original_character_set == encoding
    assert plain.syntax == expected.file_meta.TransferSyntaxUID
    for ours, theirs in ((plain.dataset, expected), (plain.dataset.file_meta, expected.file_meta)):
        for tag in theirs.keys():  # noqa: SIM118
            if ours.get_item(tag) != theirs.get_item(tag):
                can_convert, value = value_by_pydicom(theirs, tag)
                assert not can_convert or ours[tag].value == value
    return True


@pytest.mark.parametrize("path", sorted(sample_folder().glob("*.dcm")), ids=lambda path: path.name)
def test_real_files_have_the_elements_that_pydicom_reads(path):
    assert_the_same(path.read_bytes())


@pytest.mark.parametrize("path", sorted(sample_folder().glob("*.dcm")), ids=lambda path: path.name)
def test_values_are_those_that_pydicom_converts(path):
    plain, converted = open_dataset(path).dataset, open_dataset(path).dataset
    for element in list(converted.iterall()):
        assert element is not None
    for tag in plain.keys():  # noqa: SIM118
        keyword = converted[tag].keyword
        if keyword:
            assert values.text(plain, keyword) == values.text(converted, keyword), keyword
            assert values.texts(plain, keyword) == values.texts(converted, keyword), keyword
            assert values.numbers(plain, keyword) == values.numbers(converted, keyword), keyword


@given(st.binary(max_size=24), st.sampled_from(["DS", "IS", "LO", "CS", "UI", "US", "SL", "DA"]), st.sampled_from(
    [["iso8859"], ["utf8"], ["iso8859", "iso2022_jp"]]))
@example(raw=b"\t", vr="DS", character_set=["iso8859"])
@example(raw=b"1\x1c", vr="IS", character_set=["iso8859"])
def test_a_value_of_any_bytes_is_what_pydicom_makes_of_it(raw, vr, character_set):
    keyword = "PatientComments"  # an LT, to which the element's own VR is preferred
    element = RawDataElement(values.tag_of(0x00104000), vr, len(raw), raw, 0, False, True)
    ours, theirs = Dataset({element.tag: element}), Dataset({element.tag: element})
    for dataset in (ours, theirs):
        dataset.set_original_encoding(False, True, character_set)
    values.value_of(theirs, keyword)  # converts
    if isinstance(theirs.get_item(element.tag), RawDataElement):
        return  # it cannot: then there is nothing to compare with
    assert values.text(ours, keyword) == values.text(theirs, keyword)
    assert values.texts(ours, keyword) == values.texts(theirs, keyword)
    assert values.numbers(ours, keyword) == values.numbers(theirs, keyword)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("undefined", [False, True])
def test_sequences_of_any_length_are_read(syntax, undefined):
    dataset = make_dataset(np.zeros((4, 4), np.uint16), **SEQUENCES, WindowCenter="40")
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
    raw = to_bytes(dataset, syntax)
    assert assert_the_same(raw)
    assert read_plain_header(raw, True).dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing


@given(st.data())
def test_a_file_with_a_changed_byte_is_read_alike_or_left_to_pydicom(data):
    raw = bytearray(to_bytes(make_dataset(np.zeros((4, 4), np.uint16), **SEQUENCES, SOPInstanceUID="1.2.3",
                                          StudyInstanceUID="1.2", SeriesInstanceUID="1.2.5"),
                             data.draw(st.sampled_from([IMPLICIT, EXPLICIT]))))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(132, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert_the_same(bytes(raw))
    dataset = open_plain(bytes(raw))
    for tag in () if dataset is None else dataset.keys():
        keyword = keyword_for_tag(tag)
        for read in (values.text, values.texts, values.numbers, values.items) if keyword else ():
            read(dataset, keyword)  # nothing that a file holds makes our own readers raise


def open_plain(raw: bytes) -> Dataset | None:
    plain = read_plain_header(raw, True)
    return None if plain is None else plain.dataset


def test_a_header_longer_than_the_first_read_is_read_to_its_end(tmp_path):
    pixels = np.arange(16, dtype=np.uint16).reshape(4, 4)
    path = make_dicom(tmp_path / "a", pixels, ImageComments="x" * 60_000, PatientComments="y" * 9_000,
                      AdditionalPatientHistory="z" * 600_000)
    raw = path.read_bytes()
    with pytest.raises(EOFError):
        read_plain_header(raw[:HEAD_BYTES], False)
    opened = open_dataset(path)
    assert opened.pixels.offset == len(raw) - 32 and not opened.is_cut
    assert opened.dataset.ImageComments == dcmread(path).ImageComments


def test_what_is_not_plain_is_left_to_pydicom():
    dataset = make_dataset(np.zeros((4, 4), np.uint16))
    big_endian = to_bytes(dataset, "1.2.840.10008.1.2.2")
    without_meta = to_bytes(make_dataset(np.zeros((4, 4), np.uint16)), EXPLICIT, meta=False)
    cut = to_bytes(make_dataset(np.zeros((4, 4), np.uint16)))[:400]
    for raw in (big_endian, without_meta, cut, b"", b"\0" * 128 + b"DICM"):
        assert read_plain_header(raw, True) is None


@pytest.mark.parametrize("character_set", [b"ISO_IR\0192", b"ISO 2022 \x00", b"no such set"])
def test_a_damaged_character_set_keeps_no_picture_from_opening(tmp_path, character_set):  # found by the test above
    raw = to_bytes(make_dataset(np.zeros((4, 4), np.uint16)))
    place = raw.index(b"ISO_IR 192")
    (tmp_path / "a").write_bytes(raw[:place] + character_set.ljust(10)[:10] + raw[place + 10:])
    assert values.text(open_dataset(tmp_path / "a").dataset, "Modality") == "DX"


def test_a_sequence_where_text_is_due_is_no_text():  # found by the test above
    dataset = Dataset()
    dataset.add_new(0x00081030, "SQ", [Dataset()])
    assert (values.text(dataset, "StudyDescription"), values.texts(dataset, "StudyDescription")) == ("", ())
    assert values.numbers(dataset, "StudyDescription") == ()
