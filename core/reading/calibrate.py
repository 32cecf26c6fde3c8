"""Logit to calibrated probability, with the numbers of the model card (Platt 1999) for the patient's age."""

import math

from core.reading.asking import is_within
from core.reading.model_card import CalibrationSpec, FindingSpec


def numbers_for(spec: FindingSpec, age: float | None) -> CalibrationSpec:
    """Return the numbers that hold at an age in years: those of an age range, else the finding's own, of all ages."""
    if age is None:
        return spec
    return next((part for part in spec.calibrations if is_within(age, part.ages)), spec)


def probability(logit: float, spec: CalibrationSpec) -> float:
    """Return the calibrated probability, 0-1, of a finding's raw logit; raises ValueError when it is not finite."""
    if not math.isfinite(logit):
        raise ValueError(f"the network's output is {logit}")
    x = spec.slope * logit + spec.intercept
    # both forms are exact; each avoids overflow on its side
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def is_uncertain(probability: float, spec: CalibrationSpec) -> bool:
    """Return whether a probability lies in the card's band in which calibration cases of both classes lie."""
    return spec.uncertain is not None and spec.uncertain[0] <= probability <= spec.uncertain[1]


def depends_on_age(logit: float, spec: FindingSpec) -> bool:
    """Return whether a logit is above the threshold at some ages, or of all together, and below it at others."""
    calls = {probability(logit, part) >= part.threshold for part in (spec, *spec.calibrations)}
    return len(calls) > 1
