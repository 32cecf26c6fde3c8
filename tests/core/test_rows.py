import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings.extent import Extent
from core.findings.finding import Finding, ModelIdentity, Reading, Verdict
from core.findings.wording import state_text
from core.imaging.image import Header
from core.refusal import Reason, Refusal
from core.triage.rows import (
    COLUMNS,
    Priority,
    State,
    counts_text,
    failed_row,
    most_urgent,
    over_threshold,
    plain_cell,
    row_of,
    sort_key,
    to_csv,
    waiting_row,
    with_header,
)

MODEL = ModelIdentity("made", "1", "ab" * 32)


def finding(probability: float, label: str = "Opacity", uncertain: bool = False, threshold: float = 0.5) -> Finding:
    return Finding(label, probability, threshold, 0.0, 0.0, np.zeros((2, 2), np.float32), 1.0, uncertain)


def reading(name: str, *findings: Finding, verdict: Verdict = Verdict.FITS, reason: Reason | None = None) -> Reading:
    path = Path(name)
    return Reading(path, 0, verdict, MODEL, None if reason is None else Refusal(reason, path), tuple(findings))


def test_flagged_come_first_then_uncertain_then_failed_then_the_rest_and_last_what_the_model_is_not_made_for():
    rows = [
        row_of(reading("dark", verdict=Verdict.REFUSED, reason=Reason.CONSTANT)),
        row_of(reading("unsure", finding(0.4, uncertain=True), verdict=Verdict.UNCERTAIN)),
        waiting_row(Path("w")),
        row_of(reading("calm", finding(0.1))),
        failed_row(Path("broken"), Refusal(Reason.DAMAGED, Path("broken"))),
        row_of(reading("mild", finding(0.6))),
        row_of(reading("lateral", verdict=Verdict.REFUSED, reason=Reason.NOT_FRONTAL)),
        row_of(reading("grave", finding(0.9))),
    ]
    names = [row.path.name for row in sorted(rows, key=sort_key)]
    assert names == ["grave", "mild", "unsure", "broken", "dark", "calm", "w", "lateral"]


def test_what_is_urgent_is_far_over_its_own_threshold_whatever_prevalence_its_probability_is_stated_for():
    adult = finding(0.731, "adult", threshold=0.361)
    no_age = finding(0.738, "no age", threshold=0.611)
    rows = sorted([row_of(reading("a", no_age)), row_of(reading("b", adult))], key=sort_key)
    assert [(row.finding, row.priority) for row in rows] == [("adult", "flagged"), ("no age", "flagged")]
    sure = row_of(reading("c", finding(0.999, threshold=0.611)))  # whose probability cannot be twice its threshold
    assert sorted([*rows, sure], key=sort_key)[0] is sure
    assert most_urgent([no_age, adult]) is adult and most_urgent([adult, finding(0.999, threshold=0.611)]) is not adult


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.99))
def test_of_one_threshold_the_order_is_that_of_the_probabilities(one, other, threshold):
    low, high = (over_threshold(probability, threshold) for probability in sorted((one, other)))
    assert low <= high and (low < high or abs(one - other) < 1e-12)
    assert one < threshold or over_threshold(one, threshold) >= 0


def test_equals_are_in_natural_order_folder_by_folder():
    names = ["b/CT10", "b/CT2", "a10/CT1", "a9/CT1", "b/CT1"]
    rows = sorted((failed_row(Path(name), Refusal(Reason.DAMAGED, Path(name))) for name in names), key=sort_key)
    assert [row.path.as_posix() for row in rows] == ["a9/CT1", "a10/CT1", "b/CT1", "b/CT2", "b/CT10"]


def test_a_refused_or_failed_reading_never_looks_like_a_negative_one():
    refused = row_of(reading("a", verdict=Verdict.REFUSED, reason=Reason.COLOR))
    failed = row_of(reading("b", verdict=Verdict.FAILED, reason=Reason.DAMAGED))
    note = failed_row(Path("note.txt"), Refusal(Reason.NOT_AN_IMAGE, Path("note.txt")))
    assert (note.state, note.priority) == (State.FAILED, Priority.NOT_ANALYZED)
    absent = failed_row(Path("IM1"), Refusal(Reason.NOT_ON_MEDIUM, Path("IM1")))
    assert (absent.state, absent.priority) == (State.FAILED, Priority.LOOK)  # it may be a film
    closed = failed_row(Path("films"), Refusal(Reason.NOT_PERMITTED, Path("films"), {"kind": "folder"}))
    assert closed.priority is Priority.LOOK and closed.detail.startswith("The folder may not be read.")
    for row, state, priority in ((refused, State.REFUSED, Priority.NOT_ANALYZED),
                                 (failed, State.FAILED, Priority.LOOK)):
        assert (row.state, row.priority) == (state, priority)
        assert row.probability is None and row.above is None and row.finding == "" and row.reason
    assert "No listed finding" not in state_text(reading("a", verdict=Verdict.REFUSED, reason=Reason.COLOR))


def test_a_model_that_cannot_tell_asks_for_a_look():
    row = row_of(reading("a", finding(0.4, uncertain=True), verdict=Verdict.UNCERTAIN))
    assert row.priority is Priority.LOOK


