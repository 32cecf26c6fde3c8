"""Label tables: which pictures there are, where they come from, and what is known of each.

A table is a CSV file with the columns path, source, split, patient, label and, where known, label_basis, licence,
sha1, sex, age (years), view, finding (the source's words), width and height (of the original file); other columns are
ignored. Paths are relative to the table's folder. A folder without a table is taken as a folder for each class
(`folder_labels`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from core.training.config import LabelWords, RowFilter, StatedAge
from core.training.csv_table import table_lines
from core.training.folder_labels import folder_records

REQUIRED = ("path", "source", "split", "patient", "label")
TABLE_NAME = "labels.csv"
NO_PATIENT = "path:"  # begins the name of a patient that was made from a path
TEST_SPLIT = "test"


class Label(StrEnum):
    """What is known of one picture; undecided and unknown are never turned into negative."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNCERTAIN = "uncertain"
    MISSING = "missing"


_IN_A_YEAR = {"h": 365.25 * 24, "d": 365.25, "w": 365.25 / 7, "m": 12.0}  # units of an age by their first letter
_NUMBER = r"(\d+(?:[.,]\d+)?|[.,]\d+)"
_AGE = re.compile(rf"{_NUMBER}(?:\s*(?:[-–]|to)\s*{_NUMBER})?[\s./(-]*(?P<word>[^\W\d_]*)")  # "6-12 months": the first
_PART_OF_A_YEAR = re.compile(r"(?:hour|hr|day|week|wk|month|mth|mo)s?")
# What may stand behind years: their names, a sex, and "50s", "50 or older", "40 to 49", "9 more". Another word may be a
# unit; d, h and w are days, hours, weeks, or a sex: divers, Homme, weiblich
_OF_YEARS = {
    "", "y", "yr", "yrs", "year", "years", "yo", "j", "jahr", "jahre", "jahren", "a", "an", "ans", "ano", "anos", "año",
    "años", "anni", "jaar", "let", "lat", "岁", "歳",
    "f", "m", "female", "male", "woman", "man", "s", "or", "and", "to", "bis", "plus", "more",
}
_NO_AGE = re.compile(r"^-|[<≤]|\d\s*/\s*\d|[.,]\d+[.,]\d")  # a code for what is missing, a limit, a fraction, a date
_MALE_FROM = 18  # years below which an m may be months
_OLDEST = 150  # years above which a number is no age, such as the year of birth


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One picture of a table; `word` is the table's own label, `label` what it means."""

    path: str
    source: str
    split: str
    patient: str
    word: str
    label: Label
    basis: str = ""
    licence: str = ""
    sha1: str = ""
    sex: str = ""
    age: str = ""  # years, as the table has it
    view: str = ""
    width: int = 0  # of the original file in pixels, before any copy; 0 where the table does not say
    height: int = 0
    said: str = ""  # the source's own words of what is seen, column `finding`

    @property
    def is_known(self) -> bool:
        """Whether the picture is positive or negative."""
        return self.label in (Label.POSITIVE, Label.NEGATIVE)

    @property
    def has_patient(self) -> bool:
        """Whether the table names the patient; a name that begins with "unknown:" is none."""
        return not self.patient.startswith((NO_PATIENT, "unknown:"))

    @property
    def is_positive(self) -> bool:
        """Whether the picture is positive."""
        return self.label is Label.POSITIVE

    @property
    def years(self) -> float | None:
        """The age in years, of "47", "50.0", "50+", "mid 50s", "47 F", "018M" or "6 weeks".

        None without a number, and where it may be none of years: "6m", "6 Monate", "6/12", "<1", "1988".
        """
        dicom = re.fullmatch(r"(\d{3})(?P<word>[DWMY])", self.age.strip())  # its AS (PS3.5 6.2)
        said = dicom or (None if _NO_AGE.search(self.age) else _AGE.search(self.age.lower()))
        if said is None:
            return None
        number, word = float(said[1].replace(",", ".")), said["word"].lower()
        if dicom is not None or _PART_OF_A_YEAR.fullmatch(word):
            number /= _IN_A_YEAR.get(word[0], 1.0)
        elif word not in _OF_YEARS or (word == "m" and number < _MALE_FROM):
            return None
        return number if number <= _OLDEST else None


