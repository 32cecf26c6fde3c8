"""Which pictures calibrate: those of a cross-validation's training split, with all findings."""

import numpy as np
import pytest

from core.training.calibrating import Answered, fit_all, out_of_fold
from core.training.config import OperatingPoint, Question, RowFilter, SaidWords
from core.training.labels import Label, LabelRow
from core.training.predict import PREDICTIONS_NAME, Prediction, write_predictions
from tests.make.training import made_config

QUESTION = Question(label="Viral", rows=RowFilter(), said=SaidWords(positive=("virus",), negative=("bacteria",)))


def made_rows(config, count=60):
    source = next(iter(config.groups[0].rows.sources), "made")
    return tuple(
        LabelRow(f"{i}.png", source, "test" if i % 10 == 9 else "train", str(i), "opacity" if i % 2 else "normal",
                 Label.POSITIVE if i % 2 else Label.NEGATIVE, said="virus" if i % 3 else "bacteria")
        for i in range(count)
    )


def predicted(config, rows):
    generator = np.random.default_rng(0)
    for index, label in enumerate(config.finding_labels):
        for row in rows:
            is_one = row.is_positive if index == 0 else "virus" in row.said
            yield Prediction(row.path, label, "1", float(generator.normal(2.0 * is_one)), 0.5, 0.5)


def test_out_of_fold_predictions_of_the_training_split_calibrate_every_finding(tmp_path):
    config = made_config().model_copy(update={"questions": (QUESTION,)})
    rows = made_rows(config)
    write_predictions(tmp_path / PREDICTIONS_NAME, predicted(config, rows))
    answered = out_of_fold(tmp_path, rows, config)
    assert len(answered.rows) == 54 and answered.logits.shape == (54, 2)
    maps = np.random.default_rng(1).normal(size=(len(rows), 2, 3, 3)).astype(np.float32)
    first, viral = fit_all(config, answered, rows, maps)
    assert first.positives + first.negatives == 54 == viral.positives + viral.negatives
    limit = OperatingPoint(rows=RowFilter(labels=("normal",)), most_flagged=0.01)
    held, _ = fit_all(config.model_copy(update={"operating_point": limit}), answered, rows, maps)
    assert held.threshold > first.threshold


def test_a_finding_without_predictions_is_an_error(tmp_path):
    config = made_config()
    rows = made_rows(config)
    write_predictions(tmp_path / PREDICTIONS_NAME, predicted(config, rows))
    with pytest.raises(ValueError, match="no predictions of Viral"):
        out_of_fold(tmp_path, rows, config.model_copy(update={"questions": (QUESTION,)}))


def test_only_groups_that_calibrate_count():
    config = made_config()
    rows = made_rows(config)
    none = config.model_copy(update={"groups": tuple(
        group.model_copy(update={"calibrates": False}) for group in config.groups)})
    with pytest.raises(ValueError, match="calibrates"):
        fit_all(none, Answered(rows, np.zeros((len(rows), 1), np.float32)), rows, np.zeros((len(rows), 1, 2, 2)))
