"""The lines that are printed after a cross-validation: intervals by patient, as everywhere."""

from dataclasses import replace

import numpy as np

from core.training.answers import Scored, answers_of
from core.training.config import Report, RowFilter
from core.training.fold_table import fold_line
from core.training.metrics import auc_interval, rate_by_patient
from core.training.predict import Prediction
from tests.make.scored import make_row

ALL = Report(name="all", title="All", rows=RowFilter())


def text(interval):
    return f"{interval.value:.3f} ({interval.low:.3f}–{interval.high:.3f})"


def test_the_auc_is_that_of_an_evaluation_of_the_same_predictions():
    rng = np.random.default_rng(0)
    rows = [make_row(index, index % 2 == 0) for index in range(60)]
    logits = rng.normal(size=60) + np.array([row.is_positive for row in rows])
    chances = 1 / (1 + np.exp(-logits * np.where(np.arange(60) < 30, 0.4, 2.0)))  # by numbers for two ages
    found = [Prediction(row.path, "Blob", "1", float(logit), float(chance), 0.5)
             for row, logit, chance in zip(rows, logits, chances, strict=True)]
    several = [replace(item, fold=str(index % 3)) for index, item in enumerate(found)]
    for predictions in (found, several):
        scored = Scored.of(rows, answers_of(predictions, rows, "Blob"))
        line = fold_line(rows, predictions, ALL)
        assert line[2] == text(auc_interval(scored.positive, scored.score, scored.patients))
    one, another = (fold_line(rows, predictions, ALL)[2] for predictions in (found, several))
    assert one != another


def test_pictures_of_one_patient_count_together_in_every_interval():
    rng = np.random.default_rng(0)
    alone = [make_row(index, index // 4 % 2 == 0, patient=f"p{index // 4}") for index in range(80)]
    logits = np.repeat(rng.normal(size=20), 4) + np.array([row.is_positive for row in alone])
    found = [Prediction(row.path, "Blob", "1", float(logit), float(1 / (1 + np.exp(-logit))), 0.5)
             for row, logit in zip(alone, logits, strict=True)]
    positive, above = np.array([row.is_positive for row in alone]), np.array([item.is_above for item in found])
    patients = np.array([row.patient for row in alone])
    line = fold_line(alone, found, ALL)
    assert line[:2] == ("40", "40") and line[2] == text(auc_interval(positive, logits, patients))
    assert line[4] == text(rate_by_patient(above[positive], patients[positive]))
    assert line[5] == text(rate_by_patient(~above[~positive], patients[~positive]))
    apart = fold_line([replace(row, patient=row.path) for row in alone], found, ALL)
    assert all(line[place] != apart[place] for place in (2, 4, 5))
