"""Figures of a two-class question with their uncertainty. Scores are larger for more evidence; classes are booleans.

Pictures of one patient are not independent: intervals take the patients, where they are given, as what was drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating]
Patients = Sequence[str] | NDArray[Any]  # the name of each picture's patient
Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def auc(positive: Bools, score: Floats) -> float | None:
    """Return the area under the ROC curve of (N,) scores; None where one class is missing: absent, not 0.5."""
    if positive.all() or not positive.any():
        return None
    return float(roc_auc_score(positive, score))


def average_precision(positive: Bools, score: Floats) -> float | None:
    """Return the area under the precision-recall curve, without interpolation; None where one class is missing."""
    if positive.all() or not positive.any():
        return None
    return float(average_precision_score(positive, score))


@dataclass(frozen=True, eq=False)
class Placements:
    """DeLong's components: for each positive the part of negatives below it, for each negative that of positives above.

    Ties count half. The mean of either is the AUC.
    """

    of_positives: Floats
    of_negatives: Floats

    @classmethod
    def measured(cls, positive: Bools, score: Floats) -> "Placements":
        """Return the components of (N,) scores with both classes."""
        ours, theirs = score[positive], score[~positive]
        order = np.sort(theirs)
        above = (np.searchsorted(order, ours, "left") + np.searchsorted(order, ours, "right")) / (2 * len(theirs))
        order = np.sort(ours)
        below = 1 - (np.searchsorted(order, theirs, "left") + np.searchsorted(order, theirs, "right")) / (2 * len(ours))
        return cls(above, below)

    def minus(self, other: "Placements") -> "Placements":
        """Return the components of a difference of two AUCs on the same pictures."""
        return Placements(self.of_positives - other.of_positives, self.of_negatives - other.of_negatives)

    def variance(self, positive: Bools, patient: Patients | None = None) -> float | None:
        """Return the variance of the components' mean: DeLong's, with patients Obuchowski's for clustered data.

        DeLong et al. 1988; Obuchowski 1997, Nonparametric analysis of clustered ROC curve data. With one picture a
        patient the two are the same. None where a class has one patient only: how patients differ is not known then.
        """
        names = _homes(positive, patient)
        count = int(names.max()) + 1
        parts = []
        for members, values in ((positive, self.of_positives), (~positive, self.of_negatives)):
            off = values - values.mean()
            parts.append((np.bincount(names[members], off, count), len(np.unique(names[members])), len(off)))
        if min(clusters for _, clusters, _ in parts) < 2:
            return None
        total = sum(clusters / (clusters - 1) * float((sums**2).sum()) / size**2 for sums, clusters, size in parts)
        total += 2 * count / (count - 1) * float((parts[0][0] * parts[1][0]).sum()) / (parts[0][2] * parts[1][2])
        return max(0.0, total)


def _homes(positive: Bools, patient: Patients | None) -> NDArray[np.intp]:
    """Each picture's patient as a number; without names each picture is one."""
    return np.arange(len(positive)) if patient is None else np.unique(np.asarray(patient), return_inverse=True)[1]


def auc_interval(positive: Bools, score: Floats, patient: Patients | None = None) -> Interval | None:
    """Return the AUC with DeLong's 95 % interval, taken on the logit scale so that it stays within 0-1.

    `patient` names the patient of each picture; without it each picture counts as a patient. Variance: `Placements`;
    logit: Pepe 2003. None where one class is missing. Without a variance (perfect separation, or one patient in a
    class) the interval is that of the rule of three: an error rate below 3 / n, n patients being in the rarer class.
    """
    value = auc(positive, score)
    if value is None:
        return None
    variance = Placements.measured(positive, score).variance(positive, patient)
    if not 0 < value < 1 or not variance:
        homes = _homes(positive, patient)
        slack = min(1.0, 3 / min(len(np.unique(homes[positive])), len(np.unique(homes[~positive]))))
        return Interval(value, max(0.0, value - slack), min(1.0, value + slack))
    center = np.log(value / (1 - value))
    half = Z * np.sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + np.exp(-(center + sign * half))) for sign in (-1, 1))
    return Interval(value, float(low), float(high))


