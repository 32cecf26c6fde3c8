"""Where the slices of a stack do not follow each other evenly: one may be missing, and what looks near is far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.studies.order import SAME_PLACE_MM, StackFrame, positions_along_normal

SHARE = 0.05  # of the usual gap: what differs by less is even
ROUNDING_MM, MOST_ROUNDING = 0.1, 0.25  # positions are often written with one decimal; as a share for thin slices


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap between slices that is not the usual one. `index` is the last frame before it, in the stack's order by
    position; `position_mm` is that frame's place along the slice normal.
    """

    index: int
    position_mm: float
    gap_mm: float
    usual_mm: float


def uneven_gaps(frames: Sequence[StackFrame]) -> tuple[Gap, ...]:
    """Return the gaps between neighboring places that differ from the usual one, the median, in frames by position.

    Frames at one place (times, echoes) have no gap between them. A stack without positions, or with fewer than three
    places, has no usual gap. Differences that rounding of the written positions explains do not count.
    """
    positions = positions_along_normal(frames)
    if positions is None:
        return ()
    steps = np.abs(np.diff(positions))
    ends = np.flatnonzero(steps > SAME_PLACE_MM)  # the last frame of each place but the last place
    if len(ends) < 2:
        return ()
    usual = float(np.median(steps[ends]))
    allowed = max(SHARE * usual, min(ROUNDING_MM, MOST_ROUNDING * usual))
    return tuple(Gap(int(end), float(positions[end]), float(steps[end]), usual) for end in ends
                 if abs(steps[end] - usual) > allowed + 1e-6)
