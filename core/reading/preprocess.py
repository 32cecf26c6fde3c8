"""Frame to network input: the one transform that the window, the command line and training share.

The input comes from the file, never from the screen: modality transform, the file's first VOI (without one the
percentile window), one inversion, 8-bit gray as training pictures have it, then the card's geometry. Gray stays on
its 256 levels, so a cache of training pictures holds inputs exactly; the tone of the card is the last step.
"""

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray

from core.imaging.image import Frame
from core.imaging.placement import Placement
from core.imaging.render import render
from core.reading.model_card import InputSpec

RECIPE = "modality, first VOI or 0.5-99.5 percentile, one inversion, gray 8 bit, area down or linear up: 1"


def fingerprint(spec: InputSpec) -> str:
    """Return eight hexadecimal digits that change with anything that changes the network's input."""
    return hashlib.sha256(f"{RECIPE} {spec.model_dump_json()}".encode()).hexdigest()[:8]


def input_gray(frame: Frame, spec: InputSpec) -> tuple[NDArray[np.uint8], Placement]:
    """Return the network's picture, (spec.rows, spec.columns) uint8, and where it lies on the image.

    A color frame is turned into luminance (ITU-R BT.601), as training pictures are.
    """
    picture = gray_picture(frame)
    rows, columns = picture.shape
    if spec.geometry == "squash":
        scale_x, scale_y = spec.columns / columns, spec.rows / rows
    else:
        # In true proportions a pixel is `pixel_aspect` as high as wide.
        fits = (spec.columns / columns, spec.rows / (rows * frame.pixel_aspect))
        scale_x = min(fits) if spec.geometry == "pad" else max(fits)
        scale_y = scale_x * frame.pixel_aspect
    size = max(1, round(columns * scale_x)), max(1, round(rows * scale_y))
    resized = _resize(picture, size)
    canvas = np.zeros((spec.rows, spec.columns), np.uint8)
    left, top = (spec.columns - size[0]) // 2, (spec.rows - size[1]) // 2
    target_y, source_y = _overlap(top, size[1], spec.rows)
    target_x, source_x = _overlap(left, size[0], spec.columns)
    canvas[target_y, target_x] = resized[source_y, source_x]
    placement = Placement(
        image_size=(columns, rows),
        input_size=(spec.columns, spec.rows),
        scale=(size[0] / columns, size[1] / rows),
        offset=(float(left), float(top)),
    )
    return canvas, placement


def gray_picture(frame: Frame) -> NDArray[np.uint8]:
    """Return the frame's picture in its own size, (rows, columns) uint8, color as luminance."""
    picture = render(frame)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)) if frame.is_color else picture


def normalize(gray: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.float32]:
    """Return gray pictures, (..., rows, columns) uint8, as network input: (..., rows, columns) float32."""
    if spec.tone == "equalized":
        gray = equalized(gray)
    table = (np.arange(256, dtype=np.float64) / 255.0 - spec.mean) / spec.std
    return table.astype(np.float32)[gray]


def equalized(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return gray pictures, (..., rows, columns) uint8, each with its histogram made even."""
    even = np.empty_like(gray, order="C")
    for index in np.ndindex(gray.shape[:-2]):
        even[index] = cv2.equalizeHist(np.ascontiguousarray(gray[index]))
    return even


def preprocess(frame: Frame, spec: InputSpec) -> tuple[NDArray[np.float32], Placement]:
    """Return the network's input, (1, 1, spec.rows, spec.columns) float32, and its place on the image."""
    gray, placement = input_gray(frame, spec)
    return normalize(gray, spec)[None, None], placement


def _resize(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    shrinks = size[0] <= picture.shape[1] and size[1] <= picture.shape[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))


def _overlap(start: int, length: int, limit: int) -> tuple[slice, slice]:
    """Where a piece of `length` put at `start` lies on a line of `limit`, and which part of it lies there."""
    first, last = max(start, 0), min(start + length, limit)
    return slice(first, last), slice(first - start, last - start)
