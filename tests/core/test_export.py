"""Readings as JSON: few words that stay the same, the whole sentence beside them, and ages as one states them."""

from pathlib import Path

import numpy as np
import pytest

from core.findings.export import finding_to_dict, reading_to_dict
from core.findings.finding import Finding, Reading, Verdict
from core.findings.wording import age_text
from core.refusal import Reason, Refusal


def test_the_sentence_about_a_refusal_stands_beside_its_words():
    path = Path("film.dcm")
    refusal = Refusal(Reason.DAMAGED, path, {"detail": "frame 1 is cut off"})
    written = reading_to_dict(Reading(path, 0, Verdict.FAILED, refusal=refusal))
    assert (written["reason"], written["reason_code"]) == ("damaged", "damaged")
    assert written["detail"] == "The file is damaged or cut off (frame 1 is cut off). Copy or export it again."
    assert reading_to_dict(Reading(path, 0, Verdict.FITS))["detail"] == ""


@pytest.mark.parametrize(("years", "written"), [
    (55.559206023271734, 55.5), (17.999, 17.9), (18.0, 18.0), (16.1, 16.1), (7 / 12, 0.5), (0.0, 0.0), (None, None),
])
def test_an_age_is_written_to_the_tenth_of_a_year_that_is_completed(years, written):
    assert reading_to_dict(Reading(Path("a"), 0, Verdict.FITS, age_years=years))["age_years"] == written


def test_an_age_is_told_in_completed_years_and_that_of_infants_in_months():
    assert [age_text(years, False) for years in (55.9, 2.0, 1.99, 7 / 12)] == [
        "55 years", "2 years", "23 months", "7 months"]


def test_a_finding_says_whether_it_is_uncertain_and_whom_its_probability_is_for():
    doubtful = Finding("Viral", 0.52, 0.5, 0.0, 0.0, np.zeros((1, 1), np.float32), 1.0, True, population="1–5 years")
    written = finding_to_dict(doubtful)
    assert (written["above"], written["uncertain"]) == (True, True)
    assert written["calibrated_for"]["population"] == "1–5 years"


def test_a_copy_names_the_file_that_it_has_its_answer_from():
    assert reading_to_dict(Reading(Path("a"), 0, Verdict.FITS))["copy_of"] is None
    assert reading_to_dict(Reading(Path("b"), 0, Verdict.FITS, copy_of=Path("a")))["copy_of"] == "a"
