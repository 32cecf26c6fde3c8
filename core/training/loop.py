"""The training loop, top to bottom: draw, vary, step, average, look at the held-out patients, write a checkpoint.

Every step draws from its own seed (of the run's seed and the step), so that a run resumed after a kill is the run
that was not killed, and nothing of a random state has to be kept.
"""

import copy
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.files import write_atomically
from core.reading.network import Network
from core.reading.read_image import choose_device
from core.training.augment import augment_batch, build_augmentation
from core.training.balancing import Balance, draw
from core.training.config import LoopConfig, TrainingConfig
from core.training.metrics import auc
from core.training.predict import predict_logits
from core.training.run_log import RunLog, progress_bar
from core.training.start_weights import load_imagenet

CHECKPOINT_NAME, BEST_NAME = "checkpoint.pt", "best.pt"
State = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Trained:
    """The rows that are learned from: their inputs, (N, rows, columns) uint8, and how they are drawn."""

    gray: NDArray[np.uint8]
    balance: Balance


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

    `stop_after` ends early after that many steps, as a kill does (its checkpoint is the last regular one).
    """
    loop, device = config.loop, choose_device()
    torch.set_num_threads(loop.threads)
    torch.manual_seed(config.seed)
    network = Network(1, loop.dropout, loop.drop_path)
    if config.start == "imagenet":
        load_imagenet(network)
    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(network).eval()
    optimizer = _optimizer(network, loop)
    augmentation = build_augmentation(config.augment, config.input)
    first, best = _resume(run, network, averaged, optimizer)
    with RunLog(run, first) as log, progress_bar() as bar:
        task = bar.add_task("training", total=loop.steps, completed=first, note="")
        for step in range(first, loop.steps):
            if step == stop_after:
                break
            torch.manual_seed(step_seed(config.seed, step))
            chosen = draw(trained.balance.probability, loop.batch, config.seed, step)
            x = augment_batch(torch.from_numpy(trained.gray[chosen]), augmentation, config.input)
            targets = torch.from_numpy(trained.balance.target[chosen]).float()
            rate = learning_rate(loop, step)
            loss = _step(network, optimizer, x.to(device), targets.to(device), rate, loop)
            _average(averaged, network, min(loop.ema_decay, (1 + step) / (10 + step)))
            log.write(step, {"loss": loss, "learning_rate": rate})
            bar.update(task, advance=1, note=f"loss {loss:.3f}")
            if (step + 1) % loop.evaluate_every == 0 or step + 1 == loop.steps:
                scores = _look(averaged, watched, config, device)
                log.write(step, scores)
                bar.console.print(f"step {step + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
                if scores["held-out score"] >= best:
                    best = scores["held-out score"]
                    _save(run / BEST_NAME, averaged.state_dict())
            if (step + 1) % loop.checkpoint_every == 0 or step + 1 == loop.steps:
                _checkpoint(run, step + 1, best, network, averaged, optimizer)
    chosen_file = run / BEST_NAME
    return load_state(chosen_file) if chosen_file.is_file() else _on_cpu(averaged.state_dict())


def step_seed(seed: int, step: int) -> int:
    """Return the seed of one step: different for every step of every run."""
    return int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0] >> 1)


def learning_rate(loop: LoopConfig, step: int) -> float:
    """Return the rate of a step: linear warm-up, then half a cosine down to zero (Loshchilov and Hutter 2017)."""
    if step < loop.warmup_steps:
        return loop.learning_rate * (step + 1) / loop.warmup_steps
    done = (step - loop.warmup_steps) / max(1, loop.steps - loop.warmup_steps)
    return loop.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def load_state(path: Path) -> State:
    """Read weights that this module wrote; no code in the file is ever run."""
    state: State = torch.load(path, map_location="cpu", weights_only=True)
    return state


def _optimizer(network: Network, loop: LoopConfig) -> torch.optim.AdamW:
    kernels = [value for value in network.parameters() if value.ndim > 1]
    others = [value for value in network.parameters() if value.ndim <= 1]
    parts: list[dict[str, Any]] = [
        {"params": kernels, "weight_decay": loop.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(parts, lr=loop.learning_rate)


def _step(
    network: Network, optimizer: torch.optim.AdamW, x: Tensor, targets: Tensor, rate: float, loop: LoopConfig
) -> float:
    """One step of the optimizer; returns the loss."""
    network.train()
    for part in optimizer.param_groups:
        part["lr"] = rate
    mixed = loop.mixed_precision == "always" or (loop.mixed_precision == "gpu" and x.is_cuda)
    with torch.autocast(x.device.type, torch.bfloat16, enabled=mixed):
        logits, _ = network(x.contiguous(memory_format=torch.channels_last))
    smoothed = targets * (1 - loop.label_smoothing) + loop.label_smoothing / 2
    loss = functional.binary_cross_entropy_with_logits(logits[:, 0].float(), smoothed)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), loop.clip_norm)
    optimizer.step()
    return float(loss.detach())


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
    logits = predict_logits(averaged, watched.gray, config.input, device)
    found = {name: auc(watched.positive[rows], logits[rows]) for name, rows in watched.groups.items()}
    scores = {f"held-out AUC {name}": value for name, value in found.items() if value is not None}
    selecting = [value for name in watched.selecting if (value := found.get(name)) is not None]
    return {**scores, "held-out score": float(np.mean(selecting)) if selecting else 0.0}


def _checkpoint(
    run: Path, step: int, best: float, network: Network, averaged: Network, optimizer: torch.optim.AdamW
) -> None:
    whole = {
        "step": step,
        "best": best,
        "network": network.state_dict(),
        "averaged": averaged.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    _save(run / CHECKPOINT_NAME, whole)


def _resume(run: Path, network: Network, averaged: Network, optimizer: torch.optim.AdamW) -> tuple[int, float]:
    """Load the checkpoint in `run` where there is one; return the first step to do and the best score so far."""
    path = run / CHECKPOINT_NAME
    if not path.is_file():
        return 0, -math.inf
    whole = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict(whole["network"])
    averaged.load_state_dict(whole["averaged"])
    optimizer.load_state_dict(whole["optimizer"])
    return int(whole["step"]), float(whole["best"])


def _save(path: Path, value: Any) -> None:
    content = io.BytesIO()
    torch.save(value, content)
    write_atomically(path, content.getvalue())


def _on_cpu(state: State) -> State:
    return {name: value.detach().cpu().clone() for name, value in state.items()}
