"""How well zone scores agree: the model's with radiologists, the radiologists' with each other, a constant's."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from core.findings.extent import ZONES
from core.training.evaluation import Agreement, ExtentLine, ExtentPart, Figure, figure
from core.training.resampling import DRAWS, bootstrap
from core.training.zones import ZoneScores

Float = NDArray[np.float64]
Measure = Callable[[Float, Float], float | None]
SAME = 1e-9  # spread below which a column does not vary


def measure_extent(scored: ZoneScores, found: Float, constant: Float, draws: int = DRAWS) -> ExtentPart:
    """Return the figures of scores `found`, (pictures, zones), against those of the raters; of each zone and the sum.

    `constant`, alike, is what a guess would be that knows no picture.
    """
    whole = ExtentLine(zone="sum", **_line(scored, found, constant, None, draws))
    lines = [ExtentLine(zone=name, **_line(scored, found, constant, zone, draws)) for zone, name in enumerate(ZONES)]
    return ExtentPart(pictures=len(scored.rows), patients=len(set(scored.patients)), lines=(*lines, whole))


def _line(
    scored: ZoneScores, found: Float, constant: Float, zone: int | None, draws: int
) -> dict[str, Agreement]:
    raters = [_of(scored.scores[:, rater], zone) for rater in range(scored.scores.shape[1])]
    mean, ours, guess = (_of(values, zone) for values in (scored.mean, found, constant))
    return {
        "model": _agreement([(ours, mean)], scored.patients, draws),
        "model_one_rater": _agreement([(ours, rater) for rater in raters], scored.patients, draws),
        "raters": _agreement(list(combinations(raters, 2)), scored.patients, draws),
        "constant": _agreement([(guess, mean)], scored.patients, draws, correlates=False),
    }


def _of(values: Float, zone: int | None) -> Float:
    return np.asarray(values.sum(1) if zone is None else values[:, zone])


def _agreement(
    pairs: Sequence[tuple[Float, Float]], patients: Sequence[str], draws: int, correlates: bool = True
) -> Agreement:
    """Return the mean agreement of pairs of columns, with intervals from drawing patients.

    Ranks are those among all pictures, also of those that are drawn.
    """
    def drawn(measure: Measure, columns: Sequence[tuple[Float, Float]] = pairs) -> Figure | None:
        def of(chosen: NDArray[np.intp]) -> float | None:
            values = [value for one, other in columns if (value := measure(one[chosen], other[chosen])) is not None]
            return sum(values) / len(values) if values and len(values) == len(columns) else None
        return figure(bootstrap(of, patients, draws))

    ranks = [(np.asarray(rankdata(one)), np.asarray(rankdata(other))) for one, other in pairs]
    return Agreement(
        pearson=drawn(pearson) if correlates else None,
        spearman=drawn(pearson, ranks) if correlates else None,
        error=drawn(error),
    )


def pearson(one: Float, other: Float) -> float | None:
    """Return the correlation of two columns; None where one of them does not vary."""
    x, y = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / spread if spread > SAME else None


def error(one: Float, other: Float) -> float:
    """Return the mean absolute difference of two columns."""
    return float(np.abs(one - other).sum()) / len(one)
