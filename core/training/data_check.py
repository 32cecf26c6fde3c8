"""What is wrong with a labelled collection, before anybody trains on it: leaks, copies, imbalance, and shortcuts.

A shortcut is a fact without anatomy (size, brightness, sharpness) that predicts the label, or the source where source
and label go together. Classes are what the configuration makes of the label words, without one the words themselves.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from pydantic import Field
from sklearn.metrics import roc_auc_score

from core.training.config_part import Part
from core.training.duplicates import Pair, copies, same_files
from core.training.guesses import Guess, Progress, guesses
from core.training.labels import TEST_SPLIT, LabelRow
from core.training.metrics import Floats
from core.training.picture_facts import FEATURES, PictureFacts

LEAST = 10  # pictures of a class below which no fact tells it
NO_LABEL = ("", "none")  # words that say nothing, where no configuration says so


class Count(Part):
    """Pictures of one source, split and class, and of how many patients."""

    source: str
    split: str
    label: str
    pictures: int
    patients: int


class Copy(Part):
    """Two pictures that are the same, and whether they lie in different splits, patients or classes."""

    first: str
    second: str
    how: str
    coarse: float
    fine: float
    across_splits: bool
    across_patients: bool
    across_labels: bool


class PatientLeak(Part):
    """A patient with pictures in several splits."""

    patient: str
    splits: tuple[str, ...]
    pictures: int


class FeatureAuc(Part):
    """How well one fact alone tells a class from the others; 0.5 is not at all. `source` is empty for all together."""

    source: str
    label: str
    feature: str
    auc: float  # taken so that it is at least 0.5
    larger: bool  # whether the class has the larger values
    pictures: int
    others: int


class Resolution(Part):
    """Sizes of a source's files in pixels: the most common one and its part, smallest and largest side."""

    source: str
    most_common: str
    part: float
    smallest: int
    largest: int


