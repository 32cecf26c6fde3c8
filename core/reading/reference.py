"""A model folder's `reference.json`: what its network answered where it was made, so that a machine can test itself.

A graphics card or a library that computes something else is found before it reads a patient's image.
"""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from core.reading.model_card import InputSpec
from core.refusal import Reason, Refusal

REFERENCE_NAME = "reference.json"
TOLERANCE = 0.02  # logits; kernels that add in another order, and TF32, differ by less


class Reference(BaseModel):
    """The logits of each reference picture, one list of findings for each picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    logits: tuple[tuple[float, ...], ...]

    @model_validator(mode="after")
    def _lists_are_alike(self) -> Self:
        if len({len(row) for row in self.logits}) > 1:
            raise ValueError("its lists are of different lengths")
        return self


def reference_pictures(spec: InputSpec) -> NDArray[np.uint8]:
    """Return the pictures, (3, spec.rows, spec.columns) uint8, made from arithmetic alone: ramp, rings, blobs."""
    y, x = np.mgrid[0:1 : spec.rows * 1j, 0:1 : spec.columns * 1j]
    ramp = x * 0.6 + y * 0.4
    rings = 0.5 + 0.5 * np.cos(40 * np.hypot(x - 0.4, y - 0.6))
    centers = ((0.3, 0.5, 0.2), (0.7, 0.45, 0.15), (0.55, 0.8, 0.1))
    blobs = sum(np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * size**2)) for cx, cy, size in centers)
    stack = np.stack([ramp, rings, np.clip(blobs, 0, 1)])
    return np.asarray(np.rint(stack * 255), dtype=np.uint8)


def load_reference(folder: Path) -> Reference | Refusal | None:
    """Read `folder`/reference.json; None where the folder has none, a Refusal for one that is damaged or unreadable."""
    path = folder / REFERENCE_NAME
    try:
        return Reference.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        detail = f"{path.name}: {error.strerror or 'unreadable'}"
        return Refusal(Reason.MODEL_MISSING, path, {"detail": detail})
    except ValidationError as error:
        return Refusal(Reason.MODEL_DAMAGED, path, {"detail": f"{path.name} is damaged: {error.errors()[0]['msg']}"})
