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
    """What came of one picture: the model's prediction, or why there is none.

    `points_at` is where the strongest cell of the map looks, as fractions of the image; None without a map.
    """

    prediction: Prediction | None
    not_read: str = ""
    points_at: Point | None = None


@dataclass(frozen=True, eq=False)
class Scored:
    """Pictures with an answer, as columns: all figures are made from these."""

    rows: tuple[LabelRow, ...]
    positive: Bools
    probability: Floats
    score: Floats  # the logit: larger for more evidence, also where probabilities are rounded to the same
    above: Bools
    uncertain: Bools

    @classmethod
    def of(cls, rows: Sequence[LabelRow], answers: "Answers") -> "Scored":
        """Return the rows that have a prediction, in their order."""
        pairs = [(row, found) for row in rows if (found := answers[row.path].prediction) is not None]
        return cls(
            tuple(row for row, _ in pairs),
            np.array([row.is_positive for row, _ in pairs], dtype=bool),
            np.array([found.probability for _, found in pairs], dtype=np.float64),
            np.array([found.logit for _, found in pairs], dtype=np.float64),
            np.array([found.is_above for _, found in pairs], dtype=bool),
            np.array([found.is_uncertain for _, found in pairs], dtype=bool),
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
            self.uncertain[chosen],
        )


Answers = dict[str, Answer]


def read_answers(
    model: Model, folder: Path, rows: Sequence[LabelRow], progress: Progress = lambda done, of: None
) -> Answers:
    """Read the picture of each row (paths relative to `folder`) and return path -> answer about the first finding."""
    answers: Answers = {}
    paths = list(dict.fromkeys(row.path for row in rows))
    for done, path in enumerate(paths, start=1):
        answers[path] = _answer(path, read_file(folder / path, model))
        progress(done, len(paths))
    return answers


def answers_of(predictions: Sequence[Prediction], rows: Sequence[LabelRow], finding: str) -> Answers:
    """Return path -> answer of a table of predictions; a row that it does not name has none.

    Raises ValueError where a picture has two predictions of the finding.
    """
    found: dict[str, Prediction] = {}
    for item in predictions:
        if item.finding == finding:
            if item.path in found:
                raise ValueError(f"two predictions of {finding} for {item.path}")
            found[item.path] = item
    return {row.path: Answer(found.get(row.path), "" if row.path in found else NO_PREDICTION) for row in rows}


def _answer(path: str, reading: Reading | None) -> Answer:
    if reading is None or not reading.findings:
        reason = reading.refusal.reason.value if reading is not None and reading.refusal is not None else "cancelled"
        return Answer(None, not_read=reason)
    finding = reading.findings[0]
    point = None if reading.placement is None else strongest_point(finding, reading.placement)
    prediction = Prediction(
        path, finding.label, "", finding.logit, finding.probability, finding.threshold, finding.is_uncertain
    )
    return Answer(prediction, points_at=point)
