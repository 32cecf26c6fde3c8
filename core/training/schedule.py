"""The learning rate of each step: a linear warm-up, then what the configuration's schedule says."""

import math

from core.training.config_loop import LoopConfig


def learning_rate(loop: LoopConfig, step: int) -> float:
    """Return the rate of a step, 0 being the first.

    After the warm-up: "cosine" falls along half a cosine to zero (Loshchilov and Hutter 2017), "linear" along a line
    to zero, "constant" stays, and "steps" is multiplied by `decay_factor` at each of `decay_at` (parts of the run).
    At each of the `restarts` another, lower course begins, without warm-up (warm restarts: Loshchilov and Hutter 2017).
    """
    if step < loop.warmup_steps:
        return loop.learning_rate * (step + 1) / loop.warmup_steps
    courses = [(loop.warmup_steps, 1.0), *((math.ceil(part * loop.steps), factor) for part, factor in loop.restarts)]
    begun = [course for course in courses if course[0] <= step]
    first, factor = begun[-1]
    end = courses[len(begun)][0] if len(begun) < len(courses) else loop.steps
    return factor * _rate(loop, step, first, end)


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