class DataCheck(Part):
    """The whole of check.json, schema 1."""

    schema_version: int = 1
    pictures: int
    patients: int
    without_patient: int
    unreadable: dict[str, str] = Field(default_factory=dict)  # path -> reason
    counts: tuple[Count, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    copies: tuple[Copy, ...] = ()
    patient_leaks: tuple[PatientLeak, ...] = ()
    features: tuple[FeatureAuc, ...] = ()
    guesses: tuple[Guess, ...] = ()

    @property
    def leaks(self) -> int:
        """How many copies lie in two splits or belong to two patients, and how many patients lie in two splits.

        Of two patients within one split, one may teach a fold and the other one be predicted by it.
        """
        return sum(copy.across_splits or copy.across_patients for copy in self.copies) + len(self.patient_leaks)


def class_of(row: LabelRow) -> str:
    """Return a row's class: positive or negative where the configuration says so, else the table's own word."""
    return row.label.value if row.is_known else row.word


def check_data(
    rows: Sequence[LabelRow], facts: PictureFacts, among: Callable[[LabelRow], bool] | None = None,
    progress: Progress = lambda what: None,
) -> DataCheck:
    """Check rows whose pictures were measured. Copies and leaks: all rows; shortcuts: those that `among` takes.

    By default those are the rows whose class is known; where no word has a meaning, all with a word.
    """
    among = among or (is_known if any(map(is_known, rows)) else has_word)
    position = {path: index for index, path in enumerate(facts.paths)}
    opened = [row for row in rows if row.path in position]
    order = np.array([position[row.path] for row in opened], dtype=np.intp)
    progress("copies")
    pairs = [*same_files([facts.digests[index] for index in order]), *same_files([row.sha1 for row in opened]),
             *copies(facts.thumbnails[order])]
    chosen = np.array([among(row) for row in opened], dtype=bool)
    studied = [row for row, take in zip(opened, chosen, strict=True) if take]
    values, thumbnails = facts.values[order][chosen], facts.thumbnails[order][chosen]
    progress("shortcuts")
    return DataCheck(
        pictures=len(rows),
        patients=len({row.patient for row in rows}),
        without_patient=sum(not row.has_patient for row in rows),
        unreadable=facts.refused,
        counts=count(rows),
        resolutions=resolutions(opened, facts.values[order]),
        copies=copies_of(pairs, opened),
        patient_leaks=patient_leaks(rows),
        features=feature_aucs(studied, values),
        guesses=guesses(studied, np.array([class_of(row) for row in studied]), values, thumbnails, progress),
    )


def has_word(row: LabelRow) -> bool:
    """Whether the table says anything of the picture."""
    return row.word not in NO_LABEL


def is_known(row: LabelRow) -> bool:
    """Whether the picture is positive or negative."""
    return row.is_known


def count(rows: Sequence[LabelRow]) -> tuple[Count, ...]:
    """Return pictures and patients of each source, split and class."""
    members: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        members[row.source, row.split, class_of(row)].append(row.patient)
    return tuple(
        Count(source=source, split=split, label=label, pictures=len(patients), patients=len(set(patients)))
        for (source, split, label), patients in sorted(members.items())
    )


def resolutions(rows: Sequence[LabelRow], values: Floats) -> tuple[Resolution, ...]:
    """Return the sizes of the files of each source."""
    area, aspect = 2 ** values[:, FEATURES.index("area")], values[:, FEATURES.index("aspect")]
    widths = np.rint(np.sqrt(area * aspect)).astype(int)
    heights = np.rint(np.sqrt(area / aspect)).astype(int)
    found = []
    for source in sorted({row.source for row in rows}):
        here = np.array([row.source == source for row in rows])
        sizes = Counter(zip(widths[here].tolist(), heights[here].tolist(), strict=True))
        (width, height), times = sizes.most_common(1)[0]
        found.append(Resolution(
            source=source, most_common=f"{width} × {height}", part=times / int(here.sum()),
            smallest=min(min(size) for size in sizes), largest=max(max(size) for size in sizes),
        ))
    return tuple(found)


def copies_of(pairs: Sequence[Pair], rows: Sequence[LabelRow]) -> tuple[Copy, ...]:
    """Return each pair of pictures once, by what is known of it best (the same file first); leaks first."""
    known: dict[tuple[int, int], Pair] = {}
    for pair in pairs:
        known.setdefault((pair.first, pair.second), pair)
    found = []
    for pair in known.values():
        first, second = rows[pair.first], rows[pair.second]
        found.append(Copy(
            first=first.path, second=second.path, how=pair.how, coarse=pair.coarse, fine=pair.fine,
            across_splits=first.split != second.split, across_patients=first.patient != second.patient,
            across_labels=class_of(first) != class_of(second),
        ))
    return tuple(sorted(found, key=lambda copy: (not copy.across_splits, not copy.across_labels, copy.first)))


def patient_leaks(rows: Sequence[LabelRow]) -> tuple[PatientLeak, ...]:
    """Return the patients who have pictures in several splits, those with tests among them first."""
    splits: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.has_patient:
            splits[row.patient].append(row.split)
    found = (
        PatientLeak(patient=patient, splits=tuple(sorted(set(own))), pictures=len(own))
        for patient, own in splits.items() if len(set(own)) > 1
    )
    return tuple(sorted(found, key=lambda leak: (TEST_SPLIT not in leak.splits, leak.patient)))


def feature_aucs(rows: Sequence[LabelRow], values: Floats) -> tuple[FeatureAuc, ...]:
    """Return the AUC of each fact for each class, in all together and in each of several sources, the strongest first.

    Of two classes only one is listed (the positive one): the other is its mirror.
    """
    sources = np.array([row.source for row in rows])
    labels = np.array([class_of(row) for row in rows])
    found = []
    names = sorted(set(sources.tolist()))
    for source in ("", *(names if len(names) > 1 else ())):
        here = np.ones(len(rows), bool) if not source else sources == source
        classes = sorted(set(labels[here].tolist()))
        for label in ([max(classes)] if len(classes) == 2 else classes):
            positive = labels[here] == label
            if min(int(positive.sum()), int((~positive).sum())) < LEAST:
                continue
            for index, feature in enumerate(FEATURES):
                auc = float(roc_auc_score(positive, values[here, index]))
                found.append(FeatureAuc(
                    source=source, label=label, feature=feature, auc=max(auc, 1 - auc), larger=auc >= 0.5,
                    pictures=int(positive.sum()), others=int((~positive).sum()),
                ))
    return tuple(sorted(found, key=lambda item: (item.source, -item.auc)))
