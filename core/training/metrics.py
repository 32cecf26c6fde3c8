"""Figures of a two-class question with their uncertainty. Scores are larger for more evidence; classes are booleans."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating]


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


def auc_interval(positive: Bools, score: Floats) -> Interval | None:
    """Return the AUC with DeLong's 95 % interval, taken on the logit scale so that it stays within 0-1.

    DeLong et al. 1988 (variance), Pepe 2003 (logit). None where one class is missing; without variance (perfect
    separation, or a single picture) the interval that the rule of three gives: an error rate below 3 / n.
    """
    value = auc(positive, score)
    if value is None:
        return None
    ours, theirs = score[positive], score[~positive]
    order = np.sort(theirs)
    above = (np.searchsorted(order, ours, "left") + np.searchsorted(order, ours, "right")) / (2 * len(theirs))
    order = np.sort(ours)
    below = 1 - (np.searchsorted(order, theirs, "left") + np.searchsorted(order, theirs, "right")) / (2 * len(ours))
    variance = sum(float(np.var(part, ddof=1)) / len(part) for part in (above, below) if len(part) > 1)
    if not 0 < value < 1 or variance == 0:
        slack = min(1.0, 3 / min(len(ours), len(theirs)))
        return Interval(value, max(0.0, value - slack), min(1.0, value + slack))
    center = np.log(value / (1 - value))
    half = 1.959964 * np.sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + np.exp(-(center + sign * half))) for sign in (-1, 1))
    return Interval(value, float(low), float(high))


def rate_interval(count: int, of: int) -> Interval | None:
    """Return count / of with its 95 % interval (Wilson 1927); None where there is nothing to count."""
    if of == 0:
        return None
    z = 1.959964
    rate = count / of
    center = (rate + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Interval(rate, max(0.0, float(center - half)), min(1.0, float(center + half)))


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
    place = np.clip(np.digitize(probability, edges) - 1, 0, bins - 1)
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


def calibration_error(positive: Bools, probability: Floats, bins: int = 10) -> float:
    """Return the expected calibration error: |probability - positive rate| of each bin, weighted by its pictures."""
    curve = calibration_curve(positive, probability, bins)
    total = sum(part.count for part in curve)
    return sum(part.count * abs(part.mean_probability - part.positive_rate) for part in curve) / total
