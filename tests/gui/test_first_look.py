"""gui.first_look: which findings wait, and that what was seen once does not."""

from pathlib import Path

import numpy as np
import pytest

from core.findings.finding import Finding, Reading, Verdict
from core.refusal import Reason, Refusal
from gui.first_look import FirstLook

FINDING = Finding("Opacity", 0.82, 0.46, 0.0, 0.0, np.zeros((2, 2), np.float32), 1.0)


def reading(name: str = "a", verdict: Verdict = Verdict.FITS, **more) -> Reading:
    return Reading(Path(name), 0, verdict, None, **more)


@pytest.fixture
def look() -> FirstLook:
    look = FirstLook()
    look.is_on = True
    return look


def test_nothing_is_held_back_unless_it_is_wished() -> None:
    assert not FirstLook().holds_back(reading(findings=(FINDING,)))


@pytest.mark.parametrize("verdict", [Verdict.FITS, Verdict.UNCERTAIN])
def test_findings_are_held_back_until_they_were_seen(look, verdict) -> None:
    held = reading(verdict=verdict, findings=(FINDING,))
    assert look.holds_back(held)
    look.add_seen((Path("a"), 0))
    assert not look.holds_back(held)
    assert look.holds_back(reading("b", verdict, findings=(FINDING,)))


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.FAILED])
def test_why_an_image_was_not_read_is_no_finding(look, verdict) -> None:
    assert not look.holds_back(reading(verdict=verdict, refusal=Refusal(Reason.NOT_FRONTAL)))
    assert not look.holds_back(None)


def test_another_image_under_a_path_that_was_seen_is_held_back(look) -> None:
    look.add_seen((Path("a"), 0))
    look.forget()
    assert look.holds_back(reading(findings=(FINDING,)))
