"""Starts Wetread as a person does and prints when its window is painted: ``window.py FOLDER``."""

import os
import sys
import time

from PySide6.QtWidgets import QApplication

from gui.app import main
from gui.main_window import MainWindow

run_event_loop = QApplication.exec


def tell_and_end() -> None:
    print(time.monotonic(), flush=True)
    os._exit(0)


def exec_and_watch(*_: object) -> int:
    (window,) = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow))
    window.first_painted.connect(tell_and_end)
    return run_event_loop()


QApplication.exec = exec_and_watch  # type: ignore[assignment,method-assign]
main(["--sample", "--out", sys.argv[1]])
