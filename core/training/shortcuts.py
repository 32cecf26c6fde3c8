"""Is the score the source? What a score should not know: where a picture comes from, how large or bright it is."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import spearmanr

from core.training.answers import Scored
from core.training.evaluation import Correlation, Figure, SourceGuess
from core.training.metrics import Z, auc_interval
from core.training.picture_facts import SHORTCUT_FEATURES

LEAST = 10  # pictures on each side


def source_guesses(scored: Scored) -> tuple[SourceGuess, ...]:
    """Return for each label, and each source with it, the AUC of telling the source from all others by the score.

    Within one label, so that what is found is not the label. An AUC below 0.5 is turned over: a source that scores
    lower is told as well as one that scores higher.
    """
    words = np.array([row.word for row in scored.rows])
    sources = np.array([row.source for row in scored.rows])
    found = []
    for word in sorted(set(words.tolist())):
        part = scored.where(words == word)
        homes = sources[words == word]
        for source in sorted(set(homes.tolist())):
            here = homes == source
            if min(int(here.sum()), int((~here).sum())) < LEAST:
                continue
            interval = auc_interval(here, part.score, part.patients)
            assert interval is not None  # both sides have pictures
            low, high = interval.low, interval.high
            value = Figure(value=interval.value, low=low, high=high)
            if interval.value < 0.5:
                value = Figure(value=1 - interval.value, low=1 - high, high=1 - low)
            found.append(SourceGuess(
                label=word, source=source, pictures=int(here.sum()), others=int((~here).sum()), auc=value,
            ))
    return tuple(found)


def correlations(
    scored: Scored, facts: Mapping[str, Mapping[str, float]], features: Sequence[str] = SHORTCUT_FEATURES
) -> tuple[Correlation, ...]:
    """Return Spearman's correlation of score and each feature within each source and label; `facts` by path.

    Intervals by Fisher's transform with the variance of Bonett and Wright 2000. A feature that is the same in all
    pictures gives none.
    """
    kinds: dict[tuple[str, str], list[int]] = {}
    for index, row in enumerate(scored.rows):
        if row.path in facts:
            kinds.setdefault((row.source, row.word), []).append(index)
    found = []
    for (source, word), members in sorted(kinds.items()):
        for feature in features:
            values = np.array([facts[scored.rows[index].path][feature] for index in members])
            if len(members) >= LEAST and np.ptp(values) > 0 and np.ptp(scored.score[members]) > 0:
                rho = spearman(scored.score[members], values)
                found.append(Correlation(source=source, label=word, feature=feature, pictures=len(members), rho=rho))
    return tuple(found)


def spearman(first: np.ndarray, second: np.ndarray) -> Figure:
    """Return the rank correlation of (N,) values, N at least 4 and neither constant, with its 95 % interval."""
    rho = float(spearmanr(first, second).statistic)
    center = np.arctanh(np.clip(rho, -0.999999, 0.999999))
    half = Z * np.sqrt((1 + rho * rho / 2) / (len(first) - 3))
    low, high = float(np.tanh(center - half)), float(np.tanh(center + half))
    return Figure(value=rho, low=min(rho, low), high=max(rho, high))
