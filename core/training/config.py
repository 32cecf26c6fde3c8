"""One frozen configuration for a training run, read from TOML; every value with its default is written beside the run.

A configuration is data: it names sources, splits and labels, so that another label table needs no code.
"""

import itertools
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from core.reading.model_card import AgeCalibration, Answer, FindingSpec, InputSpec, Population, Zones


class Part(BaseModel):
    """A frozen part of a configuration; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


P = TypeVar("P", bound=Part)
WRITTEN = {"is_written": True}  # context of what a run wrote: a rule that came later must not make it unreadable


class RowFilter(Part):
    """Which rows of a label table: each condition that is given must hold."""

    sources: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    basis_contains: tuple[str, ...] = ()  # any of these in label_basis
    basis_lacks: tuple[str, ...] = ()  # none of these in label_basis


class LabelWords(Part):
    """What the words of the label column mean; a word in none of the lists is an error, never a guess."""

    positive: tuple[str, ...] = ("opacity",)
    negative: tuple[str, ...] = ("normal", "other")
    uncertain: tuple[str, ...] = ("uncertain",)  # looked at, not decided: neither trained nor scored
    missing: tuple[str, ...] = ("", "none")  # not looked at

    @model_validator(mode="after")
    def _each_word_once(self) -> "LabelWords":
        words = [*self.positive, *self.negative, *self.uncertain, *self.missing]
        if len(set(words)) != len(words):
            raise ValueError("a label word has two meanings")
        return self


class Group(Part):
    """A part of the training rows that is drawn with a fixed share, whatever its size (shares are relative).

    Within a group positives are drawn with `positive_share`; a group of one class keeps only that class's part.
    `targets` is what the label is worth: (negative, positive) as probabilities, for labels known to be poor.
    """

    name: str = Field(min_length=1)
    rows: RowFilter
    share: float = Field(gt=0)
    positive_share: float = Field(default=0.5, ge=0, le=1)
    targets: tuple[float, float] = (0.0, 1.0)
    calibrates: bool = True  # whether its held-out rows count for calibration and the operating point
    aligns: bool = True  # whether its mean logits are drawn to those of other groups (`align_weight`)
    selects: bool = False  # whether its held-out AUC counts in the choice of the step; none: the last step
    even: tuple[Literal["texture", "layout"], ...] = ()  # drawn so that these looks (`looks`) hardly tell the class
    even_strength: float = Field(default=0.01, gt=0)  # of the regression that weighs them: more takes more of it away


class SaidWords(Part):
    """Which of the source's own words (column `finding`) are a yes to a question and which a no: any of these texts."""

    positive: tuple[str, ...] = Field(min_length=1)
    negative: tuple[str, ...] = Field(min_length=1)


class Question(Part):
    """A further finding, answered by the same forward pass, learned where the source's words answer it.

    It is asked of patients of these `ages` (years, both ends included) in whom the first finding is above its
    threshold: only there was it measured.
    """

    label: str = Field(min_length=1)
    rows: RowFilter
    said: SaidWords
    weight: float = Field(default=0.5, gt=0)  # of its loss beside the first finding's
    ages: tuple[float, float] | None = None


class OperatingPoint(Part):
    """A limit of the first finding's threshold: of these pictures without it at most this part is flagged."""

    rows: RowFilter
    most_flagged: float = Field(gt=0, le=1)


class StatedAge(Part):
    """The age of patients of whom the table says none: what their collection says of all of them, in years."""

    rows: RowFilter
    years: float = Field(ge=0)


class AgeGroup(Part):
    """Numbers of their own for patients of these `ages` (completed years, both ends included), where ages are known.

    They are fitted on the `rows` of that age, each picture of a class counting alike, so that probabilities are right
    where the part `prevalence` of the pictures shows the finding.
    """

    name: str = Field(min_length=1)  # as a person says it: "adults"
    ages: tuple[float, float]
    rows: RowFilter
    prevalence: float = Field(default=0.5, gt=0, lt=1)
    operating_point: OperatingPoint | None = None  # of the pictures of that age


