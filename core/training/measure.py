"""Figures of a model from its answers to labelled pictures, made by the same path as everywhere."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from core.reading.read_image import Model
from core.training.answers import NO_PREDICTION, Answers, Progress, Scored, answers_of, read_answers
from core.training.config import LabelWords, Report, RowFilter, check_said
from core.training.evaluation import (
    Benefit,
    Confusion,
    CurvePoint,
    Evaluation,
    Pointing,
    ReportResult,
    figure,
    rows_of,
    with_sources,
)
from core.training.labels import LabelRow
from core.training.metrics import (
    Interval,
    auc_interval,
    average_precision,
    brier,
    calibration_curve,
    calibration_error,
    decision_curve,
    rate_by_patient,
)
from core.training.picture_facts import measure_pictures
from core.training.pointing import Box, hits, named, read_boxes
from core.training.predict import Prediction
from core.training.reliability import coverage, reliability
from core.training.resampling import DRAWS, bootstrap
from core.training.shortcuts import correlations, source_guesses
from core.training.subgroups import subgroups


def evaluate_model(
    model: Model, folder: Path, rows: Sequence[LabelRow], reports: Sequence[Report], words: LabelWords,
    progress: Progress = lambda done, of: None, draws: int = DRAWS, may_be_empty: bool = False,
) -> tuple[Evaluation, Answers]:
    """Read every picture that a report asks for, once; return the figures and the answers by path.

    `folder` is the table's folder. Reports of findings that the model does not have are left out. Raises ValueError
    where no report finds a picture, unless there `may_be_empty` reports: a new model is written down all the same.
    """
    check_said(reports, [model.card.findings[0].label])
    reports = answerable(reports, [spec.label for spec in model.card.findings])
    asked = found_rows(reports, rows) if may_be_empty else asked_rows(reports, rows)
    answers = read_answers(model, folder, asked, progress)
    evaluation = Evaluation(
        name=model.card.name,
        version=model.card.version,
        weights_sha256=model.card.weights_sha256,
        finding=model.card.findings[0].label,
        threshold=model.card.findings[0].threshold,
        labels=words,
        results=(),
    )
    return add_figures(evaluation, answers, folder, rows, reports, draws), answers


def evaluate_predictions(
    predictions: Sequence[Prediction], name: str, folder: Path, rows: Sequence[LabelRow], reports: Sequence[Report],
    words: LabelWords, finding: str = "", draws: int = DRAWS,
) -> tuple[Evaluation, Answers]:
    """Return the figures of a table of predictions; of its first finding where none is named.

    Without reports those are: all pictures that have a prediction, and each of their sources. The threshold shown is
    the middle one of the models that answered. Raises ValueError where there is no prediction of the finding, or two
    for a picture, and as `reports_about` and `evaluate_model`.
    """
    first = first_finding(predictions)
    finding = finding or first
    own = [item for item in predictions if item.finding == finding]
    if not own:
        raise ValueError(f"no prediction of {finding or 'anything'}")
    known = {item.path for item in own}
    if not reports:
        rows = tuple(row for row in rows if row.path in known)
        reports = each_source(rows)
    check_said(reports, [first])
    reports = answerable(reports_about(finding, [first], reports), {item.finding for item in predictions})
    answers = answers_of(predictions, asked_rows(reports, rows), finding)
    evaluation = Evaluation(
        name=name, version="", weights_sha256="", finding=finding,
        threshold=float(np.median([item.threshold for item in own])), labels=words, results=(),
    )
    return add_figures(evaluation, answers, folder, rows, reports, draws), answers


def first_finding(predictions: Sequence[Prediction]) -> str:
    """Return which finding of a table of predictions is its first; "" where it has none."""
    return next((item.finding for item in predictions), "")


def reports_about(finding: str, firsts: Sequence[str], reports: Sequence[Report]) -> tuple[Report, ...]:
    """Return the reports that know which pictures show `finding`: all where it is the first one of any table.

    The label tells the first finding of a table (`firsts`, of each) alone: of another one a report must say that it is
    about it. Raises ValueError where none does.
    """
    own = tuple(report for report in reports if finding in firsts or report.finding == finding)
    if reports and not own:
        labelled = " or ".join(dict.fromkeys(firsts))
        raise ValueError(f"the labels are about {labelled}, not about {finding}: which words answer it is said by a "
                         "report with `finding` and `said`")
    return own


def answerable(reports: Sequence[Report], findings: Collection[str]) -> tuple[Report, ...]:
    """Return the reports of the first finding and those of a finding that is among `findings`."""
    return tuple(report for report in reports if not report.finding or report.finding in findings)


def each_source(rows: Sequence[LabelRow]) -> tuple[Report, ...]:
    """Return a report of all rows and, of several sources, one of each."""
    return with_sources(Report(name="all", title="All pictures", rows=RowFilter(), headline=True), rows, True)


def found_rows(reports: Sequence[Report], rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
    """Return each row that any report asks for, once."""
    return tuple({row.path: row for report in reports for row in rows_of(report, rows)}.values())


def asked_rows(reports: Sequence[Report], rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
    """Return each row that any report asks for, once. Raises ValueError where there is none."""
    wanted = found_rows(reports, rows)
    if not wanted:
        raise ValueError("none of the reports finds a labelled picture in this table")
    return wanted


def check_answered(evaluation: Evaluation) -> None:
    """Raise ValueError, which says why, where no picture of any report has an answer."""
    if any(result.positives or result.negatives for result in evaluation.results):
        return
    reasons: dict[str, int] = {}
    for result in evaluation.results:
        for reason, count in result.not_read.items():
            reasons[reason] = max(count, reasons.get(reason, 0))  # reports may share pictures
    why = ", ".join(f"{reason}: {count}" for reason, count in reasons.items())
    raise ValueError(f"no picture that the reports ask for has an answer ({why}): give other reports with --reports "
                     "FILE.toml, or other pictures")


def add_figures(
    evaluation: Evaluation, answers: Answers, folder: Path, rows: Sequence[LabelRow], reports: Sequence[Report],
    draws: int = DRAWS,
) -> Evaluation:
    """Return the evaluation with all figures of the reports, and whether the score tells source, size or brightness."""
    first = tuple(report for report in reports if not report.finding)
    scored = Scored.of(found_rows(first, rows), answers)
    boxes = read_boxes(folder)
    return evaluation.model_copy(update={
        "results": tuple(measure(report, rows_of(report, rows), answers, boxes, draws) for report in reports),
        "source_guesses": source_guesses(scored),
        "correlations": correlations(scored, measure_pictures(folder, scored.rows).by_path()),
    })


def measure(
    report: Report, rows: Sequence[LabelRow], answers: Answers, boxes: Mapping[str, Sequence[Box]], draws: int = DRAWS
) -> ReportResult:
    """Return the figures of one report from the answers, by path, to its rows."""
    scored = Scored.of(rows, answers, report.finding)
    positive, above, patients = scored.positive, scored.above, np.array(scored.patients)
    ones, zeros = int(positive.sum()), int((~positive).sum())
    both, headline = scored.has_both, report.headline
    resampled = _resampled(scored, draws)
    return ReportResult(
        report=report,
        threshold=scored.threshold,
        threshold_range=scored.threshold_range,
        positives=ones,
        negatives=zeros,
        patients=len(set(scored.patients)),
        not_read=dict(Counter(
            answers[row.path].not_read or NO_PREDICTION for row in rows if answers[row.path].of(report.finding) is None
        )),
        auc=figure(auc_interval(positive, scored.score, scored.patients)) if both else None,
        average_precision=figure(resampled["average precision"]),
        sensitivity=figure(rate_by_patient(above[positive], patients[positive])),
        specificity=figure(rate_by_patient(~above[~positive], patients[~positive])),
        accuracy=figure(rate_by_patient(above == positive, patients)) if both else None,
        confusion=Confusion(
            true_positives=int((above & positive).sum()),
            false_negatives=int((~above & positive).sum()),
            false_positives=int((above & ~positive).sum()),
            true_negatives=int((~above & ~positive).sum()),
        ),
        brier=figure(resampled["Brier"]),
        calibration_error=figure(resampled["calibration error"]),
        curve=tuple(CurvePoint(**asdict(part)) for part in calibration_curve(positive, scored.probability))
        if both and headline else (),
        benefit=tuple(Benefit(**asdict(part)) for part in decision_curve(positive, scored.probability))
        if both and headline else (),
        uncertain=float(scored.uncertain.mean()) if scored.rows else None,
        reliability=reliability(scored, draws),
        coverage=coverage(scored),
        subgroups=subgroups(scored) if headline else (),
        pointing=_pointing(report, rows, answers, boxes),
    )


def _resampled(scored: Scored, draws: int) -> dict[str, Interval | None]:
    """Return the figures whose intervals come from drawing patients; with few pictures of a class, of no width."""
    statistics = {
        "average precision": (average_precision, scored.score),
        "Brier": (brier, scored.probability),
        "calibration error": (calibration_error, scored.probability),
    }
    if not scored.has_both:
        return dict.fromkeys(statistics)
    found = {}
    for name, (statistic, values) in statistics.items():
        found[name] = bootstrap(
            lambda chosen, statistic=statistic, values=values: (  # type: ignore[misc]
                statistic(scored.positive[chosen], values[chosen])
            ),
            scored.patients, draws, is_biased=statistic is calibration_error,
        )
    return found


def _pointing(
    report: Report, rows: Sequence[LabelRow], answers: Answers, boxes: Mapping[str, Sequence[Box]]
) -> Pointing | None:
    if report.finding:
        return None  # only the first finding's maps were measured
    points = {
        row.path: point for row in rows if row.is_positive and (point := answers[row.path].points_at) is not None
    }
    found, chance = hits(points, {path: named(boxes.get(path, ()), report.boxes) for path in points})
    patients = {row.path: row.patient for row in rows}
    rate = figure(rate_by_patient(np.array(list(found.values()), dtype=bool), [patients[path] for path in found]))
    return None if rate is None else Pointing(hits=rate, pictures=len(found), by_chance=chance)
