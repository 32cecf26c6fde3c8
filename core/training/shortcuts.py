"""Is the score the source? What a score should not know: where a picture comes from, how large or bright it is."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import spearmanr

from core.training.answers import Bools, Scored
from core.training.evaluation import Correlation, Figure, SourceGuess
from core.training.metrics import Z, auc_interval
from core.training.picture_facts import SHORTCUT_FEATURES
from core.training.subgroups import ADULT

LEAST = 10  # pictures on each side


def source_guesses(scored: Scored) -> tuple[SourceGuess, ...]:
    """Return for each label, and each source with it, the AUC of telling the source from all others by the score.

    Within one label, so that what is found is not the label. An AUC below 0.5 is turned over: a source that scores
    lower is told as well as one that scores higher. Children are another population, and where they are told better a
    score that is right lies farther out for them: so the same is measured without them as well.
    """
    words = np.array([row.word for row in scored.rows])
    sources = np.array([row.source for row in scored.rows])
    is_child = np.array([row.years is not None and row.years < ADULT for row in scored.rows], bool)
    found = []
    for word in sorted(set(words.tolist())):
        of_word = words == word
        for source in sorted(set(sources[of_word].tolist())):
            here = sources == source
            auc = _told(scored, of_word, here)
            if auc is None:
                continue
            grown = _told(scored, of_word & ~is_child, here) if (of_word & is_child).any() else None
            count = int((of_word & here).sum())
            found.append(SourceGuess(
                label=word, source=source, pictures=count, others=int(of_word.sum()) - count, auc=auc,
                without_children=grown,
            ))
    return tuple(found)


def _told(scored: Scored, among: Bools, here: Bools) -> Figure | None:
    """Return how well the score tells pictures that are `here` from others, of those `among`; None with too few."""
    own, part = here[among], scored.where(among)
    if min(int(own.sum()), int((~own).sum())) < LEAST:
        return None
    interval = auc_interval(own, part.score, part.patients)
    assert interval is not None  # both sides have pictures
    value, low, high = interval.value, interval.low, interval.high
    return Figure(value=value, low=low, high=high) if value >= 0.5 else Figure(
        value=1 - value, low=1 - high, high=1 - low)


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