class GateKind(Part):
    """Pictures of one kind that the input gate should stop; one that is not learned is tested only.

    With an answer that says how they are turned, they may be turned any way: then they should not be learned.
    """

    name: str = Field(min_length=1)
    rows: RowFilter
    answer: Answer = Answer.OTHER
    is_far: bool = True  # whether it is far from a chest radiograph
    is_learned: bool = True


class GateConfig(Part):
    """The input gate: which rows are what the model is made for, which are not, and how many of the former it may stop.

    Chests turned, inverted, mirrored, cut and on a screen are made from the frontal ones, and noise, text pages and
    shapes are drawn; rendered files of other folders come on the command line.
    """

    frontal: RowFilter
    kinds: tuple[GateKind, ...] = ()
    most_refused: float = Field(default=0.01, gt=0, lt=1)  # of the frontal ones of each source, unseen in training
    most_asked: float = Field(default=0.01, gt=0, lt=1)  # of the frontal ones, whether they are mirrored
    tested: float = Field(default=0.25, gt=0, lt=1)  # part of the patients of rows that are not split, for tests
    most: int = Field(default=150, ge=2)  # pictures of a source that it learns from at most
    folds: int = Field(default=5, ge=2)  # in which whole sources and whole kinds are left out


class ExtentConfig(Part):
    """Extent by six zones of the lungs, learned from radiologists' scores (zones.csv) after the network.

    Learned from the rows of the training splits that all `raters` scored, measured there out of fold by patient and on
    those of the test split. It is asked of patients of these `ages` (years, both ends included) in whom the first
    finding is above its threshold; `population` says in words whose pictures these are.
    """

    label: str = "Extent (Brixia score)"
    rows: RowFilter = RowFilter()
    raters: tuple[str, ...] = Field(min_length=1)
    ages: tuple[float, float] | None = None
    population: str = Field(min_length=1)
    zones: Zones = Zones()
    folds: int = Field(default=10, ge=2)
    penalty: float = Field(default=5.0, gt=0)  # of ridge regression, on features of unit variance
    whole_picture: float = Field(default=0.3, ge=0)  # what the picture's features weigh beside those of the zone


class Report(Part):
    """One line of the evaluation: which rows, and which labels stand against the positive ones."""

    name: str = Field(min_length=1)
    title: str = Field(min_length=1)
    rows: RowFilter
    finding: str = ""  # the label of a further finding; "" is the first one
    said: SaidWords | None = None  # what answers a further finding, instead of the label
    against: tuple[str, ...] = ()  # negative label words; empty: all of them
    headline: bool = False  # shown first, with its curve and all figures
    boxes: tuple[str, ...] = ()  # words of the boxes (boxes.csv, `what`) at which the map of a positive should point
    remark: str = ""


class PastVersion(Part):
    """An earlier version of a model: its weights, its operating threshold and what was changed after it."""

    version: str
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    threshold: float
    remark: str = ""


class AugmentConfig(Part):
    """How strongly training pictures are varied; what may not change is said in `augment`."""

    flip: float = Field(default=0.5, ge=0, le=1)
    rotation_degrees: float = Field(default=8.0, ge=0)
    translation: float = Field(default=0.06, ge=0, lt=1)  # of the side
    scale: tuple[float, float] = (0.88, 1.15)
    aspect: float = Field(default=0.25, ge=0, lt=1)  # width over height, log-uniform up to 1 + this or 1 / it
    edge: float = Field(default=0.0, ge=0, le=1)  # probability that what comes in is the picture's edge, not black
    blur: float = Field(default=0.25, ge=0, le=1)  # probability
    resample: float = Field(default=0.35, ge=0, le=1)  # probability of going down to a smaller copy and up again
    resample_smallest: float = Field(default=0.4, gt=0, le=1)  # of the side
    resample_apart: bool = False  # rows and columns by parts of their own, as where pictures were squashed
    sharpen: float = Field(default=0.25, ge=0, le=1)  # probability
    brightness: float = Field(default=0.2, ge=0)
    contrast: float = Field(default=0.3, ge=0)
    gamma: float = Field(default=0.3, ge=0)  # exponent log-uniform up to 1 + this
    noise: float = Field(default=0.03, ge=0)  # largest standard deviation, of the full gray range
    cutouts: int = Field(default=2, ge=0)  # at most so many small rectangles (over burnt-in text, among others)
    cutout_area: tuple[float, float] = (0.002, 0.02)  # of the picture, each


