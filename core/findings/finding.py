"""What the model says of an image, as values that carry the model, its weights' hash and the geometry of its maps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.findings.extent import Extent
from core.imaging.placement import Placement
from core.refusal import Refusal


class Verdict(StrEnum):
    """What came of asking the model. Only FITS and UNCERTAIN carry findings."""

    FITS = "fits"  # the image is what the model was made for
    UNCERTAIN = "uncertain"  # read, but the answer lies where the model cannot tell; or the image cannot be checked
    REFUSED = "refused"  # not an image for this model; `reason` says why
    FAILED = "failed"  # could not be opened or read; `reason` says why


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model spoke: its name, version and the SHA-256 of its weights."""

    name: str
    version: str
    weights_sha256: str

    @property
    def short(self) -> str:
        """The model as the window shows it: name, version and eight digits of the hash."""
        return f"{self.name} {self.version} · {self.weights_sha256[:8]}"


@dataclass(frozen=True, eq=False)
class Finding:
    """One question's answer.

    `probability` is calibrated, `threshold` the operating point on the same scale. `evidence` is the class-activation
    map on the network's grid, (rows, columns) float32 in logits: its mean plus `constant` is exactly `logit` (Zhou et
    al. 2016, Learning Deep Features for Discriminative Localization). `evidence_scale` is the model's own fixed unit
    for showing it: evidence of that size is drawn as 1.0 in every image.
    """

    label: str
    probability: float
    threshold: float
    logit: float
    constant: float
    evidence: NDArray[np.float32]
    evidence_scale: float
    is_uncertain: bool = False  # within the band where calibration cases of both classes lie
    given: str = ""  # the finding that it only adds to, and without which it is not asked
    population: str = ""  # whom the probability is calibrated for, where not for all: "adults", "1–5 years"
    prevalence: float = 0.5  # the part of images with the finding where the probability is right

    @property
    def above(self) -> bool:
        """Whether the probability reaches the operating threshold."""
        return self.probability >= self.threshold

    def heat(self) -> NDArray[np.float32]:
        """Return the map as it is drawn: evidence for the finding over `evidence_scale`, 0 where it speaks against."""
        return np.maximum(self.evidence, 0).astype(np.float32) / np.float32(self.evidence_scale)


def standing_alone(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that stand for an image: those that do not only add to another one."""
    return tuple(finding for finding in findings if not finding.given)


@dataclass(frozen=True, eq=False)
class Reading:
    """What came of reading one frame: a verdict with its reason, and for FITS and UNCERTAIN the findings.

    `device` names where the network really ran ("cpu", "cuda:0", with the reason after a fall-back), `seconds` the
    time from file to findings. `age_years` is the patient's age that was reckoned with, None where it is not known;
    `age_is_stated` says that a person stated it, `wants_age` that the file has none and an answer depends on it.
    `preprocessing` is the fingerprint of the transform that made the network's input. `copy_of` is the file with the
    same data set whose answer this is, None where the file was read itself.
    """

    path: Path
    frame_index: int
    verdict: Verdict
    model: ModelIdentity | None = None
    refusal: Refusal | None = None
    findings: tuple[Finding, ...] = ()
    not_assessed: tuple[str, ...] = ()
    placement: Placement | None = None
    cautions: tuple[str, ...] = field(default=())  # what a reader must know beside the findings
    preprocessing: str = ""
    device: str = ""
    seconds: float = 0.0
    extent: Extent | None = None
    age_years: float | None = None
    age_is_stated: bool = False
    wants_age: bool = False
    copy_of: Path | None = None
