"""Stored values to display gray: modality transform, VOI, one inversion (PS3.3 C.11.1, C.11.2, C.11.6; PS3.4 N.2).

Stored values of up to 16 bits go through one table, so that a window step costs a look-up for each shown pixel, or,
where the window is a line, one conversion that gives the same.
"""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.image import Frame, Voi
from core.imaging.line_steps import LARGE, Ends, LineSteps, changing, has_steps, line_of, line_steps
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.window import Window, window_to_unit

AUTO_PERCENTILES = (0.5, 99.5)  # CONVENTIONS of viewers: both tails cut a little, padding left out
LEAST_SHOWN = 0.05  # of a frame's values, where a window is one for it (cornerstone#280, OHIF#120)
ENOUGH = 256  # rows and columns that tell how large a part of a frame's values a window shows
COUNTED_AT_ONCE = 1 << 20

MIDDLE = 127.5  # padding as light as this is black; darker is as the window shows it, as other viewers have it

Gray = NDArray[np.uint8]


def default_voi(frame: Frame) -> Voi:
    """Return the VOI transform a frame is first shown and read with: the file's first, else `auto_window`."""
    return frame.voi[0] if frame.voi else auto_window(frame)


def image_values(frame: Frame) -> NDArray[Any]:
    """Return the stored values that are image, one-dimensional: padding, colors and non-finite values left out."""
    stored = frame.stored.ravel()
    if stored.dtype.kind == "f":
        stored = stored[np.isfinite(stored)]
    if frame.padding is not None:
        low, high = frame.padding
        stored = stored[(stored < low) | (stored > high)]
    return stored if frame.first_color is None else stored[stored < frame.first_color]


def auto_window(frame: Frame) -> Window:
    """Return the window of a grayscale frame's 0.5th to 99.5th percentile, in modality units, padding left out.

    Where windows begin at 0 and hardly a value is negative it begins there.
    """
    return _auto_between(frame, *_auto_ends(frame))


def _auto_ends(frame: Frame) -> tuple[float, float]:
    """The percentiles of an automatic window in modality units, the lower one first; 0 where there are no values."""
    values = image_values(frame)
    if values.size == 0:
        return 0.0, 0.0
    ends = frame.modality.apply(nearest_percentiles(values, AUTO_PERCENTILES))
    return float(ends.min()), float(ends.max())


def _auto_between(frame: Frame, low: float, high: float) -> Window:
    return Window.between(min(low, 0.0) if frame.from_zero else low, high, "auto")


def series_window(frame: Frame) -> Window | None:
    """Return the automatic window that may stand for all frames of a series, None where each goes by itself.

    That is where the file stores a VOI transform, in color, and where the frame is of one gray: it says nothing of
    the others.
    """
    if frame.voi or frame.is_color:
        return None
    low, high = _auto_ends(frame)
    return None if low == high else _auto_between(frame, low, high)