def table_path(data: Path) -> Path:
    """Return the table that `data` names: itself, or labels.csv in the folder `data`, there or not."""
    return data / TABLE_NAME if data.is_dir() else data


def read_labels(
    data: Path, words: LabelWords | None, stated_ages: Sequence[StatedAge] = (), as_named: bool = False
) -> tuple[LabelRow, ...]:
    """Read a table, or a folder for each class, in its order; without `words` no label is known, only its word.

    A picture without a patient gets one of its own, made from its path, so that it can never join two splits; pictures
    of one file are of one patient (`with_shared_patients`), unless patients are to be `as_named` by the table. One
    without an age gets that of the first of `stated_ages` that fits. Raises OSError, and ValueError for a missing
    column, an unknown word, a path twice, or a folder without pictures.
    """
    path = table_path(data)
    meanings = None if words is None else {word: Label(kind) for kind in Label for word in getattr(words, kind.value)}
    records = _folder_lines(data) if data.is_dir() and not path.is_file() else table_lines(path, REQUIRED)
    rows: dict[str, LabelRow] = {}
    for where, record in records:
        row = with_age(_row(record, meanings, where), stated_ages)
        if row.path in rows:
            raise ValueError(f"{path.name} names {row.path} twice")
        rows[row.path] = row
    found = tuple(rows.values())
    return found if as_named else with_shared_patients(found)


def with_shared_patients(rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
    """Return the rows; patients with a file (SHA-1) in common, directly or through others, are one, by one's name.

    Else a copy under another name, or of no patient at all, would teach a model that predicts it. A name of the
    table's goes before one that was made.
    """
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while first.setdefault(name, name) != name:
            name = first[name]
        return name

    homes: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: not row.has_patient):  # so that a real name is the root
        own = root(row.patient)
        if row.sha1:
            first[own] = root(homes.setdefault(row.sha1, own))
    return tuple(row if (name := root(row.patient)) == row.patient else replace(row, patient=name) for row in rows)


def _folder_lines(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    yield from ((record["path"], record) for record in folder_records(folder))


def _row(record: dict[str, str], meanings: dict[str, Label] | None, where: str) -> LabelRow:
    word = record["label"]
    if meanings is not None and word not in meanings:
        raise ValueError(f"{where}: the label {word!r} is in none of the configured lists")
    return LabelRow(
        path=record["path"],
        source=record["source"],
        split=record["split"],
        patient=record["patient"] or f"{NO_PATIENT}{record['path']}",
        word=word,
        label=Label.MISSING if meanings is None else meanings[word],
        basis=record.get("label_basis", ""),
        licence=record.get("licence", ""),
        sha1=record.get("sha1", ""),
        sex=record.get("sex", ""),
        age=record.get("age", ""),
        view=record.get("view", ""),
        width=_pixels(record, "width", where),
        height=_pixels(record, "height", where),
        said=record.get("finding", ""),
    )


def _pixels(record: dict[str, str], name: str, where: str) -> int:
    """A side in pixels, also as "2048.0", which spreadsheets and data frames make of it; 0 where there is none."""
    text = record.get(name, "")
    if not text:
        return 0
    if not re.fullmatch(r"\d+(\.0*)?", text):
        raise ValueError(f"{where}: the {name} {text!r} is no number of pixels")
    return int(text.partition(".")[0])


def with_age(row: LabelRow, stated: Sequence[StatedAge]) -> LabelRow:
    """Return the row with the age that is stated of its collection, where it has none of its own."""
    if row.years is not None:
        return row
    years = next((item.years for item in stated if matches(row, item.rows)), None)
    return row if years is None else replace(row, age=f"{years:g}")


def matches(row: LabelRow, wanted: RowFilter) -> bool:
    """Whether a row meets every condition that `wanted` gives."""
    return (
        (not wanted.sources or row.source in wanted.sources)
        and (not wanted.splits or row.split in wanted.splits)
        and (not wanted.labels or row.word in wanted.labels)
        and (not wanted.views or row.view in wanted.views)
        and (not wanted.basis_contains or any(text in row.basis for text in wanted.basis_contains))
        and not any(text in row.basis for text in wanted.basis_lacks)
    )


def select(rows: Iterable[LabelRow], wanted: RowFilter) -> tuple[LabelRow, ...]:
    """Return the rows that match, in their order."""
    return tuple(row for row in rows if matches(row, wanted))
