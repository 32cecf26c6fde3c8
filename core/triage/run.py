"""Many files, one after the other: each ends in exactly one row."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from core.dicom.dicom_object import DicomObject
from core.dicom.file_set import FileSet
from core.findings.finding import Reading, Verdict
from core.findings.wording import copy_text
from core.imaging.image import Image
from core.reading.read_image import Model, Overtaken, never, read_image
from core.refusal import Reason, Refusal
from core.studies.opened import Duplicate, Opened
from core.triage.rows import INDEX_CLASS, TriageRow, failed_row, no_picture, row_of

log = logging.getLogger(__name__)

Answer = tuple[TriageRow, Reading]


def read_rows(
    opened: Iterable[Opened], model: Model, overtaken: Overtaken = never, age_years: float | None = None
) -> Iterator[Answer]:
    """Read what `core.studies.open_files` opens, one by one; yield each file's row and reading.

    A copy of a file that came before has its answer. What holds no picture is not analyzed, which its row says. An
    unexpected error while an image is read fails that image only.
    `overtaken` is asked between files and steps; a yes ends the work after the last whole row. `age_years` is the age
    of all patients where whoever asks knows it.
    """
    answers: dict[Path, Answer] = {}
    started = time.perf_counter()
    for one in opened:
        answer = _answer(one, model, answers, overtaken, started, age_years)
        if answer is None:
            return
        if isinstance(one.outcome, Image):
            answers[one.path] = answer
        yield answer
        started = time.perf_counter()


def _answer(
    one: Opened, model: Model, answers: dict[Path, Answer], overtaken: Overtaken, started: float,
    age_years: float | None,
) -> Answer | None:
    match one.outcome:
        case Image():
            reading: Reading | None
            try:
                reading = read_image(one.outcome, model, overtaken=overtaken, started=started, age_years=age_years)
            except Exception:
                log.exception("an image could not be read")
                reading = _unread(one, Verdict.FAILED, Refusal(Reason.FAILED, one.path), model)
            return None if reading is None else (row_of(reading, one.outcome.header), reading)
        case Duplicate():
            first = one.outcome.first
            row, reading = answers[first]
            reason = " · ".join(filter(None, (row.reason, copy_text(first))))
            return replace(row, path=one.path, reason=reason), replace(reading, path=one.path, copy_of=first)
        case DicomObject():
            reading = _unread(one, Verdict.REFUSED, no_picture(one.path, one.outcome.header.sop_class), model)
            return row_of(reading, one.outcome.header), reading
        case FileSet():
            reading = _unread(one, Verdict.REFUSED, no_picture(one.path, INDEX_CLASS), model)
            return row_of(reading), reading
        case refusal:
            return failed_row(one.path, refusal), _unread(one, Verdict.FAILED, refusal, model)


def _unread(one: Opened, verdict: Verdict, refusal: Refusal, model: Model) -> Reading:
    return Reading(one.path, 0, verdict, model.identity, refusal, device=model.device)
