"""Folds of a cross-validation: which pictures a model predicts that never saw their patients, nor their sources.

Folds by count deal whole patients out, stratified by source, group and label; folds by source leave sources out.
"""

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.training.balancing import group_of
from core.training.config import Group
from core.training.labels import LabelRow


def folder_of(name: str) -> str:
    """Return the name of the run folder of a fold."""
    return "fold-" + re.sub(r"[^\w+.-]", "_", name)


@dataclass(frozen=True, eq=False)
class Fold:
    """One model's part: its name and the rows that it predicts."""

    name: str
    predicted: tuple[LabelRow, ...]

    @property
    def folder(self) -> str:
        """The name of the fold's run folder."""
        return folder_of(self.name)

    def seen(self, rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
        """Return the rows that the fold's model may see: those of other patients (and of no predicted source)."""
        barred = {row.patient for row in self.predicted}
        return tuple(row for row in rows if row.patient not in barred)


def folds_by_count(rows: Sequence[LabelRow], count: int, seed: int, groups: Sequence[Group] = ()) -> tuple[Fold, ...]:
    """Return `count` folds; each picture is in one, all pictures of a patient in the same.

    Patients are dealt out within their stratum (group, source and label word of their rarest picture), the ones with
    most pictures first, each to the fold that holds the fewest pictures of the stratum and then the fewest of all.
    Among equals a hash of the seed and the patient's name decides. Raises ValueError for fewer patients than folds.
    """
    if count < 2:
        raise ValueError("a cross-validation has two folds at least")
    pictures: dict[str, list[LabelRow]] = defaultdict(list)
    for row in rows:
        pictures[row.patient].append(row)
    if len(pictures) < count:
        raise ValueError(f"{len(pictures)} patients for {count} folds")
    home: dict[str, int] = {}
    held = [0] * count
    for patients in _strata(pictures, groups):
        patients.sort(key=lambda name: (-len(pictures[name]), hashlib.sha256(f"{seed} {name}".encode()).digest()))
        of_stratum = [0] * count
        for patient in patients:
            fold = min(range(count), key=lambda index: (of_stratum[index], held[index], index))
            home[patient] = fold
            of_stratum[fold] += len(pictures[patient])
            held[fold] += len(pictures[patient])
    return tuple(
        Fold(str(index + 1), tuple(row for row in rows if home[row.patient] == index)) for index in range(count)
    )


def _strata(pictures: dict[str, list[LabelRow]], groups: Sequence[Group]) -> list[list[str]]:
    """Return the patients of each stratum, rare strata first: where they go leaves the least choice."""
    sizes: dict[tuple[int, str, str], int] = defaultdict(int)
    kinds = {}
    for own in pictures.values():
        for row in own:
            index = group_of(row, groups)
            kinds[row.path] = (-1 if index is None else index, row.source, row.word)
            sizes[kinds[row.path]] += 1
    strata: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for patient, own in pictures.items():
        strata[min((kinds[row.path] for row in own), key=lambda kind: (sizes[kind], kind))].append(patient)
    return [strata[kind] for kind in sorted(strata, key=lambda kind: (len(strata[kind]), kind))]


def folds_by_source(rows: Sequence[LabelRow], left_out: Sequence[Sequence[str]]) -> tuple[Fold, ...]:
    """Return one fold for each set of sources: its model sees none of them, nor a patient who is also in them.

    Raises ValueError for a source that has no rows or is in two sets, and for a set that leaves nothing to learn from.
    """
    known = {row.source for row in rows}
    folds: list[Fold] = []
    for sources in left_out:
        absent = [name for name in sources if name not in known]
        if absent:
            raise ValueError(f"no labelled picture is of the source {', '.join(absent)}")
        fold = Fold("without-" + "+".join(sources), tuple(row for row in rows if row.source in sources))
        if not fold.seen(rows):
            raise ValueError(f"without {', '.join(sources)} nothing is left to learn from")
        if both := {row.source for other in folds for row in other.predicted} & set(sources):
            raise ValueError(f"two folds leave out {', '.join(sorted(both))}")
        folds.append(fold)
    return tuple(folds)


def part_of_group(
    rows: Sequence[LabelRow], groups: Sequence[Group], name: str, part: float, seed: int
) -> tuple[LabelRow, ...]:
    """Return the rows without the patients of the group `name` who are not among `part` of them.

    They go with all their pictures, of other groups as well: a picture that stayed could be of a test patient. The
    part is that of the patients with the finding and of the others alike; a smaller one is contained in a larger one.
    """
    own = [row for row in rows if (index := group_of(row, groups)) is not None and groups[index].name == name]
    with_finding = {row.patient for row in own if row.is_positive}
    kept: set[str] = set()
    for patients in (with_finding, {row.patient for row in own} - with_finding):
        order = sorted(patients, key=lambda patient: hashlib.sha256(f"{seed} part {patient}".encode()).digest())
        kept |= set(order[: math.ceil(part * len(order))])
    gone = {row.patient for row in own} - kept
    return tuple(row for row in rows if row.patient not in gone)


def each_source(rows: Sequence[LabelRow]) -> tuple[tuple[str, ...], ...]:
    """Return the sets that leave one source out at a time."""
    return tuple((name,) for name in sorted({row.source for row in rows}))
