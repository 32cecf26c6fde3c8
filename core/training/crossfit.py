"""What a calibration is worth on pictures that it was not fitted on: out-of-fold logits, calibrated by the other folds.

A model's own calibration is fitted on all out-of-fold predictions; what it reaches there is a little too good. Here
each fold's pictures are answered by numbers that were fitted on the other folds alone.
"""

from core.training.answers import answers_of
from core.training.balancing import group_of
from core.training.calibrating import Answered, fit_all, no_maps
from core.training.card_text import capitalized
from core.training.config import Report, TrainingConfig
from core.training.evaluation import ReportResult
from core.training.measure import measure
from core.training.predict import Prediction, prediction
from core.training.resampling import DRAWS
from core.training.save_model import finding_specs


def cross_fitted(config: TrainingConfig, answered: Answered) -> tuple[Prediction, ...]:
    """Return what each fold's logits say by the calibration of the other folds, of all findings.

    Raises ValueError as `fit_all`.
    """
    found: list[Prediction] = []
    for name in sorted(set(answered.folds)):
        others = answered.where(tuple(fold != name for fold in answered.folds))
        specs = finding_specs(config, fit_all(config, others, (), no_maps(config)))
        own = answered.where(tuple(fold == name for fold in answered.folds))
        for index, spec in enumerate(specs):
            found += [
                prediction(row, spec, name, logit)
                for row, logit in zip(own.rows, own.logits[:, index].tolist(), strict=True)
            ]
    return tuple(found)


def cross_fitted_results(
    config: TrainingConfig, answered: Answered, draws: int = DRAWS
) -> tuple[ReportResult, ...]:
    """Return the first finding's figures of each group of the configuration, cross-fitted; none with a single fold.

    Raises ValueError as `fit_all`.
    """
    if len(set(answered.folds)) < 2:
        return ()
    answers = answers_of(cross_fitted(config, answered), answered.rows, config.finding)
    homes = [group_of(row, config.groups) for row in answered.rows]
    results = []
    for index, group in enumerate(config.groups):
        rows = tuple(row for row, home in zip(answered.rows, homes, strict=True) if home == index)
        if rows:
            report = Report(name=group.name, title=capitalized(group.name), rows=group.rows)
            results.append(measure(report, rows, answers, {}, draws))
    return tuple(results)
