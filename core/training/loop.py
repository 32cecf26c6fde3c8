"""The training loop, top to bottom: draw, vary, step, average, look at the held-out patients, write a checkpoint.

Every step, and every picture of it, draws from a seed of its own (of the run's seed and the step), so that a run
resumed after a kill is the run that was not killed, and several processes vary pictures as one does.
"""

import copy
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from core.memory import freed_memory_kept
from core.reading.network import STRIDE, Network
from core.reading.read_image import choose_device
from core.training.alignment import Alignment, Kinds
from core.training.augment import augment_batch, mix
from core.training.balancing import Balance, draw
from core.training.checkpoint import BEST_NAME, State, load_state, on_cpu, resume_from, save_checkpoint, save_state
from core.training.config import TrainingConfig
from core.training.config_loop import LoopConfig
from core.training.depthwise import use_quick_depthwise
from core.training.metrics import auc
from core.training.objective import findings_loss, pair_loss, place_loss, places_moved
from core.training.places import Places
from core.training.precision import is_mixed
from core.training.predict import predict_logits
from core.training.processes import is_first, process_count, process_number, share_batch_norm
from core.training.run_log import RunLog, progress_bar
from core.training.schedule import learning_rate
from core.training.start_weights import load_imagenet


@dataclass(frozen=True, eq=False)
class Trained:
    """The rows that are learned from: their inputs, (N, rows, columns) uint8, and how they are drawn."""

    gray: NDArray[np.uint8]
    balance: Balance
    targets: NDArray[np.float32]  # (N, findings), 0-1, not a number where a finding is not asked; of none: unlabelled
    places: tuple[Places, ...]  # of each row: where the first finding's map should lie
    kinds: Kinds


@dataclass(frozen=True, eq=False)
class Watched:
    """Held-out rows: inputs, (N, rows, columns) uint8, classes (N,), and which rows make up each group's AUC.

    The step whose averaged weights have the best mean AUC over the `selecting` groups is kept; without any, the last.
    """

    gray: NDArray[np.uint8]
    positive: NDArray[np.bool_]
    groups: dict[str, NDArray[np.bool_]]
    selecting: tuple[str, ...]


