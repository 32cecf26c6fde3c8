"""A model folder's `model.json`: what the network answers, what it was made for, its numbers and its weights' hash.

Data only: unknown keys, numbers out of range and missing files are refused; nothing in a folder is ever executed.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.files import sha256_of
from core.findings.finding import ModelIdentity
from core.refusal import Reason, Refusal

Architecture = Literal["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"]
LITE0: Architecture = "efficientnet-lite0"


def check_ages(ages: tuple[float, float]) -> tuple[float, float]:
    """Return the ages. Raises ValueError where they are no two numbers of years, the lower one first."""
    if not 0 <= ages[0] <= ages[1]:
        raise ValueError("ages must be two numbers of years, the lower one first")
    return ages


Ages = Annotated[tuple[float, float], AfterValidator(check_ages)]  # years, both ends included


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class InputSpec(_Part):
    """What the network is fed: one gray channel, 0-1, as ``(gray - mean) / std``.

    `geometry` says how an image of other proportions becomes the input: "squash" (each axis scaled by itself), "pad"
    (proportions kept, black borders) or "crop" (proportions kept, the middle). `tone` says which gray it sees: "as
    shown", or "equalized" (histogram equalization over the whole input), where only the order of the grays counts: what
    a machine's, a window's or a collection's tone curve tells of where a picture comes from is taken out.
    """

    rows: int = Field(ge=32, le=2048, description="Height of the input, pixels.")
    columns: int = Field(ge=32, le=2048, description="Width of the input, pixels.")
    mean: float = Field(description="Gray, 0-1, that the start weights have as zero.")
    std: float = Field(gt=0, description="Gray that they have as one above it.")
    geometry: Literal["squash", "pad", "crop"] = Field(
        default="squash", description="How an image of other proportions becomes the input.")
    tone: Literal["as shown", "equalized"] = Field(
        default="as shown", description="Which gray the network sees.")


class CalibrationSpec(_Part):
    """The numbers that turn a logit into an answer.

    The calibrated probability is ``sigmoid(slope * logit + intercept)`` (Platt 1999), right where the part `prevalence`
    of the images shows the finding; `threshold` is the operating point on that scale; between the ends of `uncertain`
    calibration cases of both classes lie too densely to tell.
    """

    slope: float = Field(gt=0)
    intercept: float
    threshold: float = Field(gt=0, lt=1)
    uncertain: tuple[float, float] | None = None
    prevalence: float = Field(default=0.5, gt=0, lt=1)

    @model_validator(mode="after")
    def _band_is_a_band(self) -> Self:
        if self.uncertain is not None and not 0 <= self.uncertain[0] < self.uncertain[1] <= 1:
            raise ValueError("uncertain must be two probabilities, the lower one first")
        return self


class AgeCalibration(CalibrationSpec):
    """The numbers for patients of some ages: completed years, both ends included."""

    name: str = Field(min_length=1)  # as a person says it: "adults"
    ages: Ages


class FindingSpec(CalibrationSpec):
    """One output of the network and the numbers that turn its logit into an answer.

    Of patients whose age is in one of `calibrations` those numbers count; its own are for all others, and where the age
    is not known. `evidence_scale` is the map value, in logits, that is drawn as 1.0. With `ages` (years, both ends
    included) it is asked of patients of these ages only, with `given` only where the finding so labelled is above its
    threshold: of others it was not measured.
    """

    label: str = Field(min_length=1)
    evidence_scale: float = Field(gt=0)
    ages: Ages | None = None
    given: str = ""
    calibrations: tuple[AgeCalibration, ...] = ()

    @model_validator(mode="after")
    def _each_age_once(self) -> Self:
        spans = sorted(part.ages for part in self.calibrations)
        if any(spans[index][0] < spans[index - 1][1] + 1 for index in range(1, len(spans))):
            raise ValueError("two calibrations are for the same age")
        return self


class Zones(_Part):
    """Six zones of a chest film: right and left of the middle, and two borders at parts of the height.

    Over about four times `softness`, a part of the side, one zone fades into the next: nobody outlines the lungs. The
    usual borders are about where the aortic arch and the lower pulmonary veins lie.
    """

    edges: tuple[float, float] = Field(
        default=(0.33, 0.57), description="The two borders, parts of the height, the upper one first.")
    softness: float = Field(default=0.06, gt=0, le=0.5, description="How softly zones end, a part of the side.")

    @model_validator(mode="after")
    def _edges_are_in_order(self) -> Self:
        if not 0 < self.edges[0] < self.edges[1] < 1:
            raise ValueError("edges must be two parts of the height, the upper one first")
        return self


class ExtentSpec(_Part):
    """Extent by zones, whose weights are in extent.safetensors: see `core.reading.extent`.

    It is asked of patients of these `ages` (years, both ends included) in whom the finding labelled `given` is above
    its threshold: there it was measured, on `population`. `error` and `error_of_sum` are mean absolute differences from
    the mean of the radiologists, of a zone and of the sum, on patients that it had not learned from.
    """

    label: str = Field(min_length=1)
    zones: Zones = Zones()
    ages: Ages | None = None
    given: str = ""
    population: str = Field(min_length=1)
    error: float = Field(ge=0)
    error_of_sum: float = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Population(_Part):
    """Images that the model was made for, as DICOM says it; an image that says nothing is not refused by it."""

    modalities: tuple[str, ...] = Field(description="Values of Modality that fit.")
    body_parts: tuple[str, ...] = Field(description="Values of Body Part Examined that fit.")
    views: tuple[str, ...] = Field(description="Values of View Position that fit.")
    description: str = Field(
        description="In words, for the card. Verdicts and refusals speak of frontal chest radiographs.")
    min_side_px: int = Field(ge=1, description="The shorter side, pixels, that an image has at least.")
    max_side_ratio: float = Field(gt=1, description="Longer over shorter side at most, in true proportions.")


class Answer(StrEnum):
    """What an input gate takes a picture for."""

    FRONTAL = "frontal"
    MIRRORED = "mirrored"  # left and right exchanged, or a heart on the right
    INVERTED = "inverted"  # gray reversed
    TURNED_LEFT = "turned-left"  # by 90° counterclockwise
    TURNED_RIGHT = "turned-right"
    UPSIDE_DOWN = "upside-down"
    LATERAL = "lateral"
    PART = "part"  # of a chest: one lung, a piece, a screen with a chest on it
    OTHER = "other"  # no chest radiograph


class GateSpec(_Part):
    """The input gate, whose arrays are in gate.safetensors: see `input_gate`.

    A picture whose score, in logits for a frontal chest, is below `least` is refused, or put right; one whose score
    for being mirrored, likewise, reaches `mirrored` is asked about.
    """

    answers: tuple[Answer, ...] = Field(min_length=2)
    least: float
    mirrored: float
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class ModelCard(_Part):
    """The whole of `model.json`, schema 1.

    `first_center` is where the first cell of the maps looks, (x, y) in input pixels, as it was measured on this
    network; None is where theory puts it.
    """

    schema_version: Literal[1]
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    architecture: Architecture
    input: InputSpec
    findings: tuple[FindingSpec, ...] = Field(min_length=1)
    not_assessed: tuple[str, ...] = ()
    population: Population
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    first_center: tuple[float, float] | None = None
    extent: ExtentSpec | None = None
    gate: GateSpec | None = None

    @model_validator(mode="after")
    def _labels_are_unique(self) -> "ModelCard":
        labels = [finding.label for finding in self.findings]
        if len(set(labels)) != len(labels):
            raise ValueError("two findings have the same label")
        if any(finding.given and finding.given not in labels[:index] for index, finding in enumerate(self.findings)):
            raise ValueError("a finding depends on one that is not before it")
        if self.findings[0].ages is not None:  # of other ages nothing would be said, which looks like a negative
            raise ValueError("the first finding is asked at every age: give it calibrations by age, not ages")
        if self.extent is not None and self.extent.given and self.extent.given not in labels:
            raise ValueError("the extent depends on a finding that is not there")
        return self

    @property
    def identity(self) -> ModelIdentity:
        """The identity that every reading of this model carries."""
        return ModelIdentity(self.name, self.version, self.weights_sha256)


CARD_NAME = "model.json"
WEIGHTS_NAME = "weights.safetensors"
EXTENT_NAME = "extent.safetensors"
GATE_NAME = "gate.safetensors"


def load_card(folder: Path) -> ModelCard | Refusal:
    """Read and check `folder`/model.json; a missing or damaged one is a Refusal."""
    path = folder / CARD_NAME
    try:
        return ModelCard.model_validate_json(path.read_bytes())
    except OSError as error:
        return Refusal(Reason.MODEL_MISSING, path, {"detail": error.strerror or "unreadable"})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Refusal(Reason.MODEL_DAMAGED, path, {"detail": f"{where}: {first['msg']}".lstrip(": ")})


def load_weights(folder: Path, card: ModelCard) -> bytes | Refusal:
    """Read `folder`/weights.safetensors and refuse it when its SHA-256 is not the card's."""
    return load_checked(folder / WEIGHTS_NAME, card.weights_sha256)


def load_checked(path: Path, sha256: str) -> bytes | Refusal:
    """Read a file of a model folder and refuse it when its SHA-256 is not the one that the card names."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return Refusal(Reason.MODEL_MISSING, path, {"detail": error.strerror or "unreadable"})
    found = sha256_of(content)
    if found != sha256:
        detail = f"its SHA-256 begins {found[:8]}, model.json says {sha256[:8]}"
        return Refusal(Reason.MODEL_DAMAGED, path, {"detail": detail})
    return content
