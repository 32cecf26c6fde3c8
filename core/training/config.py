"""One frozen configuration for a training run, read from TOML; every value with its default is written beside the run.

A configuration is data: it names sources, splits and labels, so that another label table needs no code.
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from core.reading.model_card import (
    LITE0,
    AgeCalibration,
    Answer,
    Architecture,
    FindingSpec,
    InputSpec,
    Population,
    Zones,
    check_ages,
)
from core.training.config_loop import AugmentConfig, LoopConfig
from core.training.config_part import WRITTEN, Part, unless_written
from core.training.plot_names import check_apart

Ages = Annotated[tuple[float, float], unless_written(check_ages)]


def _targets(values: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= values[0] <= values[1] <= 1:
        raise ValueError("must be two probabilities, that of the negative first and not above the other")
    return values


def _seed(value: int) -> int:
    if value < 0:
        raise ValueError("must be 0 or more")
    return value


class RowFilter(Part):
    """Which rows of a label table: each condition that is given must hold."""

    sources: tuple[str, ...] = ()
    """Hospitals or collections, as the table names them: any of these."""
    splits: tuple[str, ...] = ()
    """Words of the column `split`: any of these."""
    labels: tuple[str, ...] = ()
    """Words of the column `label`: any of these."""
    views: tuple[str, ...] = ()
    """Words of the column `view`: any of these."""
    basis_contains: tuple[str, ...] = ()
    """Any of these texts is in `label_basis`."""
    basis_lacks: tuple[str, ...] = ()
    """None of these texts is in `label_basis`."""


class LabelWords(Part):
    """What the words of the label column mean; a word in none of the lists is an error, never a guess."""

    positive: tuple[str, ...] = ("opacity",)
    """The finding is there."""
    negative: tuple[str, ...] = ("normal", "other")
    """It is not."""
    uncertain: tuple[str, ...] = ("uncertain",)
    """Looked at, not decided: neither trained nor scored."""
    missing: tuple[str, ...] = ("", "none")
    """Not looked at."""

    @model_validator(mode="after")
    def _each_word_once(self) -> "LabelWords":
        words = [*self.positive, *self.negative, *self.uncertain, *self.missing]
        if len(set(words)) != len(words):
            raise ValueError("a label word has two meanings")
        return self


class Group(Part):
    """A part of the training rows that is drawn with a fixed share, whatever its size.

    A group of one class keeps only that class's part of its share.
    """

    name: str = Field(min_length=1)
    """As figures and messages call it."""
    rows: RowFilter
    """Which rows; the first group that fits takes a row."""
    share: float = Field(gt=0)
    """Of the pictures drawn; shares are relative."""
    positive_share: float = Field(default=0.5, ge=0, le=1)
    """Part of its draws that shows the finding."""
    targets: Annotated[tuple[float, float], unless_written(_targets)] = (0.0, 1.0)
    """What its labels are worth, (negative, positive) as probabilities: nearer to each other where labels are poor, or
    where films are so easy that the network would be surer than of other sources' films."""
    calibrates: bool = True
    """Whether its held-out rows count for calibration and the operating point."""
    aligns: bool = True
    """Whether its mean logits are drawn to those of other groups (`align_weight`)."""
    selects: bool = False
    """Whether its held-out AUC counts in the choice of the step that is kept; where no group does, the last step is."""
    even: tuple[Literal["texture", "layout"], ...] = ()
    """Drawn so that these looks (`looks`) hardly tell the class."""
    even_strength: float = Field(default=0.01, gt=0)
    """Inverse penalty of the regression that weighs them: more takes more of the look away."""


class Unlabelled(Part):
    """Pictures whose label is not known, or not trusted: each that is drawn is one of the pictures seen twice
    (`paired`), and teaches that two views of it are answered alike. Patients of whom anything is held out, predicted or
    tested are left out."""

    rows: RowFilter
    """Which rows; tests and what is learned from with its label are no part of them."""
    share: float = Field(gt=0, le=0.5)
    """Of the pictures drawn, at most what is seen twice."""


