"""Which pictures calibrate: those of a cross-validation's training split, with all findings."""

from dataclasses import replace

import numpy as np
import pytest

from core.training.calibrating import Answered, fit_all, out_of_fold
from core.training.config import AgeGroup, OperatingPoint, Question, RowFilter, SaidWords
from core.training.crossfit import cross_fitted, cross_fitted_results
from core.training.labels import Label, LabelRow
from core.training.predict import PREDICTIONS_NAME, Prediction, write_predictions
from core.training.provenance import provenance_of
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


def test_what_has_become_uncertain_since_the_cross_validation_does_not_calibrate(tmp_path):
    config = made_config()
    rows = made_rows(config)
    write_predictions(tmp_path / PREDICTIONS_NAME, predicted(config, rows))
    now = tuple(replace(row, label=Label.UNCERTAIN) if index < 10 else row for index, row in enumerate(rows))
    assert [row.path for row in out_of_fold(tmp_path, now, config).rows] == [
        row.path for row in rows[10:] if row.split == "train"]


def test_only_groups_that_calibrate_count():
    config = made_config()
    rows = made_rows(config)
    none = config.model_copy(update={"groups": tuple(
        group.model_copy(update={"calibrates": False}) for group in config.groups)})
    with pytest.raises(ValueError, match="calibrates"):
        fit_all(none, Answered(rows, np.zeros((len(rows), 1), np.float32)), rows, np.zeros((len(rows), 1, 2, 2)))


def of_two_ages(config, count=400):
    """Return rows of children and adults whose logits mean different things, in two folds."""
    generator = np.random.default_rng(4)
    rows = tuple(replace(row, split="train", age="3" if index % 4 < 2 else "40" if index % 7 else "")
                 for index, row in enumerate(made_rows(config, count)))
    shift = np.array([2.0 if row.years == 3 else -2.0 for row in rows])
    logits = np.array([2.0 * row.is_positive - 1 for row in rows]) + shift + generator.normal(size=count)
    folds = tuple(str(index // 4 % 2 + 1) for index in range(count))
    return Answered(rows, logits[:, None].astype(np.float32), folds)


CHILDREN = AgeGroup(name="children", ages=(1, 5), rows=RowFilter())
ADULTS = AgeGroup(name="adults", ages=(18, 120), rows=RowFilter(), prevalence=0.3,
                  operating_point=OperatingPoint(rows=RowFilter(labels=("normal",)), most_flagged=0.02))
NO_MAPS = np.zeros((0, 1, 1, 1), np.float32)


def test_each_age_has_numbers_of_its_own():
    config = made_config().model_copy(update={"calibrations": (CHILDREN, ADULTS)})
    answered = of_two_ages(config)
    (first,) = fit_all(config, answered, (), NO_MAPS)
    children, adults = first.by_age
    assert (children.name, adults.ages, adults.prevalence) == ("children", (18, 120), pytest.approx(0.3))
    # even odds where the two classes are alike
    assert -children.intercept / children.slope == pytest.approx(2, abs=0.4)
    assert -adults.intercept / adults.slope > -2
    normal = [row.years == 40 and not row.is_positive for row in answered.rows]
    logits = answered.logits[normal, 0].astype(np.float64)  # as a reading has them
    chance = 1 / (1 + np.exp(-(adults.slope * logits + adults.intercept)))
    assert np.mean(chance >= adults.threshold) <= 0.02
    assert adults.uncertain[0] <= adults.threshold <= adults.uncertain[1]


def test_an_age_with_too_few_pictures_has_none(caplog):
    old = AgeGroup(name="old", ages=(90, 120), rows=RowFilter())
    config = made_config().model_copy(update={"calibrations": (old,)})
    (first,) = fit_all(config, of_two_ages(config), (), NO_MAPS)
    assert first.by_age == () and "old" in caplog.text


def test_cross_fitted_figures_come_from_the_numbers_of_the_other_folds():
    config = made_config().model_copy(update={"calibrations": (CHILDREN, ADULTS)})
    answered = of_two_ages(config)
    found = {item.path: item for item in cross_fitted(config, answered)}
    assert set(found) == {row.path for row in answered.rows}
    (other,) = fit_all(config, answered.where([fold == "2" for fold in answered.folds]), (), NO_MAPS)
    own = answered.where([fold == "1" for fold in answered.folds]).rows
    child = next(row for row in own if row.years == 3)
    assert found[child.path].threshold == pytest.approx(other.by_age[0].threshold, abs=1e-6)
    (result,) = cross_fitted_results(config, answered, draws=30)
    assert result.report.title == "Clinic" and result.reliability.prevalence < 0.5
    assert cross_fitted_results(config, Answered(answered.rows, answered.logits, ("1",) * 400), draws=30) == ()


def test_a_limit_of_false_alarms_that_no_picture_stands_for_is_said(caplog):
    point = OperatingPoint(rows=RowFilter(labels=("nrmal",)), most_flagged=0.02)
    config = made_config().model_copy(update={"operating_point": point})
    (none,) = fit_all(config, of_two_ages(config), (), NO_MAPS)
    assert "limit of false alarms for all ages is not applied" in caplog.text
    assert provenance_of(config, (none,), frozenset()).fitted[0].limited_by == 0
    (free,) = fit_all(made_config(), of_two_ages(config), (), NO_MAPS)
    assert provenance_of(made_config(), (free,), frozenset()).fitted[0].limited_by is None


def test_how_many_pictures_limit_is_kept_for_each_age():
    config = made_config().model_copy(update={"calibrations": (CHILDREN, ADULTS)})
    answered = of_two_ages(config)
    (told,) = provenance_of(config, fit_all(config, answered, (), NO_MAPS), frozenset()).fitted
    assert [part.limited_by for part in told.by_age] == [
        None, sum(row.years == 40 and not row.is_positive for row in answered.rows)]
