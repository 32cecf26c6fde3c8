"""What came of each labelled picture: read by a model as everywhere, or taken from a table of predictions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.findings.finding import Reading
from core.reading.read_image import Model, read_file
from core.training.labels import LabelRow
from core.training.pointing import Point, strongest_point
from core.training.predict import Prediction

NO_PREDICTION = "no prediction"
Progress = Callable[[int, int], None]  # done, of
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one picture: what the model says of its first finding, or why it says nothing.

    `points_at` is where the strongest cell of that finding's map looks, as fractions of the image; None without a map.
    `further` are the predictions of other findings, asked of every picture, whether a reading would show them or not.
    """

    prediction: Prediction | None
    not_read: str = ""
    points_at: Point | None = None
    further: tuple[Prediction, ...] = ()

    def of(self, finding: str = "") -> Prediction | None:
        """Return the prediction of a finding, "" being the first one."""
        if not finding or (self.prediction is not None and self.prediction.finding == finding):
            return self.prediction
        return next((item for item in self.further if item.finding == finding), None)


@dataclass(frozen=True, eq=False)
class Scored:
    """Pictures with an answer, as columns: all figures are made from these."""

    rows: tuple[LabelRow, ...]
    positive: Bools
    probability: Floats
    score: Floats  # larger for more evidence (`evidence_of`)
    above: Bools
    uncertain: Bools
    prevalence: Floats  # of the finding, where the probability is right
    threshold: float  # the operating point; the middle one where there are several
    threshold_range: tuple[float, float] | None = None  # the lowest and the highest, where ages or models differ

    @classmethod
    def of(cls, rows: Sequence[LabelRow], answers: "Answers", finding: str = "") -> "Scored":
        """Return the rows that have a prediction of the finding ("" is the first one), in their order."""
        pairs = [(row, found) for row in rows if (found := answers[row.path].of(finding)) is not None]
        thresholds = [found.threshold for _, found in pairs]
        return cls(
            tuple(row for row, _ in pairs),
            np.array([row.is_positive for row, _ in pairs], dtype=bool),
            np.array([found.probability for _, found in pairs], dtype=np.float64),
            evidence_of([found for _, found in pairs]),
            np.array([found.is_above for _, found in pairs], dtype=bool),
            np.array([found.is_uncertain for _, found in pairs], dtype=bool),
            np.array([found.prevalence for _, found in pairs], dtype=np.float64),
            float(np.median(thresholds)) if thresholds else 0.5,
            (min(thresholds), max(thresholds)) if len(set(thresholds)) > 1 else None,
        )

    @property
    def patients(self) -> list[str]:
        """The patient of each picture."""
        return [row.patient for row in self.rows]

    @property
    def has_both(self) -> bool:
        """Whether pictures of both classes are there."""
        return bool(self.positive.any() and not self.positive.all())

    def where(self, chosen: Bools) -> "Scored":
        """Return the pictures that are chosen, (N,) booleans."""
        rows = tuple(row for row, take in zip(self.rows, chosen, strict=True) if take)
        return Scored(
            rows, self.positive[chosen], self.probability[chosen], self.score[chosen], self.above[chosen],
            self.uncertain[chosen], self.prevalence[chosen], self.threshold,
            self.threshold_range,
        )


Answers = dict[str, Answer]


def evidence_of(predictions: Sequence[Prediction]) -> Floats:
    """Return a number for each prediction of a finding, larger for more evidence; figures rank pictures by it.

    The logit; of several models what each calibrated, without prevalence: their logits have no one scale.
    """
    is_one_model = len({item.fold for item in predictions}) <= 1
    return np.array([item.logit if is_one_model else item.log_likelihood_ratio for item in predictions], np.float64)


def answered_by_all(rows: Sequence[LabelRow], answers: Sequence[Answers], finding: str = "") -> tuple[LabelRow, ...]:
    """Return the rows that have a prediction of the finding ("" is the first one) in each of `answers`, in order."""
    return tuple(row for row in rows if all(own[row.path].of(finding) is not None for own in answers))


def read_answers(
    model: Model, folder: Path, rows: Sequence[LabelRow], progress: Progress = lambda done, of: None
) -> Answers:
    """Read the picture of each row (paths relative to `folder`) and return path -> answer about all findings.

    The patient's age is the table's, where it has one.
    """
    answers: Answers = {}
    ages = {row.path: row.years for row in rows}
    for done, (path, years) in enumerate(ages.items(), start=1):
        answers[path] = _answer(path, read_file(folder / path, model, asks_all=True, age_years=years))
        progress(done, len(ages))
    return answers


def answers_of(predictions: Sequence[Prediction], rows: Sequence[LabelRow], finding: str) -> Answers:
    """Return path -> answer of a table of predictions, `finding` being the first; a row not named there has none.

    Raises ValueError where a picture has two predictions of a finding.
    """
    found: dict[str, dict[str, Prediction]] = {}
    for item in predictions:
        own = found.setdefault(item.path, {})
        if item.finding in own:
            raise ValueError(f"two predictions of {item.finding} for {item.path}")
        own[item.finding] = item
    answers: Answers = {}
    for row in rows:
        known = found.get(row.path, {})
        further = tuple(item for name, item in known.items() if name != finding)
        answers[row.path] = Answer(known.get(finding), "" if finding in known else NO_PREDICTION, further=further)
    return answers


def _answer(path: str, reading: Reading | None) -> Answer:
    if reading is None or not reading.findings:
        reason = reading.refusal.reason.value if reading is not None and reading.refusal is not None else "cancelled"
        return Answer(None, not_read=reason)
    first, *further = (
        Prediction(path, found.label, "", found.logit, found.probability, found.threshold, found.is_uncertain,
                   found.prevalence)
        for found in reading.findings
    )
    point = None if reading.placement is None else strongest_point(reading.findings[0], reading.placement)
    return Answer(first, points_at=point, further=tuple(further))
