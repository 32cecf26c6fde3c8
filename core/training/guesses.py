"""How well a source, or a class within a source, is guessed from what holds no medicine: facts and thumbnails.

Random forests, cross-validated by patient. A source that is guessed well can be learned in place of the label wherever
source and label go together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from core.training.config_part import Part
from core.training.labels import LabelRow
from core.training.metrics import Floats

LEAST = 10  # patients of a class, or of a source, below which it is not guessed
FOLDS = 5
TREES = 60
LIMIT = 4000  # pictures drawn for a guess, of each class alike: more change the second digit at most
MANY = 2000  # pictures from which two threads are worth their start
Progress = Callable[[str], None]  # what is done next


class Guess(Part):
    """A cross-validated guess, by patient, from the facts or the thumbnail: of the source, or of the class in one.

    `among` says among which pictures. `accuracy` counts each class alike; `chance` is what guessing would reach.
    """

    what: str  # "source" or "label"
    by: str  # "facts" or "thumbnail"
    among: str
    classes: int
    pictures: int
    accuracy: float
    chance: float
    auc: float  # one against the rest, each class counted alike


@dataclass(frozen=True, eq=False)
class _Question:
    """One guess to be made: which pictures, what of them."""

    what: str
    among: str
    chosen: NDArray[np.bool_]
    truth: NDArray[Any]


def guesses(
    rows: Sequence[LabelRow], labels: NDArray[Any], values: Floats, thumbnails: NDArray[np.uint8],
    progress: Progress = lambda what: None,
) -> tuple[Guess, ...]:
    """Return how well the source is guessed, among all and within each class, and the class, in all and in each source.

    `labels` are the classes of the rows, `values` their facts (rows, FEATURES), `thumbnails` (rows, 64, 64) uint8.
    """
    if not rows:  # no label that is known, or no picture that opens: the rest of the check counts all the same
        return ()
    sources = np.array([row.source for row in rows])
    everywhere = np.ones(len(rows), bool)
    questions = [_Question("source", "all", everywhere, sources)]
    questions += [_Question("source", name, labels == name, sources) for name in sorted(set(labels.tolist()))]
    questions += [_Question("label", "all", everywhere, labels)]
    if len(names := sorted(set(sources.tolist()))) > 1:
        questions += [_Question("label", name, sources == name, labels) for name in names]
    small = thumbnails.reshape(len(rows), 16, 4, 16, 4).mean((2, 4)).reshape(len(rows), -1)
    patients = np.array([row.patient for row in rows])
    found = []
    for question in questions:
        for by, columns in (("facts", values), ("thumbnail", small)):
            progress(f"{question.what} from {by}, among {question.among}")
            guess = guess_by(question, by, columns, patients)
            found += [] if guess is None else [guess]
    return tuple(found)


def guess_by(question: _Question, by: str, columns: Floats, patients: NDArray[Any]) -> Guess | None:
    """Return a cross-validated guess by a random forest; None where fewer than two classes have enough patients."""
    places = _of_enough_patients(np.flatnonzero(question.chosen), question.truth, patients)
    # fewer pictures may be of fewer patients
    places = _of_enough_patients(_drawn(places, question.truth), question.truth, patients)
    truth, x, groups = question.truth[places], columns[places], patients[places]
    classes = np.array(sorted(set(truth.tolist())))
    if len(classes) < 2:
        return None
    chances = np.zeros((len(truth), len(classes)))
    for learned, asked in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(x, truth, groups):
        forest = RandomForestClassifier(
            TREES, min_samples_leaf=3, class_weight="balanced", random_state=0, n_jobs=2 if len(truth) > MANY else None
        )
        forest.fit(x[learned], truth[learned])
        chances[np.ix_(asked, np.searchsorted(classes, forest.classes_))] = forest.predict_proba(x[asked])
    auc = np.mean([roc_auc_score(truth == name, chances[:, index]) for index, name in enumerate(classes)])
    return Guess(
        what=question.what, by=by, among=question.among, classes=len(classes), pictures=len(truth),
        accuracy=float(balanced_accuracy_score(truth, classes[chances.argmax(1)])), chance=1 / len(classes),
        auc=float(auc),
    )


def _of_enough_patients(places: NDArray[np.intp], truth: NDArray[Any], patients: NDArray[Any]) -> NDArray[np.intp]:
    """Return those of the places whose class has LEAST patients among them."""
    enough = [
        name for name in sorted(set(truth[places].tolist()))
        if len(set(patients[places[truth[places] == name]].tolist())) >= LEAST
    ]
    return places[np.isin(truth[places], enough)]


def _drawn(places: NDArray[np.intp], truth: NDArray[Any]) -> NDArray[np.intp]:
    """Return at most LIMIT of the places, in their order: a rare class whole, of the others equally many.

    Drawn from all together, a class of few pictures could be left without any, and its AUC would be no number.
    """
    if len(places) <= LIMIT:
        return places
    rng = np.random.default_rng(0)
    classes = sorted((places[truth[places] == name] for name in sorted(set(truth[places].tolist()))), key=len)
    kept: list[NDArray[np.intp]] = []
    left = LIMIT
    for index, own in enumerate(classes):  # the rarest first: what it does not need goes to the others
        kept.append(rng.permutation(own)[: left // (len(classes) - index)])
        left -= len(kept[-1])
    return np.sort(np.concatenate(kept))
