"""Radiologists' scores of lung zones: a CSV file `zones.csv` beside the label table.

Its columns are path, rater, and A to F, the six zones of the Brixia score (Borghesi and Maroldi 2020): A, B, C are the
upper, middle and lower right lung, D, E, F those of the left; each 0 to 3. Lines of other raters and other columns are
left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.findings.extent import MOST_OF_ZONE, ZONES
from core.training.config import RowFilter
from core.training.csv_table import table_lines
from core.training.labels import TEST_SPLIT, LabelRow, matches

ZONES_NAME = "zones.csv"
LETTERS = "ABCDEF"
LEAST = 10  # pictures below which there is nothing to learn or to test on
Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ZoneScores:
    """Pictures with what each rater gave each zone: `scores` is (pictures, raters, zones)."""

    rows: tuple[LabelRow, ...]
    scores: Float

    @property
    def mean(self) -> Float:
        """The mean of the raters, (pictures, zones)."""
        return np.asarray(self.scores.mean(1))

    @property
    def patients(self) -> list[str]:
        """The patient of each picture."""
        return [row.patient for row in self.rows]

    def where(self, chosen: NDArray[np.bool_]) -> "ZoneScores":
        """Return the pictures that are chosen, (pictures,) booleans."""
        return ZoneScores(tuple(row for row, take in zip(self.rows, chosen, strict=True) if take), self.scores[chosen])


def read_zones(folder: Path, raters: Sequence[str]) -> dict[str, Float]:
    """Return the scores, (raters, zones), of each picture that all raters scored, by its path.

    Raises OSError, and ValueError for a missing column, a score that is no number from 0 to 3, or one given twice.
    """
    found: dict[str, dict[str, list[float]]] = {}
    for where, line in table_lines(folder / ZONES_NAME, ("path", "rater", *LETTERS)):
        if line["rater"] not in raters:
            continue
        own = found.setdefault(line["path"], {})
        if line["rater"] in own:
            raise ValueError(f"{where}: {line['rater']} scored {line['path']} before")
        own[line["rater"]] = [_score(line[letter], where) for letter in LETTERS]
    return {path: np.array([own[rater] for rater in raters]) for path, own in found.items() if len(own) == len(raters)}


def scored_rows(
    folder: Path, rows: Sequence[LabelRow], raters: Sequence[str], asked: RowFilter
) -> ZoneScores:
    """Return the rows that are asked for and scored by all raters, in their order, with their scores.

    Raises as `read_zones`.
    """
    scores = read_zones(folder, raters)
    chosen = tuple(row for row in rows if row.path in scores and matches(row, asked))
    columns = np.array([scores[row.path] for row in chosen])
    return ZoneScores(chosen, columns.reshape(-1, len(raters), len(ZONES)))


def parts_with_scores(
    scored: ZoneScores, train_splits: Sequence[str], folds: int
) -> tuple[ZoneScores, ZoneScores]:
    """Return the pictures to learn from, in so many folds by patient, and those to test on.

    Raises ValueError where there are too few to learn from, or a patient is in both.
    """
    splits = np.array([row.split for row in scored.rows])
    learned, tested = scored.where(np.isin(splits, list(train_splits))), scored.where(splits == TEST_SPLIT)
    if both := set(learned.patients) & set(tested.patients):
        raise ValueError(f"{len(both)} patients with zone scores are in training and test")
    if len(learned.rows) < LEAST or len(set(learned.patients)) < folds:
        raise ValueError(f"{len(learned.rows)} pictures of {len(set(learned.patients))} patients to learn from have "
                         f"zone scores: too few for {folds} folds")
    return learned, tested


def _score(text: str | None, where: str) -> float:
    try:
        score = float(text or "")
    except ValueError as error:
        raise ValueError(f"{where}: {text!r} is no score") from error
    if not 0 <= score <= MOST_OF_ZONE:
        raise ValueError(f"{where}: {score:g} is not within 0 and {MOST_OF_ZONE:g}")
    return score
