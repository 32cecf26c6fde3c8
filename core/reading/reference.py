"""A model folder's `reference.json`: what its network answered where it was made, so that a machine can test itself.

A graphics card or a library that computes something else is found before it reads a patient's image.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from core.reading.model_card import InputSpec

REFERENCE_NAME = "reference.json"
TOLERANCE = 0.02  # logits; kernels that add in another order, and TF32, differ by less


class Reference(BaseModel):
    """The logits of each reference picture, one list of findings for each picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    logits: tuple[tuple[float, ...], ...]


def reference_pictures(spec: InputSpec) -> NDArray[np.uint8]:
    """Return the pictures, (3, spec.rows, spec.columns) uint8, made from arithmetic alone: ramp, rings, blobs."""
    y, x = np.mgrid[0:1 : spec.rows * 1j, 0:1 : spec.columns * 1j]
    ramp = x * 0.6 + y * 0.4
    rings = 0.5 + 0.5 * np.cos(40 * np.hypot(x - 0.4, y - 0.6))
    centers = ((0.3, 0.5, 0.2), (0.7, 0.45, 0.15), (0.55, 0.8, 0.1))
    blobs = sum(np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * size**2)) for cx, cy, size in centers)
    stack = np.stack([ramp, rings, np.clip(blobs, 0, 1)])
    return np.asarray(np.rint(stack * 255), dtype=np.uint8)


def load_reference(folder: Path) -> Reference | None:
    """Read `folder`/reference.json; None where the folder has none. Raises ValueError for a damaged one."""
    path = folder / REFERENCE_NAME
    if not path.is_file():
        return None
    try:
        return Reference.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path.name} is damaged: {error.errors()[0]['msg']}") from error