class LoopConfig(Part):
    """The optimization: AdamW, linear warm-up, a schedule, moving average of the weights."""

    steps: int = Field(default=1200, ge=1)
    batch: int = Field(default=32, ge=2)  # of one step, all parts and processes together
    accumulate: int = Field(default=1, ge=1)  # parts of a process's batch that go through the network in turn
    learning_rate: float = Field(default=1e-3, gt=0)  # at the top of the schedule, for this batch
    warmup_steps: int = Field(default=60, ge=0)
    schedule: Literal["cosine", "linear", "steps", "constant"] = "cosine"
    decay_at: tuple[float, ...] = (0.6, 0.85)  # of the run: where "steps" multiplies the rate by ...
    decay_factor: float = Field(default=0.1, gt=0, le=1)  # ... this
    restarts: tuple[tuple[float, float], ...] = ()  # where in the run the schedule begins again, with what of the rate
    weight_decay: float = Field(default=0.02, ge=0)  # on kernels only, not on norms and biases
    label_smoothing: float = Field(default=0.02, ge=0, lt=0.5)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    drop_path: float = Field(default=0.1, ge=0, lt=1)
    ema_decay: float = Field(default=0.99, ge=0, lt=1)
    mixup: float = Field(default=0.0, ge=0)  # half of the pictures are mixed in pairs, by Beta(this, this); 0: none
    box_weight: float = Field(default=0.1, ge=0)  # of the boxes' part of the loss
    # Pictures seen twice in a step, varied apart: this part of the batch is second views, ...
    paired: float = Field(default=0.0, ge=0, le=0.5)
    pair_weight: float = Field(default=0.3, ge=0)  # ... and their logits should be the first ones': of the loss
    # Within a label, groups' mean logits are drawn together, so that the score does not tell the source: of the loss
    align_weight: float = Field(default=0.0, ge=0)
    align_from: float = Field(default=0.0, ge=0, lt=1)  # of the run: before it every group learns for itself
    clip_norm: float = Field(default=1.0, gt=0)
    # The first blocks (of 16) that stay as they start, with the stem: general filters, and more than half of the work
    frozen_blocks: int = Field(default=0, ge=0, le=15)
    # Smaller pictures at first (progressive resizing): up to this part of the steps, this part of the side
    smaller_until: float = Field(default=0.0, ge=0, le=1)
    smaller_side: float = Field(default=0.7, gt=0.2, le=1)
    threads: int = Field(default=2, ge=1)  # CPU threads of torch
    mixed_precision: Literal["gpu", "always", "never"] = "gpu"  # bfloat16 autocast: on a GPU, everywhere, nowhere
    deterministic: bool = False  # only algorithms that give the same result each time
    evaluate_every: int = Field(default=100, ge=1)  # steps between looks at the held-out patients
    checkpoint_every: int = Field(default=50, ge=1)  # steps that a kill can cost

    @model_validator(mode="before")
    @classmethod
    def _earlier_words(cls, raw: Any, info: ValidationInfo) -> Any:
        """Take what a run wrote when there was one restart at most."""
        if not (info.context and isinstance(raw, dict) and "restart_at" in raw):
            return raw
        part, factor = raw["restart_at"], raw.get("restart_factor")
        rest = {key: value for key, value in raw.items() if key not in ("restart_at", "restart_factor")}
        return {**rest, "restarts": [[part, factor]] if part else []}

    @model_validator(mode="after")
    def _fits_together(self) -> "LoopConfig":
        if self.mixup and self.paired:
            raise ValueError("mixup and paired exclude each other: mixed pictures are no second views of one")
        parts = [0.0, *(part for part, _ in self.restarts), 1.0]
        if not all(one < other for one, other in itertools.pairwise(parts)):
            raise ValueError("restarts are parts of the run between 0 and 1, one after the other")
        if not all(0 < factor <= 1 for _, factor in self.restarts):
            raise ValueError("a restart has a part of the learning rate: more than 0, 1 at most")
        return self


