"""One row for each file: what became of it, and how urgent it is."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.files import path_text, without_controls
from core.findings.finding import Finding, Reading, Verdict, standing_alone
from core.findings.wording import (
    CAUTION_UNCONFIRMED,
    REMARKS,
    extent_text,
    reason_text,
    refusal_sentence,
    verdict_reason,
)
from core.imaging.image import Header
from core.refusal import Reason, Refusal
from core.studies.order import path_key


class State(StrEnum):
    """Where a file stands. Every file is in exactly one state."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    REFUSED = "refused"
    FAILED = "failed"


class Priority(StrEnum):
    """How soon a person should look, most urgent first.

    FLAGGED: a finding above threshold. LOOK: the model cannot tell (these come first), or it could not be opened or
    read, or its picture is no film. NONE: no listed finding above threshold. UNKNOWN: not read yet. NOT_ANALYZED:
    nobody has read it, since the file is no image, or says that it is nothing that the model is made for.
    """

    FLAGGED = "flagged"
    LOOK = "look"
    NONE = "none"
    UNKNOWN = ""
    NOT_ANALYZED = "not-analysed"


INDEX_CLASS = "Media Storage Directory"  # the SOP class of a DICOMDIR

_ORDER = {priority: place for place, priority in enumerate(Priority)}  # as they are listed
_SUREST = 1e-15  # a probability of 0 or 1 has no log-odds

# what a file says of itself; a picture without content or of a wrong shape may be a chest film gone wrong
_OUT_OF_SCOPE = frozenset({
    Reason.WRONG_MODALITY, Reason.WRONG_BODY_PART, Reason.NOT_FRONTAL, Reason.COLOR, Reason.SEVERAL_FRAMES,
    Reason.NO_PIXELS,
})

# a note beside the films, a document in an archive; what a medium names and has not may be a film
_NO_IMAGES = frozenset({Reason.NOT_AN_IMAGE, Reason.NOT_A_FILE, Reason.NOTHING_INSIDE, Reason.NO_PIXELS})


@dataclass(frozen=True, slots=True)
class TriageRow:
    """One file's line in the list. `finding` is the one that `most_urgent` names, `urgency` its `over_threshold`.

    `reason` is why in few words, of which there are not many different ones; `detail` the whole sentence of a refusal.
    `is_opened` is False for a file that failed before anybody could read it.
    """

    path: Path
    state: State
    patient: str = ""
    study: str = ""
    time: str = ""
    reason: str = ""
    model: str = ""
    finding: str = ""
    probability: float | None = None
    above: bool | None = None
    urgency: float = -math.inf
    priority: Priority = Priority.UNKNOWN
    is_opened: bool = True
    extent: str = ""
    detail: str = ""


def waiting_row(path: Path) -> TriageRow:
    """Return the row of a file that nobody has looked into yet."""
    return TriageRow(path, State.WAITING)


def with_header(row: TriageRow, header: Header) -> TriageRow:
    """Return the row with the patient, study and time of an opened file."""
    study = " ".join(part for part in (header.modality, header.body_part.lower(), header.view_position) if part)
    return replace(row, patient=header.patient_name, study=study, time=f"{header.date} {header.time}".strip())


def failed_row(path: Path, refusal: Refusal) -> TriageRow:
    """Return the row of a file that could not be opened.

    What is plainly no image is no case that failed: it stands at the end, like what the model is not made for.
    """
    priority = Priority.NOT_ANALYZED if refusal.reason in _NO_IMAGES else Priority.LOOK
    return TriageRow(
        path, State.FAILED, reason=reason_text(refusal), priority=priority, is_opened=False,
        detail=refusal_sentence(refusal),
    )


def no_picture(path: Path, sop_class: str) -> Refusal:
    """Return why an opened object is not read: it holds no picture. `sop_class` is the name of its class, or ""."""
    return Refusal(Reason.NO_PIXELS, path, {"sop_class": sop_class} if sop_class else {})


