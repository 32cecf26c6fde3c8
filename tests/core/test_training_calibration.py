"""Calibration, operating point and uncertain band on cases whose truth is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading.calibrate import probability
from core.reading.model_card import FindingSpec
from core.training import fit_calibration as module
from core.training.fit_calibration import (
    DIGITS,
    HIGHEST,
    choose_threshold,
    evidence_scale,
    fit_calibration,
    fit_platt,
    uncertain_band,
)


def cases(count=4000, slope=0.5, intercept=-0.7, seed=0):
    """Return logits and classes for which sigmoid(slope * logit + intercept) is the true probability."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 4, count)
    positive = rng.random(count) < 1 / (1 + np.exp(-(slope * logits + intercept)))
    return logits, positive


def test_platt_finds_the_curve_that_made_the_cases():
    logits, positive = cases(20_000)
    slope, intercept = fit_platt(logits, positive, np.ones(len(logits)))
    assert slope == pytest.approx(0.5, rel=0.05) and intercept == pytest.approx(-0.7, abs=0.06)


@pytest.mark.parametrize("prevalence", [0.5, 0.05, 0.005])
def test_the_curve_keeps_its_slope_and_takes_the_odds_of_the_weights(prevalence):
    rng = np.random.default_rng(3)
    logits = np.concatenate([rng.normal(1, 1, 4000), rng.normal(-1, 1, 4000)])  # the true curve is of slope 2
    positive = np.arange(8000) < 4000
    weights = np.where(positive, prevalence, 1 - prevalence) / 4000
    slope, intercept = fit_platt(logits, positive, weights)
    assert slope == pytest.approx(2, abs=0.1)
    assert intercept == pytest.approx(np.log(prevalence / (1 - prevalence)), abs=0.1)


def test_few_pictures_of_a_rare_finding_do_not_make_it_frequent():
    rng = np.random.default_rng(3)
    logits = np.concatenate([rng.normal(1, 1, 15), rng.normal(-1, 1, 40)])
    positive = np.arange(55) < 15
    slope, intercept = fit_platt(logits, positive, np.where(positive, 0.02 / 15, 0.98 / 40))
    many = np.concatenate([rng.normal(1, 1, 2000), rng.normal(-1, 1, 98_000)])
    assert (1 / (1 + np.exp(-(slope * many + intercept)))).mean() < 0.03


def test_a_class_that_does_not_weigh_is_no_class():
    with pytest.raises(ValueError, match="both classes"):
        fit_platt(np.arange(4.0), np.array([True, True, False, False]), np.array([1.0, 1.0, 0.0, 0.0]))


def test_weights_count_as_copies():
    logits, positive = cases(5000)
    copies = np.where(positive, 3, 1)
    weighted = fit_platt(logits, positive, copies.astype(float))
    repeated = fit_platt(np.repeat(logits, copies), np.repeat(positive, copies), np.ones(copies.sum()))
    assert weighted == pytest.approx(repeated, rel=0.03)


def test_separated_classes_give_a_finite_slope():
    logits = np.array([-3.0, -2, 2, 3])
    slope, _ = fit_platt(logits, logits > 0, np.ones(4))
    assert 0 < slope < 5


def test_logits_that_fall_with_the_class_are_an_error():
    logits, positive = cases()
    with pytest.raises(ValueError, match="nothing was learned"):
        fit_platt(-logits, positive, np.ones(len(logits)))


def test_one_class_alone_is_an_error():
    with pytest.raises(ValueError, match="both classes"):
        fit_platt(np.arange(3.0), np.ones(3, bool), np.ones(3))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60))
def test_no_threshold_balances_better_than_the_chosen(cases):
    positive, steps = (np.array(part) for part in zip(*cases, strict=True))
    if positive.all() or not positive.any():
        return
    chance = (steps + 1) / 22

    def balanced(threshold):
        return np.mean(chance[positive] >= threshold) + np.mean(chance[~positive] < threshold)

    chosen = choose_threshold(chance, positive, np.ones(len(chance)))
    assert 0 < chosen < 1
    assert balanced(chosen) >= max(balanced(point) for point in np.linspace(0.001, 0.999, 200)) - 1e-9


