"""Header values as a person reads them."""

from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from core.dicom.functional_groups import FrameAttributes
from core.dicom.header import read_header, read_identity, syntax_name
from core.dicom.load_image import load_image
from core.imaging.image import Header
from tests.make.dicom import make_dataset, make_dicom
from tests.make.picture import gradient


def header(**attributes) -> Header:
    return read_header(FrameAttributes(make_dataset(gradient(), **attributes)), "1.2.840.10008.1.2.1")


def test_an_empty_data_set_has_an_empty_header():
    empty = read_header(FrameAttributes(Dataset()), "")
    assert empty == Header()


@pytest.mark.parametrize(("charset", "raw", "name"), [
    ("ISO_IR 100", "Bj\xf6rk^J\xfcrgen".encode("latin-1"), "Björk^Jürgen"),
    ("ISO_IR 192", "Müller^Ärztin".encode(), "Müller^Ärztin"),
    ("ISO_IR 144", "Люкceмбypг".encode("iso8859_5"), "Люкceмбypг"),
    ("ISO_IR 126", "Διονυσιος".encode("iso8859_7"), "Διονυσιος"),
    ("GB18030", "Wang^XiaoDong=王^小东".encode("gb18030"), "Wang^XiaoDong (王^小东)"),
    (["", "ISO 2022 IR 87"], b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
     "Yamada^Tarou (山田^太郎)"),
    (["", "ISO 2022 IR 149"], b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong^Gildong (洪^吉洞)"),
    ("ISO_IR 100", b"Doe^Jane^^^", "Doe^Jane"),
    ("ISO_IR 192", "=王^小东".encode(), "王^小东"),
    ("ISO_IR 192", "==やまだ^たろう".encode(), "やまだ^たろう"),
    ("ISO_IR 100", b"", ""),
])
def test_patient_names_are_read_in_their_character_set(tmp_path, charset, raw, name):
    path = make_dicom(tmp_path / "image", gradient(), SpecificCharacterSet=charset, PatientName="X" * len(raw))
    content = path.read_bytes()
    padded = raw + b" " * (len(raw) % 2)
    path.write_bytes(content.replace(b"X" * len(raw) + b" " * (len(raw) % 2), padded) if raw else content)
    assert load_image(path).header.patient_name == name


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_a_name_that_its_character_set_cannot_hold_is_not_empty(tmp_path):
    path = make_dicom(tmp_path / "image", gradient(), PatientName="XXXX")
    path.write_bytes(path.read_bytes().replace(b"XXXX", b"\xff\xfeab"))
    assert load_image(path).header.patient_name.endswith("ab")


@pytest.mark.parametrize(("attributes", "date", "time"), [
    ({"StudyDate": "19950608", "StudyTime": "102233.5"}, "1995-06-08", "10:22"),
    ({"StudyDate": "1995.06.08", "StudyTime": "10:22:33"}, "1995-06-08", "10:22"),
    ({"StudyDate": "nonsense", "StudyTime": "x"}, "nonsense", "x"),
    ({"StudyDate": "20200101", "AcquisitionDate": "20200102", "AcquisitionTime": "1200"}, "2020-01-02", "12:00"),
    ({"StudyDate": "20200101", "AcquisitionDateTime": "20200103081500.0+0100"}, "2020-01-03", "08:15"),
    ({"StudyDate": None, "StudyTime": None}, "", ""),
])
def test_the_most_exact_date_and_time_are_shown(attributes, date, time):
    shown = header(**attributes)
    assert (shown.date, shown.time) == (date, time)


def test_the_date_of_the_study_is_kept_beside_that_of_the_image():
    shown = header(StudyDate="20200101", ContentDate="20230504")
    assert (shown.study_date, shown.date) == ("2020-01-01", "2023-05-04")


@pytest.mark.parametrize(("raw", "shown"), [("045Y", "45 y"), ("003M", "3 mo"), ("010D", "10 d"), ("old", "old")])
def test_ages_have_their_unit(raw, shown):
    assert header(PatientAge=raw).age == shown


@pytest.mark.parametrize(("attributes", "view"), [
    ({"ViewPosition": "AP"}, "AP"),
    ({"ViewPosition": None, "ViewCodeSequence": {"CodeMeaning": "postero-anterior"}}, "PA"),
    ({"ViewPosition": None, "ViewCodeSequence": {"CodeMeaning": "antero-posterior"}}, "AP"),
    ({"ViewPosition": None, "ViewCodeSequence": {"CodeMeaning": "left lateral"}}, "LL"),
    ({"ViewPosition": None, "ViewCodeSequence": {"CodeMeaning": "cranio-caudal"}}, "CRANIO-CAUDAL"),
    ({"ViewPosition": None, "ViewCodeSequence": {"CodeMeaning": "postero-anterior oblique"}},
     "POSTERO-ANTERIOR OBLIQUE"),
    ({"ViewPosition": None}, ""),
])
def test_the_view_is_read_from_letters_or_codes(attributes, view):
    assert header(**attributes).view_position == view


def test_the_body_part_is_read_from_its_code_where_there_is_no_word():
    assert header(BodyPartExamined=None, AnatomicRegionSequence={"CodeMeaning": "Chest"}).body_part == "CHEST"


@pytest.mark.parametrize(("attributes", "technique"), [
    ({"KVP": 85, "Exposure": 3}, "85 kV · 3 mAs"), ({"KVP": 120, "ExposureInuAs": 2500}, "120 kV · 2.5 mAs"),
    ({"XRayTubeCurrent": 200, "ExposureTime": 10}, "2 mAs"), ({}, ""),
    ({"RepetitionTime": 500, "EchoTime": 11}, "TR 500 ms · TE 11 ms"),
    ({"RepetitionTime": 10000, "EchoTime": "2.345"}, "TR 10 000 ms · TE 2.345 ms"),
    ({"RepetitionTime": 11000.4}, "TR 11 000 ms"), ({"KVP": 85.5, "Exposure": 1250}, "85.5 kV · 1 250 mAs"),
    ({"ExposureInuAs": 3333, "KVP": 15000}, "15 000 kV · 3.33 mAs"),
])
def test_the_technique_is_one_line(attributes, technique):
    assert header(**attributes).technique == technique


@pytest.mark.parametrize(("attributes", "mark"), [
    ({"LossyImageCompression": "01", "LossyImageCompressionRatio": 12, "LossyImageCompressionMethod": "ISO_10918_1"},
     "lossy 12:1 (ISO 10918-1)"),
    ({"LossyImageCompression": "01", "LossyImageCompressionRatio": ["10", "5.25"],
      "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"]},
     "lossy 10:1 (ISO 10918-1), 5.25:1 (ISO 15444-1)"),
    ({"LossyImageCompression": "01", "LossyImageCompressionRatio": ["10", "5"],
      "LossyImageCompressionMethod": "ISO_10918_1"}, "lossy 10:1, 5:1 (ISO 10918-1)"),
    ({"LossyImageCompression": "01", "LossyImageCompressionRatio": "10",
      "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"]}, "lossy 10:1 (ISO 10918-1, ISO 15444-1)"),
    ({"LossyImageCompression": "01", "LossyImageCompressionRatio": ["1200", "5"]}, "lossy 1 200:1, 5:1"),
    ({"LossyImageCompression": "01", "LossyImageCompressionMethod": "ISO_14495_1"}, "lossy (ISO 14495-1)"),
    ({"LossyImageCompression": "01"}, "lossy"), ({"LossyImageCompression": "00"}, ""), ({}, ""),
])
def test_lossy_compression_is_marked(attributes, mark):
    assert header(**attributes).lossy == mark


def test_names_of_classes_and_syntaxes_are_words():
    shown = header(SliceLocation=-12.25, ImageType=["ORIGINAL", "PRIMARY"])
    assert shown.sop_class == "Digital X-Ray Image - For Presentation"
    assert shown.transfer_syntax == "Explicit VR Little Endian"
    assert shown.location == "-12.25 mm"
    assert shown.image_type == ("ORIGINAL", "PRIMARY")
    assert syntax_name("1.2.840.10008.1.2.4.110") == "JPEG XL Lossless"
    assert syntax_name("1.2.3") == "1.2.3"


def test_several_values_where_one_belongs_give_the_first():
    assert header(Modality=["CR", "DX"]).modality == "CR"


def test_missing_uids_are_made_from_the_path_and_present_ones_kept():
    dataset = make_dataset(gradient(), SeriesInstanceUID=None)
    identity = read_identity(dataset, Path("somewhere/image"))
    assert identity.study_uid == dataset.StudyInstanceUID
    assert identity.series_uid.startswith("2.25.")
    assert identity == read_identity(dataset, Path("somewhere/image"))
