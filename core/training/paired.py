"""Two models on the same pictures: is the difference more than chance."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, norm

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
    """Pictures that only one of two models calls right, and the exact two-sided p-value of no difference."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first_right: Bools, second_right: Bools) -> McNemar:
    """Return McNemar's exact test (1947) of (N,) calls that are right or wrong on the same pictures."""
    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    apart = only_first + only_second
    return McNemar(only_first, only_second, float(binomtest(only_first, apart).pvalue) if apart else 1.0)
