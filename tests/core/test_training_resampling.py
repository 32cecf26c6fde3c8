"""Bootstrap by patient."""

import numpy as np
import pytest

from core.training.resampling import bootstrap, draw_patients


def test_a_drawn_patient_brings_all_its_pictures():
    patient = ["a", "b", "a", "c", "a"]
    for chosen in draw_patients(patient, 50, seed=1):
        times = np.bincount(chosen, minlength=5)
        assert times[0] == times[2] == times[4]
        assert times[0] + times[1] + times[3] == 3


def test_the_interval_of_a_mean_is_the_textbooks():
    rng = np.random.default_rng(0)
    values = rng.normal(size=400)
    found = bootstrap(lambda chosen: float(values[chosen].mean()), [str(i) for i in range(400)], draws=2000)
    half = 1.96 * values.std() / 20
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.012)


def test_pictures_of_few_patients_are_worth_few():
    rng = np.random.default_rng(0)
    values = np.repeat(rng.normal(size=20), 20)
    mean = lambda chosen: float(values[chosen].mean())  # noqa: E731
    by_patient = bootstrap(mean, np.repeat(np.arange(20), 20).astype(str))
    by_picture = bootstrap(mean, [str(i) for i in range(400)])
    assert by_patient.high - by_patient.low > 3 * (by_picture.high - by_picture.low)


def test_the_same_seed_gives_the_same_interval_and_no_value_gives_none():
    values = np.arange(30.0)
    mean = lambda chosen: float(values[chosen].mean())  # noqa: E731
    names = [str(i) for i in range(30)]
    assert bootstrap(mean, names, 100, seed=3) == bootstrap(mean, names, 100, seed=3)
    assert bootstrap(mean, names, 100, seed=3) != bootstrap(mean, names, 100, seed=4)
    assert bootstrap(lambda chosen: None, names) is None and bootstrap(mean, []) is None


def test_the_interval_of_a_statistic_that_is_too_high_holds_what_it_should_be():
    """The size of a mean of few numbers is too large, and once more in each draw: it should reach down to 0."""
    rng = np.random.default_rng(0)
    names = [str(index) for index in range(12)]
    held = {False: 0, True: 0}
    for _ in range(60):
        values = rng.normal(0.0, 1.0, 12)
        size = lambda chosen, values=values: abs(float(values[chosen].mean()))  # noqa: E731
        for is_biased in held:
            found = bootstrap(size, names, 200, is_biased=is_biased)
            assert found.low <= found.value <= found.high and found.low >= 0
            held[is_biased] += found.low <= 0.05
    assert held[True] > held[False]
