"""`Evaluation`, the content of a model folder's evaluation.json: all figures, and all that CARD.md is written from."""

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from core.training.config import (
    EvaluationConfig,
    ExtentConfig,
    GateConfig,
    LabelWords,
    OperatingPoint,
    PastVersion,
    Report,
    RowFilter,
    StatedAge,
)
from core.training.config_part import WRITTEN, Part
from core.training.labels import TEST_SPLIT, LabelRow, matches, select
from core.training.metrics import Interval
from core.training.questions import answered

EVALUATION_NAME = "evaluation.json"
NO_SOURCE = "no source"  # the title of pictures whose table names none
SCHEMA = 2


class Figure(Part):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


class CurvePoint(Part):
    """One bin of the calibration curve."""

    low: float
    high: float
    count: int
    mean_probability: float
    positive_rate: float


class Benefit(Part):
    """Net benefit at one threshold, in true positives a picture: acting as the model says, and on everyone."""

    threshold: float
    model: float
    everyone: float


class Confusion(Part):
    """Pictures at the operating point."""

    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int


class Pointing(Part):
    """How often the strongest cell of the map lies in a reader's box, and how often a random point would."""

    hits: Figure
    pictures: int
    by_chance: float


class Subgroup(Part):
    """The figures of a part of a report's pictures: those whose `by` (sex, age, view, source) is `group`."""

    by: str
    group: str
    positives: int
    negatives: int
    auc: Figure | None
    sensitivity: Figure | None
    specificity: Figure | None
    calibration_error: float | None


class Reliability(Part):
    """What stands beside a calibration error; see `core.training.reliability`.

    `corrected` is the error less its bias, `by_chance` what probabilities that are right would show on these pictures;
    `stated` is the error with the classes weighted to the prevalence for which the probabilities are right, and the
    last two are those of it.
    """

    corrected: float
    by_chance: float
    prevalence: float  # the mean of the stated ones
    stated: Figure | None
    stated_corrected: float | None
    stated_by_chance: float | None


class Coverage(Part):
    """How often the class of a source's pictures is in the set that is shown: one class, or both where uncertain."""

    source: str
    with_finding: bool
    pictures: int
    covered: Figure
    uncertain: float  # part of them in the uncertain band


