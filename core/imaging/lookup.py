"""Modality transforms and lookup tables as values with `apply` (PS3.3 C.11.1, C.11.2.1.1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rescale:
    """Rescale Slope and Intercept: modality value = slope * stored value + intercept (PS3.3 C.11.1)."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, stored: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the modality values, float64, same shape."""
        with np.errstate(over="ignore", invalid="ignore"):  # of a damaged slope or a signaling NaN
            values = np.array(stored, dtype=np.float64)
            if self.slope != 1.0:
                values *= self.slope
            if self.intercept != 0.0:
                values += self.intercept
        return values


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A Modality or VOI LUT: `entries[0]` is the output for the input `first` and all below it (PS3.3 C.11.1.1.1).

    `entries` is a read-only one-dimensional unsigned array; `bits` says how many bits of output the table declares,
    so that a VOI LUT's full output is ``2**bits - 1``. `explanation` is the file's name for it.
    """

    first: int
    entries: NDArray[np.unsignedinteger]
    bits: int
    explanation: str = ""

    def apply(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the table's output for each value, float64, same shape; values outside take the nearest end.

        What is no number stays so.
        """
        with np.errstate(invalid="ignore"):  # of a signaling NaN
            index = np.clip(np.rint(np.asarray(values, dtype=np.float64)) - self.first, 0, len(self.entries) - 1)
        is_none = np.isnan(index)
        output = np.asarray(self.entries[np.where(is_none, 0, index).astype(np.intp)], dtype=np.float64)
        return np.where(is_none, np.nan, output) if is_none.any() else output

    def to_unit(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the output as 0-1 of what the declared bits can hold."""
        return np.clip(self.apply(values) / (2.0**self.bits - 1.0), 0.0, 1.0)


def is_same_transform(first: Rescale | LookupTable, second: Rescale | LookupTable) -> bool:
    """Return whether two modality transforms give the same values."""
    if isinstance(first, LookupTable) and isinstance(second, LookupTable):
        return first.first == second.first and np.array_equal(first.entries, second.entries)
    return first == second
