"""Logit to calibrated probability, with the numbers of the model card (Platt 1999)."""

import math

from core.reading.model_card import FindingSpec


def probability(logit: float, spec: FindingSpec) -> float:
    """Return the calibrated probability, 0-1, of a finding's raw logit; raises ValueError when it is not finite."""
    if not math.isfinite(logit):
        raise ValueError(f"the network's output for {spec.label} is {logit}")
    x = spec.slope * logit + spec.intercept
    # both forms are exact; each avoids overflow on its side
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def is_uncertain(probability: float, spec: FindingSpec) -> bool:
    """Return whether a probability lies in the card's band in which calibration cases of both classes lie."""
    return spec.uncertain is not None and spec.uncertain[0] <= probability <= spec.uncertain[1]
