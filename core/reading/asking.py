"""Which of a model's findings are asked of an image: a finding speaks only where it was measured."""

import re
from datetime import MAXYEAR, date

from core.findings.finding import Finding
from core.findings.wording import OLDEST
from core.imaging.image import Header
from core.reading.model_card import ExtentSpec, FindingSpec, ModelCard

_DAYS = {"d": 1.0, "wk": 7.0, "mo": 365.25 / 12, "y": 365.25}
_DAYS_OF_A_YEAR = 365.25


def age_in_years(header: Header) -> float | None:
    """Return the patient's age as the header states it ("4 y", "30 mo"), or from birth to study; None without.

    A stated age of 0 is what some machines write where nobody entered one: then the dates count where both are there.
    So is one above `OLDEST`, as 999 and a birth in 1900: nobody's age is known by it.
    """
    birth, study = _day(header.birth_date), _day(header.study_date) or _day(header.date)
    counted = None if birth is None or study is None or study < birth else _years_between(birth, study)
    stated = re.fullmatch(r"(\d+) (d|wk|mo|y)", header.age)
    told = int(stated[1]) * _DAYS[stated[2]] / _DAYS_OF_A_YEAR if stated else None
    told, counted = (None if years is None or years >= OLDEST + 1 else years for years in (told, counted))
    return told or (told if counted is None else counted)


def is_asked(spec: FindingSpec | ExtentSpec, age: float | None, others: tuple[Finding, ...]) -> bool:
    """Return whether a finding, or the extent, is asked: by age, and by what it needs among `others`, those before it.

    The age is in years; None is not known.
    """
    if spec.given and not any(finding.above for finding in others if finding.label == spec.given):
        return False
    if spec.ages is None:
        return True
    return age is not None and is_within(age, spec.ages)


def is_within(age: float, ages: tuple[float, float]) -> bool:
    """Return whether an age is one of `ages`, completed years with both ends: of 1 to 5, from 1.0 to below 6.0."""
    return ages[0] <= age < ages[1] + 1


def depends_on_age(card: ModelCard) -> bool:
    """Return whether any of a model's answers depends on the patient's age."""
    by_age = any(spec.ages is not None or spec.calibrations for spec in card.findings)
    return by_age or (card.extent is not None and card.extent.ages is not None)


def _day(text: str) -> date | None:
    """Return the day of a date such as 2014-06-08; the last year of all stands for one that is not known."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year < MAXYEAR else None


def _years_between(birth: date, day: date) -> float:
    """Return the birthdays up to a day, and which part of the year since the last one is over."""
    years = day.year - birth.year - (_birthday(birth, day.year) > day)
    last, following = (_birthday(birth, birth.year + count) for count in (years, years + 1))
    return years + (day - last) / (following - last)


def _birthday(birth: date, year: int) -> date:
    """Return the birthday in a year; who was born on 29 February has it on 1 March of the others."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
