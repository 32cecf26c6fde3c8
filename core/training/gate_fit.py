"""The input gate's head, learned from features of pictures; its limits, from pictures of sources that it never saw.

The features are standardized, brought down to their main components (randomized SVD, Halko et al. 2011) and given to
one hidden layer; what is kept is the product of the two. Each kind, and each source of frontal chests, counts alike.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.files import sha256_of
from core.reading.input_gate import Head, frontal_score, mirror_score
from core.reading.model_card import Answer, GateSpec
from core.training.config import GateConfig
from core.training.gate_data import FRONTAL, Shown

Float = NDArray[np.float32]
Bools = NDArray[np.bool_]
ANSWERS = tuple(Answer)
COMPONENTS, UNITS = 192, 64
STEPS, BATCH, RATE, DECAY, DROPOUT = 400, 256, 1e-2, 0.03, 0.3
JITTER = 0.05  # standard deviation added to the components
# What is drawn to learn from: so much of frontal chests, mirrored ones, each other kind made of them, all the rest
FRONTAL_SHARE, MIRRORED_SHARE, MADE_SHARE, REST_SHARE = 0.35, 0.08, 0.05, 0.28


@dataclass(frozen=True, eq=False)
class Unseen:
    """What gates said of pictures whose source, or whose whole kind, they never saw: NaN where none was asked.

    `other` is the place among the answers of what else than a frontal chest a picture is taken for, -1 where none was.
    """

    score: Float
    mirrored: Float
    other: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class FittedGate:
    """A gate as a model folder holds it, and what it was fitted on."""

    spec: GateSpec
    content: bytes  # of gate.safetensors
    shown: tuple[Shown, ...]
    unseen: Unseen


def fit_gate(
    features: Float, shown: Sequence[Shown], config: GateConfig, seed: int,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> FittedGate:
    """Fit a gate on features (N, features) of the pictures `shown`. Raises ValueError without frontal chests.

    Its limits are those at which, of sources that were left out in turn, `most_refused` of the frontal chests are
    stopped and `most_asked` are taken for mirrored, each source counting alike.
    """
    if not any(item.kind == FRONTAL for item in shown):
        raise ValueError("the gate has no frontal chest to learn from")
    unseen = leave_out(features, shown, config, seed, progress)
    head = fit_head(features, shown, seed)
    progress(config.folds + 1, config.folds + 1)
    frontal = np.array([item.kind == FRONTAL and not item.is_copy for item in shown])
    origins = np.array([item.origin for item in shown])
    content = head.to_bytes()
    spec = GateSpec(
        answers=ANSWERS,
        least=round(limit(unseen.score[frontal], origins[frontal], config.most_refused), 6),
        mirrored=round(-limit(-unseen.mirrored[frontal], origins[frontal], config.most_asked), 6),
        sha256=sha256_of(content),
    )
    return FittedGate(spec, content, tuple(shown), unseen)


def leave_out(
    features: Float, shown: Sequence[Shown], config: GateConfig, seed: int,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Unseen:
    """Fit `config.folds` gates, each without some sources of chests and some kinds, and ask each about those.

    A kind with an answer of its own (lateral chests) is left out by patient: without it there is no such answer.
    """
    score, mirrored = (np.full(len(shown), np.nan, np.float32) for _ in range(2))
    other = np.full(len(shown), -1, np.intp)
    is_frontal = np.array([answer in (Answer.FRONTAL, Answer.MIRRORED) for answer in ANSWERS])
    folds = fold_of(shown, config.folds)
    for fold in range(config.folds):
        out = folds == fold
        if out.any():
            head = fit_head(features[~out], [item for item, left in zip(shown, out, strict=True) if not left], seed)
            logs = head.logs(features[out])
            score[out], mirrored[out] = frontal_score(logs, ANSWERS), mirror_score(logs, ANSWERS)
            other[out] = np.where(is_frontal, -np.inf, logs).argmax(1)
        progress(fold + 1, config.folds + 1)
    return Unseen(score, mirrored, other)


def fold_of(shown: Sequence[Shown], folds: int) -> NDArray[np.intp]:
    """Return the fold in which each picture is left out: that of its source, of its kind, or of its patient.

    A single source is left out by patient, too: without it there would be no chest.
    """
    origins = sorted({item.origin for item in shown} - {""})
    kinds = sorted({item.kind for item in shown if not item.origin and item.answer is Answer.OTHER})
    patients = sorted({item.patient for item in shown})
    places = {name: place for names in (patients, kinds, origins) for place, name in enumerate(names)}
    keys = (
        item.origin if len(origins) > 1 and item.origin
        else item.kind if not item.origin and item.answer is Answer.OTHER and len(kinds) > 1 else item.patient
        for item in shown
    )
    return np.array([places[key] % folds for key in keys], dtype=np.intp)


def limit(score: Float, origins: NDArray[np.str_], part: float) -> float:
    """Return the score below which `part` of the pictures lie, each origin counting alike."""
    counts = Counter(origins.tolist())
    weight = np.array([1 / counts[origin] for origin in origins.tolist()]) / len(counts)
    order = np.argsort(score, kind="stable")
    below = np.cumsum(weight[order]) - weight[order]
    return float(score[order][np.searchsorted(below, part, side="right") - 1])


def fit_head(features: Float, shown: Sequence[Shown], seed: int) -> Head:
    """Learn one head. The same features and seed give the same one on the same machine."""
    center, spread = features.mean(0), features.std(0) + 1e-2
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        standard = torch.from_numpy((features - center) / spread)
        basis = _basis(standard)
        first, last = _learn(standard @ basis, _targets(shown), torch.from_numpy(_weights(shown)))
    hidden = (basis @ first.weight.T).detach().numpy() / spread[:, None]
    arrays = (center, hidden, *(part.detach().numpy() for part in (first.bias, last.weight.T, last.bias)))
    return Head(*(np.ascontiguousarray(part, np.float32) for part in arrays))


def _basis(standard: Tensor) -> Tensor:
    """Return (features, components): main components, the larger ones brought half of the way to the smaller ones."""
    count = min(COMPONENTS, *standard.shape)
    _, sizes, directions = torch.svd_lowrank(standard, q=count, niter=2)
    basis = directions / (sizes / len(standard) ** 0.5).clamp_min(1e-3).sqrt()
    scaled: Tensor = basis / (standard @ basis).std().clamp_min(1e-6)
    return scaled


def _learn(components: Tensor, targets: Tensor, weights: Tensor) -> tuple[nn.Linear, nn.Linear]:
    first, last = nn.Linear(components.shape[1], UNITS), nn.Linear(UNITS, len(ANSWERS))
    network = nn.Sequential(nn.Dropout(DROPOUT), first, nn.ReLU(), nn.Dropout(DROPOUT), last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    for _ in range(STEPS):
        drawn = torch.multinomial(weights, BATCH, replacement=True)
        batch = components[drawn]
        answers = network(batch + JITTER * torch.randn_like(batch))
        loss = functional.cross_entropy(answers, targets[drawn], label_smoothing=0.01)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return first, last


def _targets(shown: Sequence[Shown]) -> Tensor:
    return torch.tensor([ANSWERS.index(item.answer) for item in shown])


def _weights(shown: Sequence[Shown]) -> NDArray[np.float64]:
    """Return how often each picture is drawn: kinds by their share, in them sources and then pictures alike."""
    counts = Counter((item.kind, item.origin) for item in shown)
    cells = Counter(kind for kind, _ in counts)
    rest = len({kind for kind, origin in counts if not origin})
    return np.array([
        _share(item, rest) / cells[item.kind] / counts[item.kind, item.origin] for item in shown
    ])


def _share(item: Shown, rest: int) -> float:
    if not item.origin:
        return REST_SHARE / rest
    if item.kind == FRONTAL:
        return FRONTAL_SHARE
    return MIRRORED_SHARE if item.answer is Answer.MIRRORED else MADE_SHARE


def looked_at(
    pictures: Iterator[tuple[Shown, Float]], look: Callable[[Float], Float], batch: int = 32,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[list[Shown], Float]:
    """Return what is known of the pictures, and their features: what `look` gives for inputs (n, 1, rows, columns)."""
    shown: list[Shown] = []
    found: list[Float] = []
    waiting: list[Float] = []
    for item, inputs in pictures:
        shown.append(item)
        waiting.append(inputs)
        if len(waiting) == batch:
            found.append(look(np.concatenate(waiting)))
            waiting.clear()
            progress(len(shown))
    if waiting:
        found.append(look(np.concatenate(waiting)))
    return shown, np.concatenate(found)
