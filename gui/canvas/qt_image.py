"""The one way from a NumPy array to a QImage, and a fast one from grays to the screen."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter, QTransform

_FORMATS = {
    1: QImage.Format.Format_Grayscale8,
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_RGBA8888_Premultiplied,
}
# as Qt keeps windows and pictures of them: blue, green, red and an alpha of 255 in memory
_SCREENS = {QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32, QImage.Format.Format_ARGB32_Premultiplied}
_MOVED = {QTransform.TransformationType.TxNone, QTransform.TransformationType.TxTranslate}


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


def draw_gray(painter: QPainter, left: int, top: int, drawn: QImage, gray: NDArray[np.uint8]) -> None:
    """Draw `drawn`, the image over the grays (rows, columns) uint8, with its first pixel at `left`, `top`.

    `painter` works in device pixels. Where it paints on an image in memory, as windows and pictures of them do, the
    grays are converted right into that image, within what the painter may paint on: as `drawImage` looks, at a third
    of its time, which goes into passing all pixels on once more.
    """
    target = _painted_image(painter)
    if target is None:
        painter.drawImage(left, top, drawn)
        return
    origin = painter.deviceTransform()
    place = QRect(left + round(origin.dx()), top + round(origin.dy()), drawn.width(), drawn.height())
    pixels = np.frombuffer(target.bits(), np.uint8).reshape(target.height(), target.bytesPerLine() // 4, 4)
    clip = painter.paintEngine().systemClip()
    rects: Iterable[QRect] = [place] if clip.isEmpty() else clip  # type: ignore[assignment]  # stubs know no iteration
    for rect in rects:
        part = rect & place & target.rect()
        if part.isEmpty():
            continue
        rows, columns = slice(part.top(), part.bottom() + 1), slice(part.left(), part.right() + 1)
        from_rows = slice(part.top() - place.top(), part.bottom() + 1 - place.top())
        from_columns = slice(part.left() - place.left(), part.right() + 1 - place.left())
        cv2.cvtColor(gray[from_rows, from_columns], cv2.COLOR_GRAY2BGRA, dst=pixels[rows, columns])


def _painted_image(painter: QPainter) -> QImage | None:
    """The image that a painter works on, where its pixels can be written: of 32 bits, nothing but moved."""
    target = painter.paintEngine().paintDevice()
    is_plain = painter.deviceTransform().type() in _MOVED
    if not isinstance(target, QImage) or target.format() not in _SCREENS:
        return None
    return target if is_plain and not painter.hasClipping() and painter.opacity() == 1 else None
