"""Figures and their intervals against counts by hand and against resampling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.metrics import auc, auc_interval, brier, calibration_curve, calibration_error, rate_interval

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
