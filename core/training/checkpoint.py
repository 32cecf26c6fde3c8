"""Weights and checkpoints as files; no code in them is ever run."""

import io
import math
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from core.files import write_atomically
from core.training.alignment import Alignment

CHECKPOINT_NAME, BEST_NAME = "checkpoint.pt", "best.pt"
State = dict[str, Tensor]


def load_state(path: Path) -> State:
    """Read weights that `save_state` wrote. Raises OSError, and ValueError where the file is damaged."""
    state: State = _load(path)
    return state


def _load(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (EOFError, KeyError, RuntimeError, UnpicklingError) as error:
        raise ValueError(f"{path} is damaged: begin the run again in another folder") from error


def save_state(path: Path, value: Any) -> None:
    """Write weights, or a checkpoint, whole or not at all."""
    content = io.BytesIO()
    torch.save(value, content)
    write_atomically(path, content.getvalue())


def save_checkpoint(
    run: Path, step: int, best: float, network: nn.Module, averaged: nn.Module, optimizer: torch.optim.Optimizer,
    alignment: Alignment,
) -> None:
    """Write all from which a run goes on: `step` steps are done, `best` is the best score so far."""
    save_state(run / CHECKPOINT_NAME, {
        "step": step,
        "best": best,
        "network": network.state_dict(),
        "averaged": averaged.state_dict(),
        "optimizer": optimizer.state_dict(),
        "alignment": alignment.state(),
    })


def resume_from(
    run: Path, network: nn.Module, averaged: nn.Module, optimizer: torch.optim.Optimizer,
    alignment: Alignment,
) -> tuple[int, float]:
    """Load the checkpoint in `run` where there is one; return the first step to do and the best score so far.

    Raises as `load_state`.
    """
    path = run / CHECKPOINT_NAME
    if not path.is_file():
        return 0, -math.inf
    whole = _load(path)
    network.load_state_dict(whole["network"])
    averaged.load_state_dict(whole["averaged"])
    optimizer.load_state_dict(whole["optimizer"])
    if "alignment" in whole:  # not in those of versions before it
        alignment.go_on_from(whole["alignment"])
    return int(whole["step"]), float(whole["best"])


def on_cpu(state: State) -> State:
    """Return a copy of weights on the CPU."""
    return {name: value.detach().cpu().clone() for name, value in state.items()}