class ReportResult(Part):
    """The figures of one report; None where the rows cannot give one (a class is missing)."""

    report: Report
    threshold: float  # the operating point of its finding; the middle one where there are several
    threshold_range: tuple[float, float] | None = None  # the lowest and the highest, where ages or models differ
    positives: int
    negatives: int
    patients: int
    not_read: dict[str, int]  # reason -> pictures refused, failed or without a prediction: in no figure below
    auc: Figure | None
    average_precision: Figure | None
    sensitivity: Figure | None  # at the operating threshold
    specificity: Figure | None
    accuracy: Figure | None
    confusion: Confusion
    brier: Figure | None
    calibration_error: Figure | None
    curve: tuple[CurvePoint, ...] = ()
    benefit: tuple[Benefit, ...] = ()
    uncertain: float | None  # part of the pictures that lie in the uncertain band
    reliability: Reliability | None = None
    coverage: tuple[Coverage, ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    pointing: Pointing | None = None  # positives with boxes that the report asks for


class SourceGuess(Part):
    """How well the score tells one source from all others among pictures of one label; 0.5 is not at all."""

    label: str  # the table's word
    source: str
    pictures: int
    others: int
    auc: Figure  # taken so that it is at least 0.5
    without_children: Figure | None = None  # the same without patients known to be under 18, where there are any


class Correlation(Part):
    """Spearman's rank correlation of the score with a fact of the picture, within one source and label."""

    source: str
    label: str
    feature: str
    pictures: int
    rho: Figure


class SourceCount(Part):
    """How many pictures of a source went into training, were held out and tested, under which licence."""

    source: str
    licence: str
    trained: int
    held_out: int
    tested: int
    positives: int
    tested_positives: int | None = None  # of these; None where that was not kept
    unlabelled: int = 0  # seen without a label; in none of the other numbers


class Agreement(Part):
    """How well two columns of scores agree; the mean where there are several pairs. None where they do not vary."""

    pearson: Figure | None
    spearman: Figure | None
    error: Figure | None  # mean absolute difference


class ExtentLine(Part):
    """One zone's scores, or their sum."""

    zone: str
    model: Agreement  # with the mean of the raters
    model_one_rater: Agreement  # with each rater: beside `raters`, which cannot lean on a mean either
    raters: Agreement  # with each other
    constant: Agreement  # the mean of the pictures that were learned from, with the mean of the raters


class ExtentPart(Part):
    """The figures of a part of the pictures with zone scores; the last line is that of the sum."""

    pictures: int
    patients: int
    lines: tuple[ExtentLine, ...] = Field(min_length=2)

    @property
    def zone_error(self) -> float:
        """The mean absolute difference of a zone from the mean of the raters."""
        return sum(0.0 if line.model.error is None else line.model.error.value for line in self.lines[:-1]) / (
            len(self.lines) - 1)

    @property
    def sum_error(self) -> float:
        """That of the sum."""
        return 0.0 if self.lines[-1].model.error is None else self.lines[-1].model.error.value


class ExtentResult(Part):
    """The extent's figures: on the pictures that it was learned from, by fits that never saw the patient, and a test.

    The network had seen the former, with their label of the first finding; where it `knew_scores`, with these, too.
    """

    config: ExtentConfig
    sha256: str  # of its weights
    guess: tuple[float, ...]  # the constant of each zone
    knew_scores: bool = False  # whether they taught the network where its map should lie
    out_of_fold: ExtentPart
    test: ExtentPart | None = None


class GatePart(Part):
    """What the input gate did with pictures of one kind, for frontal chests of one source.

    `stopped` are refused, or put right where they need it; for frontal chests that is the part wrongly refused.
    `recognized` are taken for what they are: a mirrored one is asked about, a turned one told how to be turned; None
    where that was not measured.
    """

    kind: str
    source: str = ""
    is_far: bool
    pictures: int
    patients: int
    stopped: Figure
    recognized: Figure | None


class GateSource(Part):
    """How many pictures of a source the input gate learned from, under which licence."""

    source: str
    licence: str
    pictures: int


class GateResult(Part):
    """The input gate's figures: on test pictures, and of gates that never saw the source or the kind."""

    config: GateConfig
    sha256: str  # of gate.safetensors
    least: float
    mirrored: float
    tested: tuple[GatePart, ...]
    unseen: tuple[GatePart, ...] = ()
    has_answers: bool = False  # whether what `unseen` were taken for was kept; else recognized is no more than stopped
    learned: tuple[GateSource, ...] = ()
    learned_outliers: int = 0  # files of folders beside the table

    @property
    def is_of_one_source(self) -> bool:
        """Whether all frontal chests are of one source: then gates were fitted without patients, not sources."""
        return len({part.source for part in self.unseen or self.tested if part.source}) < 2


class Fitted(Part):
    """What a finding's calibration and operating point were fitted on, and what they reach there: a little too good."""

    positives: int
    negatives: int
    sensitivity: float
    specificity: float
    coverage: float  # of each class, outside of the uncertain band
    prevalence: float = 0.5
    name: str = ""  # of the patients, where it is for those of some ages
    by_age: tuple["Fitted", ...] = ()
    sources: tuple[str, ...] = ()  # whose pictures it was fitted on
    limit: OperatingPoint | None = None  # of false alarms, where one was declared
    is_limited: bool | None = None  # whether it raised the threshold; None where that was not kept
    limited_by: int | None = None  # on how many pictures the limit was kept, likewise; with 0 it was not applied
    is_limit_kept: bool | None = None  # False where more of them than it allows reach any threshold below 1


class Provenance(Part):
    """How a model came about, as its card tells it: headings and texts of the configuration, network, calibration."""

    texts: dict[str, str] = Field(default_factory=dict)
    network: tuple[str, ...] = ()  # paragraphs
    fitted: tuple[Fitted, ...] = ()  # of each finding, in their order
    history: tuple[PastVersion, ...] = ()
    train_splits: tuple[str, ...] = ("train",)
    is_out_of_fold: bool = False  # whether a cross-validation's predictions calibrated, not held-out patients
    unlabelled: RowFilter | None = None  # rows that were seen without their labels, but for tests
    with_tests: tuple[str, ...] = ()  # sources of whose test pictures the models of that cross-validation learned
    without_numbers: tuple[str, ...] = ()  # ages for which numbers were declared, but too few pictures were there


class Evaluation(Part):
    """The whole of evaluation.json, schema 2."""

    schema_version: int = SCHEMA
    name: str
    version: str
    weights_sha256: str
    finding: str
    threshold: float
    labels: LabelWords
    sources: tuple[SourceCount, ...] = ()
    stated_ages: tuple[StatedAge, ...] = ()
    results: tuple[ReportResult, ...]
    crossfitted: tuple[ReportResult, ...] = ()  # of training pictures, out of fold, calibrated by the other folds
    source_guesses: tuple[SourceGuess, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    provenance: Provenance | None = None
    gate: GateResult | None = None
    extent: ExtentResult | None = None

    @property
    def has_pictures(self) -> bool:
        """Whether any report found a picture, read or not."""
        return any(result.positives or result.negatives or result.not_read for result in self.results)


def figure(interval: Interval | None) -> Figure | None:
    """Return an interval as a part of evaluation.json."""
    return None if interval is None else Figure(value=interval.value, low=interval.low, high=interval.high)


def rows_of(report: Report, rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
    """Return the rows of a report: positives, and the negatives that it sets against them.

    The label of a row is what answers the report's finding: the table's, or the source's own words (`said`).
    """
    chosen = select(rows, report.rows)
    known = (row for row in (chosen if report.said is None else answered(chosen, report.said)) if row.is_known)
    return tuple(row for row in known if row.is_positive or not report.against or row.word in report.against)


def check_unseen(
    reports: Sequence[Report], rows: Sequence[LabelRow], known: Evaluation | None, weights_sha256: str
) -> None:
    """Raise ValueError where a report asks for a picture that a model learned from, or saw, or that calibrated it.

    What that was is `known` by splits and sources, not by patients or files. Where nothing is known of the model with
    these weights any row of the split "train" may be one, whatever its source.
    """
    own = known if known is not None and known.weights_sha256 == weights_sha256 else None
    provenance = (own.provenance if own is not None else None) or Provenance()
    splits, unlabelled = provenance.train_splits, provenance.unlabelled
    counts = () if own is None else own.sources
    sources = {count.source for count in counts if count.trained or count.held_out}
    what = ("that the model learned from, or that calibrated it" if counts else
            "that the model may have learned from, or that may have calibrated it")
    more = "" if counts else ("; no figures beside the model name what it learned from, so give rows that it never saw "
                              f"another split than {' or '.join(splits)}, such as {TEST_SPLIT}")
    for report in reports:
        learned = [row for row in rows_of(report, rows)
                   if (row.split in splits and (not counts or row.source in sources))
                   or (unlabelled is not None and row.split != TEST_SPLIT and matches(row, unlabelled))]
        if learned:
            raise ValueError(
                f"the report {report.name!r} asks for pictures {what} ({len(learned)}, such as {learned[0].path}): say "
                f"with splits = [...] in its rows which pictures it is about{more}"
            )


def default_reports(rows: Sequence[LabelRow]) -> tuple[Report, ...]:
    """Return the reports for a table of which nothing is declared: all of the test split, then each source of it."""
    return with_sources(Report(name="all", title="Test split", rows=RowFilter(splits=("test",)), headline=True), rows)


def with_sources(whole: Report, rows: Sequence[LabelRow], are_headlines: bool = False) -> tuple[Report, ...]:
    """Return a report and, where its rows are of several sources, one of each."""
    sources = sorted({row.source for row in rows_of(whole, rows)})
    each = (
        Report(name=f"source {source}", title=source or NO_SOURCE, headline=are_headlines,
               rows=whole.rows.model_copy(update={"sources": (source,)}))
        for source in sources
    )
    return (whole, *(each if len(sources) > 1 else ()))


def load_evaluation(folder: Path) -> Evaluation | None:
    """Read `folder`/evaluation.json; None where the folder has none. Raises ValueError for a damaged or older one."""
    path = folder / EVALUATION_NAME
    if not path.is_file():
        return None
    try:
        raw = json.loads(path.read_bytes())
        if isinstance(raw, dict) and raw.get("schema_version") != SCHEMA:
            raise ValueError(f"{path.name} is of schema {raw.get('schema_version')}, not {SCHEMA}: evaluate again")
        return Evaluation.model_validate(raw, context=WRITTEN)
    except ValidationError as error:
        raise ValueError(f"{path.name} is damaged: {error.errors()[0]['msg']}") from error


def known_config(evaluation: Evaluation) -> EvaluationConfig:
    """Return what an evaluation was made with, so that it can be made again: label words, reports, stated ages."""
    reports = tuple(result.report for result in evaluation.results)
    gate = None if evaluation.gate is None else evaluation.gate.config
    return EvaluationConfig(labels=evaluation.labels, stated_ages=evaluation.stated_ages, reports=reports, gate=gate)


def to_json(evaluation: Evaluation) -> str:
    """Return evaluation.json's text."""
    return json.dumps(evaluation.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