class SaidWords(Part):
    """Which of the source's own words (column `finding`) are a yes to a question and which a no: any of these texts.

    A text counts where it is no part of a longer one of the other side: "no fracture" is no "fracture". Words in which
    texts of both sides count are no answer.
    """

    positive: tuple[str, ...] = Field(min_length=1)
    """Texts in the column `finding` that are a yes: any of these."""
    negative: tuple[str, ...] = Field(min_length=1)
    """Texts that are a no."""


class Question(Part):
    """A further finding, answered by the same forward pass, learned where the source's words answer it.

    It is asked of patients of these `ages` (years, both ends included) in whom the first finding is above its
    threshold. Reports measure it on all of their pictures, whatever the first finding said.
    """

    label: str = Field(min_length=1)
    """The name of the further finding."""
    rows: RowFilter
    """Which rows answer it."""
    said: SaidWords
    """By which of the source's own words."""
    weight: float = Field(default=0.5, gt=0)
    """Of its loss beside the first finding's."""
    ages: Ages | None = None
    """Of whom it is asked, years, both ends included; without it of everybody."""


class OperatingPoint(Part):
    """A limit of the first finding's threshold: of these pictures without it at most this part is flagged."""

    rows: RowFilter
    """Pictures of which few may be flagged; those without the finding count."""
    most_flagged: float = Field(gt=0, le=1)
    """The largest part of them."""


class StatedAge(Part):
    """The age of patients of whom the table says none: what their collection says of all of them, in years."""

    rows: RowFilter
    """Which rows, where the table has no age."""
    years: float = Field(ge=0)
    """Their age."""


class AgeGroup(Part):
    """Numbers of their own for patients of these `ages` (completed years, both ends included), where ages are known.

    They are fitted on the `rows` of that age, each picture of a class counting alike, so that probabilities are right
    where the part `prevalence` of the pictures shows the finding.
    """

    name: str = Field(min_length=1)
    """As a person says it: "adults"."""
    ages: tuple[float, float]
    """Completed years, both ends included."""
    rows: RowFilter
    """Which rows of that age the numbers are fitted on."""
    prevalence: float = Field(default=0.5, gt=0, lt=1)
    """Part of the pictures that shows the finding where the probabilities are right."""
    operating_point: OperatingPoint | None = None
    """A limit of this threshold, on the pictures of that age."""


class GateKind(Part):
    """Pictures of one kind that the input gate should stop; one that is not learned is tested only.

    With an answer that says how they are turned, they may be turned any way: then they should not be learned.
    """

    name: str = Field(min_length=1)
    """As figures call it."""
    rows: RowFilter
    """Which rows, of any split."""
    answer: Answer = Answer.OTHER
    """What the gate should say of them; "other" is no chest radiograph."""
    is_far: bool = True
    """Whether it is far from a chest radiograph; near ones are counted apart."""
    is_learned: bool = True
    """If not, it is tested only."""


class GateConfig(Part):
    """The input gate: which rows are what the model is made for, which are not, and how many of the former it may stop.

    Chests turned, inverted, mirrored, cut and on a screen are made from the frontal ones, and noise, text pages and
    shapes are drawn; rendered files of other folders come on the command line.
    """

    frontal: RowFilter
    """What the model is made for."""
    kinds: tuple[GateKind, ...] = ()
    """What it is not made for, kind by kind."""
    most_refused: float = Field(default=0.01, gt=0, lt=1)
    """Part of the frontal ones that may be stopped, of each source unseen in training."""
    most_asked: float = Field(default=0.01, gt=0, lt=1)
    """Part of the frontal ones that may be asked about, whether they are mirrored."""
    tested: float = Field(default=0.25, gt=0, lt=1)
    """Part of the patients in neither training nor test split that is kept for tests."""
    most: int = Field(default=150, ge=2)
    """Pictures of a source that it learns from at most."""
    folds: int = Field(default=5, ge=2)
    """Folds in which whole sources and whole kinds are left out."""