def train(
    config: TrainingConfig, trained: Trained, watched: Watched, run: Path, stop_after: int | None = None
) -> State:
    """Train, or go on from the checkpoint in `run`, and return the best averaged weights (on the CPU).

    Of several processes (`processes`) each takes its part of every batch; the first one writes. `stop_after` ends
    early after that many steps, as a kill does (its checkpoint is the last regular one). Raises ValueError where the
    batch cannot be divided evenly and where the loss is no longer a number.
    """
    loop, device = config.loop, choose_device()
    if loop.batch % (loop.accumulate * process_count()):
        raise ValueError(f"a batch of {loop.batch} cannot be divided into {loop.accumulate} parts "
                         f"in each of {process_count()} processes")
    torch.set_num_threads(loop.threads)
    with _determinism(loop.deterministic), freed_memory_kept() if device.type == "cpu" else nullcontext():
        torch.manual_seed(config.seed)
        network = Network(len(config.finding_labels), config.architecture, loop.dropout, loop.drop_path)
        if config.start == "imagenet":
            load_imagenet(network, config.architecture)
        network.freeze(loop.frozen_blocks)
        if device.type == "cpu":
            use_quick_depthwise(network)
        network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        averaged = copy.deepcopy(network).eval()
        optimizer = _optimizer(network, loop)
        alignment = Alignment(trained.kinds, device)
        first, best = resume_from(run, network, averaged, optimizer, alignment)
        stepper = Stepper(config, trained, network, optimizer, alignment, device)
        last = loop.steps if stop_after is None else min(stop_after, loop.steps)
        with RunLog(run, first) if is_first() else nullcontext() as log, progress_bar() as bar:
            task = bar.add_task("training", total=loop.steps, completed=first, note="")
            for step in range(first, last):
                loss = stepper.step(step)
                _average(averaged, network, min(loop.ema_decay, (1 + step) / (10 + step)))
                if log is None:
                    continue
                log.write(step, {"loss": loss, "learning_rate": learning_rate(loop, step),
                                 "bfloat16": float(stepper.is_mixed)})  # "auto" leaves it to the machine
                bar.update(task, advance=1, note=f"loss {loss:.3f}")
                if (step + 1) % loop.evaluate_every == 0 or step + 1 == loop.steps:
                    scores = _look(averaged, watched, config, device)
                    log.write(step, scores)
                    bar.console.print(f"step {step + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
                    if scores["held-out score"] >= best:
                        best = scores["held-out score"]
                        save_state(run / BEST_NAME, averaged.state_dict())
                if (step + 1) % loop.checkpoint_every == 0 or step + 1 == loop.steps:
                    save_checkpoint(run, step + 1, best, network, averaged, optimizer, alignment)
    chosen_file = run / BEST_NAME
    return load_state(chosen_file) if is_first() and chosen_file.is_file() else on_cpu(averaged.state_dict())


class Stepper:
    """One step of the optimizer after the other: this process's part of the batch, in `accumulate` parts in turn."""

    def __init__(
        self, config: TrainingConfig, trained: Trained, network: Network, optimizer: torch.optim.Optimizer,
        alignment: Alignment, device: torch.device,
    ) -> None:
        self._config = config
        self._trained = trained
        self._network = network
        self._optimizer = optimizer
        self._alignment = alignment
        self._device = device
        self._module: nn.Module = network
        if process_count() > 1:
            share_batch_norm(network)
            self._module = DistributedDataParallel(network)
        self.is_mixed = is_mixed(config.loop.mixed_precision, device)  # whether steps are computed in bfloat16

    def step(self, step: int) -> float:
        """Take one step; return the loss of the whole batch. Raises ValueError where it is not a number."""
        loop = self._config.loop
        self._network.train()
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(loop, step)
        self._optimizer.zero_grad(set_to_none=True)
        places = dealt(loop.batch, loop.accumulate * process_count())
        chosen = draw(self._trained.balance, loop.batch, self._config.seed, step)
        losses = []
        for part in range(loop.accumulate):
            number = part * process_count() + process_number()
            is_last = part + 1 == loop.accumulate
            with self._exchange(is_last):
                loss = self._loss(step, number, chosen, places[number]) / loop.accumulate
                loss.backward()  # type: ignore[no-untyped-call]
            losses.append(loss.detach())
        nn.utils.clip_grad_norm_(self._network.parameters(), loop.clip_norm)
        self._optimizer.step()
        if loop.align_weight:
            self._alignment.next_step()
        return _whole(torch.stack(losses).sum(), step)

    def _exchange(self, is_last: bool) -> AbstractContextManager[None]:
        """Let gradients stay in this process for now: those of all parts are exchanged with the last."""
        if isinstance(self._module, DistributedDataParallel) and not is_last:
            return self._module.no_sync()
        return nullcontext()

    def _loss(self, step: int, number: int, chosen: NDArray[np.intp], places: NDArray[np.intp]) -> Tensor:
        """Return the mean loss of the batch's pictures at `places`, part `number` of the step."""
        config, loop = self._config, self._config.loop
        seeds = [step_seed(config.seed, step, 1, int(place)) for place in places]
        rows = chosen[places]
        unlabelled = np.all(np.isnan(self._trained.targets[rows]), axis=1)
        first, second = pairs(len(rows), loop.paired, step_seed(config.seed, step, 4, number), unlabelled)
        rows[second] = rows[first]
        x, moves = augment_batch(self._trained.gray[rows], config.augment, config.input, seeds, side_of(config, step))
        x, targets = x.to(self._device), torch.from_numpy(self._trained.targets[rows]).to(self._device)
        mixed = np.zeros(len(rows), bool)
        if loop.mixup:
            x, targets, mixed = mix(x, targets, loop.mixup, step_seed(config.seed, step, 3, number))
        torch.manual_seed(step_seed(config.seed, step, 2, number))  # dropout and stochastic depth
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self.is_mixed):
            logits, maps = self._module(x.contiguous(memory_format=torch.channels_last))
        weights = targets.new_tensor([1.0, *(question.weight for question in config.questions)])
        loss = findings_loss(logits.float(), targets, weights, loop.label_smoothing)
        if first.size:
            loss = loss + loop.pair_weight * pair_loss(logits[first].float(), logits[second].float())
        if loop.align_weight and step >= loop.align_from * loop.steps:
            kinds = torch.from_numpy(np.where(mixed, -1, self._trained.kinds.of_rows[rows])).to(self._device)
            loss = loss + loop.align_weight * self._alignment.loss(logits[:, 0].float(), kinds)
        own = [() if is_mixed else self._trained.places[row] for row, is_mixed in zip(rows, mixed, strict=True)]
        inside, shares = places_moved(own, list(moves), config.input, (maps.shape[2], maps.shape[3]))
        if not shares.any():
            return loss
        asked = (torch.from_numpy(part).to(self._device) for part in (inside, shares))
        return loss + place_loss(maps[:, 0].float(), *asked)


