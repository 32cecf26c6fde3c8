"""Extent by zones from the features of the network's own pass: no second look at the picture.

Features are averaged in each of six zones of the picture, beside their average over all of it; one set of weights,
the same for all zones, makes a score of them, and each zone adds a number of its own. Plain arrays of a safetensors
file; nothing is executed.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays

from core.findings.extent import MOST_OF_ZONE, ZONES, Extent
from core.findings.finding import Finding
from core.findings.wording import not_asked_text
from core.imaging.image import EdgeLetters
from core.reading.asking import is_asked
from core.reading.model_card import EXTENT_NAME, ExtentSpec, ModelCard, Zones, load_checked
from core.refusal import Reason, Refusal

if TYPE_CHECKING:
    from core.reading.read_image import Seen

Float = NDArray[np.float32]
BEYOND = 60.0  # softnesses from a border: farther off a place is wholly on one side


class ExtentHead(NamedTuple):
    """`weights` is (features,) as `zone_features` lays them out, `offsets` is (zones,)."""

    zones: Zones
    weights: Float
    offsets: Float

    def scores(self, cells: Float, middle: Float) -> Float:
        """Return the six scores of each picture, (N, zones) within 0-3; arguments as in `zone_features`."""
        found = zone_features(cells, middle, self.zones) @ self.weights + self.offsets
        return np.asarray(np.clip(found, 0, MOST_OF_ZONE), dtype=np.float32)


def zone_features(cells: Float, middle: Float, spec: Zones) -> Float:
    """Return what the scores are made of, (N, zones, features): cells and middle in the zone, and over the picture.

    `cells` is (N, channels, rows, columns) and `middle` alike, of any size: see `network.Passed`.
    """
    parts = []
    for features in (cells, middle):
        flat = features.reshape(*features.shape[:2], -1)
        zones = zone_weights(spec, *features.shape[2:]).reshape(len(ZONES), -1)
        parts.append(np.swapaxes(flat @ zones.T, 1, 2))
        parts.append(np.repeat(flat.mean(2)[:, None], len(ZONES), axis=1))
    return np.concatenate(parts, axis=2, dtype=np.float32)


def zone_weights(spec: Zones, rows: int, columns: int) -> Float:
    """Return how much each cell of a grid counts in each zone, (zones, rows, columns), each summing to 1."""
    down, across = ((np.arange(size) + 0.5) / size for size in (rows, columns))
    zones = zone_shares(spec, *np.meshgrid(across, down))
    return np.asarray(zones / zones.sum((1, 2), keepdims=True), dtype=np.float32)


def zone_shares(spec: Zones, across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far places belong to each zone, (zones, ...), 0-1: those of a place sum to 1 within 2 %.

    Places are parts of the width and the height, alike in shape. The right lung is the left half of the picture.
    """
    lower = [_rise((down - edge) / spec.softness) for edge in spec.edges]  # part that lies below each border
    levels = [1 - lower[0], lower[0] * (1 - lower[1]), lower[1]]
    sides = [_rise((0.5 - across) / spec.softness), _rise((across - 0.5) / spec.softness)]
    return np.stack([level * side for side in sides for level in levels])


def _rise(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-distance.clip(-BEYOND, BEYOND))))


def load_extent(folder: Path, card: ModelCard) -> ExtentHead | Refusal | None:
    """Read and check `folder`/extent.safetensors; None where the card has no such part."""
    if card.extent is None:
        return None
    path = folder / EXTENT_NAME
    content = load_checked(path, card.extent.sha256)
    if isinstance(content, Refusal):
        return content
    try:
        arrays = load_arrays(content)
        head = ExtentHead(card.extent.zones, arrays["weights"], arrays["offsets"])
    except (SafetensorError, KeyError) as error:
        return Refusal(Reason.MODEL_DAMAGED, path, {"detail": f"not the arrays of an extent: {error}"})
    is_whole = head.weights.ndim == 1 and head.offsets.shape == (len(ZONES),)
    if not is_whole or not np.isfinite(head.weights).all() or not np.isfinite(head.offsets).all():
        return Refusal(Reason.MODEL_DAMAGED, path, {"detail": "its arrays are not those of six zones"})
    return head


def ask_extent(
    head: ExtentHead | None, card: ModelCard, seen: "Seen", age: float | None, findings: tuple[Finding, ...],
    asks_all: bool = False, edges: EdgeLetters | None = None,
) -> tuple[Extent | None, tuple[str, ...]]:
    """Return the extent of the first picture seen where the model has it and it is asked, else what is said of that.

    `age` in years and `findings` decide as in `is_asked`; `edges` tell which side of the patient lies at the left.
    Raises ValueError as `make_extent`.
    """
    spec = card.extent
    if head is None or spec is None:
        return None, ()
    if asks_all or is_asked(spec, age, findings):
        extent = make_extent(head, spec, seen.cells[0], seen.middle[0])
        return (extent.mirrored() if edges is not None and edges.left.startswith("L") else extent), ()
    return None, (not_asked_text(spec.label, spec.ages, spec.given, age is not None),)


def make_extent(head: ExtentHead, spec: ExtentSpec, cells: Float, middle: Float) -> Extent:
    """Return the extent of one picture from cells (channels, rows, columns) and middle alike.

    Raises ValueError where the features are not those that it was made for, or not finite.
    """
    scores = head.scores(cells[None], middle[None])[0]
    if not np.isfinite(scores).all():
        raise ValueError(f"the scores of the extent are {scores.tolist()}")
    rounded = tuple(round(float(score), 1) for score in scores)
    return Extent(spec.label, rounded, spec.error, spec.error_of_sum, spec.population)