# what may differ when a run is resumed: it is used only after the network has learned
AFTER_TRAINING = {
    "version", "population", "not_assessed", "stated_ages", "calibrations", "uncertain_coverage", "operating_point",
    "gate", "extent", "reports", "card", "history",
}


class TrainingConfig(Part):
    """A whole run: what goes in, how it is varied and learned, what comes out."""

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    finding: str = Field(min_length=1)  # label of the first finding, which the label column carries
    seed: int = 0
    start: Literal["imagenet", "random"] = "imagenet"
    train_splits: tuple[str, ...] = ("train",)
    held_out: float = Field(default=0.15, gt=0, lt=1)  # part of the patients kept for calibration and choices
    labels: LabelWords = LabelWords()
    # Deal the labels of each group out anew among its training pictures, to be learned by heart: for `heatmaps`
    random_labels: bool = False
    input: InputSpec
    groups: tuple[Group, ...] = Field(min_length=1)
    questions: tuple[Question, ...] = ()
    boxes: tuple[str, ...] = ()  # words of the boxes (boxes.csv, `what`) in which the first finding's map should lie
    augment: AugmentConfig = AugmentConfig()
    loop: LoopConfig = LoopConfig()
    population: Population
    not_assessed: tuple[str, ...] = ()
    operating_point: OperatingPoint | None = None
    extent: ExtentConfig | None = None
    stated_ages: tuple[StatedAge, ...] = ()
    calibrations: tuple[AgeGroup, ...] = ()  # of the first finding
    gate: GateConfig | None = None
    uncertain_coverage: float = Field(default=0.9, gt=0.5, lt=1)  # of each class, by conformal calibration
    reports: tuple[Report, ...] = ()
    card: dict[str, str] = Field(default_factory=dict)  # heading -> text of CARD.md that no figure can tell
    history: tuple[PastVersion, ...] = ()  # earlier versions, the last one first

    @property
    def finding_labels(self) -> list[str]:
        """The labels of all findings, the first one and the questions."""
        return [self.finding, *(question.label for question in self.questions)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "TrainingConfig":
        for kind, names in (
            ("groups", [group.name for group in self.groups]),
            ("reports", [report.name for report in self.reports]),
            ("findings", self.finding_labels),
            ("calibrations", [group.name for group in self.calibrations]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"two {kind} have the same name")
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
    def _boxes_are_parts_of_the_input(self, info: ValidationInfo) -> "TrainingConfig":
        geometry = self.input.geometry
        if self.boxes and self.loop.box_weight and geometry != "squash" and info.context != WRITTEN:
            raise ValueError(f'boxes are parts of the image, which with the geometry "{geometry}" are none of the '
                             'input: take "squash", or loop.box_weight = 0')
        return self


def learns_alike(first: TrainingConfig, second: TrainingConfig) -> bool:
    """Return whether two configurations give the same network: whether they differ in AFTER_TRAINING alone."""
    return first.model_dump(exclude=AFTER_TRAINING) == second.model_dump(exclude=AFTER_TRAINING)


def read_written(path: Path, kind: type[P]) -> P:
    """Return what a run or cross-validation wrote beside itself. Raises OSError, and ValueError for another form."""
    try:
        return kind.model_validate_json(path.read_bytes(), context=WRITTEN)
    except ValidationError as error:
        raise ValueError(f"{path} is damaged, or of another version of the program") from error


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

    Raises OSError, and ValueError that names the file and what is wrong in it.
    """
    try:
        return EvaluationConfig.model_validate(_untyped(path))
    except ValueError as error:  # of TOML or of pydantic, which do not know the file
        raise ValueError(f"{path.name} cannot be used: {error}") from error


def _untyped(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