def shows(frame: Frame, window: Window) -> bool:
    """Return whether a window shows enough of a grayscale frame: a twentieth of its values lies between the ends.

    Of a large frame some rows and columns stand for all: each image of a series is asked as one scrolls.
    """
    down, across = (-(-size // ENOUGH) for size in frame.stored.shape)
    values = frame.modality.apply(image_values(replace(frame, stored=frame.stored[::down, ::across])))
    # a little wider, so that rounding leaves no end out
    is_between = np.abs(values - window.center) <= window.width * (0.5 + 1e-6)
    return values.size == 0 or bool(is_between.mean() >= LEAST_SHOWN)


def nearest_percentiles(values: NDArray[Any], percentiles: tuple[float, ...]) -> NDArray[Any]:
    """Return the values that lie nearest to these percentiles, as ``np.percentile(..., method="nearest")`` does.

    `values` is one-dimensional and not empty. Integers of up to 16 bits are counted, which is several times faster
    than partly sorting them.
    """
    if values.dtype.kind not in "ui" or values.dtype.itemsize > 2:
        return np.asarray(np.percentile(values, percentiles, method="nearest"))
    lowest = np.iinfo(values.dtype).min
    unsigned = values.view(f"u{values.dtype.itemsize}")
    # flipping the sign bit makes the lowest value 0
    flip = unsigned.dtype.type(-lowest) if lowest else unsigned.dtype.type(0)
    counts = np.zeros(1 << 8 * unsigned.dtype.itemsize, np.int64)
    for start in range(0, unsigned.size, COUNTED_AT_ONCE):  # of which bincount makes a copy of eight bytes each
        counts += np.bincount(unsigned[start:start + COUNTED_AT_ONCE] ^ flip, minlength=counts.size)
    reached = np.cumsum(counts)
    rank = np.rint(np.array(percentiles) / 100 * (values.size - 1))
    return np.searchsorted(reached, rank, side="right") + lowest


def minmax_window(frame: Frame) -> Window:
    """Return the window from the smallest to the largest modality value of the frame, padding left out."""
    values = image_values(frame)
    if values.size == 0:
        return Window.between(0, 0, "full range")
    if isinstance(frame.modality, Rescale):
        ends = frame.modality.apply(np.array([values.min(), values.max()]))
    else:
        ends = frame.modality.apply(values)
    return Window.between(float(ends.min()), float(ends.max()), "full range")


def adjustable_window(frame: Frame, voi: Voi) -> Window:
    """Return the window from which a drag starts: the VOI itself, or for a VOI LUT the range in which it changes.

    A LUT's constant ends show nothing, so they are left out of the range.
    """
    if isinstance(voi, Window):
        return voi
    changes = np.flatnonzero(np.diff(voi.entries.astype(np.int64)))
    if changes.size == 0:
        return auto_window(frame)
    return Window.between(voi.first + int(changes[0]), voi.first + int(changes[-1]) + 1, "from the LUT")


def gray_table(
    dtype: np.dtype[Any], frame: Frame, voi: Voi, invert: bool = False, steps: LineSteps | None = None
) -> Gray:
    """Return the table from stored value to gray, (256,) or (65536,) uint8, indexed by the value's unsigned bits.

    `dtype` is the stored type, an integer of 8 or 16 bits. `invert` is the user's inversion, beside the file's own.
    `steps` are those of the window, where they are known.
    """
    low, high = (int(end) for end in frame.stored_range)
    steps = _steps(frame, voi, invert) if steps is None else steps
    grays = _grays(low, high, dtype, frame, voi, invert) if steps is None else steps.all_grays()
    if low == 0 and grays.size == 1 << 8 * dtype.itemsize:
        return grays
    table = np.zeros(1 << 8 * dtype.itemsize, np.uint8)
    start = low % table.size  # a negative value's bits are those of a large one
    straight = min(grays.size, table.size - start)
    table[start:start + straight] = grays[:straight]
    table[:grays.size - straight] = grays[straight:]
    return table


def _grays(low: int, high: int, dtype: np.dtype[Any], frame: Frame, voi: Voi, invert: bool) -> Gray:
    """The gray of each stored value from `low` to `high`, each of them worked out where it may change."""
    line = line_of(frame, voi)
    first, last = (low, high) if line is None else changing(low, high, line)
    between = _gray(np.arange(first, last + 1, dtype=dtype), frame, voi, invert)
    grays = np.empty(high - low + 1, np.uint8)
    grays[:first - low] = between[0]
    grays[first - low:last + 1 - low] = between
    grays[last + 1 - low:] = between[-1]
    return grays


def _steps(frame: Frame, voi: Voi, invert: bool) -> LineSteps | None:
    """The grays beside the steps of a linear window; None where it is none, or they do not tell all grays."""
    line = line_of(frame, voi)
    if line is None or not has_steps(line):
        return None
    low, high = (int(end) for end in frame.stored_range)
    return line_steps(
        low, high, line, frame.inverse != invert, lambda values: _gray(values, frame, voi, invert))


def to_gray(
    stored: NDArray[Any], frame: Frame, voi: Voi, invert: bool = False, out: Gray | None = None,
    ends: Ends | None = None,
) -> Gray:
    """Map stored values of `frame`, of any shape and within its range, to display gray: same shape, uint8.

    `stored` is the frame's own array or a resampled part of it, in the same type. `out`, of the result's shape, may
    be written to and returned: fresh memory for each step of a drag costs half of a look-up. `ends` are its `ends_of`,
    where they are known: a drag need not look for them at each step.
    """
    if stored.dtype.kind in "ui" and stored.dtype.itemsize <= 2:
        steps = _steps(frame, voi, invert) if stored.size >= LARGE else None
        if steps is not None and (picture := steps.picture(stored, out, ends)) is not None:
            return picture
        table = gray_table(stored.dtype, frame, voi, invert, steps)
        unsigned = np.ascontiguousarray(stored).view(f"u{stored.dtype.itemsize}")
        gray = np.asarray(cv2.LUT(unsigned, table, dst=out))
        return gray if gray.shape == stored.shape else gray.reshape(stored.shape)
    return _gray(stored, frame, voi, invert)


def to_color(stored: NDArray[Any], voi: Voi | None = None, invert: bool = False) -> Gray:
    """Map color, (rows, columns, 3) uint8, to display color of the same shape.

    Color has no VOI step of its own; a `Window` over its values, 0-255, is brightness and contrast, anything else
    leaves it as it is. `invert` is the user's inversion.
    """
    if isinstance(voi, Window):
        unit = window_to_unit(np.arange(256.0), voi)
        return np.asarray(cv2.LUT(stored, np.rint((1.0 - unit if invert else unit) * 255.0).astype(np.uint8)))
    return 255 - stored if invert else stored


def render(frame: Frame, voi: Voi | None = None, invert: bool = False) -> Gray:
    """Return the picture of a frame, one pixel for each stored pixel: (rows, columns) or (rows, columns, 3) uint8.

    `voi` defaults to `default_voi`; color has no VOI step. `invert` is the user's inversion, beside the file's own.
    """
    if frame.is_color:
        return to_color(frame.stored, None, invert)
    gray = to_gray(frame.stored, frame, default_voi(frame) if voi is None else voi, invert)
    return gray if frame.palette is None else frame.palette[gray]


def _gray(stored: NDArray[Any], frame: Frame, voi: Voi, invert: bool) -> Gray:
    values = frame.modality.apply(stored)
    unit = voi.to_unit(values) if isinstance(voi, LookupTable) else window_to_unit(values, voi)
    gray = np.asarray(unit)
    if (table := frame.presentation_lut) is not None:
        gray = table.to_unit(gray * (len(table.entries) - 1) + table.first)
    if frame.inverse != invert:
        np.subtract(1.0, gray, out=gray)
    gray *= 255.0
    if np.isnan(gray.sum()):
        np.copyto(gray, 0.0, where=np.isnan(gray))
    if frame.padding is not None:  # no image, and where it is turned or light a glaring border: black
        is_padding = (stored >= frame.padding[0]) & (stored <= frame.padding[1])
        np.copyto(gray, 0.0, where=is_padding & (frame.inverse or invert or gray > MIDDLE))
    return np.rint(gray, out=gray).astype(np.uint8)
