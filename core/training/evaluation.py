"""What a model is worth: its readings of labelled pictures, made by the same path as everywhere, in figures.

`Evaluation` is the content of a model folder's evaluation.json, from which CARD.md is written.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from core.findings.finding import Reading
from core.reading.read_image import Model, read_file
from core.training.config import LabelWords, Part, Report, RowFilter
from core.training.labels import LabelRow, select
from core.training.metrics import (
    Interval,
    auc_interval,
    brier,
    calibration_curve,
    calibration_error,
    rate_interval,
)
from core.training.pointing import Box, Point, hits, named, read_boxes, strongest_point

EVALUATION_NAME = "evaluation.json"
Progress = Callable[[int, int], None]  # done, of


class Figure(Part):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


class CurvePoint(Part):
    """One bin of the calibration curve."""

    low: float
    high: float
    count: int
    mean_probability: float
    positive_rate: float


class Pointing(Part):
    """How often the strongest cell of the map lies in a reader's box, and how often a random point would."""

    hits: Figure
    pictures: int
    by_chance: float


class ReportResult(Part):
    """The figures of one report; None where the rows cannot give one (a class is missing)."""

    report: Report
    positives: int
    negatives: int
    not_read: dict[str, int]  # reason -> pictures refused or failed: in no figure below
    auc: Figure | None
    sensitivity: Figure | None  # at the operating threshold
    specificity: Figure | None
    brier: float | None
    calibration_error: float | None
    curve: tuple[CurvePoint, ...] = ()
    uncertain: float | None  # part of the pictures that lie in the uncertain band
    pointing: Pointing | None = None  # positives with boxes that the report asks for


class SourceCount(Part):
    """How many labelled pictures of a source went into training, were held out and tested, under which licence."""

    source: str
    licence: str
    trained: int
    held_out: int
    tested: int
    positives: int


class Evaluation(Part):
    """The whole of evaluation.json, schema 1."""

    schema_version: int = 1
    name: str
    version: str
    weights_sha256: str
    finding: str
    threshold: float
    labels: LabelWords
    sources: tuple[SourceCount, ...] = ()
    results: tuple[ReportResult, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one picture: the probability and whether it lies in the uncertain band, or why there is none.

    `points_at` is where the strongest cell of the map looks, as fractions of the image.
    """

    probability: float | None
    is_uncertain: bool = False
    not_read: str = ""
    points_at: Point | None = None


def evaluate_model(
    model: Model, folder: Path, rows: Sequence[LabelRow], reports: Sequence[Report], words: LabelWords,
    progress: Progress = lambda done, of: None,
) -> Evaluation:
    """Read every picture that a report asks for, once, and return the figures. `folder` is the table's folder.

    Raises ValueError where no report finds a picture.
    """
    asked = {report.name: rows_of(report, rows) for report in reports}
    wanted = list(dict.fromkeys(row.path for part in asked.values() for row in part))
    if not wanted:
        raise ValueError("none of the reports finds a labelled picture in this table")
    boxes = read_boxes(folder)
    answers: dict[str, Answer] = {}
    for done, path in enumerate(wanted, start=1):
        answers[path] = _answer(read_file(folder / path, model))
        progress(done, len(wanted))
    spec = model.card.findings[0]
    return Evaluation(
        name=model.card.name,
        version=model.card.version,
        weights_sha256=model.card.weights_sha256,
        finding=spec.label,
        threshold=spec.threshold,
        labels=words,
        results=tuple(
            measure(report, asked[report.name], answers, spec.threshold, boxes)
            for report in reports
        ),
    )


def rows_of(report: Report, rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
    """Return the rows of a report: positives, and the negatives that it sets against them."""
    known = (row for row in select(rows, report.rows) if row.is_known)
    return tuple(row for row in known if row.is_positive or not report.against or row.word in report.against)


def measure(
    report: Report, rows: Sequence[LabelRow], answers: Mapping[str, Answer], threshold: float,
    boxes: Mapping[str, Sequence[Box]],
) -> ReportResult:
    """Return the figures of one report from the answers, by path, to its rows."""
    read = [(row, answers[row.path]) for row in rows if answers[row.path].probability is not None]
    positive = np.array([row.is_positive for row, _ in read], dtype=bool)
    chance = np.array([answer.probability for _, answer in read], dtype=np.float64)
    above = chance >= threshold
    ones, zeros = int(positive.sum()), int((~positive).sum())
    both = ones > 0 and zeros > 0
    return ReportResult(
        report=report,
        positives=ones,
        negatives=zeros,
        not_read=dict(Counter(answers[row.path].not_read for row in rows if answers[row.path].probability is None)),
        auc=_figure(auc_interval(positive, chance)) if both else None,
        sensitivity=_figure(rate_interval(int(above[positive].sum()), ones)),
        specificity=_figure(rate_interval(int((~above[~positive]).sum()), zeros)),
        brier=brier(positive, chance) if both else None,
        calibration_error=calibration_error(positive, chance) if both else None,
        curve=tuple(CurvePoint(**asdict(part)) for part in calibration_curve(positive, chance))
        if both and report.headline
        else (),
        uncertain=float(np.mean([answer.is_uncertain for _, answer in read])) if read else None,
        pointing=_pointing(report, read, boxes),
    )


def _pointing(
    report: Report, read: Sequence[tuple[LabelRow, Answer]], boxes: Mapping[str, Sequence[Box]]
) -> Pointing | None:
    points = {row.path: answer.points_at for row, answer in read if row.is_positive and answer.points_at is not None}
    count, of, chance = hits(points, {path: named(boxes.get(path, ()), report.boxes) for path in points})
    figure = _figure(rate_interval(count, of))
    return None if figure is None else Pointing(hits=figure, pictures=of, by_chance=chance)


def load_evaluation(folder: Path) -> Evaluation | None:
    """Read `folder`/evaluation.json; None where the folder has none. Raises ValueError for a damaged one."""
    path = folder / EVALUATION_NAME
    if not path.is_file():
        return None
    try:
        return Evaluation.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path.name} is damaged: {error.errors()[0]['msg']}") from error


def default_reports(rows: Sequence[LabelRow]) -> tuple[Report, ...]:
    """Return the reports for a table of which nothing is declared: all of the test split, then each source of it."""
    sources = sorted({row.source for row in rows if row.split == "test" and row.is_known})
    whole = Report(name="all", title="Test split", rows=RowFilter(splits=("test",)), headline=True)
    each = (
        Report(name=f"source {source}", title=source, rows=RowFilter(splits=("test",), sources=(source,)))
        for source in sources
    )
    return (whole, *each)


def to_json(evaluation: Evaluation) -> str:
    """Return evaluation.json's text."""
    return json.dumps(evaluation.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def _answer(reading: Reading | None) -> Answer:
    if reading is None or not reading.findings:
        reason = reading.refusal.reason.value if reading is not None and reading.refusal is not None else "cancelled"
        return Answer(None, not_read=reason)
    finding = reading.findings[0]
    point = None if reading.placement is None else strongest_point(finding, reading.placement)
    return Answer(finding.probability, finding.is_uncertain, points_at=point)


def _figure(interval: Interval | None) -> Figure | None:
    return None if interval is None else Figure(value=interval.value, low=interval.low, high=interval.high)
