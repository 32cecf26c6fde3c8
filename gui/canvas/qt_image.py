"""The one way from a NumPy array to a QImage."""

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
    it must not change while the image is used. Without pixels it is the null image.
    """
    if pixels.size == 0:
        return QImage()
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    rows, columns, channels = (*pixels.shape, 1)[:3]
    image = QImage(pixels.data, columns, rows, pixels.strides[0], _FORMATS[channels])
    image.pixels = pixels  # type: ignore[attr-defined]  # Qt does not own the memory
    return image
