"""The one way from a NumPy array to a QImage, and a fast one from grays to the screen."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

_FORMATS = {
    1: QImage.Format.Format_Grayscale8,
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_RGBA8888_Premultiplied,
}
STRIP_PIXELS = 1 << 18  # as RGB32 they stay in a core's cache


def qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return a QImage over `pixels`, which it keeps alive: no copy where they are contiguous.

    `pixels` is (rows, columns) gray, (rows, columns, 3) RGB or (rows, columns, 4) RGBA premultiplied by alpha, uint8;
    it must not change while the image is used. Without pixels it is the null image.
    """
    if pixels.size == 0:
        return QImage()
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    rows, columns, channels = (*pixels.shape, 1)[:3]
    image = QImage(pixels.data, columns, rows, pixels.strides[0], _FORMATS[channels])
    image.pixels = pixels  # type: ignore[attr-defined]  # Qt does not own the memory
    return image


def draw_gray(painter: QPainter, left: int, top: int, gray: NDArray[np.uint8], width: int) -> None:
    """Draw grays, (rows, columns) uint8, with their first pixel at `left`, `top`; black beside them from 0 to `width`.

    They look as `drawImage` draws them. Screens are RGB32. Qt wakes threads to convert to it, which it waits for where
    cores are busy; one strip after the other through the cache takes this thread no longer, and black that is part of
    the strips costs less than two narrow columns by themselves.
    """
    rows, columns = gray.shape
    pixels, image = _strip(left, columns, width)
    for row in range(0, rows, len(pixels)):
        strip = gray[row:row + len(pixels)]
        cv2.cvtColor(strip, cv2.COLOR_GRAY2BGRA, dst=pixels[:len(strip), left:left + columns])
        painter.drawImage(0, top + row, image, 0, 0, width, len(strip))


@lru_cache(maxsize=4)  # as many as there are cells
def _strip(left: int, columns: int, width: int) -> tuple[NDArray[np.uint8], QImage]:
    """Black pixels to write to, and the image over them: what is drawn of it is drawn at once on widgets and images."""
    rows = max(1, STRIP_PIXELS // width)
    pixels = np.zeros((rows, width, 4), np.uint8)
    image = QImage(pixels.data, width, rows, pixels.strides[0], QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    return pixels, image
