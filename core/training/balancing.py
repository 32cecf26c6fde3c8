"""Which pictures a step draws: classes balanced within each source group, groups in fixed shares.

In public chest radiograph collections source, age and label go together (one collection is all normal, another all
COVID-19). Drawn as they come, a network learns to tell collections apart; drawn in balance within a source it has to
look at the lungs there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.training.config import Group, TrainingConfig
from core.training.labels import TEST_SPLIT, LabelRow, matches


@dataclass(frozen=True, eq=False)
class Balance:
    """The draw of a row list: each row's probability (sums to 1), what its label is worth (0-1), and its part.

    A part is one class of one group, numbered in the order of its rows' mean probability; unlabelled rows are the last.
    """

    probability: NDArray[np.float64]
    target: NDArray[np.float64]
    part: NDArray[np.intp]


def group_of(row: LabelRow, groups: Sequence[Group]) -> int | None:
    """Return the position of the first group that a row belongs to, None where there is none."""
    return next((index for index, group in enumerate(groups) if matches(row, group.rows)), None)


def groups_of(rows: Sequence[LabelRow], groups: Sequence[Group]) -> NDArray[np.intp]:
    """Return each row's `group_of`, -1 where there is none."""
    return np.array([-1 if (index := group_of(row, groups)) is None else index for row in rows], np.intp)


def usable_rows(
    rows: Sequence[LabelRow], config: TrainingConfig, with_tests: Sequence[str] = ()
) -> tuple[LabelRow, ...]:
    """Return the rows that can be learned from: known, in a group, of a training split.

    The test rows of the sources `with_tests` count as well: for a cross-validation, which predicts what it learned
    from by models that did not.
    """
    return tuple(
        row for row in rows
        if row.is_known and group_of(row, config.groups) is not None
        and (row.split in config.train_splits or (row.split == TEST_SPLIT and row.source in with_tests))
    )


def balance(
    rows: Sequence[LabelRow], groups: Sequence[Group], weights: NDArray[np.float64] | None = None
) -> Balance:
    """Return the draw of `rows`; a row in no group is never drawn. Raises ValueError where no row is in a group.

    A group's share is divided between its classes by its positive_share; a class that it lacks takes its part along,
    so that the group weighs as much less. Within a class rows are drawn by their `weights`, (rows,), or alike.
    """
    weights = np.ones(len(rows)) if weights is None else weights
    home = groups_of(rows, groups)
    positive = np.array([row.is_positive for row in rows])
    probability = np.zeros(len(rows))
    target = positive.astype(np.float64)
    part = np.zeros(len(rows), np.intp)
    for index, group in enumerate(groups):
        for is_positive, share in ((True, group.positive_share), (False, 1 - group.positive_share)):
            members = (home == index) & (positive == is_positive)
            if members.any():
                probability[members] = group.share * share * weights[members] / weights[members].sum()
                target[members] = group.targets[is_positive]
                part[members] = 2 * index + is_positive + 1
    if not probability.sum():
        raise ValueError("no picture is in any of the configured groups")
    means = np.array([probability[part == number].mean() if (part == number).any() else 0.0
                      for number in range(part.max() + 1)])
    rank = np.argsort(np.argsort(means, kind="stable"), kind="stable")
    return Balance(probability / probability.sum(), target, rank[part])


def dealt_anew(rows: Sequence[LabelRow], groups: Sequence[Group], seed: int) -> tuple[LabelRow, ...]:
    """Return the rows, each with the label and the words of another one of its group, by chance.

    What is learned from them is learned by heart: the sanity check of maps by Adebayo et al. 2018.
    """
    generator = np.random.default_rng(seed)
    homes = groups_of(rows, groups)
    source = np.arange(len(rows))
    for home in np.unique(homes):
        members = np.flatnonzero(homes == home)
        source[members] = generator.permutation(members)
    said = (rows[place] for place in source.tolist())
    return tuple(
        replace(row, word=other.word, label=other.label, said=other.said)
        for row, other in zip(rows, said, strict=True)
    )


def draw(balance: Balance, batch: int, seed: int, step: int) -> NDArray[np.intp]:
    """Return the positions of one step's pictures, by systematic sampling.

    Part by part, so that each gets its share in every batch, to within one picture. The same seed and step give the
    same pictures, whatever was drawn before.
    """
    generator = np.random.default_rng((seed, step))
    order = generator.permutation(len(balance.part))
    order = order[np.argsort(balance.part[order], kind="stable")]
    ends = np.cumsum(balance.probability[order])
    points = (np.arange(batch) + generator.random()) / batch * ends[-1]
    return np.asarray(order[np.minimum(np.searchsorted(ends, points, side="right"), len(order) - 1)])
