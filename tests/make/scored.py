"""Pictures with made answers: rows and predictions whose figures are known."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.training.answers import Answer, Answers, Scored
from core.training.labels import Label, LabelRow
from core.training.predict import Prediction, write_predictions


def make_row(index: int, positive: bool, **known: object) -> LabelRow:
    """Return a row of a test split; `known` changes its columns."""
    word, label = ("opacity", Label.POSITIVE) if positive else ("normal", Label.NEGATIVE)
    columns = {"path": f"{index}.png", "source": "clinic", "split": "test", "patient": f"p{index}", "word": word,
               "label": label}
    return LabelRow(**{**columns, **known})


def make_answers(rows: Sequence[LabelRow], logits: Sequence[float], threshold: float = 0.5) -> Answers:
    """Return an answer for each row: its logit, and the probability that is the logit's sigmoid."""
    chances = 1 / (1 + np.exp(-np.asarray(logits, np.float64)))
    return {
        row.path: Answer(Prediction(row.path, "Blob", "", float(logit), float(chance), threshold))
        for row, logit, chance in zip(rows, logits, chances, strict=True)
    }


def write_made_predictions(path: Path, rows: Sequence[LabelRow]) -> Path:
    """Write a table of made predictions of the rows that are known, most of them right; return its path."""
    rng = np.random.default_rng(1)
    known = [row for row in rows if row.is_known]
    answers = make_answers(known, [rng.normal() + 3 * row.is_positive - 1.5 for row in known])
    write_predictions(path, [replace(answers[row.path].prediction, fold="1") for row in known])
    return path


def make_scored(rows: Sequence[LabelRow], logits: Sequence[float], threshold: float = 0.5) -> Scored:
    """Return rows with their answers as columns."""
    return Scored.of(rows, make_answers(rows, logits, threshold))
