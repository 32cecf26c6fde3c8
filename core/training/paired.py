"""Two models on the same pictures: is the difference more than chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from core.training.metrics import Bools, Floats, Interval, Patients, Placements, Z, auc
from core.training.resampling import DRAWS, Chosen, bootstrap


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second, its 95 % interval and the two-sided p-value of no difference."""

    value: float
    low: float
    high: float
    p: float


def paired_delong(
    positive: Bools, first: Floats, second: Floats, patient: Patients | None = None
) -> Difference | None:
    """Return the difference of two AUCs on the same pictures (DeLong et al. 1988; with patients Obuchowski 1997).

    None where a class is missing or has one patient only, and where too few pictures differ to tell how much chance
    there is in it. Scores that order all pictures alike differ by nothing: p is 1.
    """
    ours, theirs = auc(positive, first), auc(positive, second)
    if ours is None or theirs is None:
        return None
    parts = Placements.measured(positive, first).minus(Placements.measured(positive, second))
    variance = parts.variance(positive, patient)
    value = ours - theirs
    if not variance:
        return Difference(0.0, 0.0, 0.0, 1.0) if variance == 0 and value == 0 else None
    error = float(np.sqrt(variance))
    return Difference(value, value - Z * error, value + Z * error, float(2 * norm.sf(abs(value) / error)))


def paired_bootstrap(
    positive: Bools, first: Floats, second: Floats, patient: Patients, draws: int = DRAWS, seed: int = 0
) -> Interval | None:
    """Return the difference of two AUCs with its percentile interval; both models see the same draws of patients."""

    def difference(chosen: Chosen) -> float | None:
        ours, theirs = auc(positive[chosen], first[chosen]), auc(positive[chosen], second[chosen])
        return None if ours is None or theirs is None else ours - theirs

    return bootstrap(difference, patient, draws, seed)


@dataclass(frozen=True, slots=True)
class McNemar:
    """Pictures that only one of two models calls right; the exact two-sided p-value of no difference, by patient."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first_right: Bools, second_right: Bools, patient: Patients) -> McNemar:
    """Return McNemar's exact test (1947) of (N,) calls that are right or wrong on the same pictures, by patient.

    Without a difference each patient's pictures together speak as often for the one model as for the other. With one
    picture a patient that is McNemar's own test.
    """
    apart = first_right.astype(int) - second_right.astype(int)
    homes = np.unique(np.asarray(patient), return_inverse=True)[1]
    p = _sign_flips(np.rint(np.bincount(homes, apart)).astype(int))
    return McNemar(int((apart > 0).sum()), int((apart < 0).sum()), p)


def _sign_flips(values: NDArray[np.intp]) -> float:
    """Return how often a sum of whole numbers is at least as far from 0 where all signs are as likely: exactly."""
    sizes = np.abs(values[values != 0])
    total = int(sizes.sum())
    chance = np.zeros(total + 1)  # of each sum of those that are positive, which is (total + sum of all) / 2
    chance[0] = 1.0
    for size in sizes.tolist():
        chance[size:], chance[:size] = (chance[size:] + chance[:-size]) / 2, chance[:size] / 2
    off = np.abs(2 * np.arange(total + 1) - total)
    return min(1.0, float(chance[off >= abs(int(values.sum()))].sum()))
