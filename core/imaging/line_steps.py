"""Linear windows over integers: all grays from those beside the window's steps, and the quick way over large pictures.

Where many stored values share a gray, the grays of some hundred values tell those of all: on a line they only rise or
only fall with the stored value, rounding included.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.image import Frame, Voi
from core.imaging.lookup import Rescale
from core.imaging.window import VoiFunction, Window

MANY_FOR_A_GRAY = 8  # stored values: fewer are all worked out
# where rounding goes on to the next gray, in widths about the center of a line, three times each, and the stored values
# at it and beside it
GRAY_STEPS = np.repeat(np.arange(-127, 128) / 255, 3)
BESIDE = np.tile([-1.0, 0.0, 1.0], 255)
LARGE = 1 << 16  # pixels: for fewer a table costs as little
MOST_MENDED = 2  # stored values whose pixels are set right one by one: with more a table is as quick

Gray = NDArray[np.uint8]
Line = tuple[float, float]  # center and width, in stored values
Ends = tuple[float, float]  # the smallest and the largest value


def line_of(frame: Frame, voi: Voi) -> Line | None:
    """Return center and width, in stored values, of a linear window; a negative width falls.

    None where grays follow no line from black to white.
    """
    rescale = frame.modality
    if (
        not isinstance(voi, Window) or voi.function is VoiFunction.SIGMOID or not voi.is_valid
        or frame.padding is not None or frame.presentation_lut is not None
        or not isinstance(rescale, Rescale) or rescale.slope == 0
    ):
        return None
    is_exact = voi.function is VoiFunction.LINEAR_EXACT
    center, width = (voi.center, voi.width) if is_exact else (voi.center - 0.5, voi.width - 1)
    line = (center - rescale.intercept) / rescale.slope, width / rescale.slope
    return line if all(map(math.isfinite, line)) and math.isfinite(rescale.slope) else None


def has_steps(line: Line) -> bool:
    """Return whether so many stored values share a gray that `line_steps` pays."""
    return MANY_FOR_A_GRAY <= abs(line[1]) / 256 < 1e9


def changing(low: int, high: int, line: Line) -> tuple[int, int]:
    """Return the first and last stored value, within these two, between which the gray changes on a line."""
    center, width = line
    # a margin for rounding
    first, last = math.floor(center - abs(width) / 2) - 2, math.ceil(center + abs(width) / 2) + 2
    return min(max(first, low), high), max(min(last, high), low)


@dataclass(frozen=True, slots=True, eq=False)
class LineSteps:
    """The stored values at and beside each step of a line, between the first and the last there is, and their grays.

    `values`, (767,) float64, rise: the first, three about each of 255 steps, the last. All between two threes are of
    one gray. `rises` says whether grays rise with the stored value.
    """

    line: Line
    rises: bool
    values: NDArray[np.float64]
    grays: Gray

    def all_grays(self) -> Gray:
        """Return the gray of each stored value from the first to the last."""
        return self.grays.repeat(np.diff(self.values, append=self.values[-1] + 1).astype(np.intp))

    def picture(self, stored: NDArray[Any], out: Gray | None = None, ends: Ends | None = None) -> Gray | None:
        """Map a large picture to grays without a table, in half of the time; None where it does not pay.

        `stored` is integer, of 16 bits, within the values that `line_steps` was made for. `out`, of its shape, may be
        written to and returned. `ends` are its `ends_of`, where they are known.

        OpenCV's conversion with a scale and a shift works in float32: near a tie it may round to the other gray. So
        it is tried first on the values at the steps, and the pixels of those that come out otherwise are set right.
        """
        is_plain = stored.ndim == 2 and stored.flags.c_contiguous and stored.dtype.itemsize == 2
        if not is_plain:
            return None
        tried = self._converted(self.values.astype(stored.dtype)[None], (self.values[0], self.values[-1]))[0]
        is_wrong = tried != self.grays
        wrong = self._mendable(tried, is_wrong) if is_wrong.any() else {}
        ends = ends_of(stored) if ends is None else ends
        if wrong is None or ends[0] == ends[1]:
            return None
        gray = self._converted(stored, ends, out)
        for value, by in wrong.items():
            is_value = cv2.inRange(stored, value, value)  # 255 there, which is -1 in 8 bits
            (np.subtract if by == 1 else np.add)(gray, is_value, out=gray)
        return gray

    def _mendable(self, tried: Gray, is_wrong: NDArray[np.bool_]) -> dict[int, int] | None:
        """By how much the grays of which stored values differ from those tried; None where that is not told by few."""
        wrong = {int(self.values[at]): int(self.grays[at]) - int(tried[at]) for at in np.flatnonzero(is_wrong)}
        is_few = len(wrong) <= MOST_MENDED and all(abs(by) == 1 for by in wrong.values())
        # beside a gap as in it: all between would be wrong, too
        is_between = _differ_between(tried) or (is_wrong[0::3] & is_wrong[1::3]).any()
        return wrong if is_few and not is_between else None

    def _converted(self, stored: NDArray[Any], ends: Ends, out: Gray | None = None) -> Gray:
        """The grays of the line in float32; the ends of `stored` differ."""
        center, width = self.line[0], abs(self.line[1])
        # as OpenCV holds them, so that scale and shift are the same for any ends
        scale, shift = float(np.float32(255 / width)), float(np.float32(127.5 - 255 * center / width))
        black, white = (end * scale + shift for end in ends)
        gray = np.asarray(cv2.normalize(stored, out, black, white, cv2.NORM_MINMAX, cv2.CV_8U))
        return gray if self.rises else np.asarray(cv2.bitwise_not(gray, gray))


def ends_of(stored: NDArray[Any]) -> Ends:
    """Return the smallest and the largest value of a two-dimensional picture of numbers."""
    low, high, *_ = cv2.minMaxLoc(stored)
    return low, high


def line_steps(
    low: int, high: int, line: Line, inverse: bool, exact: Callable[[NDArray[np.float64]], Gray]
) -> LineSteps | None:
    """Work out the grays beside the steps of a line for stored values from `low` to `high`.

    `exact` gives the grays of stored values, `inverse` says whether it turns those of the line. None where they do not
    tell those of all the others: whether anything else lies between is looked at, not computed.
    """
    center, width = line
    # few calls, in place: made anew at each step of a drag, with cold caches
    values = np.empty(GRAY_STEPS.size + 2)
    values[0], values[-1] = low, high
    steps = values[1:-1]
    np.multiply(GRAY_STEPS, abs(width), out=steps)
    steps += center
    np.rint(steps, out=steps)
    steps += BESIDE
    np.minimum(np.maximum(steps, low, out=steps), high, out=steps)
    grays = exact(values)
    return None if low == high or _differ_between(grays) else LineSteps(line, (width > 0) != inverse, values, grays)


def _differ_between(grays: Gray) -> bool:
    """Whether the two values on either side of a gap are of different grays, somewhere."""
    return bool((grays[0::3] != grays[1::3]).any())
