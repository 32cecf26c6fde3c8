"""Starts Wetread with the sample, as a person does, and prints when a signal of its window came, and its size.

``window.py first_painted`` is the first paint, ``window.py ready`` when everything in the window can be used.

Where there is no display it takes the way of a display all the same: only what is drawn on differs.
"""

import os
import sys
import time

from PySide6.QtWidgets import QApplication

from gui import app
from gui.main_window import MainWindow

run_event_loop = QApplication.exec


def exec_and_watch(*_: object) -> int:
    (window,) = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow))

    def tell_and_end() -> None:
        print(time.monotonic(), window.width(), window.height(), flush=True)
        os._exit(0)

    getattr(window, sys.argv[1]).connect(tell_and_end)
    return run_event_loop()


QApplication.exec = exec_and_watch  # type: ignore[assignment,method-assign]
app.has_display = lambda: True
app.main(["--sample"])
