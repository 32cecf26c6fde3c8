"""Further findings that a table's own words answer: which rows a question asks, and what they say.

The label column carries the first finding. A question is answered by the column `finding`, the source's own words,
such as "PNEUMONIA (virus)" against "PNEUMONIA (bacteria)"; a row whose words fit neither side, or both, is not asked.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.training.config import Question, SaidWords, TrainingConfig
from core.training.labels import Label, LabelRow, matches


def answered(rows: Sequence[LabelRow], said: SaidWords) -> tuple[LabelRow, ...]:
    """Return the rows with what their words say as their label; MISSING where they say neither, or both."""
    return tuple(replace(row, label=_answer(row, said)) for row in rows)


def asked(rows: Sequence[LabelRow], question: Question) -> tuple[LabelRow, ...]:
    """Return all rows with the question's answers as their labels; MISSING where it does not ask a row."""
    return tuple(
        row if matches(row, question.rows) else replace(row, label=Label.MISSING)
        for row in answered(rows, question.said)
    )


def targets(rows: Sequence[LabelRow], config: TrainingConfig, first: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return what each finding is worth in each row, (rows, findings) 0-1, not a number where it is not asked.

    `first` is that of the first finding (`Balance.target`).
    """
    worth = {Label.POSITIVE: 1.0, Label.NEGATIVE: 0.0}
    columns = [np.asarray(first, np.float32)]
    for question in config.questions:
        columns.append(np.array([worth.get(row.label, np.nan) for row in asked(rows, question)], np.float32))
    return np.stack(columns, axis=1)


def _answer(row: LabelRow, said: SaidWords) -> Label:
    is_yes = _says(row.said, said.positive, said.negative)
    if is_yes == _says(row.said, said.negative, said.positive):
        return Label.MISSING
    return Label.POSITIVE if is_yes else Label.NEGATIVE


def _says(words: str, own: Sequence[str], others: Sequence[str]) -> bool:
    """Whether any of a side's own texts is in the words, elsewhere than in a longer text of the other side."""
    for text in own:
        rest = words
        for longer in others:
            if text in longer:
                rest = rest.replace(longer, "\n")
        if text in rest and (text or rest == words):  # the empty text stands for all that nothing else is found in
            return True
    return False
