"""Comparing two models: against counts by hand, published code's formula and resampling."""

import numpy as np
import pytest
from scipy.stats import binomtest

from core.training.metrics import auc
from core.training.paired import mcnemar, paired_bootstrap, paired_delong


def delong_by_pairs(positive, first, second):
    """DeLong's covariance written out from the pairs' kernel, as in the paper: (difference, standard error)."""
    def kernel(score):
        ours, theirs = score[positive][:, None], score[~positive][None]
        return (ours > theirs) + 0.5 * (ours == theirs)

    kernels = [kernel(first), kernel(second)]
    of_positives = np.cov([k.mean(1) for k in kernels])
    of_negatives = np.cov([k.mean(0) for k in kernels])
    covariance = of_positives / positive.sum() + of_negatives / (~positive).sum()
    contrast = np.array([1, -1])
    return kernels[0].mean() - kernels[1].mean(), np.sqrt(contrast @ covariance @ contrast)


def made(seed=0, count=300, gain=1.5):
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < 0.4
    shared = rng.normal(size=count)
    first = shared + rng.normal(size=count) * 0.7 + gain * positive
    second = shared + rng.normal(size=count) * 0.7 + 0.9 * positive
    return positive, np.round(first, 1), np.round(second, 1)  # rounded: ties occur


def test_paired_delong_is_the_papers_covariance():
    positive, first, second = made()
    difference, error = delong_by_pairs(positive, first, second)
    found = paired_delong(positive, first, second)
    assert found.value == pytest.approx(difference) == pytest.approx(auc(positive, first) - auc(positive, second))
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * error)
    assert 0 < found.p < 0.05


def test_a_hand_counted_case():
    # positives 3 and 1 against negatives 2 and 0: pairs (3>2, 3>0, 1<2, 1>0) = 3/4; the second model is the reverse
    positive = np.array([True, True, False, False])
    found = paired_delong(positive, np.array([3.0, 1, 2, 0]), np.array([0.0, 2, 1, 3]))
    # components of positives (1, 1/2) - (0, 1/2) and of negatives (1/2, 1) - (1/2, 0): variance 1/2 / 2 each
    assert found.value == pytest.approx(0.75 - 0.25)
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * np.sqrt(0.5 / 2 + 0.5 / 2))


def test_paired_bootstrap_agrees_with_delong():
    positive, first, second = made()
    patient = [str(index) for index in range(len(positive))]
    delong, drawn = paired_delong(positive, first, second, patient), paired_bootstrap(positive, first, second, patient)
    assert drawn.value == pytest.approx(delong.value)
    assert (drawn.low, drawn.high) == pytest.approx((delong.low, delong.high), abs=0.012)


def test_copies_of_a_picture_add_no_certainty_when_they_are_one_patients():
    positive, first, second = made()
    patient = [str(index) for index in range(len(positive))]
    alone = paired_delong(positive, first, second, patient)
    tripled = paired_delong(*(np.tile(part, 3) for part in (positive, first, second)), patient * 3)
    assert (tripled.low, tripled.high) == pytest.approx((alone.low, alone.high), abs=1e-9)
    blind = paired_delong(*(np.tile(part, 3) for part in (positive, first, second)))
    assert blind.high - blind.low < 0.6 * (alone.high - alone.low)


def test_a_model_does_not_differ_from_itself_and_a_class_alone_gives_nothing():
    positive, first, _ = made()
    assert paired_delong(positive, first, first * 2 + 1).p == 1.0
    assert paired_delong(np.ones(3, bool), first[:3], first[:3]) is None


def test_too_few_patients_give_no_test():
    positive = np.array([True, False])
    assert paired_delong(positive, np.array([1.0, 0]), np.array([0.0, 1])) is None
    positive, first, second = made()
    patient = np.where(positive, "a", np.arange(len(positive)).astype(str))
    assert paired_delong(positive, first, second, patient) is None


def test_no_difference_is_found_about_as_often_as_chance_says():
    found = 0
    for seed in range(200):
        positive, first, second = made(seed, 120, gain=0.9)
        found += paired_delong(positive, first, second).p < 0.05
    assert 2 <= found <= 20  # 10 expected


def test_mcnemar_counts_disagreements_and_is_exact():
    first = np.array([True] * 10 + [False] * 2 + [True] * 50)
    second = np.array([False] * 10 + [True] * 2 + [True] * 50)
    patient = np.arange(len(first))
    found = mcnemar(first, second, patient)
    assert (found.only_first, found.only_second) == (10, 2)
    assert found.p == pytest.approx(2 * (1 + 12 + 66) / 2**12)
    assert mcnemar(first, first, patient).p == 1.0


def test_with_one_picture_a_patient_mcnemar_is_the_binomial_test():
    rng = np.random.default_rng(3)
    for count in (1, 7, 60, 400):
        first, second = rng.random(count) < 0.8, rng.random(count) < 0.6
        found = mcnemar(first, second, np.arange(count))
        apart = found.only_first + found.only_second
        assert found.p == pytest.approx(binomtest(found.only_first, apart).pvalue if apart else 1.0)


def test_a_patients_pictures_are_one_patient_in_mcnemars_test():
    first = np.array([True] * 8 + [False] * 2)
    found = mcnemar(first, ~first, ["a"] * 4 + ["b"] * 4 + ["c"] * 2)
    assert (found.only_first, found.only_second) == (8, 2)
    # sums of 4, 4 and -2 under all signs: 6 or more either way in 4 of 8
    assert found.p == pytest.approx(4 / 8)
    alone = mcnemar(np.tile(first, 3), np.tile(~first, 3), list(range(10)) * 3)
    assert alone.p == pytest.approx(mcnemar(first, ~first, list(range(10))).p)
    together = mcnemar(first, ~first, ["a"] * 10)
    assert together.p == 1.0  # one patient cannot tell


def test_no_difference_in_calls_is_found_no_more_often_than_chance_says_where_patients_have_many_pictures():
    rng, found = np.random.default_rng(4), 0
    for _ in range(200):
        patient = np.repeat(np.arange(20), 6)
        first, second = (rng.random(20) < 0.5)[patient], (rng.random(20) < 0.5)[patient]
        found += mcnemar(first, second, patient).p < 0.05
    assert found <= 20