def test_the_finding_that_stands_for_an_image_is_one_above_threshold():
    row = row_of(reading("a", finding(0.55, "second"), finding(0.3, "first")))
    assert row.finding == "second" and row.above is True


def test_what_only_adds_to_a_finding_does_not_stand_for_the_image():
    added = replace(finding(0.99, "Viral", uncertain=True), given="Opacity")
    row = row_of(reading("a", finding(0.6), added))
    assert (row.finding, row.probability) == ("Opacity", 0.6)
    assert row_of(reading("b", finding(0.1), added)).priority is Priority.NONE


def test_counts_add_up():
    rows = [waiting_row(Path("a")), row_of(reading("b", finding(0.1))),
            failed_row(Path("c"), Refusal(Reason.EMPTY_FILE, Path("c")))]
    assert counts_text(rows) == "3 files · 1 read · 1 waiting · 1 not opened"
    rows += [row_of(reading("d", verdict=Verdict.FAILED, reason=Reason.FAILED))]
    assert counts_text(rows, {"without a picture": 6, "copies": 0}) == (
        "10 files · 1 read · 1 failed · 1 waiting · 6 without a picture · 1 not opened")


def test_every_row_is_one_csv_line_whatever_its_name_holds():
    rows = [waiting_row(Path('a "quoted",\nname')), row_of(reading("b", finding(0.25)), Header(patient_name="X^Y"))]
    lines = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert len(lines) == 2 and tuple(lines[0]) == COLUMNS
    assert lines[0]["path"] == 'a "quoted",\nname' and lines[0]["probability"] == ""
    assert "is_opened" not in lines[0]
    assert lines[1]["probability"] == "0.250000" and lines[1]["above"] == "false" and lines[1]["patient"] == "X^Y"


def test_a_line_break_of_any_kind_is_quoted_and_what_needs_none_is_not():
    rows = [waiting_row(Path(name)) for name in ("a\rb", "a\nb", "a\r\nb", "plain")]
    text = to_csv(rows)
    assert [line["path"] for line in csv.DictReader(io.StringIO(text, newline=""))] == [str(row.path) for row in rows]
    assert text.endswith(f"\nplain,waiting{',' * (len(COLUMNS) - 2)}\n") and text.startswith("path,state,")


def test_of_control_characters_a_line_has_tabs_and_line_breaks_alone():
    refusal = Refusal(Reason.DAMAGED, Path("b"), {"detail": "\x07"})
    rows = [with_header(waiting_row(Path("a\x1b[2J\nb")), Header(patient_name="A\x1b[31mB^C", modality="M\x9b\x00")),
            failed_row(Path("b"), refusal)]
    text = to_csv(rows)
    assert {sign for sign in text if ord(sign) < 32 or 127 <= ord(sign) < 160} == {"\n"}
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert first["path"] == "a\\x1b[2J\nb" and first["patient"] == "A\\x1b[31mB^C" and first["study"] == "M\\x9b\\x00"
    assert "(\\x07)" in second["detail"]


def test_a_refusal_is_few_words_and_at_the_end_of_the_line_the_sentence():
    refusal = Refusal(Reason.DAMAGED, Path("b"), {"detail": "frame 1 is cut off"})
    failed = replace(reading("b", verdict=Verdict.FAILED), refusal=refusal)
    rows = [failed_row(Path("b"), refusal), row_of(failed), row_of(reading("film", finding(0.9)))]
    lines = list(csv.DictReader(io.StringIO(to_csv(rows))))
    sentence = "The file is damaged or cut off (frame 1 is cut off). Copy or export it again."
    assert [(line["reason"], line["detail"]) for line in lines] == [("damaged", sentence)] * 2 + [("", "")]
    assert COLUMNS[-1] == "detail"


@pytest.mark.parametrize(("text", "cell"), [
    ("=HYPERLINK(A1)", "'=HYPERLINK(A1)"), ("+1+1", "'+1+1"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"), ("-12.5", "-12.5"), ("+3", "+3"), ("Doe^Jane", "Doe^Jane"), ("", ""), ("-", "'-"),
])
def test_no_cell_is_taken_for_a_formula_and_a_number_stays_one(text, cell):
    row = with_header(waiting_row(Path("a")), Header(patient_name=text))
    (written,) = csv.DictReader(io.StringIO(to_csv([row]), newline=""))
    assert written["patient"] == cell


@given(st.text(max_size=20))
def test_a_cell_that_begins_like_a_formula_is_a_number(text):
    cell = plain_cell(text)
    if cell[:1] in tuple("=+-@\t\r"):
        float(cell)
    assert cell.removeprefix("'").endswith(text.removeprefix("'"))


def test_the_extent_is_told_in_words_at_the_end_of_a_line():
    extent = Extent("Extent", (0.1, 1.0, 2.0, 0.0, 1.5, 3.0), 0.5, 2.0, "made adults")
    row = row_of(replace(reading("film", finding(0.9)), extent=extent))
    assert ",extent," in to_csv([row]).splitlines()[0]
    assert "sum 7.6 of 18" in to_csv([row])
    assert row_of(reading("film", finding(0.9))).extent == ""