@pytest.mark.parametrize("slope", [0.3, 3.0])  # classes that overlap much, and hardly
def test_outside_the_band_one_class_is_left_and_each_class_is_covered(slope):
    logits, positive = cases(3000, slope, 0.0)
    chance = 1 / (1 + np.exp(-slope * logits))
    fitted, fresh = slice(0, 1500), slice(1500, None)
    low, high = uncertain_band(chance[fitted], positive[fitted], np.ones(1500), 0.9)
    assert 0 <= low < high <= 1
    ones, zeros = chance[fresh][positive[fresh]], chance[fresh][~positive[fresh]]
    if slope < 1:  # both plausible within: wrong answers outside are at most one in ten of a class
        assert np.mean(ones < low) < 0.13 and np.mean(zeros > high) < 0.13
    else:  # neither plausible within
        assert np.mean(ones < high) < 0.13 and np.mean(zeros > low) < 0.13


def test_few_cases_widen_the_band_to_the_end():
    chance = np.array([0.2, 0.8, 0.1, 0.7])
    assert uncertain_band(chance, np.array([True, True, False, False]), np.ones(4), 0.9) == (0.0, 1.0)


def test_the_evidence_scale_looks_at_supporting_cells_only():
    maps = np.concatenate([np.full(900, -5.0), np.arange(1, 101)]).reshape(10, 10, 10)
    assert evidence_scale(maps) == pytest.approx(95, abs=0.1)
    assert evidence_scale(np.zeros((1, 2, 2))) == 1.0


def test_the_whole_fit_reports_what_it_counted():
    logits, positive = cases(500)
    fit = fit_calibration(logits, positive, np.ones(500), np.ones((500, 2, 2)), 0.9)
    assert (fit.positives, fit.negatives) == (positive.sum(), (~positive).sum())
    chance = 1 / (1 + np.exp(-(fit.slope * logits + fit.intercept)))
    assert fit.sensitivity == pytest.approx(np.mean(chance[positive] >= fit.threshold))
    assert fit.specificity == pytest.approx(np.mean(chance[~positive] < fit.threshold))


def test_the_operating_point_lets_at_most_so_many_through():
    logits, positive = cases(500)
    free = fit_calibration(logits, positive, np.ones(500), np.ones((3, 2, 2)), 0.9)
    normals = logits[~positive] + 1
    held = fit_calibration(logits, positive, np.ones(500), np.ones((3, 2, 2)), 0.9, normals, 0.05)
    chance = 1 / (1 + np.exp(-(held.slope * normals + held.intercept)))
    assert held.threshold > free.threshold and np.mean(chance >= held.threshold) <= 0.05
    loose = fit_calibration(logits, positive, np.ones(500), np.ones((3, 2, 2)), 0.9, normals - 9, 0.05)
    assert loose.threshold == free.threshold


@pytest.mark.parametrize("seed", range(20))
def test_the_limit_holds_for_the_numbers_that_are_written_down(seed):
    logits, positive = cases(200, seed=seed)
    unflagged = logits[~positive][:41]
    fit = fit_calibration(logits, positive, np.ones(200), np.zeros((0, 1, 1)), 0.9, unflagged, 0.05)
    assert (fit.slope, fit.intercept, fit.threshold) == tuple(
        round(number, DIGITS) for number in (fit.slope, fit.intercept, fit.threshold))
    chance = [probability(float(logit), fit) for logit in unflagged]
    assert np.mean(np.array(chance) >= fit.threshold) <= 0.05


@pytest.mark.parametrize(("others", "is_kept"), [(0, False), (9, True)])
def test_a_limit_that_no_threshold_keeps_is_told_and_the_threshold_is_one_that_a_card_takes(
    monkeypatch, caplog, others, is_kept
):
    monkeypatch.setattr(module, "fit_platt", lambda *given: (1.0, 0.0))
    logits, positive = cases(200)
    unflagged = np.array([14.2, *[-1.0] * others])
    fit = fit_calibration(logits, positive, np.ones(200), np.zeros((0, 1, 1)), 0.9, unflagged, 0.1)
    FindingSpec(label="Blob", slope=1, intercept=0, threshold=fit.threshold, evidence_scale=1)
    assert (fit.threshold, fit.is_limited, fit.is_limit_kept) == (HIGHEST, True, is_kept)
    assert ("1 of 1 pictures reach" in caplog.text) is not is_kept
