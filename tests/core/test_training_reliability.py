"""Calibration errors beside what chance alone would show, at the stated prevalence, and coverage by source."""

import numpy as np
import pytest

from core.training.answers import Answer, Scored
from core.training.predict import Prediction
from core.training.reliability import coverage, reliability, true_chance, weights_at
from tests.make.scored import make_row


def scored(chance, positive, uncertain=None, threshold=0.5, prevalence=0.5, source="clinic"):
    rows = [make_row(index, bool(one), source=source) for index, one in enumerate(positive)]
    band = np.zeros(len(rows), bool) if uncertain is None else uncertain
    answers = {
        row.path: Answer(Prediction(row.path, "Blob", "", float(p), float(p), threshold, bool(doubt), prevalence))
        for row, p, doubt in zip(rows, chance, band, strict=True)
    }
    return Scored.of(rows, answers)


def right(count, seed=0):
    rng = np.random.default_rng(seed)
    chance = rng.random(count)
    return chance, rng.random(count) < chance


def test_with_few_pictures_the_error_of_right_probabilities_is_what_chance_shows():
    errors, expected, corrected = [], [], []
    for seed in range(12):
        found = reliability(scored(*right(80, seed)), draws=60)
        errors.append(found.by_chance)
        expected.append(found.stated_by_chance)
        corrected.append(found.corrected)
    assert 0.06 < np.mean(errors) < 0.16 and 0.06 < np.mean(expected) < 0.2
    assert np.mean(corrected) < np.mean(errors)


def test_an_error_that_is_none_of_chance_stays():
    chance, positive = right(2000)
    found = reliability(scored(chance**3, positive), draws=60)
    assert found.corrected > 0.15 > 3 * found.by_chance


def test_where_a_collection_has_another_prevalence_the_stated_error_does_not_feel_it():
    chance, positive = right(6000)
    kept = positive | (np.random.default_rng(1).random(6000) < 0.1)  # one in ten of those without
    found = reliability(scored(chance[kept], positive[kept]), draws=60)
    assert found.corrected > 0.2 and found.stated.value < 0.05
    assert found.prevalence == 0.5


@pytest.mark.parametrize("prevalence", [0.2, 0.7])
def test_weights_give_the_stated_prevalence(prevalence):
    positive = np.array([True] * 3 + [False] * 5)
    weights = weights_at(positive, np.full(8, prevalence))
    assert weights[positive].sum() / weights.sum() == pytest.approx(prevalence)


def test_pictures_that_cannot_be_weighted_count_nothing():
    positive, prevalence = np.array([True, False, True]), np.array([0.5, 0.5, 0.3])
    assert weights_at(positive, prevalence).tolist() == [1.0, 1.0, 0.0]
    assert weights_at(np.array([True]), np.array([0.5])) is None
    assert reliability(scored([0.4, 0.6], [True, True]), draws=30) is None


def test_the_true_chance_has_the_prevalence_of_the_pictures():
    chance, positive = right(4000)
    kept = positive | (np.random.default_rng(1).random(4000) < 0.1)
    part = scored(chance[kept], positive[kept])
    assert true_chance(part).mean() == pytest.approx(positive[kept].mean(), abs=0.02)


def test_coverage_counts_what_is_right_or_said_uncertain():
    part = scored([0.9, 0.1, 0.4, 0.6, 0.2], [True, True, True, False, False], np.array([0, 0, 1, 0, 0], bool))
    found = {item.with_finding: item for item in coverage(part)}
    assert found[True].covered.value == pytest.approx(2 / 3) and found[True].uncertain == pytest.approx(1 / 3)
    assert found[False].covered.value == 0.5 and found[False].pictures == 2


def test_the_interval_of_the_error_holds_the_error_less_its_bias():
    for seed in range(6):
        chance, positive = right(120, seed)
        found = reliability(scored(chance, positive), draws=100)
        assert found.stated.low <= found.stated_corrected <= found.stated.high
