"""How training pictures are varied and how the network learns from them: `[augment]` and `[loop]`."""

import itertools
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, model_validator

from core.training.config_part import Part, unless_written

MixedPrecision = Literal["auto", "gpu", "always", "never"]
Ends = tuple[float, float]


def _part(value: float) -> float:
    if value > 1:
        raise ValueError("must be 1 at most")
    return value


def _zooms(ends: Ends) -> Ends:
    if not 0 < ends[0] <= ends[1]:
        raise ValueError("must be two numbers above 0, the smaller one first")
    return ends


def _areas(ends: Ends) -> Ends:
    if not 0 <= ends[0] <= ends[1] <= 1:
        raise ValueError("must be two parts of the picture, the smaller one first")
    return ends


class AugmentConfig(Part):
    """How strongly training pictures are varied, each by its own draw; what may not change is said in `augment`."""

    flip: float = Field(default=0.5, ge=0, le=1)
    """Probability of exchanging left and right."""
    rotation_degrees: float = Field(default=8.0, ge=0)
    """Largest turn, either way."""
    translation: float = Field(default=0.06, ge=0, lt=1)
    """Largest shift, a part of the side."""
    scale: Annotated[Ends, unless_written(_zooms)] = (0.88, 1.15)
    """Smallest and largest zoom, evenly drawn between them."""
    aspect: float = Field(default=0.25, ge=0, lt=1)
    """Width over height, log-uniform up to 1 + this or 1 / it."""
    edge: float = Field(default=0.0, ge=0, le=1)
    """Probability that what comes in from outside is the picture's edge, not black."""
    blur: float = Field(default=0.25, ge=0, le=1)
    """Probability of a slight Gaussian blur."""
    resample: float = Field(default=0.35, ge=0, le=1)
    """Probability of going down to a smaller copy and up again."""
    resample_smallest: float = Field(default=0.4, gt=0, le=1)
    """The smallest such copy, a part of the side."""
    resample_apart: bool = False
    """Rows and columns of the copy by parts of their own, as where pictures were squashed."""
    sharpen: float = Field(default=0.25, ge=0, le=1)
    """Probability of an unsharp mask."""
    brightness: Annotated[float, unless_written(_part)] = Field(default=0.2, ge=0)
    """Largest change of brightness, as a part of it, 1 at most: the gray is multiplied."""
    contrast: Annotated[float, unless_written(_part)] = Field(default=0.3, ge=0)
    """Largest change of the contrast, a part of it, 1 at most."""
    gamma: float = Field(default=0.3, ge=0)
    """Exponent log-uniform up to 1 + this."""
    noise: float = Field(default=0.03, ge=0)
    """Largest standard deviation, of the full gray range."""
    cutouts: int = Field(default=2, ge=0)
    """At most so many small rectangles (over burnt-in text, among others)."""
    cutout_area: Annotated[Ends, unless_written(_areas)] = (0.002, 0.02)
    """Smallest and largest of each, a part of the picture."""


class LoopConfig(Part):
    """The optimization: AdamW, linear warm-up, a schedule, moving average of the weights."""

    steps: int = Field(default=1200, ge=1)
    """Steps of the optimizer."""
    batch: int = Field(default=32, ge=2)
    """Pictures of one step, all parts and processes together."""
    accumulate: int = Field(default=1, ge=1)
    """Parts of a process's batch that go through the network in turn, where memory is short; each is normalized by its
    own statistics."""
    learning_rate: float = Field(default=1e-3, gt=0)
    """At the top of the schedule, for this batch."""
    warmup_steps: int = Field(default=60, ge=0)
    """Steps in which the rate rises from nothing."""
    schedule: Literal["cosine", "linear", "steps", "constant"] = "cosine"
    """How the rate falls after the warm-up."""
    decay_at: tuple[float, ...] = (0.6, 0.85)
    """Parts of the run at which `schedule = "steps"` lowers the rate."""
    decay_factor: float = Field(default=0.1, gt=0, le=1)
    """What is left of it each time."""
    restarts: tuple[tuple[float, float], ...] = ()
    """Further courses of the schedule: `[[0.6, 0.5]]` begins one at 60 % of the run, with half of the rate."""
    weight_decay: float = Field(default=0.02, ge=0)
    """On kernels only, not on norms and biases."""
    label_smoothing: float = Field(default=0.02, ge=0, lt=0.5)
    """What is taken from both classes' targets, half to either."""
    dropout: float = Field(default=0.2, ge=0, lt=1)
    """Part of the pooled features that is left out."""
    drop_path: float = Field(default=0.1, ge=0, lt=1)
    """Stochastic depth: probability that the last block is left out; of earlier ones less."""
    ema_decay: float = Field(default=0.99, ge=0, lt=1)
    """Moving average of the weights, which is what is kept: what stays of it with each step."""
    mixup: float = Field(default=0.0, ge=0)
    """Half of the pictures are mixed in pairs, by Beta(this, this); 0: none."""
    box_weight: float = Field(default=0.1, ge=0)
    """Of the loss: that the map of the first finding lies in readers' boxes (`boxes` names which; with the geometry
    "squash" only)."""
    zone_weight: float = Field(default=0.0, ge=0)
    """Of the loss: that the map of the first finding lies over six zones of the lungs as radiologists scored them
    (`extent` says whose scores; with the geometry "squash" only)."""
    paired: float = Field(default=0.0, ge=0, le=0.5)
    """Part of the batch that is second views of its pictures, varied apart."""
    pair_weight: float = Field(default=0.3, ge=0)
    """Of the loss: that both views have the same logits."""
    align_weight: float = Field(default=0.0, ge=0)
    """Of the loss: that groups' mean logits are drawn together within each label, so that the score does not tell the
    source."""
    align_from: float = Field(default=0.0, ge=0, lt=1)
    """Part of the run before which every group learns for itself."""
    clip_norm: float = Field(default=1.0, gt=0)
    """Largest norm of a step's gradient."""
    frozen_blocks: int = Field(default=0, ge=0, le=15)
    """The first blocks (of 16, of 21 in EfficientNet-Lite1 and 2) that stay as they start, with the stem: general
    filters, and more than half of the work."""
    smaller_until: float = Field(default=0.0, ge=0, le=1)
    """Part of the steps that see smaller pictures (progressive resizing)."""
    smaller_side: float = Field(default=0.7, gt=0.2, le=1)
    """Their side, a part of the input's; rounded to whole cells of the network's grid."""
    threads: int = Field(default=2, ge=1)
    """CPU threads of torch."""
    mixed_precision: MixedPrecision = "gpu"
    """Where bfloat16 is used: "auto" is on a GPU, and on a processor that has instructions for it (AVX512_BF16 or
    AMX_BF16); on others it takes ten times as long. What a run used is in its log.jsonl: weights differ by it."""
    deterministic: bool = False
    """Only algorithms that give the same weights each time, on the same machine and build; slower on GPUs."""
    evaluate_every: int = Field(default=100, ge=1)
    """Steps between looks at the held-out patients."""
    checkpoint_every: int = Field(default=50, ge=1)
    """Steps that a kill can cost."""

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
