"""The numbers that turn a logit into an answer, fitted on held-out patients: neither trained nor reported on.

Held-out pictures are weighted as training draws them: groups in their shares, classes in balance. So the probability
is that of a population in which about half of the images show the finding; a rarer finding is less probable than the
number says. For patients of some ages the prevalence is declared.
"""

import logging
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

DIGITS = 6  # of all numbers: a limit of false alarms holds for those that are written down
HIGHEST = round(1 - 10**-DIGITS, DIGITS)  # threshold: a model card's lies below 1
EVIDENCE_PERCENTILE = 95  # of the cells that speak for the finding, in images that show it

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted numbers of one finding and what they were fitted on.

    `sensitivity` and `specificity` are weighted, at `threshold`, on the fitting data itself: a little too good.
    """

    slope: float
    intercept: float
    threshold: float
    uncertain: tuple[float, float] | None
    evidence_scale: float
    positives: int
    negatives: int
    sensitivity: float
    specificity: float
    prevalence: float = 0.5  # of the finding in the weighted data, for which the probability is right
    name: str = ""  # of the patients, where it is for those of some ages
    ages: tuple[float, float] | None = None
    by_age: tuple["Calibration", ...] = ()
    is_limited: bool = False  # whether a limit of false alarms raised the threshold
    limited_by: int | None = None  # on how many pictures it was kept, none of them where it was not applied
    is_limit_kept: bool = True  # False where more of them than the limit allows reach any threshold below 1
    sources: tuple[str, ...] = ()  # whose pictures it was fitted on


def fit_calibration(
    logits: Floats, positive: Bools, weights: Floats, maps: Floats, coverage: float,
    unflagged: Floats | None = None, most_flagged: float = 1.0,
) -> Calibration:
    """Fit all numbers on logits, classes and weights (N,), and maps (M, rows, columns) of pictures with the finding.

    At most the part `most_flagged` of the pictures with the logits `unflagged` reaches the operating point; where none
    below 1 is high enough it is the highest one, and that is said. Raises ValueError where a class is missing or the
    logits do not rise with the class.
    """
    slope, intercept = (round(number, DIGITS) for number in fit_platt(logits, positive, weights))
    chance = _chance(logits, slope, intercept)
    threshold = round(choose_threshold(chance, positive, weights), DIGITS)
    least, is_limit_kept = 0.0, True
    if unflagged is not None and len(unflagged):
        limit = float(np.quantile(unflagged.astype(np.float64), 1 - most_flagged, method="higher"))
        highest = 1 / (1 + math.exp(-(slope * limit + intercept)))
        least = round((math.floor(highest * 10**DIGITS) + 1) / 10**DIGITS, DIGITS)
        if least > HIGHEST:
            least, flagged = HIGHEST, int((_chance(unflagged, slope, intercept) >= HIGHEST).sum())
            is_limit_kept = flagged / len(unflagged) <= most_flagged
            if not is_limit_kept:
                log.warning("the limit of false alarms cannot be kept: %d of %d pictures reach any threshold below 1",
                            flagged, len(unflagged))
    is_limited, threshold = least > threshold, max(threshold, least)
    return Calibration(
        slope=slope,
        intercept=intercept,
        threshold=threshold,
        uncertain=band_with(uncertain_band(chance, positive, weights, coverage), threshold),
        evidence_scale=evidence_scale(maps),
        positives=int(positive.sum()),
        negatives=int((~positive).sum()),
        sensitivity=_part(chance[positive] >= threshold, weights[positive]),
        specificity=_part(chance[~positive] < threshold, weights[~positive]),
        prevalence=float(weights[positive].sum() / weights.sum()),
        is_limited=is_limited,
        limited_by=None if unflagged is None else len(unflagged),
        is_limit_kept=is_limit_kept,
    )


def uncalibrated(maps: Floats) -> Calibration:
    """Return numbers for a network that learned random labels: its logits as they are, fitted on nothing."""
    return Calibration(1.0, 0.0, 0.5, None, evidence_scale(maps), 0, 0, 0.0, 0.0)


def fit_platt(logits: Floats, positive: Bools, weights: Floats) -> tuple[float, float]:
    """Return slope and intercept of ``sigmoid(slope * logit + intercept)`` (Platt 1999).

    Targets are Platt's, drawn a little from 0 and 1 by the count of each class, so that classes that the logit
    separates without error do not give an infinite slope. The curve is fitted with both classes in balance and then
    moved to the odds of the weights: where one class hardly weighs, what is drawn from the other would outweigh it.
    Raises ValueError where no rising curve fits.
    """
    with_it, without = float(weights[positive].sum()), float(weights[~positive].sum())
    if not with_it or not without:
        raise ValueError("calibration needs held-out pictures of both classes")
    weights = np.where(positive, weights / with_it, weights / without)
    ones = int(positive.sum())
    target = np.where(positive, (ones + 1) / (ones + 2), 1 / (len(positive) - ones + 2))
    x = np.concatenate([logits, logits]).astype(np.float64)[:, None]
    y = np.repeat([1, 0], len(logits))
    w = np.concatenate([weights * target, weights * (1 - target)])
    fit = LogisticRegression(C=1e6, max_iter=1000).fit(x, y, sample_weight=w / w.mean())
    slope, intercept = float(fit.coef_[0, 0]), float(fit.intercept_[0]) + math.log(with_it / without)
    if round(slope, DIGITS) <= 0:
        raise ValueError("on the held-out patients the logit does not rise with the finding: nothing was learned")
    return slope, intercept


def choose_threshold(chance: Floats, positive: Bools, weights: Floats) -> float:
    """Return the operating point with the largest weighted sensitivity + specificity (Youden 1950).

    Missed findings and false alarms weigh the same: a second opinion that cries wolf is soon switched off, and nobody
    may rely on its silence anyway. The point lies midway between two neighboring pictures, inside 0-1.
    """
    order = np.argsort(chance)
    w, is_positive, p = weights[order], positive[order], chance[order]
    missed = np.concatenate([[0.0], np.cumsum(w * is_positive)]) / w[is_positive].sum()
    passed = np.concatenate([[0.0], np.cumsum(w * ~is_positive)]) / w[~is_positive].sum()
    edges = np.concatenate([[p[0] / 2], (p[:-1] + p[1:]) / 2, [(p[-1] + 1) / 2]])
    gain = passed - missed
    gain[1:-1][p[:-1] == p[1:]] = -np.inf  # equal pictures cannot be told apart
    best = np.flatnonzero(gain >= gain.max() - 1e-12)
    return float(np.clip(edges[best[len(best) // 2]], 1e-4, 1 - 1e-4))


def uncertain_band(chance: Floats, positive: Bools, weights: Floats, coverage: float) -> tuple[float, float] | None:
    """Return the probabilities at which both classes or neither are plausible, by split conformal prediction.

    A class is plausible for a picture unless its probability is more extreme than that of ``1 - coverage`` of the
    held-out pictures of that class (class-conditional conformal sets: Vovk 2012; weights: Tibshirani et al. 2019).
    Between the two limits the answer is no single class. None where they meet.
    """
    least_of_positives = _conformal_limit(chance[positive], weights[positive], 1 - coverage)
    most_of_negatives = 1 - _conformal_limit(1 - chance[~positive], weights[~positive], 1 - coverage)
    low, high = sorted((least_of_positives, most_of_negatives))
    return (low, high) if low < high else None


def band_with(band: tuple[float, float] | None, threshold: float) -> tuple[float, float] | None:
    """Return the band, widened where the operating point lies outside of it.

    Else a picture between the two would be called one class and have only the other one in its set. A wider band
    covers no less.
    """
    low, high = band or (threshold, threshold)
    low, high = min(low, threshold), max(high, threshold)
    return (low, high) if low < high else None


def evidence_scale(maps: Floats) -> float:
    """Return the map value that is drawn as 1.0: a high percentile of the supporting cells of positive images."""
    supporting = maps[maps > 0]
    return float(np.percentile(supporting, EVIDENCE_PERCENTILE)) if supporting.size else 1.0


def _conformal_limit(values: Floats, weights: Floats, alpha: float) -> float:
    """Return the floor(alpha (n + 1))-th smallest value, n being the effective number; 0 where that is none."""
    order = np.argsort(values)
    part = np.cumsum(weights[order]) / weights.sum()
    effective = weights.sum() ** 2 / (weights**2).sum()
    count = int(np.searchsorted(part, alpha * (effective + 1) / effective + 1e-12, side="right"))
    return float(values[order[count - 1]]) if count else 0.0


def _chance(logits: Floats, slope: float, intercept: float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(slope * logits.astype(np.float64) + intercept))))


def _part(right: Bools, weights: Floats) -> float:
    return float((right * weights).sum() / weights.sum())