class ExtentConfig(Part):
    """Extent by six zones of the lungs, learned from radiologists' scores (zones.csv) after the network.

    Learned from the rows of the training splits that all `raters` scored, measured there out of fold by patient and on
    those of the test split. It is asked of patients of these `ages` (years, both ends included) in whom the first
    finding is above its threshold; `population` says in words whose pictures these are.
    """

    label: str = "Extent (Brixia score)"
    """Its name."""
    rows: RowFilter = RowFilter()
    """Which rows with scores."""
    raters: tuple[str, ...] = Field(min_length=1)
    """Names in the column `rater` of zones.csv, all of whom must have scored a picture."""
    ages: Ages | None = None
    """Of whom it is asked, years, both ends included; without it of everybody."""
    population: str = Field(min_length=1)
    """In words, whose pictures these are."""
    zones: Zones = Zones()
    """Where the zones lie."""
    folds: int = Field(default=10, ge=2)
    """Folds of the figures out of fold."""
    penalty: float = Field(default=5.0, gt=0)
    """Of ridge regression, on features of unit variance."""
    whole_picture: float = Field(default=0.3, ge=0)
    """What the whole picture's features weigh beside those of the zone."""


class Report(Part):
    """One line of the evaluation: which rows, and which labels stand against the positive ones."""

    name: str = Field(min_length=1)
    """A short name, which plots are called by: no plot may be called like one of another line."""
    title: str = Field(min_length=1)
    """The line as the card shows it."""
    rows: RowFilter
    """Which rows are measured."""
    finding: str = ""
    """The label of a further finding; without it the first one is measured."""
    said: SaidWords | None = None
    """What answers a further finding, instead of the label."""
    against: tuple[str, ...] = ()
    """Words of the label that count as negative; without it all of them do."""
    headline: bool = False
    """Shown first; only such lines have curves, failures, subgroups and a decision curve."""
    boxes: tuple[str, ...] = ()
    """Words of the boxes (column `what` of boxes.csv) at which the map of a positive should point."""
    remark: str = ""
    """A sentence below the figures."""


def check_names(reports: Sequence[Report]) -> None:
    """Raise ValueError where two reports have the same name, or their plots would."""
    names = [report.name for report in reports]
    if len(set(names)) != len(names):
        raise ValueError("two reports have the same name")
    check_apart(report.name for report in reports if report.headline)  # others have no plots


def check_said(reports: Sequence[Report], labelled: Sequence[str]) -> None:
    """Raise ValueError where nothing says which pictures show a report's finding; the label tells those `labelled`."""
    for report in reports:
        if report.finding not in ("", *labelled) and report.said is None:
            raise ValueError(f"the report {report.name!r} is about {report.finding!r}, which no label answers: say in "
                             "`said` which words of the column finding do")


class PastVersion(Part):
    """An earlier version of a model: its weights, its operating threshold and what was changed after it."""

    version: str
    """Its number."""
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """The hash of its weights."""
    threshold: float
    """Its operating threshold."""
    remark: str = ""
    """What it was."""


# what may differ when a run is resumed: it is used only after the network has learned
AFTER_TRAINING = {
    "version", "population", "not_assessed", "stated_ages", "calibrations", "uncertain_coverage", "operating_point",
    "gate", "extent", "reports", "card", "history",
}


