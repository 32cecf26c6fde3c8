"""Is this a frontal chest radiograph, the right way round? Asked of every picture's pixels, whatever its header says.

The answer comes from features halfway through the network's own forward pass, by a small head that was learned from
chests, from all kinds of pictures that are none, and from chests turned, inverted and cut (outlier exposure, Hendrycks
et al. 2019). Plain arrays; nothing is executed.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from core.reading.model_card import GATE_NAME, Answer, GateSpec, ModelCard, load_checked
from core.refusal import Reason, Refusal

Float = NDArray[np.float32]
ARRAYS = ("center", "hidden", "hidden_bias", "out", "out_bias")
GRID = 4  # cells to a side to which features are averaged: where in the picture they lie


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the gate says of one picture.

    `score` is the log-odds that it is a frontal chest, mirrored or not; `answer` what else it is taken for where that
    is too low.
    """

    score: float
    answer: Answer
    is_let_through: bool
    is_mirrored: bool  # let through, and left and right may be exchanged


@dataclass(frozen=True, eq=False)
class Head:
    """One hidden layer on the features: ``relu((features - center) @ hidden + hidden_bias) @ out + out_bias``."""

    center: Float  # (features,)
    hidden: Float  # (features, units)
    hidden_bias: Float  # (units,)
    out: Float  # (units, answers)
    out_bias: Float  # (answers,)

    def logs(self, features: Float) -> Float:
        """Return the logarithms of the answers' probabilities, (N, answers), of features (N, features)."""
        units = np.maximum((features - self.center) @ self.hidden + self.hidden_bias, 0)
        logits = units @ self.out + self.out_bias
        logits = logits - logits.max(1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(1, keepdims=True)), np.float32)

    def to_bytes(self) -> bytes:
        """Return the content of gate.safetensors."""
        return save({name: np.ascontiguousarray(getattr(self, name)) for name in ARRAYS})


@dataclass(frozen=True, eq=False)
class InputGate:
    """The gate of a loaded model."""

    spec: GateSpec
    head: Head

    def judge(self, middle: Float) -> list[Judgment]:
        """Judge pictures by the features halfway, (N, channels, rows, columns): see `network.Passed`.

        Raises ValueError where these are no numbers: a computer that fails says nothing of the picture.
        """
        if not np.isfinite(middle).all():
            raise ValueError("the network's features are no finite numbers")
        return [self._judgment(line) for line in self.head.logs(gate_features(middle))]

    def _judgment(self, logs: Float) -> Judgment:
        answers = self.spec.answers
        score, exchanged = float(frontal_score(logs[None], answers)[0]), float(mirror_score(logs[None], answers)[0])
        others = [place for place, answer in enumerate(answers) if answer not in (Answer.FRONTAL, Answer.MIRRORED)]
        other = answers[max(others, key=lambda place: logs[place])]
        passes = score >= self.spec.least
        return Judgment(score, Answer.FRONTAL if passes else other, passes, passes and exchanged >= self.spec.mirrored)


def load_gate(folder: Path, card: ModelCard, channels: int) -> InputGate | Refusal | None:
    """Read and check the gate of a model folder, for features halfway of so many channels; None where it has none."""
    if card.gate is None:
        return None
    path = folder / GATE_NAME
    content = load_checked(path, card.gate.sha256)
    if isinstance(content, Refusal):
        return content
    try:
        return gate_from(card.gate, content, channels)
    except ValueError as error:
        return Refusal(Reason.MODEL_DAMAGED, path, {"detail": str(error)})


def gate_from(spec: GateSpec, content: bytes, channels: int) -> InputGate:
    """Return the gate of a card's part and the content of gate.safetensors. Raises ValueError where they do not fit."""
    try:
        arrays = load(content)
        head = Head(**{name: arrays[name].astype(np.float32) for name in ARRAYS})
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"gate.safetensors is damaged: {str(error).splitlines()[0]}") from error
    features, units = channels * GRID * GRID, head.hidden_bias.size
    expected = ((features,), (features, units), (units,), (units, len(spec.answers)), (len(spec.answers),))
    if tuple(getattr(head, name).shape for name in ARRAYS) != expected:
        raise ValueError("gate.safetensors has arrays of other shapes than the network and model.json ask for")
    return InputGate(spec, head)


def frontal_score(logs: Float, answers: tuple[Answer, ...]) -> Float:
    """Return the log-odds, (N,), that a picture is a frontal chest, mirrored or not, of logs (N, answers)."""
    yes = np.array([answer in (Answer.FRONTAL, Answer.MIRRORED) for answer in answers])
    return _log_sum(logs[:, yes]) - _log_sum(logs[:, ~yes])


def mirror_score(logs: Float, answers: tuple[Answer, ...]) -> Float:
    """Return the log-odds, (N,), that a frontal chest is mirrored."""
    return np.asarray(logs[:, answers.index(Answer.MIRRORED)] - logs[:, answers.index(Answer.FRONTAL)])


def gate_features(middle: Float) -> Float:
    """Return what the gate looks at, (N, channels × GRID²): features halfway, averaged in a coarse grid."""
    rows, columns = (_averaging(size) for size in middle.shape[2:])
    grid = np.einsum("gr,ncrs,hs->ncgh", rows, middle, columns, optimize=True)
    return np.ascontiguousarray(grid.reshape(len(grid), -1), np.float32)


def _log_sum(logs: Float) -> Float:
    highest = logs.max(1)
    return np.asarray(highest + np.log(np.exp(logs - highest[:, None]).sum(1)))


def _averaging(size: int) -> Float:
    """Return (GRID, size): each row averages its share of a line of `size`; a cell on a border counts in part."""
    edges = np.linspace(0, size, GRID + 1)
    starts, stops = edges[:-1, None], edges[1:, None]
    places = np.arange(size)
    inside = np.clip(np.minimum(stops, places + 1) - np.maximum(starts, places), 0, None)
    return np.asarray(inside / inside.sum(1, keepdims=True), np.float32)
