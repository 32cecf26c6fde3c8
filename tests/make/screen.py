"""What a widget looks like."""

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget


def painted(widget: QWidget) -> np.ndarray:
    """Return what a widget looks like, (rows, columns, 3) uint8 RGB in device pixels."""
    return as_rgb(widget.grab().toImage())


def as_rgb(image: QImage) -> np.ndarray:
    """Return a picture's pixels, (rows, columns, 3) uint8 RGB."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
