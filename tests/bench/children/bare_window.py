"""Paints an empty PySide6 window and prints when that is done, and its size: ``bare_window.py WIDTH HEIGHT``."""

import os
import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget


def tell_and_end() -> None:
    print(time.monotonic(), window.width(), window.height(), flush=True)
    os._exit(0)


class Middle(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        QTimer.singleShot(0, tell_and_end)


app = QApplication(["bare"])
window = QMainWindow()
window.setCentralWidget(Middle())
window.resize(int(sys.argv[1]), int(sys.argv[2]))
window.show()
app.exec()
