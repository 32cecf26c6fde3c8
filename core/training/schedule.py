"""The learning rate of each step: a linear warm-up, then what the configuration's schedule says."""

import math

from core.training.config import LoopConfig


def learning_rate(loop: LoopConfig, step: int) -> float:
    """Return the rate of a step, 0 being the first.

    After the warm-up: "cosine" falls along half a cosine to zero (Loshchilov and Hutter 2017), "linear" along a line
    to zero, "constant" stays, and "steps" is multiplied by `decay_factor` at each of `decay_at` (parts of the run).
    With `restart_at` a second, lower course begins there, without warm-up (warm restarts: Loshchilov and Hutter 2017).
    """
    if step < loop.warmup_steps:
        return loop.learning_rate * (step + 1) / loop.warmup_steps
    again = math.ceil(loop.restart_at * loop.steps)
    if again and step >= again:
        return loop.restart_factor * _rate(loop, step, again, loop.steps)
    return _rate(loop, step, loop.warmup_steps, again or loop.steps)


def _rate(loop: LoopConfig, step: int, first: int, end: int) -> float:
    """Return the rate of one course from step `first` to `end`, at the top `learning_rate`."""
    done = (step - first) / max(1, end - first)
    if loop.schedule == "cosine":
        return loop.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
    if loop.schedule == "linear":
        return loop.learning_rate * (1 - done)
    if loop.schedule == "steps":
        return loop.learning_rate * loop.decay_factor ** sum(step / loop.steps >= part for part in loop.decay_at)
    return loop.learning_rate
