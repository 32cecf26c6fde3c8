"""How pictures look from afar, which tells labels in public collections, and draws in which it does not.

Where the films of one class were larger, or of other proportions, and all were made squares of one size, how sharp a
picture is along rows and columns gives its class away; where they were framed otherwise, a thumbnail does. No variation
of single pictures hides that wholly; drawing those more often that look like the other class does.
"""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.reading.model_card import InputSpec
from core.reading.preprocess import normalize

DISTANCES = (1, 2, 4)  # pixels between those that are compared
BENDS = (1, 2)
THUMBNAIL = 12  # side in pixels: framing, habitus and the large organs, no opacity but the largest
LEAST = 0.01  # of the weight that a picture could have: what looks like its own class alone is drawn, too
FOLDS = 5
AT_ONCE = 256
Float = NDArray[np.float64]


def texture(gray: NDArray[np.uint8], spec: InputSpec) -> Float:
    """Return how much the network's inputs change along rows and along columns, (N, 10) logarithms.

    `gray` is (N, rows, columns). First differences over one, two and four pixels, second ones over one and two.
    """
    parts = [normalize(gray[start:start + AT_ONCE], spec) for start in range(0, len(gray), AT_ONCE)]
    return np.concatenate([np.column_stack(list(_changes(part))) for part in parts])


def _changes(pictures: NDArray[np.float32]) -> Iterator[Float]:
    for axis in (2, 1):
        lines = np.moveaxis(pictures, axis, 2)
        differences = [lines[:, :, by:] - lines[:, :, :-by] for by in DISTANCES]
        differences += [lines[:, :, 2 * by:] - 2 * lines[:, :, by:-by] + lines[:, :, :-2 * by] for by in BENDS]
        for one in differences:
            yield np.log(np.abs(one).mean((1, 2), dtype=np.float64) + 1e-6)


def layout(gray: NDArray[np.uint8], spec: InputSpec) -> Float:
    """Return thumbnails of the network's inputs, (N, 144): how the body lies in the picture.

    `gray` is (N, rows, columns).
    """
    size = (THUMBNAIL, THUMBNAIL)
    small = [cv2.resize(normalize(picture, spec), size, interpolation=cv2.INTER_AREA).ravel() for picture in gray]
    return np.array(small, np.float64).reshape(len(gray), THUMBNAIL * THUMBNAIL)


LOOKS: dict[str, Callable[[NDArray[np.uint8], InputSpec], Float]] = {"texture": texture, "layout": layout}


def overlap_weights(facts: Float, positive: NDArray[np.bool_], strength: float = 1.0) -> Float:
    """Return a weight for each picture, 0-1, with which the facts tell its class less, at best hardly more than chance.

    `facts` is (N, facts), `positive` (N,). The weight is the probability of the other class by a logistic regression
    on other pictures' facts (Li, Morgan and Zaslavsky 2018, Balancing covariates via propensity score weighting),
    and LEAST. `strength` is the regression's C on facts of unit variance: the less, the more is left of what they tell,
    and the more pictures count. All weights are 1 where a class has too few pictures to tell.
    """
    if min(positive.sum(), (~positive).sum()) < 2 * FOLDS:
        return np.ones(len(positive))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=3000))
    chance = cross_val_predict(model, facts, positive, cv=StratifiedKFold(FOLDS), method="predict_proba")[:, 1]
    return np.asarray(np.where(positive, 1 - chance, chance) + LEAST)
