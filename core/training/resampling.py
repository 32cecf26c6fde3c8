"""Bootstrap intervals: patients are drawn with replacement, each with all of its pictures."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.training.metrics import Interval, Patients

DRAWS = 1000
LEAST = 20  # draws with a value below which there is no interval
Chosen = NDArray[np.intp]
Statistic = Callable[[Chosen], float | None]


def draw_patients(patient: Patients, draws: int, seed: int) -> list[Chosen]:
    """Return for each draw the positions of its pictures; a patient drawn twice brings its pictures twice."""
    names, home = np.unique(np.asarray(patient), return_inverse=True)
    order = np.argsort(home, kind="stable")
    sizes = np.bincount(home, minlength=len(names))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    generator = np.random.default_rng(seed)
    chosen = []
    for _ in range(draws):
        drawn = generator.integers(0, len(names), len(names))
        repeats = sizes[drawn]
        within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        chosen.append(order[np.repeat(starts[drawn], repeats) + within])
    return chosen


def bootstrap(statistic: Statistic, patient: Patients, draws: int = DRAWS, seed: int = 0) -> Interval | None:
    """Return a statistic of all pictures with its 95 % percentile interval (Efron 1979; by patient: Field 2007).

    `statistic` takes positions of pictures and gives None where they allow no value, such as a missing class; such
    draws are left out. None where all pictures give no value or too few draws do. The same seed gives the same ends.
    """
    if not len(patient):
        return None
    value = statistic(np.arange(len(patient)))
    if value is None:
        return None
    found = [drawn for chosen in draw_patients(patient, draws, seed) if (drawn := statistic(chosen)) is not None]
    if len(found) < min(LEAST, draws):
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return Interval(value, min(value, float(low)), max(value, float(high)))
