from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import wording
from core.findings.finding import Finding, Reading, Verdict
from core.refusal import Reason, Refusal


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence_that_names_the_file(reason):
    refusal = Refusal(reason, Path("folder/film.dcm"))
    text = wording.refusal_text(refusal)
    assert text.startswith("film.dcm: ") and len(text) > 20
    assert "{" not in text and wording.reason_text(refusal)


@pytest.mark.parametrize(
    "position, ending", [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_waiting_says_the_place_in_the_line(position, ending):
    assert wording.waiting_text(position) == f"AI: waiting ({ending})"


def made(probability: float) -> Reading:
    finding = Finding("Opacity", probability, 0.5, 0.0, 0.0, np.zeros((1, 1), np.float32), 1.0)
    return Reading(Path("a"), 0, Verdict.FITS, findings=(finding,))


def test_nothing_above_threshold_is_said_without_ruling_anything_out():
    text = wording.state_text(made(0.2))
    assert text == "No listed finding above threshold (1 looked for). Does not exclude disease."


def test_a_finding_above_threshold_is_named():
    assert wording.state_text(made(0.5)) == "Above threshold: Opacity"


@pytest.mark.parametrize(("probability", "digits", "text"), [
    (0.456, 2, "0.46"), (0.0, 2, "<0.01"), (0.0049, 2, "<0.01"), (0.0051, 2, "0.01"), (0.9949, 2, "0.99"),
    (0.9951, 2, ">0.99"), (1.0, 2, ">0.99"), (0.0004, 3, "<0.001"), (0.9996, 3, ">0.999"), (0.5, 3, "0.500"),
])
def test_no_probability_is_shown_as_certain(probability, digits, text):
    assert wording.probability_text(probability, digits) == text


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([2, 3]))
def test_a_probability_and_its_threshold_are_shown_on_the_sides_where_they_lie(probability, threshold, least):
    finding = replace(made(probability).findings[0], threshold=threshold)
    digits = wording.digits_apart(finding, least)
    assert least <= digits <= wording.MOST_DIGITS
    if abs(probability - threshold) > 2e-6:
        shown = round(probability, digits), round(threshold, digits)
        assert (shown[0] > shown[1]) is finding.above and shown[0] != shown[1]
        assert wording.threshold_text(finding, digits).startswith("above" if finding.above else "below")


def test_no_sentence_ever_says_normal():
    texts = [wording.refusal_text(Refusal(reason, Path("x"))) for reason in Reason]
    texts += [wording.state_text(made(p)) for p in (0.0, 0.5, 1.0)] + [wording.RESEARCH_NOTICE, wording.FITS]
    assert not any("normal" in text.lower() for text in texts)


def test_a_share_is_a_percentage_only_where_one_makes_sense():
    assert wording.share_text(0.63, 0.37, 0.63) == "63 % of the score"
    assert "logits" in wording.share_text(-0.2, 0.5, None)


def test_the_counts_of_an_opening_add_up():
    assert wording.opening_text(3, 0, 0, 0, 0, 1) == ""
    assert wording.opening_text(1, 0, 2, 0, 0, 0) == ""
    assert wording.opening_text(0, 0, 2, 0, 0, 0) == "2 files: 0 images, 2 not opened."
    assert wording.opening_text(150, 1, 5, 2, 1, 1) == (
        "158 files: 150 images, 1 without a picture, 5 not opened (2 missing on the medium), 1 copy of open files, "
        "1 DICOMDIR.")


def test_a_few_refusals_of_an_opening_are_told_with_their_reasons():
    two = [Refusal(Reason.EMPTY_FILE, Path("/x/a.dcm")), Refusal(Reason.NOT_FOUND, Path("/x/b.dcm"))]
    lines = [
        "a.dcm: The file is empty. Copy it again from its source.", "b.dcm: There is no such file. Check the path.",
    ]
    assert wording.opening_text(0, 0, 2, 0, 0, 0, two).splitlines() == lines
    assert wording.opening_text(5, 0, 2, 0, 0, 0, two[:1]).splitlines() == lines[:1]
    assert wording.opening_text(5, 0, 2, 0, 1, 0, two).splitlines() == [
        "8 files: 5 images, 2 not opened, 1 copy of open files.", *lines]
    assert wording.opening_text(0, 0, 4, 0, 0, 0, two + two) == "4 files: 0 images, 4 not opened."


def test_a_split_says_why():
    assert wording.split_text([]) == ""
    assert wording.split_text([("orientations", 3), ("echo times", 2)]) == (
        "The series is split: it holds 3 orientations and 2 echo times.")
    assert wording.split_text([("kinds of image (localizers apart)", 2)]).endswith("kinds of image (localizers apart).")


@pytest.mark.parametrize(("reason", "facts", "words"), [
    (Reason.WRONG_MODALITY, {"modality": "OT"}, "image of another kind, not a chest radiograph"),
    (Reason.WRONG_BODY_PART, {"body_part": "EXTREMITY"}, "extremity, not a chest"),
    (Reason.WRONG_BODY_PART, {"body_part": "CSPINE"}, "cervical spine, not a chest"),
])
def test_codes_are_said_in_words(reason, facts, words):
    assert wording.reason_text(Refusal(reason, Path("a.dcm"), facts)) == words


def test_an_archive_that_is_over_a_limit_is_no_picture_that_is_too_large():
    text = wording.refusal_text(Refusal(Reason.ARCHIVE_LIMIT, Path("a.zip"), {"detail": "more than 5 entries"}))
    assert text.startswith("a.zip: The archive was not unpacked to its end (more than 5 entries). Make room")
    assert "picture" not in text


def test_who_ends_a_list_is_told_that_it_is_not_whole():
    assert wording.interrupted_text(1) == "interrupted after 1 file: the list is not whole"
    assert wording.interrupted_text(9999) == "interrupted after 9999 files: the list is not whole"


def test_a_model_that_cannot_be_used_is_told_with_its_folder():
    for path in (Path("/m/own"), Path("/m/own/weights.safetensors")):
        for reason in (Reason.MODEL_DAMAGED, Reason.MODEL_MISSING):
            assert str(Path("/m/own")) + ")" in wording.refusal_text(Refusal(reason, path))
