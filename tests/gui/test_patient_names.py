from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor

from core.imaging.image import Frame, Identity, Image
from gui.patient_names import patient_lines
from gui.theme import color
from tests.make.image import make_image


def film(study: str = "1", kind: str = "DICOM", name: str = "made.dcm", **header: str) -> Image:
    frame = Frame(np.zeros((4, 4), np.uint8))
    image = make_image(frame, kind, **header)
    return Image(**{**vars(image), "path": Path(name), "identity": Identity(study, "1.1", "1.1.1")})


def test_pictures_of_one_patient_are_not_named():
    now, before = film("1", patient_id="7", patient_name="Doe^Jane"), film("2", patient_id="7", patient_name="Doe^J")
    assert patient_lines({0: now, 1: before}) == {}
    assert patient_lines({0: now}) == {}
    assert patient_lines({}) == {}


def test_pictures_of_several_patients_are_named_each_with_the_id():
    lines = patient_lines({0: film(patient_id="7", patient_name="Doe^Jane"), 3: film(patient_id="8")})
    assert lines == {
        0: "▲ Doe Jane · ID 7 · several patients in view", 3: "▲ no name · ID 8 · several patients in view",
    }


def test_one_id_of_two_issuers_is_two_patients():
    issuers = ("A", "B")
    assert len(patient_lines({at: film(patient_id="7", patient_id_issuer=one) for at, one in enumerate(issuers)})) == 2


def test_of_pictures_without_a_patient_nothing_is_claimed():
    lines = patient_lines({0: film("1", "PNG", "a.png"), 1: film("2", "PNG", "b.png")})
    assert lines == {0: "▲ no patient data · a.png", 1: "▲ no patient data · b.png"}


ALPHA = {"patient_id": "1", "patient_name": "Alpha^A", "birth_date": "1950-01-02"}


def test_two_people_with_one_id_are_named_with_their_birth_dates():
    beta = {**ALPHA, "patient_name": "Beta^B", "birth_date": "1990-03-04"}
    assert patient_lines({0: film("1", **ALPHA), 1: film("2", **beta), 2: film("3", patient_id="1")}) == {
        0: "▲ Alpha A · born 1950-01-02 · same ID 1 · several patients in view",
        1: "▲ Beta B · born 1990-03-04 · same ID 1 · several patients in view",
        2: "▲ no name · ID 1 · several patients in view",
    }


@pytest.mark.parametrize(("other", "count"), [
    ({"birth_date": "1990-03-04"}, 2),
    ({"patient_name": "Beta^B"}, 0),  # a name may change
    ({"patient_name": "Beta^B", "birth_date": ""}, 2),
    ({"patient_name": "ALPHA^A^^^", "birth_date": ""}, 0),
    ({"patient_name": "alpha  a", "birth_date": ""}, 0),
    ({"patient_name": "Alpha^A^Maria", "birth_date": ""}, 0),
    ({"patient_name": "Alpha^A.", "birth_date": ""}, 0),
    ({"patient_name": "Alpha^Anna", "birth_date": ""}, 0),
    ({"patient_name": "Alpha", "birth_date": ""}, 0),
    ({"patient_name": "Alpha^B", "birth_date": ""}, 2),
    ({"patient_name": "", "birth_date": ""}, 0),
])
def test_of_one_id_are_two_people_where_birth_dates_or_without_them_names_contradict(other, count):
    for files in ((ALPHA, {**ALPHA, **other}), ({**ALPHA, **other}, ALPHA)):
        assert len(patient_lines({at: film(str(at), **header) for at, header in enumerate(files)})) == count


@pytest.mark.parametrize(("one", "other"), [("Case^1", "Case^10"), ("李^明", "李^明华"), ("Doe^Ann", "Doe^Anna")])
def test_a_number_or_a_whole_name_is_no_initial(one, other):
    assert len(patient_lines({0: film(patient_name=one), 1: film(patient_name=other)})) == 2


def luminance(ink: QColor) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in ink.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_the_band_is_legible(qapp):
    assert (luminance(color("stop")) + 0.05) / (luminance(color("raised")) + 0.05) >= 4.5
