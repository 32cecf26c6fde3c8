"""core.training.fit_extent and extent_figures: what can be learned is, patients stay apart, agreement is agreement."""

import numpy as np
import pytest

from core.training.extent_figures import measure_extent, pearson
from core.training.fit_extent import deal, fit, mirrored, out_of_fold, predict
from core.training.labels import Label, LabelRow
from core.training.zones import ZoneScores
from tests.make.extent import made_extent_config

SIZES = (3, 2)
CONFIG = made_extent_config(penalty=0.01)


def made(count=40, noise=0.0, seed=0):
    """Features whose first channel in the zone is the score; all others are noise. Two pictures for each patient."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 7, (count, 6)) / 2
    features = rng.normal(0, 1, (count, 2, 6, 2 * sum(SIZES))).astype(np.float32)
    features[:, 0, :, 0], features[:, 1, :, 0] = scores, mirrored(scores)
    features[..., 0] += rng.normal(0, noise, features.shape[:3])
    features[..., 1] = 7.0  # never varies
    return features, scores, [f"p{index // 2}" for index in range(count)]


def test_a_feature_that_is_the_score_is_found_and_one_that_never_varies_left_out():
    features, scores, _ = made()
    head = fit(features, scores, SIZES, CONFIG)
    assert head.weights[1] == 0
    np.testing.assert_allclose(predict(head, features), scores, atol=0.05)


def test_noise_is_told_from_signal_by_patients_that_were_not_seen():
    features, scores, patients = made(noise=1.0)
    features[..., 0] = np.random.default_rng(5).normal(0, 1, features.shape[:3])
    found, constant = out_of_fold(features, scores, patients, SIZES, CONFIG, seed=0)
    assert abs(np.corrcoef(found.ravel(), scores.ravel())[0, 1]) < 0.4
    assert constant.shape == scores.shape and (constant > 0).all()


def test_all_pictures_of_a_patient_are_in_one_fold():
    patients = [f"p{index % 7}" for index in range(30)]
    home = deal(patients, 3, seed=1)
    assert set(home) == {0, 1, 2}
    assert all(len({fold for fold, name in zip(home, patients, strict=True) if name == one}) == 1 for one in patients)
    with pytest.raises(ValueError, match="7 patients"):
        deal(patients, 8, seed=1)


def test_mirroring_exchanges_the_lungs_and_twice_is_nothing():
    scores = np.arange(12.0).reshape(2, 6)
    np.testing.assert_array_equal(mirrored(scores)[0], [3, 4, 5, 0, 1, 2])
    np.testing.assert_array_equal(mirrored(mirrored(scores)), scores)


def test_figures_hold_the_models_agreement_beside_the_raters_own():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 4, (30, 6)).astype(float)
    raters = np.stack([truth, np.clip(truth + rng.integers(0, 2, truth.shape), 0, 3)], axis=1)
    rows = tuple(LabelRow(f"{index}", "s", "train", f"p{index // 2}", "o", Label.POSITIVE) for index in range(30))
    part = measure_extent(ZoneScores(rows, raters), raters.mean(1), np.full((30, 6), 1.5), draws=40)
    assert [line.zone for line in part.lines][-1] == "sum" and len(part.lines) == 7
    assert (part.pictures, part.patients) == (30, 15)
    for line in part.lines:
        assert line.model.pearson.value == pytest.approx(1) and line.model.error.value == 0
        assert line.model_one_rater.error.value == pytest.approx(line.raters.error.value / 2)
        assert line.raters.pearson.low <= line.raters.pearson.value <= line.raters.pearson.high < 1
        assert line.constant.pearson is None and line.constant.error.value > 0
    assert part.zone_error == 0 and part.sum_error == 0


def test_what_does_not_vary_correlates_with_nothing():
    flat, rising = np.ones(5), np.arange(5.0)
    assert pearson(flat, rising) is None and pearson(rising, flat) is None
    assert pearson(rising, 3 - 2 * rising) == pytest.approx(-1)
