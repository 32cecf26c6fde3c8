"""How large a screen's pixels are, as far as it tells."""

from PySide6.QtGui import QScreen

LEAST_MM, MOST_MM = 0.03, 1.5  # 850 and 17 pixels to the inch: other sizes are no screen's
MOST_DIFFERENCE = 0.05  # pixels of screens are square


def device_pixel_mm(screen: QScreen | None) -> float | None:
    """Return the size of a device pixel in millimeters, None where the screen does not tell it.

    A screen that says nothing of its make tells no size either: Qt and window systems make one up then.
    """
    if screen is None or not (screen.model() or screen.manufacturer() or screen.serialNumber()):
        return None
    size, pixels = screen.physicalSize(), screen.geometry().size() * screen.devicePixelRatio()
    if size.isEmpty() or pixels.isEmpty():
        return None
    across, down = size.width() / pixels.width(), size.height() / pixels.height()
    is_likely = LEAST_MM <= across <= MOST_MM and abs(across - down) <= MOST_DIFFERENCE * across
    return across if is_likely else None