def rate_interval(count: int, of: int, effective: float | None = None) -> Interval | None:
    """Return count / of with its 95 % interval (Wilson 1927); None where there is nothing to count.

    `effective` is how many independent pictures the `of` are worth; without it, all of them.
    """
    if of == 0:
        return None
    rate, n = count / of, float(of) if effective is None else effective
    center = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * np.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return Interval(rate, min(rate, max(0.0, float(center - half))), max(rate, min(1.0, float(center + half))))


def rate_by_patient(right: Bools, patient: Patients) -> Interval | None:
    """Return the part that is right with Wilson's interval, pictures counted as what they are worth by patient.

    The number is divided by the design effect of the ratio estimate (Rao and Scott 1992), at least 1; where all or
    none are right, or all are of one patient, patients count instead of pictures.
    """
    of = len(right)
    if of == 0:
        return None
    names, home = np.unique(np.asarray(patient), return_inverse=True)
    rate, clusters = float(right.mean()), len(names)
    if rate in (0.0, 1.0) or clusters == 1:
        return rate_interval(int(right.sum()), of, clusters)
    off = np.bincount(home, right - rate, clusters)
    variance = clusters / (clusters - 1) * float((off**2).sum()) / of**2
    effect = max(1.0, variance / (rate * (1 - rate) / of))
    return rate_interval(int(right.sum()), of, of / effect)


def brier(positive: Bools, probability: Floats) -> float:
    """Return the mean squared difference of probability and class, 0 (best) to 1."""
    return float(np.mean((probability - positive) ** 2))


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Pictures whose probability lies between `low` and `high`: how many, mean probability, part that is positive."""

    low: float
    high: float
    count: int
    mean_probability: float
    positive_rate: float


def calibration_curve(positive: Bools, probability: Floats, bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Return the bins of equal width that hold pictures."""
    edges = np.linspace(0, 1, bins + 1)
    place = _bin_of(probability, bins)
    curve = []
    for index in range(bins):
        members = place == index
        if members.any():
            curve.append(
                CalibrationBin(
                    float(edges[index]),
                    float(edges[index + 1]),
                    int(members.sum()),
                    float(probability[members].mean()),
                    float(positive[members].mean()),
                )
            )
    return tuple(curve)


def _bin_of(probability: Floats, bins: int) -> NDArray[np.intp]:
    return np.clip(np.digitize(probability, np.linspace(0, 1, bins + 1)) - 1, 0, bins - 1)


def calibration_error(
    positive: Bools, probability: Floats, bins: int = 10, weights: Floats | None = None
) -> float:
    """Return the expected calibration error: |probability - positive rate| of each bin, weighted by its pictures.

    With `weights` (N,) pictures count so much each.

    Naeini et al. 2015, with bins of equal width. torchmetrics gives the same (a test says so) in a thousand times the
    time, which resampling would feel.
    """
    place = _bin_of(probability, bins)
    if weights is None:
        return float(np.abs(np.bincount(place, probability - positive, bins)).sum()) / len(place)
    return float(np.abs(np.bincount(place, weights * (probability - positive), bins)).sum() / weights.sum())


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """What acting at a probability of `threshold` is worth, in true positives a picture: by the model, and on all.

    Acting on none is worth 0 (Vickers and Elkin 2006, Decision curve analysis).
    """

    threshold: float
    model: float
    everyone: float


def decision_curve(positive: Bools, probability: Floats, steps: int = 50) -> tuple[NetBenefit, ...]:
    """Return the net benefit at evenly spaced thresholds between 0 and 1; empty without pictures."""
    if not len(positive):
        return ()
    prevalence = float(positive.mean())
    curve = []
    for threshold in np.arange(1, steps) / steps:
        acts = probability >= threshold
        price = threshold / (1 - threshold)
        model = float((acts & positive).mean() - price * (acts & ~positive).mean())
        curve.append(NetBenefit(float(threshold), model, prevalence - price * (1 - prevalence)))
    return tuple(curve)
