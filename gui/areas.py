"""The way by keys from one area of the window to the next: in a layout of several cells Tab goes to the next cell."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.canvas.canvas import holds_keyboard


def step_area(areas: Sequence[QWidget], step: int) -> None:
    """Give the keyboard to the next area that has something to work with, +1, or to the one before, -1; in a circle.

    Whoever has the keyboard and belongs to none of them stands before the first.
    """
    entries = [_entry(area) for area in areas]
    now = next((number for number, area in enumerate(areas) if holds_keyboard(area)), -1 if step > 0 else len(areas))
    for away in range(1, len(areas) + 1):
        entry = entries[(now + step * away) % len(areas)]
        if entry is not None:
            entry.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return


def _entry(area: QWidget) -> QWidget | None:
    """Return what takes the keyboard in an area: what had it there last, else what Tab comes to first."""
    if _takes_keyboard(area):
        return area
    last = area.focusWidget()
    if last is not None and _takes_keyboard(last):
        return last
    widget = area.nextInFocusChain()
    while widget is not None and widget is not area:
        if area.isAncestorOf(widget) and _takes_keyboard(widget):
            return widget
        widget = widget.nextInFocusChain()
    return None


def _takes_keyboard(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
