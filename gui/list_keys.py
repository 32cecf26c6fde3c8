"""Keys in lists: letters are the commands', Enter opens the current row on every system."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView

ENTER_OPENS = sys.platform != "darwin"  # in Qt's own views, as each system has it
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
HARMLESS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


def takes_key(view: QAbstractItemView, event: QKeyEvent) -> bool:
    """Do what a list of ours does otherwise than Qt's, and say whether the key needs nothing more.

    Qt's lists look for the row that begins with a letter: the key of a command that has nothing to act on would
    choose another patient. It goes on to the window, which says what the command lacks.
    """
    text = event.text()
    if text.isprintable() and text.strip() and not event.modifiers() & ~HARMLESS:
        event.ignore()
        return True
    if not ENTER_OPENS and event.key() in ENTER and view.currentIndex().isValid():
        view.activated.emit(view.currentIndex())
        return True
    return False
