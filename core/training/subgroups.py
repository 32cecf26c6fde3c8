"""Parts of a report's pictures: by sex, age, view and source. A figure that holds on average may fail in one."""

import re
from collections.abc import Callable

import numpy as np

from core.training.answers import Scored
from core.training.evaluation import Subgroup, figure
from core.training.labels import LabelRow
from core.training.metrics import auc_interval, calibration_error, rate_by_patient

ADULT = 18  # years
AGE_BANDS = ((0, 6), (6, ADULT), (ADULT, 40), (40, 60), (60, 75), (75, 130))  # years, the upper end excluded
LEAST = 5  # pictures of a class below which it gives no figure
LEAST_FOR_CALIBRATION = 50  # pictures: with fewer, ten bins are mostly noise


def age_band(years: float | None) -> str:
    """Return the band of an age in years, "unknown" where it is not known."""
    band = next(((low, high) for low, high in AGE_BANDS if years is not None and low <= years < high), None)
    if band is None:
        return "unknown"
    return f"{band[0]}+" if band == AGE_BANDS[-1] else f"{band[0]}–{band[1] - 1}"


BY: dict[str, Callable[[LabelRow], str]] = {
    "sex": lambda row: row.sex or "unknown",
    "age": lambda row: age_band(row.years),
    "view": lambda row: row.view or "unknown",
    "source": lambda row: row.source or "unknown",
}


def subgroups(scored: Scored) -> tuple[Subgroup, ...]:
    """Return the figures of each part that has pictures for any, where there are two parts or more."""
    found: list[Subgroup] = []
    for by, group_of in BY.items():
        groups = np.array([group_of(row) for row in scored.rows])
        names = sorted(set(groups.tolist()), key=_order)
        if len(names) > 1:
            parts = (subgroup(by, name, scored.where(groups == name)) for name in names)
            found += [part for part in parts if max(part.positives, part.negatives) >= LEAST]
    return tuple(found)


def subgroup(by: str, name: str, part: Scored) -> Subgroup:
    """Return the figures of one part; None where a class has too few pictures."""
    ones, zeros = int(part.positive.sum()), int((~part.positive).sum())
    patients = np.array(part.patients)
    both = min(ones, zeros) >= LEAST
    sensitivity = rate_by_patient(part.above[part.positive], patients[part.positive]) if ones >= LEAST else None
    specificity = rate_by_patient(~part.above[~part.positive], patients[~part.positive]) if zeros >= LEAST else None
    return Subgroup(
        by=by,
        group=name,
        positives=ones,
        negatives=zeros,
        auc=figure(auc_interval(part.positive, part.score, part.patients)) if both else None,
        sensitivity=figure(sensitivity),
        specificity=figure(specificity),
        calibration_error=calibration_error(part.positive, part.probability)
        if both and ones + zeros >= LEAST_FOR_CALIBRATION else None,
    )


def _order(name: str) -> tuple[bool, float, str]:
    number = re.match(r"\d+", name)
    return name == "unknown", float(number[0]) if number else 0.0, name
