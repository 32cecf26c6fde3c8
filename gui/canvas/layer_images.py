"""What other files lay over a picture as one view shows it, kept until it, the view or the opacity changes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.imaging.view_transform import Size, ViewTransform
from gui.canvas.qt_image import qimage
from gui.canvas.screen_images import Drawn


class ScreenLayer:
    """One layer's colors over one view."""

    def __init__(self) -> None:
        self._asked: tuple[object, ViewTransform, float] | None = None
        self._drawn: Drawn | None = None

    def drawn(
        self, what: object, view: ViewTransform, opacity: float,
        make: Callable[[], tuple[NDArray[np.uint8], Size]],
    ) -> Drawn:
        """Return the layer ready to draw; `make` gives its RGBA and where it begins. `what` is told by identity."""
        before = self._asked
        if self._drawn is None or before is None or before[0] is not what or before[1:] != (view, opacity):
            colors, (left, top) = make()
            # converted once here, else at every paint
            image = qimage(colors).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._drawn, self._asked = Drawn(image, left, top), (what, view, opacity)
        return self._drawn

    def clear(self) -> None:
        """Forget the layer."""
        self._asked, self._drawn = None, None
