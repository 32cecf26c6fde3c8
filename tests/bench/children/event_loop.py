"""Reads an image in the real window while a heartbeat runs in its event loop; prints the longest gaps as JSON.

``event_loop.py READINGS`` prints ``{"parts": ms, "load": ms, "idle": ms, "reading": [ms, ...]}``: the longest gap from
the first paint until the window's parts stand; from there until the model is loaded; in a second in which the window
does nothing; and for each of so many readings from asking until the answer is shown.
"""

import json
import os
import sys
import time

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from core.paths import default_model_folder, sample_paths
from core.settings import Settings
from gui.main_window import MainWindow
from gui.theme import apply_theme

BEAT_MS, IDLE_MS = 1, 1000


class Heartbeat(QObject):
    """Remembers the longest time by which its timer came late."""

    def __init__(self) -> None:
        super().__init__()
        self.last, self.longest_ms = time.perf_counter(), 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.beat)
        self._timer.start(BEAT_MS)

    @Slot()
    def beat(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self.last) * 1000 - BEAT_MS)
        self.last = now

    def take(self) -> float:
        """Return the longest gap since the last call."""
        self.beat()  # the gap that is open now counts too
        longest, self.longest_ms = self.longest_ms, 0.0
        return longest


class Measurement(QObject):
    """Waits for the model, then for the sample's first reading, then asks for it again and again."""

    def __init__(self, window: MainWindow, readings: int) -> None:
        super().__init__(window)
        self._window, self._left = window, readings
        self._parts_gap, self._load_gap, self._idle_gap, self._gaps = 0.0, 0.0, 0.0, []
        window.first_painted.connect(self.on_first_painted)
        window.ready.connect(self.on_ready)

    @Slot()
    def on_first_painted(self) -> None:
        self._heart = Heartbeat()

    @Slot()
    def on_ready(self) -> None:
        self._parts_gap = self._heart.take()
        self._desk = self._window.desk
        self._desk.reading.model_loaded.connect(self.on_model)

    @Slot(object)
    def on_model(self, _: object) -> None:
        self._load_gap = self._heart.take()
        self._desk.open_paths(sample_paths()[:1])
        self._desk.reading.answered.connect(self.on_answered)

    @Slot(object)
    def on_answered(self, _: object) -> None:
        # some turns later, so that what the answer changes on the screen is painted and counts
        QTimer.singleShot(200, self, self.next_reading)

    @Slot()
    def next_reading(self) -> None:
        gap = self._heart.take()
        if self._idle_gap:
            self._gaps.append(gap)
        elif not self._is_open:
            # this gap holds opening and decoding too and is not one of a reading; now let the window rest
            self._is_open = True
            QTimer.singleShot(IDLE_MS, self, self.next_reading)
            return
        else:
            self._idle_gap = gap
        if self._left == 0:
            print(json.dumps({"parts": self._parts_gap, "load": self._load_gap, "idle": self._idle_gap,
                              "reading": self._gaps}), flush=True)
            os._exit(0)
        self._left -= 1
        self._desk.opinion.read_again()

    _is_open = False


app = QApplication(["event-loop"])
apply_theme(app)
main_window = MainWindow(Settings(notice_seen=True), None, default_model_folder())
measurement = Measurement(main_window, int(sys.argv[1]))
main_window.resize(1600, 1000)
main_window.show()
app.exec()