def dealt(count: int, parts: int) -> list[NDArray[np.intp]]:
    """Return the places of a batch in `parts`, as cards are dealt: it is drawn class by class, and each has of all."""
    return [np.arange(part, count, parts) for part in range(parts)]


def pairs(
    count: int, part: float, seed: int, preferred: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw which of `count` pictures are seen twice, and in which places, `part` of all, their second views are.

    Of two pictures or more at least one is, unless `part` is 0: a batch may be taken in small parts. Those `preferred`,
    (count,), come before others.
    """
    order = np.random.default_rng(seed).permutation(count)
    if preferred is not None:
        order = order[np.argsort(~preferred[order], kind="stable")]
    number = max(1, int(count * part)) if part > 0 and count >= 2 else 0
    return order[:number], order[number : 2 * number]


def step_seed(seed: int, step: int, *more: int) -> int:
    """Return the seed of one step, or of a part of it: different for every step of every run."""
    return int(np.random.SeedSequence((seed, step, *more)).generate_state(1, np.uint64)[0] >> 1)


def side_of(config: TrainingConfig, step: int) -> tuple[int, int]:
    """Return rows and columns of a step's pictures: the input's, or at first whole cells of the network's grid."""
    spec, loop = config.input, config.loop
    if step >= loop.smaller_until * loop.steps:
        return spec.rows, spec.columns
    rows, columns = (max(1, round(side * loop.smaller_side / STRIDE)) * STRIDE for side in (spec.rows, spec.columns))
    return rows, columns


def _whole(loss: Tensor, step: int) -> float:
    """Return the mean of all processes' losses."""
    if process_count() > 1:
        torch.distributed.all_reduce(loss)
        loss = loss / process_count()
    if not torch.isfinite(loss):
        raise ValueError(f"the loss of step {step + 1} is {float(loss)}: try a lower learning_rate")
    return float(loss)


@contextmanager
def _determinism(wanted: bool) -> Iterator[None]:
    """Allow only algorithms that give the same result each time, where that is wanted; slower on GPUs."""
    before = torch.are_deterministic_algorithms_enabled()
    if wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it, before its first call
    torch.use_deterministic_algorithms(wanted or before)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def _optimizer(network: Network, loop: LoopConfig) -> torch.optim.AdamW:
    learned = [value for value in network.parameters() if value.requires_grad]
    kernels = [value for value in learned if value.ndim > 1]
    others = [value for value in learned if value.ndim <= 1]
    parts: list[dict[str, Any]] = [
        {"params": kernels, "weight_decay": loop.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(parts, lr=loop.learning_rate)


def _average(averaged: Network, network: Network, decay: float) -> None:
    """Move the averaged weights and batch statistics towards the network's."""
    current = network.state_dict()
    with torch.no_grad():
        for name, value in averaged.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[name], 1 - decay)
            else:
                value.copy_(current[name])


def _look(averaged: Network, watched: Watched, config: TrainingConfig, device: torch.device) -> dict[str, float]:
    """Return the averaged weights' AUC on each held-out group, and their mean over the selecting groups."""
    logits = predict_logits(averaged, watched.gray, config.input, device)[:, 0]
    found = {name: auc(watched.positive[rows], logits[rows]) for name, rows in watched.groups.items()}
    scores = {f"held-out AUC {name}": value for name, value in found.items() if value is not None}
    selecting = [value for name in watched.selecting if (value := found.get(name)) is not None]
    return {**scores, "held-out score": float(np.mean(selecting)) if selecting else 0.0}
