"""Pictures whose label nobody knows: they teach that two views of one picture are answered alike, and nothing else.

Consistency (Sajjadi et al. 2016; Laine and Aila 2017), by the same pairs as in labelled pictures (`loop.paired`): what
they show of other hospitals, machines and diseases is learned whatever its framing. They are in no figure.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.training.balancing import Balance, usable_rows
from core.training.config import TrainingConfig
from core.training.gate_data import paths_to_test
from core.training.labels import TEST_SPLIT, LabelRow, matches
from core.training.loop import Trained
from core.training.source_counts import rows_of_reports


def candidates(rows: Sequence[LabelRow], config: TrainingConfig) -> tuple[LabelRow, ...]:
    """Return the rows that `[unlabelled]` names, without tests and what is learned from; no row without it.

    What a label table says of them is not looked at. Raises ValueError where it names none.
    """
    if config.unlabelled is None:
        return ()
    known = {row.path for row in usable_rows(rows, config)}
    found = tuple(row for row in rows if matches(row, config.unlabelled.rows) and row.split != TEST_SPLIT
                  and row.path not in known)
    if not found:
        raise ValueError("no picture is unlabelled: its rows name none but tests and what is learned from")
    return found


def without_measured(
    found: Sequence[LabelRow], rows: Sequence[LabelRow], trained: Sequence[LabelRow], config: TrainingConfig
) -> tuple[LabelRow, ...]:
    """Return the candidates `found` of whom a run may see that has learned from `trained`, of the table's `rows`.

    Left out are patients of whom anything is held out, predicted, tested (also by the input gate) or asked for by a
    report, and sources of which the run is to know nothing: those with labelled training pictures of which it learns
    none. Raises ValueError where nothing is left.
    """
    if not found:
        return ()
    seen = {row.path for row in (*trained, *found)}
    kept_from = [row for row in rows
                 if row.is_known and row.path not in seen and row.split in (*config.train_splits, TEST_SPLIT)]
    reported = rows_of_reports(config.reports, rows)
    patients = {row.patient for row in (*kept_from, *reported)}
    sources = {row.source for row in kept_from if row.split != TEST_SPLIT} - {row.source for row in trained}
    tested = frozenset() if config.gate is None else paths_to_test(rows, config.gate)
    left = tuple(row for row in found
                 if row.patient not in patients and row.source not in sources and row.path not in tested)
    if not left:
        raise ValueError("no unlabelled picture is left: all are of patients or sources that are kept for measuring")
    return left


def with_unlabelled(trained: Trained, gray: NDArray[np.uint8], share: float) -> Trained:
    """Return what the loop draws from with these pictures, (N, rows, columns), at the end, drawn in their `share`."""
    count, drawn = len(gray), trained.balance
    nothing = np.full(count, np.nan)
    balance = Balance(
        probability=np.concatenate([drawn.probability * (1 - share), np.full(count, share / count)]),
        target=np.concatenate([drawn.target, nothing]),
        part=np.concatenate([drawn.part, np.full(count, drawn.part.max() + 1)]),
    )
    targets = np.full((count, trained.targets.shape[1]), np.nan, trained.targets.dtype)
    kinds = replace(trained.kinds, of_rows=np.concatenate([trained.kinds.of_rows, np.full(count, -1)]))
    return Trained(
        np.concatenate([trained.gray, gray]), balance, np.concatenate([trained.targets, targets]),
        (*trained.places, *((),) * count), kinds,
    )
