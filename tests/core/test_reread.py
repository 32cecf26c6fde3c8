"""Open files with their text in another character set: names and descriptions change, nothing else."""

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.dicom.load_object import load_object
from core.dicom.reread import reread_files
from tests.make.dicom import make_dicom

TEXTS = {"PatientName": "Иванов^Иван".encode("iso8859_5"), "SeriesDescription": "Грудь".encode("iso8859_5"),
         "StudyDescription": "Осмотр".encode("iso8859_5"), "PatientID": "Ж1".encode("iso8859_5"),
         "SpecificCharacterSet": "ISO_IR 100"}


def test_names_and_descriptions_of_an_image_are_read_anew_and_its_identity_stays(tmp_path):
    image = load_image(make_dicom(tmp_path / "a", np.zeros((4, 4), np.uint8), **TEXTS))
    (again,) = reread_files([image], "ISO_IR 144")
    header = again.header
    assert (header.patient_name, header.series_description, header.study_description) == (
        "Иванов^Иван", "Грудь", "Осмотр")
    assert header.patient_id == image.header.patient_id  # or it would move to another patient
    assert (again.path, again.identity, again.load_frame) == (image.path, image.identity, image.load_frame)


def test_the_title_of_an_object_is_read_anew(tmp_path):
    texts = {**TEXTS, "ContentDescription": "Заключение".encode("iso8859_5")}
    one = load_object(make_dicom(tmp_path / "a", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", **texts))
    (again,) = reread_files([one], "ISO_IR 144")
    assert (again.title, again.header.patient_name, again.kind) == ("Заключение", "Иванов^Иван", one.kind)


def test_a_file_that_is_gone_is_left_out_and_an_unknown_set_is_a_mistake(tmp_path):
    image = load_image(make_dicom(tmp_path / "a", np.zeros((4, 4), np.uint8), **TEXTS))
    with pytest.raises(ValueError, match="unknown character set"):
        reread_files([image], "Klingon")
    (tmp_path / "a").unlink()
    assert reread_files([image], "ISO_IR 144") == ()


def test_what_has_taken_the_place_of_a_file_lends_it_no_name(tmp_path):
    image = load_image(make_dicom(tmp_path / "a", np.zeros((4, 4), np.uint8), **TEXTS))
    one = load_object(make_dicom(tmp_path / "b", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", **TEXTS))
    for open_file in (image, one):
        make_dicom(open_file.path, np.ones((9, 9), np.uint8), PatientName="Berta")
    assert reread_files([image, one], "ISO_IR 144") == ()
