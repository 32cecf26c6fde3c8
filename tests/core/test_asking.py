"""A finding speaks only where it was measured."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings.finding import Finding
from core.imaging.image import Header
from core.reading.asking import age_in_years, is_asked
from core.reading.model_card import FindingSpec

SPEC = FindingSpec(label="Viral", slope=1, intercept=0, threshold=0.5, evidence_scale=1, ages=(1, 5), given="Opacity")


def opacity(probability):
    return Finding("Opacity", probability, 0.4, 0.0, 0.0, np.zeros((2, 2), np.float32), 1.0)


@pytest.mark.parametrize(("header", "age"), [
    (Header(age="4 y"), 4), (Header(age="18 mo"), 1.5), (Header(age="2 wk"), 0.038), (Header(age="3 d"), 0.008),
    (Header(birth_date="2010-03-01", date="2014-03-01"), 4), (Header(age="odd"), None), (Header(), None),
    (Header(birth_date="2014-03-01", date="2010-03-01"), None), (Header(birth_date="2010", date="2014-03-01"), None),
    (Header(birth_date="1980-03-01", date="9999-12-31"), None),
])
def test_the_age_is_what_the_header_says_or_counts_from_birth(header, age):
    assert age_in_years(header) == (None if age is None else pytest.approx(age, abs=0.01))


def test_the_age_is_that_on_the_day_of_the_study_not_of_a_later_copy():
    dates = {"birth_date": "2010-03-01", "date": "2023-03-01"}
    assert age_in_years(Header(study_date="2014-03-01", **dates)) == 4
    assert age_in_years(Header(study_date="odd", **dates)) == 13


@pytest.mark.parametrize("age", ["0 y", "0 mo", "0 d"])
def test_an_age_of_nothing_goes_behind_dates_that_say_otherwise(age):
    assert age_in_years(Header(age=age, birth_date="1980-03-01", study_date="2020-03-01")) == 40
    assert age_in_years(Header(age=age, birth_date="2020-03-01", study_date="2020-03-01")) == 0
    assert age_in_years(Header(age=age)) == 0
    assert age_in_years(Header(age="39 y", birth_date="1980-03-01", study_date="2020-03-01")) == 39


@pytest.mark.parametrize("age", ["999 y", "124 y", "1500 mo", ""])
def test_an_age_that_nobody_reaches_is_none(age):
    assert age_in_years(Header(age=age)) is None
    assert age_in_years(Header(age=age, birth_date="1900-01-01", study_date="2024-05-01")) is None
    assert age_in_years(Header(age=age, birth_date="1980-03-01", study_date="2020-03-01")) == 40
    assert age_in_years(Header(age="120 y", birth_date="1900-01-01", study_date="2024-05-01")) == 120


@pytest.mark.parametrize(("birth", "day", "years"), [
    ("2002-03-01", "2020-02-29", 17), ("2002-03-01", "2020-03-01", 18), ("2001-03-01", "2019-03-01", 18),
    ("2000-02-29", "2018-02-28", 17), ("2000-02-29", "2018-03-01", 18), ("2000-02-29", "2020-02-28", 19),
    ("2000-02-29", "2020-02-29", 20), ("2019-12-31", "2020-01-01", 0), ("2020-01-01", "2020-01-01", 0),
])
def test_a_patient_is_a_year_older_from_the_birthday_on(birth, day, years):
    age = age_in_years(Header(birth_date=birth, study_date=day))
    assert years <= age < years + 1


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 40_000))
def test_each_day_makes_a_patient_older(birth, days):
    today, tomorrow = (
        age_in_years(Header(birth_date=birth.isoformat(), study_date=(birth + timedelta(days + more)).isoformat()))
        for more in (0, 1)
    )
    assert 1 / 367 < tomorrow - today < 1 / 364


@pytest.mark.parametrize(
    ("age", "asked"), [("11 mo", False), ("12 mo", True), ("5 y", True), ("6 y", False), ("", False)]
)
def test_it_is_asked_at_its_ages_only(age, asked):
    assert is_asked(SPEC, age_in_years(Header(age=age)), (opacity(0.9),)) is asked


def test_it_is_asked_only_where_the_finding_it_depends_on_is_above_its_threshold():
    assert not is_asked(SPEC, 3.0, (opacity(0.3),)) and not is_asked(SPEC, 3.0, ())


def test_a_finding_without_conditions_is_always_asked():
    plain = FindingSpec(label="Opacity", slope=1, intercept=0, threshold=0.5, evidence_scale=1)
    assert is_asked(plain, None, ())
