"""VOI windows: center, width and function, and windows made from the pixels (PS3.3 C.11.2.1.2, C.11.2.1.3)."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]

_FARTHEST = 1e300  # of a window's ends: their distance is still a number


class VoiFunction(StrEnum):
    """VOI LUT Function (0028,1056)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """A VOI window in modality units (HU for CT; what the modality transform gives for others).

    `explanation` is the name that the file or a preset gives it. LINEAR needs a width of at least 1, the others one
    above 0 (PS3.3 C.11.2.1.2.1, C.11.2.1.3); `is_valid` says whether that holds.
    """

    center: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR
    explanation: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether the standard allows this width with this function."""
        if not (math.isfinite(self.center) and math.isfinite(self.width)):
            return False
        return self.width >= 1 if self.function is VoiFunction.LINEAR else self.width > 0

    @staticmethod
    def between(low: float, high: float, explanation: str = "") -> "Window":
        """Return the LINEAR window that shows `low` as black and `high` as white, or its LINEAR_EXACT twin.

        Values whose span is below one unit (float pixels) get LINEAR_EXACT, which allows widths below 1. With `low`
        equal to `high` the result is a threshold that shows this value black. Ends that are no numbers, as a damaged
        rescale makes them, are taken for the nearest that a window can have.
        """
        low, high = sorted(0.0 if math.isnan(end) else min(max(end, -_FARTHEST), _FARTHEST) for end in (low, high))
        if 0 < high - low < 1:
            return Window((low + high) / 2, high - low, VoiFunction.LINEAR_EXACT, explanation)
        if low == high and not float(low).is_integer():
            # LINEAR compares with center - 0.5, which rounding may put below the very value it was made from
            return Window(low + 0.5, 1, VoiFunction.LINEAR_EXACT, explanation)
        return Window((low + high + 1) / 2, high - low + 1, VoiFunction.LINEAR, explanation)


def window_to_unit(values: FloatArray, window: Window) -> NDArray[np.float64]:
    """Map modality values of any shape to 0-1, same shape, float64 (PS3.3 C.11.2.1.2.1, C.11.2.1.3.1, C.11.2.1.3.2).

    Raises ValueError for a window that is not valid.
    """
    if not window.is_valid:
        raise ValueError(f"a {window.function} window of width {window.width} is not valid")
    x = np.asarray(values, dtype=np.float64)
    center, width = window.center, window.width
    if window.function is VoiFunction.SIGMOID:
        with np.errstate(over="ignore"):
            return np.asarray(1.0 / (1.0 + np.exp(-4.0 * (x - center) / width)))
    if window.function is VoiFunction.LINEAR_EXACT:
        return np.clip((x - center) / width + 0.5, 0.0, 1.0)
    if width == 1:
        return np.where(x > center - 0.5, 1.0, 0.0)
    # in place: tables are made anew at each step of a drag
    unit = np.asarray(x - (center - 0.5))
    unit /= width - 1
    unit += 0.5
    return np.clip(unit, 0.0, 1.0, out=unit)
