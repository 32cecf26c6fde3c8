"""Bootstrap intervals: patients are drawn with replacement, each with all of its pictures."""

from collections.abc import Callable, Sequence

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


def bootstrap(
    statistic: Statistic, patient: Patients, draws: int = DRAWS, seed: int = 0, is_biased: bool = False
) -> Interval | None:
    """Return a statistic of all pictures with its 95 % interval (Efron 1979; by patient: Field 2007), as `ends`.

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
    return Interval(value, *ends(value, found, is_biased))


def ends(value: float, drawn: Sequence[float], is_biased: bool = False) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a `value` of all pictures by those of the draws; the value is in it.

    They are the draws' percentiles. A statistic that is too high with few pictures, never below 0, is too high once
    more in each draw: with `is_biased` the percentiles are reflected at the value (the basic interval: Davison and
    Hinkley 1997, section 5.2), so that it holds the value less its bias.
    """
    low, high = (float(end) for end in np.percentile(drawn, [2.5, 97.5]))
    if is_biased:
        low, high = max(0.0, 2 * value - high), 2 * value - low
    return min(value, low), max(value, high)
