"""Each finding's calibration, on pictures that the models which answered had not seen.

Those are the held-out patients of the run, or, better, the out-of-fold predictions of a cross-validation with the same
configuration: there every training picture counts, and the model itself can learn from all patients (as scikit-learn's
CalibratedClassifierCV does with ensemble=False).
"""

import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.reading.asking import is_within
from core.training.balancing import balance, group_of
from core.training.config import AgeGroup, OperatingPoint, TrainingConfig
from core.training.fit_calibration import Calibration, fit_calibration
from core.training.labels import LabelRow, matches
from core.training.predict import PREDICTIONS_NAME, read_predictions
from core.training.questions import asked

Floats = NDArray[np.float32]
LEAST = 10  # pictures of each class below which an age has no numbers of its own

NO_MAPS = np.zeros((0, 1, 1), np.float32)  # the scale of the maps is one for all ages

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Answered:
    """Rows and each finding's logits of them, (rows, findings); of out-of-fold predictions each row's fold as well."""

    rows: tuple[LabelRow, ...]
    logits: Floats
    folds: tuple[str, ...] = ()

    def where(self, chosen: Sequence[bool]) -> "Answered":
        """Return the rows that are chosen, in their order."""
        rows = tuple(itertools.compress(self.rows, chosen))
        return Answered(rows, self.logits[np.array(chosen, bool)], tuple(itertools.compress(self.folds, chosen)))


def out_of_fold(path: Path, rows: Sequence[LabelRow], config: TrainingConfig) -> Answered:
    """Return the out-of-fold predictions of a cross-validation's folder (or predictions.csv) for training rows.

    Rows of other splits are left out, as what is reported on does not calibrate, and those that are uncertain by now.
    Raises OSError, and ValueError where a finding or every row is missing.
    """
    predictions = read_predictions(path / PREDICTIONS_NAME if path.is_dir() else path)
    found = {(item.path, item.finding): item.logit for item in predictions}
    absent = [label for label in config.finding_labels if label not in {item.finding for item in predictions}]
    if absent:
        raise ValueError(f"{path} has no predictions of {', '.join(absent)}")
    own = tuple(row for row in rows if row.is_known and row.split in config.train_splits
                and all((row.path, label) in found for label in config.finding_labels))
    if not own:
        raise ValueError(f"{path} has no predictions of this table's training pictures")
    logits = [[found[row.path, label] for label in config.finding_labels] for row in own]
    folds = {item.path: item.fold for item in predictions}
    return Answered(own, np.array(logits, np.float32), tuple(folds[row.path] for row in own))


def no_maps(config: TrainingConfig) -> Floats:
    """Return maps of no pictures, for numbers without a scale of maps."""
    return np.zeros((0, len(config.finding_labels), 1, 1), np.float32)


def fit_all(
    config: TrainingConfig, answered: Answered, mapped: Sequence[LabelRow], maps: Floats
) -> tuple[Calibration, ...]:
    """Return each finding's calibration; `maps` (pictures, findings, ...) of `mapped` give the scale of the maps.

    The first finding's rows are those of the groups that are declared for it, weighted as they are drawn; it has
    numbers for patients of some ages as well. A question's rows count alike in each class. Raises ValueError as
    `fit_calibration`, and where no row is in such a group.
    """
    rows, logits = answered.rows, answered.logits
    groups = tuple(group for group in config.groups if group.calibrates)
    # A group before it in the list may claim a row: membership is decided among all groups.
    names = {group.name for group in groups}
    homes = [group_of(row, config.groups) for row in rows]
    chosen = np.array([index is not None and config.groups[index].name in names for index in homes])
    if not chosen.any():
        raise ValueError("no held-out picture is in a group that calibrates")
    own = [row for row, take in zip(rows, chosen, strict=True) if take]
    point = config.operating_point
    unflagged = _unflagged(point, answered, "all ages")
    fitted = [fit_calibration(
        logits[chosen, 0], np.array([row.is_positive for row in own]), balance(own, groups).probability,
        maps[[row.is_positive for row in mapped], 0], config.uncertain_coverage,
        unflagged, 1.0 if point is None else point.most_flagged,
    )]
    fitted[0] = replace(fitted[0], by_age=fit_ages(config, answered), sources=_sources(own))
    for index, question in enumerate(config.questions, start=1):
        answers, known_maps = asked(rows, question), [row.is_positive for row in asked(mapped, question)]
        known = np.array([row.is_known for row in answers])
        positive = np.array([row.is_positive for row in answers])[known]
        weights = np.where(positive, 0.5 / max(1, positive.sum()), 0.5 / max(1, (~positive).sum()))
        fit = fit_calibration(
            logits[known, index], positive, weights, maps[known_maps, index], config.uncertain_coverage)
        fitted.append(replace(fit, sources=_sources(list(itertools.compress(rows, known)))))
    return tuple(fitted)


def _sources(rows: Sequence[LabelRow]) -> tuple[str, ...]:
    return tuple(sorted({row.source for row in rows}))


def _unflagged(point: OperatingPoint | None, answered: Answered, whose: str) -> Floats | None:
    """The first finding's logits of the pictures that an operating point is limited by; says where there are none."""
    if point is None:
        return None
    chosen = np.array([matches(row, point.rows) and not row.is_positive for row in answered.rows], bool)
    if not chosen.any():
        log.warning("the limit of false alarms for %s is not applied: no picture here is among its rows", whose)
    found: Floats = answered.logits[chosen, 0]
    return found


def fit_ages(config: TrainingConfig, answered: Answered) -> tuple[Calibration, ...]:
    """Return the first finding's numbers for each age group that is declared; one with too few pictures has none."""
    return tuple(fit for group in config.calibrations if (fit := _fit_age(config, group, answered)) is not None)


def _fit_age(config: TrainingConfig, group: AgeGroup, answered: Answered) -> Calibration | None:
    of_age = answered.where([row.years is not None and is_within(row.years, group.ages) for row in answered.rows])
    own = of_age.where([matches(row, group.rows) for row in of_age.rows])
    positive = np.array([row.is_positive for row in own.rows], bool)
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if min(ones, zeros) < LEAST:
        log.warning("no calibration of its own for %s: %d pictures with and %d without", group.name, ones, zeros)
        return None
    weights = np.where(positive, group.prevalence / ones, (1 - group.prevalence) / zeros)
    point = group.operating_point
    unflagged = _unflagged(point, of_age, group.name)
    try:
        fit = fit_calibration(
            own.logits[:, 0], positive, weights, NO_MAPS, config.uncertain_coverage,
            unflagged, 1.0 if point is None else point.most_flagged,
        )
    except ValueError as error:
        log.warning("no calibration of its own for %s: %s", group.name, error)
        return None
    return replace(fit, name=group.name, ages=group.ages, sources=_sources(own.rows))