class TrainingConfig(Part):
    """A whole run: what goes in, how it is varied and learned, what comes out."""

    name: str = Field(min_length=1)
    """The model's name."""
    version: str = Field(min_length=1)
    """The model's version."""
    finding: str = Field(min_length=1)
    """The label of the first finding, which the label column carries."""
    seed: Annotated[int, unless_written(_seed)] = 0
    """Of all draws: pictures, variation, held-out patients, folds. 0 or more."""
    architecture: Architecture = LITE0
    """The network: wider and deeper from 0 to 2, at about 1.2 and 1.3 times the time of a reading."""
    start: Literal["imagenet", "random"] = "imagenet"
    """The weights that the network begins with."""
    train_splits: tuple[str, ...] = ("train",)
    """Words of the column `split` that are learned from."""
    held_out: float = Field(default=0.15, gt=0, lt=1)
    """Part of the patients that is kept for calibration and choices."""
    labels: LabelWords = LabelWords()
    """What the words of the label column mean."""
    random_labels: bool = False
    """Deal the labels of each group out anew among its training pictures, to be learned by heart: for the sanity check
    of `heatmaps`."""
    input: InputSpec
    """What the network is fed."""
    groups: tuple[Group, ...] = Field(min_length=1)
    """What is drawn from, and in which shares."""
    unlabelled: Unlabelled | None = None
    """What is seen without its label."""
    questions: tuple[Question, ...] = ()
    """Further findings of the same forward pass."""
    boxes: tuple[str, ...] = ()
    """Words of the boxes (column `what` of boxes.csv) in which the map of the first finding should lie."""
    augment: AugmentConfig = AugmentConfig()
    """How pictures are varied."""
    loop: LoopConfig = LoopConfig()
    """How the network learns."""
    population: Population
    """What the model is made for."""
    not_assessed: tuple[str, ...] = ()
    """What the reading and the card list as not looked at."""
    operating_point: OperatingPoint | None = None
    """A limit of the first finding's threshold where no age is known."""
    extent: ExtentConfig | None = None
    """Extent by zones, fitted after the network."""
    stated_ages: tuple[StatedAge, ...] = ()
    """Ages where the table says none."""
    calibrations: tuple[AgeGroup, ...] = ()
    """Numbers of the first finding for patients of some ages."""
    gate: GateConfig | None = None
    """The input gate, fitted after the network."""
    uncertain_coverage: float = Field(default=0.9, gt=0.5, lt=1)
    """Coverage of each class that the uncertain band is made for, by conformal calibration."""
    reports: tuple[Report, ...] = ()
    """The lines of the evaluation; without any, one of all test rows."""
    card: dict[str, str] = Field(default_factory=dict)
    """Heading and text of what CARD.md says that no figure can tell."""
    history: tuple[PastVersion, ...] = ()
    """Earlier versions, the last one first."""

    @property
    def finding_labels(self) -> list[str]:
        """The labels of all findings, the first one and the questions."""
        return [self.finding, *(question.label for question in self.questions)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "TrainingConfig":
        for kind, names in (
            ("groups", [group.name for group in self.groups]),
            ("findings", self.finding_labels),
            ("calibrations", [group.name for group in self.calibrations]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"two {kind} have the same name")
        return self

    @model_validator(mode="after")
    def _reports_have_plots_of_their_own(self, info: ValidationInfo) -> "TrainingConfig":
        if info.context != WRITTEN:
            check_names(self.reports)
        return self

    @model_validator(mode="after")
    def _unlabelled_is_seen_twice(self) -> "TrainingConfig":
        if self.unlabelled is not None and (self.loop.paired < self.unlabelled.share or not self.loop.pair_weight):
            raise ValueError("unlabelled pictures teach by being seen twice: let loop.paired be their share or more, "
                             "and loop.pair_weight more than 0")
        return self

    @model_validator(mode="after")
    def _reports_are_about_its_findings(self, info: ValidationInfo) -> "TrainingConfig":
        if info.context == WRITTEN:
            return self
        check_said(self.reports, [self.finding])
        for report in self.reports:
            if report.finding not in ("", *self.finding_labels):
                raise ValueError(f"the report {report.name!r} is about {report.finding!r}, which is none of the "
                                 f"findings: {', '.join(self.finding_labels)}")
        return self

    @model_validator(mode="after")
    def _calibrations_are_those_of_a_card(self, info: ValidationInfo) -> "TrainingConfig":
        if info.context == WRITTEN:
            return self
        numbers: dict[str, Any] = {"slope": 1.0, "intercept": 0.0, "threshold": 0.5}  # any: the ages are asked
        try:
            parts = tuple(AgeCalibration(name=part.name, ages=part.ages, **numbers) for part in self.calibrations)
            FindingSpec(label=self.finding, evidence_scale=1.0, calibrations=parts, **numbers)
        except ValidationError as error:  # the card would say so after training
            raise ValueError(f"calibrations: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error
        return self

    @model_validator(mode="after")
    def _places_are_parts_of_the_input(self, info: ValidationInfo) -> "TrainingConfig":
        if info.context == WRITTEN:
            return self
        geometry, loop = self.input.geometry, self.loop
        if self.boxes and loop.box_weight and geometry != "squash":
            raise ValueError(f'boxes are parts of the image, which with the geometry "{geometry}" are none of the '
                             'input: take "squash", or loop.box_weight = 0')
        if loop.zone_weight and geometry != "squash":
            raise ValueError(f'zones are parts of the image, which with the geometry "{geometry}" are none of the '
                             'input: take "squash", or loop.zone_weight = 0')
        if loop.zone_weight and self.extent is None:
            raise ValueError("loop.zone_weight needs [extent], which says whose scores of the zones teach")
        return self


def learns_alike(first: TrainingConfig, second: TrainingConfig) -> bool:
    """Return whether two configurations give the same network: whether they differ in AFTER_TRAINING alone.

    Of the extent it also matters which scores it names and where its zones lie, where they taught the network.
    """
    return first.model_dump(exclude=AFTER_TRAINING) == second.model_dump(exclude=AFTER_TRAINING) and (
        not first.loop.zone_weight or _scores_of(first.extent) == _scores_of(second.extent)
    )


def _scores_of(extent: ExtentConfig | None) -> object:
    return extent and (extent.rows, extent.raters, extent.zones)


def load_config(path: Path, changes: Sequence[str] = ()) -> TrainingConfig:
    """Read a configuration from TOML, with `changes`: lines of TOML such as ``loop.steps = 400`` that count instead.

    Raises OSError, tomllib.TOMLDecodeError, pydantic.ValidationError.
    """
    raw = _untyped(path)
    for change in changes:
        raw = _merged(raw, tomllib.loads(change))
    return TrainingConfig.model_validate(raw)


def _merged(raw: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the tables with the values of `changes` in place of their own; lists change as a whole."""
    both = {key: _merged(raw[key], value) if isinstance(value, dict) and isinstance(raw.get(key), dict) else value
            for key, value in changes.items()}
    return {**raw, **both}


class EvaluationConfig(BaseModel):
    """The parts of a configuration that evaluation needs; whatever else a file holds is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    labels: LabelWords = LabelWords()
    stated_ages: tuple[StatedAge, ...] = ()
    reports: tuple[Report, ...] = ()
    gate: GateConfig | None = None
    card: dict[str, str] = Field(default_factory=dict)
    history: tuple[PastVersion, ...] = ()


def load_evaluation_config(path: Path) -> EvaluationConfig:
    """Read what evaluation needs from a training configuration, or from a TOML file with these parts only.

    Raises OSError, and ValueError that names the file and what is wrong in it, such as a key that is mistyped.
    """
    parts = EvaluationConfig.model_fields
    try:
        raw = _untyped(path)
        if others := [key for key in raw if key not in parts and key not in TrainingConfig.model_fields]:
            raise ValueError(f"there is no {', '.join(others)} in a configuration. Take {', '.join(parts)}, or another "
                             "key of a training configuration.")
        config = EvaluationConfig.model_validate(raw)
        check_names(config.reports)
        return config
    except ValueError as error:  # of TOML or of pydantic, which do not know the file
        raise ValueError(f"{path.name} cannot be used: {error}") from error


def _untyped(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors may begin a file with a byte order mark
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} of {path.name} is no UTF-8: save the file as UTF-8") from error
