"""How far calibrated probabilities are right, and how much of what is measured is chance.

The expected calibration error is biased upward: with few pictures the bins of perfect probabilities differ from the
rates, too. Beside it stand what perfect probabilities would show on as many pictures (consistency resampling: Bröcker
and Smith 2007), and the error less its bias by the bootstrap over patients (Efron and Tibshirani 1993, chapter 10).
The latter takes off about half of the bias where there is no error, and nearly all where there is one.

A probability is right for one prevalence of the finding; collections have others, by how they were put together. So the
error is also given with the classes weighted to the prevalence that the probabilities are stated for.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.training.answers import Scored
from core.training.evaluation import Coverage, Figure, Reliability, figure
from core.training.metrics import Bools, Floats, calibration_error, rate_by_patient
from core.training.resampling import DRAWS, LEAST, draw_patients, ends

Weights = NDArray[np.float64]
WeightsOf = Callable[[Bools, Floats], Weights | None]


def reliability(scored: Scored, draws: int = DRAWS) -> Reliability | None:
    """Return what stands beside a calibration error; None without pictures of both classes, or with too few."""
    if not scored.has_both:
        return None
    as_they_are = _error(scored, draws, lambda positive, prevalence: np.ones(len(positive)))
    stated = _error(scored, draws, weights_at)
    if as_they_are is None:
        return None
    return Reliability(
        corrected=as_they_are[1],
        by_chance=as_they_are[2],
        prevalence=float(scored.prevalence.mean()),
        stated=None if stated is None else stated[0],
        stated_corrected=None if stated is None else stated[1],
        stated_by_chance=None if stated is None else stated[2],
    )


def weights_at(positive: Bools, prevalence: Floats) -> Weights | None:
    """Return weights (N,) that give the pictures of each stated prevalence that prevalence; None where none have both.

    Pictures of a prevalence that are all of one class cannot be weighted to it: they count nothing.
    """
    weights = np.zeros(len(positive))
    for stated in np.unique(prevalence):
        part = prevalence == stated
        ones, zeros = int((part & positive).sum()), int((part & ~positive).sum())
        if ones and zeros:
            weights[part & positive] = (ones + zeros) * stated / ones
            weights[part & ~positive] = (ones + zeros) * (1 - stated) / zeros
    return weights if weights.any() else None


def coverage(scored: Scored) -> tuple[Coverage, ...]:
    """Return for each source and class how many pictures' class is in the set that is shown.

    That set is one class outside of the uncertain band, and both within it (conformal sets: Vovk 2012).
    """
    sources, patients = np.array([row.source for row in scored.rows]), np.array(scored.patients)
    covered = scored.uncertain | (scored.above == scored.positive)
    found = []
    for source in sorted(set(sources.tolist())):
        for with_finding in (True, False):
            part = (sources == source) & (scored.positive == with_finding)
            rate = figure(rate_by_patient(covered[part], patients[part]))
            if rate is not None:
                found.append(Coverage(
                    source=source, with_finding=with_finding, pictures=int(part.sum()), covered=rate,
                    uncertain=float(scored.uncertain[part].mean()),
                ))
    return tuple(found)


def _error(scored: Scored, draws: int, weights_of: WeightsOf) -> tuple[Figure, float, float] | None:
    """Return the error with its interval, corrected, and that of right probabilities; None where too few draws do."""
    positive, chance, prevalence = scored.positive, scored.probability, scored.prevalence

    def error(seen: Bools, chosen: NDArray[np.intp]) -> float | None:
        weights = weights_of(seen, prevalence[chosen])
        is_one_sided = seen.all() or not seen.any()
        return None if weights is None or is_one_sided else calibration_error(seen, chance[chosen], weights=weights)

    everyone = np.arange(len(positive))
    value = error(positive, everyone)
    if value is None:
        return None
    drawn = [error(positive[chosen], chosen) for chosen in draw_patients(scored.patients, draws, seed=0)]
    values = [one for one in drawn if one is not None]
    generator = np.random.default_rng(0)
    true = true_chance(scored) if weights_of is weights_at else chance
    made = [error(generator.random(len(true)) < true, everyone) for _ in range(draws)]
    right = [one for one in made if one is not None]
    if min(len(values), len(right)) < min(LEAST, draws):
        return None
    low, high = ends(value, values, is_biased=True)
    interval = Figure(value=value, low=low, high=high)
    return interval, max(0.0, 2 * value - float(np.mean(values))), float(np.mean(right))


def true_chance(scored: Scored) -> Floats:
    """Return the probabilities at the prevalence that the pictures have, where those shown are right at their own."""
    shifted = scored.probability.copy()
    for stated in np.unique(scored.prevalence):
        part = scored.prevalence == stated
        rate = float(np.clip(scored.positive[part].mean(), 1e-6, 1 - 1e-6))
        odds = rate / (1 - rate) / (stated / (1 - stated))
        chance = scored.probability[part]
        shifted[part] = chance * odds / (chance * odds + 1 - chance)
    return shifted
