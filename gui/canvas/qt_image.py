"""The one way from a NumPy array to a QImage."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

_FORMATS = {
    1: QImage.Format.Format_Grayscale8,
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_RGBA8888_Premultiplied,
}


def qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return a QImage over `pixels`, which it keeps alive: no copy where they are contiguous.

    `pixels` is (rows, columns) gray, (rows, columns, 3) RGB or (rows, columns, 4) RGBA premultiplied by alpha, uint8;
    it must not change afterwards. Without pixels it is the null image.
    """
    if pixels.size == 0:
        return QImage()
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    rows, columns, channels = (*pixels.shape, 1)[:3]
    image = QImage(pixels.data, columns, rows, pixels.strides[0], _FORMATS[channels])
    image.pixels = pixels  # type: ignore[attr-defined]  # Qt does not own the memory
    return image


class ScreenGray:
    """Gray pixels as QImages in the screen's own format, over one buffer: a fresh one for each would cost its pages.

    Qt spreads gray to that format at every paint, in four times the time. What `image` gave last is void once it is
    called again.
    """

    def __init__(self) -> None:
        self._buffer = np.empty((0, 0, 4), np.uint8)

    def image(self, gray: NDArray[np.uint8]) -> QImage:
        """Return an image of `gray`, (rows, columns) uint8."""
        if gray.size == 0:
            return QImage()
        if self._buffer.shape[:2] != gray.shape:
            self._buffer = np.empty((*gray.shape, 4), np.uint8)
        cv2.cvtColor(gray, cv2.COLOR_GRAY2BGRA, dst=self._buffer)
        rows, columns = gray.shape
        image = QImage(self._buffer.data, columns, rows, self._buffer.strides[0], QImage.Format.Format_RGB32)
        image.pixels = self._buffer  # type: ignore[attr-defined]  # Qt does not own the memory
        return image
