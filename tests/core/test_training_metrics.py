"""Figures and their intervals against counts by hand and against resampling."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

import core.training.torchvision_import  # noqa: F401  (torchmetrics imports torchvision, which has to be mended first)
from core.training.metrics import (
    auc,
    auc_interval,
    average_precision,
    brier,
    calibration_curve,
    calibration_error,
    decision_curve,
    rate_by_patient,
    rate_interval,
)
from core.training.resampling import bootstrap

from torchmetrics.functional.classification import binary_calibration_error  # isort: skip

SCORES = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=60)


def pairs_right(positive, score):
    """AUC by definition: the part of pairs in the right order, ties half."""
    ours, theirs = score[positive][:, None], score[~positive][None]
    return float(np.mean((ours > theirs) + 0.5 * (ours == theirs)))


@given(SCORES)
def test_auc_is_the_part_of_pairs_in_the_right_order_and_absent_without_both_classes(cases):
    positive, score = (np.array(part) for part in zip(*cases, strict=True))
    if positive.all() or not positive.any():
        assert auc(positive, score) is None and auc_interval(positive, score) is None
    else:
        assert auc(positive, score) == pytest.approx(pairs_right(positive, score))


@given(SCORES)
def test_an_interval_holds_its_value_and_stays_within_0_and_1(cases):
    positive, score = (np.array(part) for part in zip(*cases, strict=True))
    interval = auc_interval(positive, score)
    if interval is not None:
        assert 0 <= interval.low <= interval.value <= interval.high <= 1


def test_the_auc_interval_agrees_with_resampling():
    rng = np.random.default_rng(0)
    positive = rng.random(400) < 0.4
    score = rng.normal(size=400) + 1.6 * positive
    interval = auc_interval(positive, score)
    drawn = [auc(positive[chosen], score[chosen]) for chosen in rng.integers(0, 400, (1000, 400))]
    low, high = np.percentile(drawn, [2.5, 97.5])
    assert interval.low == pytest.approx(low, abs=0.01) and interval.high == pytest.approx(high, abs=0.01)


def test_perfect_separation_still_has_an_interval():
    positive = np.array([True] * 30 + [False] * 60)
    interval = auc_interval(positive, positive.astype(float))
    assert interval.value == interval.high == 1.0 and interval.low == pytest.approx(0.9)


def test_one_patient_in_a_class_tells_nothing_of_how_patients_differ():
    rng = np.random.default_rng(5)
    positive = np.array([True] * 5 + [False] * 400)
    score, patient = rng.normal(size=405) + positive, ["a"] * 5 + [f"n{index}" for index in range(400)]
    assert auc_interval(positive, score).low > 0
    interval = auc_interval(positive, score, patient)
    assert (interval.low, interval.high) == (0.0, 1.0)
    one = auc_interval(positive[4:], score[4:])
    assert (one.low, one.high) == (0.0, 1.0)
    assert rate_by_patient(np.arange(100) < 90, ["a"] * 100) == rate_interval(90, 100, 1)


def test_a_rate_has_wilsons_interval():
    interval = rate_interval(9, 10)
    assert (interval.value, interval.low, interval.high) == pytest.approx((0.9, 0.5958, 0.9821), abs=1e-4)
    assert rate_interval(0, 0) is None
    assert rate_interval(0, 5).low == 0.0 and rate_interval(5, 5).high == 1.0


def test_brier_and_calibration_error_of_cases_counted_by_hand():
    positive = np.array([True, False, False, False])
    chance = np.array([0.25, 0.25, 0.25, 0.25])
    assert brier(positive, chance) == pytest.approx((0.75**2 + 3 * 0.25**2) / 4)
    assert calibration_error(positive, chance) == pytest.approx(0)
    assert calibration_error(~positive, chance) == pytest.approx(0.5)


def test_the_curve_counts_every_picture_once_also_at_the_ends():
    chance = np.array([0.0, 0.05, 0.1, 0.999, 1.0])
    curve = calibration_curve(np.array([False, False, True, True, True]), chance)
    assert [(part.low, part.count, part.positive_rate) for part in curve] == [
        (0.0, 2, 0.0), (pytest.approx(0.1), 1, 1.0), (pytest.approx(0.9), 2, 1.0),
    ]


def test_pictures_of_one_patient_widen_the_interval_as_resampling_by_patient_does():
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(80), 5)
    positive = np.repeat(rng.random(80) < 0.5, 5)
    score = np.repeat(rng.normal(size=80), 5) + 0.3 * rng.normal(size=400) + 1.5 * positive
    clustered, blind = auc_interval(positive, score, patient), auc_interval(positive, score)
    drawn = bootstrap(lambda chosen: auc(positive[chosen], score[chosen]), patient)
    assert clustered.high - clustered.low > 1.5 * (blind.high - blind.low)
    assert (clustered.low, clustered.high) == pytest.approx((drawn.low, drawn.high), abs=0.025)


def test_patients_with_pictures_of_both_classes_are_counted_as_one():
    rng = np.random.default_rng(3)
    patient = np.tile(np.arange(100), 2)
    positive = np.repeat([True, False], 100)
    score = np.tile(rng.normal(size=100), 2) + 0.3 * rng.normal(size=200) + 0.6 * positive
    clustered = auc_interval(positive, score, patient)
    drawn = bootstrap(lambda chosen: auc(positive[chosen], score[chosen]), patient)
    assert (clustered.low, clustered.high) == pytest.approx((drawn.low, drawn.high), abs=0.025)


def test_one_picture_a_patient_is_delong_and_wilson():
    rng = np.random.default_rng(4)
    positive = rng.random(60) < 0.5
    score = rng.normal(size=60) + positive
    assert auc_interval(positive, score, np.arange(60)) == auc_interval(positive, score)
    right = score > 0
    assert rate_by_patient(right, np.arange(60)).high == pytest.approx(
        rate_interval(int(right.sum()), 60).high, abs=2e-3)
    assert rate_by_patient(np.repeat(right, 3), np.repeat(np.arange(60), 3)).high == pytest.approx(
        rate_interval(int(right.sum()), 60).high, abs=2e-3)
    assert rate_by_patient(np.ones(6, bool), list("aabbcc")) == rate_interval(6, 6, 3)
    assert rate_by_patient(np.ones(0, bool), []) is None


def test_the_calibration_error_of_a_known_miscalibration():
    rng = np.random.default_rng(5)
    chance = rng.random(200_000)
    true = rng.random(200_000) < chance
    assert calibration_error(true, chance) < 0.005
    shown = np.clip(chance + 0.1, 0, 1)  # 0.1 too much below 0.9, above it 0.05 on average
    assert calibration_error(true, shown) == pytest.approx(0.095, abs=0.004)
    by_hand = sum(part.count * abs(part.mean_probability - part.positive_rate)
                  for part in calibration_curve(true, shown)) / 200_000
    assert calibration_error(true, shown) == pytest.approx(by_hand, abs=1e-3)


def test_calibration_error_and_brier_are_those_of_torchmetrics_and_scikit_learn():
    rng = np.random.default_rng(6)
    chance, positive = rng.random(500), rng.random(500) < 0.4
    theirs = binary_calibration_error(torch.from_numpy(chance), torch.from_numpy(positive.astype(int)), n_bins=10)
    assert calibration_error(positive, chance) == pytest.approx(float(theirs), abs=1e-6)
    assert brier(positive, chance) == pytest.approx(brier_score_loss(positive, chance))


def test_average_precision_of_a_hand_counted_order():
    positive = np.array([True, False, True, False])
    assert average_precision(positive, np.array([4.0, 3, 2, 1])) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert average_precision(np.ones(2, bool), np.ones(2)) is None


def test_net_benefit_of_cases_counted_by_hand():
    positive = np.array([True, True, False, False, False])
    chance = np.array([0.9, 0.3, 0.6, 0.1, 0.1])
    half = next(point for point in decision_curve(positive, chance) if point.threshold == pytest.approx(0.5))
    assert (half.model, half.everyone) == pytest.approx((1 / 5 - 1 / 5, 2 / 5 - 3 / 5))
    fifth = next(point for point in decision_curve(positive, chance) if point.threshold == pytest.approx(0.2))
    assert (fifth.model, fifth.everyone) == pytest.approx((2 / 5 - 0.25 / 5, 2 / 5 - 0.25 * 3 / 5))
    assert decision_curve(np.zeros(0, bool), np.zeros(0)) == ()