def row_of(reading: Reading, header: Header | None = None) -> TriageRow:
    """Return the row of a file that was read, refused or failed; `header` where it could be opened."""
    row = TriageRow(reading.path, State.READ, model=reading.model.short if reading.model else "")
    if header is not None:
        row = with_header(row, header)
    row = replace(row, reason=verdict_reason(reading))
    if reading.extent is not None:
        row = replace(row, extent=extent_text(reading.extent))
    if reading.verdict in (Verdict.REFUSED, Verdict.FAILED) or not reading.findings:
        state = State.REFUSED if reading.verdict is Verdict.REFUSED else State.FAILED
        refusal = _unknown(reading)
        is_calm = state is State.REFUSED and refusal.reason in _OUT_OF_SCOPE
        priority = Priority.NOT_ANALYZED if is_calm else Priority.LOOK
        return replace(row, state=state, priority=priority, reason=row.reason or reason_text(refusal),
                       detail=refusal_sentence(refusal))
    findings = standing_alone(reading.findings)
    top = most_urgent(findings)
    # A certain negative is calm; a model that cannot tell, or a picture with something wrong, asks for a look.
    is_doubtful = bool(set(reading.cautions) - {CAUTION_UNCONFIRMED} - REMARKS) or any(f.is_uncertain for f in findings)
    calm = Priority.LOOK if is_doubtful else Priority.NONE
    return replace(
        row, finding=top.label, probability=top.probability, above=top.above, urgency=_urgency(top),
        priority=Priority.FLAGGED if top.above else calm,
    )


def most_urgent(findings: Iterable[Finding]) -> Finding:
    """Return the finding that stands for an image: above threshold first, then the highest over its threshold."""
    return max(findings, key=lambda finding: (finding.above, _urgency(finding)))


def over_threshold(probability: float, threshold: float) -> float:
    """Return how far a probability is over a threshold, in log-odds; below 0 where it is below.

    The prevalence that a calibration is stated for moves both alike and falls out. Probabilities of several ages are
    stated for several, and are not compared themselves.
    """
    return _log_odds(probability) - _log_odds(threshold)


def _log_odds(probability: float) -> float:
    inside = min(max(probability, _SUREST), 1 - _SUREST)
    return math.log(inside) - math.log1p(-inside)


def _urgency(finding: Finding) -> float:
    return over_threshold(finding.probability, finding.threshold)


def sort_key(row: TriageRow) -> tuple[int, float, tuple[Any, ...]]:
    """Return the key of the list's order: priority, then urgency from high to low, then the path (2 before 10)."""
    return _ORDER[row.priority], -row.urgency, path_key(row.path)


def counts_text(rows: Iterable[TriageRow], others: Mapping[str, int] = MappingProxyType({})) -> str:
    """Return the status line whose counts add up: "118 files · 92 read · 3 not analysed · 1 failed · 22 waiting".

    `others` are how many files have no row, by the words for what they are.
    """
    rows = list(rows)
    counts = Counter(row.state for row in rows)
    waiting = counts[State.WAITING] + counts[State.READING]
    cancelled = sum(row.reason == reason_text(Refusal(Reason.CANCELLED)) for row in rows)
    unopened = sum(not row.is_opened for row in rows)
    total = len(rows) + sum(others.values())
    parts = [f"{total} file{'' if total == 1 else 's'}", f"{counts[State.READ]} read"]
    rest = {
        "not analysed": counts[State.REFUSED], "failed": counts[State.FAILED] - cancelled - unopened,
        "cancelled": cancelled, "waiting": waiting, **others, "not opened": unopened,
    }
    parts += [f"{count} {word}" for word, count in rest.items() if count]
    return " · ".join(parts)


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

COLUMNS = (
    "path", "state", "reason", "model", "finding", "probability", "above", "priority", "patient", "study", "time",
    "extent", "detail",
)


def to_csv(rows: Iterable[TriageRow]) -> str:
    """Return the rows as CSV text with a header line; what does not apply is empty.

    Nothing is a formula, and of control characters, which files may hold, tabs and line breaks alone are left.
    """
    lines = [COLUMNS, *([_cell(getattr(row, column)) for column in COLUMNS] for row in rows)]
    return "".join(map(_line, lines))


def _line(cells: Iterable[str]) -> str:
    """Return a line of CSV. Python 3.11 quotes a carriage return only where the lines that it writes end with one."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}"
    text = path_text(value) if isinstance(value, Path) else str(value)
    return plain_cell(without_controls(text, spared="\t\r\n"))


def plain_cell(text: str) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula: what begins like one gets an apostrophe.

    Names and descriptions come from files, and anyone may have written those (OWASP, CSV Injection). A number stays.
    """
    is_formula = text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _unknown(reading: Reading) -> Refusal:
    return reading.refusal or Refusal(Reason.FAILED, reading.path)
