"""What lies under the pointer: the modality value at an image position, and its text."""

import math

from core.imaging.image import Frame

STORED_VALUE = "stored value"  # in place of a unit: nothing says what the value means
MOST_WRITTEN_OUT = 1e15  # a float has no more digits


def value_at(frame: Frame, x: float, y: float) -> tuple[float, ...] | None:
    """Return the modality value of the pixel that holds an image position, red, green and blue for color.

    None outside the image, for padding and for values that are no number.
    """
    if not (0 <= x < frame.columns and 0 <= y < frame.rows):
        return None
    stored = frame.stored[int(y), int(x)]
    if frame.is_color:
        return tuple(float(channel) for channel in stored)
    if frame.padding is not None and frame.padding[0] <= stored <= frame.padding[1]:
        return None
    value = float(frame.modality.apply(stored))
    return (value,) if math.isfinite(value) else None


def value_text(frame: Frame, x: float, y: float) -> str:
    """Return such as "value 8 214 at 1032, 611"; "" outside the image.

    The position is the pixel's column and row, the first being 0, 0.
    """
    if not (0 <= x < frame.columns and 0 <= y < frame.rows):
        return ""
    place = f"at {int(x)}, {int(y)}"
    values = value_at(frame, x, y)
    if values is None:
        return f"no value {place}"
    is_stored = frame.unit == STORED_VALUE
    unit = f" {frame.unit}" if frame.unit and not is_stored else ""
    kind = "color" if frame.is_color else STORED_VALUE if is_stored else "value"
    return f"{kind} {' / '.join(map(number_text, values))}{unit} {place}"


def number_text(value: float, digits: int = 4) -> str:
    """Return a value for reading: thousands apart, whole where that shows as many digits, else that many significant.

    Only what is beyond all measures, or next to nothing, has an exponent.
    """
    if abs(value) < MOST_WRITTEN_OUT and (value == round(value) or abs(value) >= 10 ** (digits - 1)):
        return f"{round(value):,}".replace(",", " ")
    return f"{value:.{digits}g}"
