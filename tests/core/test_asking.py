"""A finding speaks only where it was measured."""

import numpy as np
import pytest

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
])
def test_the_age_is_what_the_header_says_or_counts_from_birth(header, age):
    assert age_in_years(header) == (None if age is None else pytest.approx(age, abs=0.01))


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
