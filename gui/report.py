"""The window's own job without a person: open, wait until all is read, write the picture and the readings."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from core.files import write_atomically
from core.findings.export import reading_to_dict, to_json
from core.findings.finding import Reading, Verdict
from core.findings.table import print_readings
from core.refusal import Reason, Refusal
from gui.main_window import MainWindow
from gui.threads.reading_thread import LoadedModel

POLL_MS = 50
PICTURE_NAME, READINGS_NAME = "wetread.png", "readings.json"
WIDTH_PX, HEIGHT_PX = 1600, 1000


class Report(QObject):
    """Watches a window and writes into `folder` once, when nothing is going on any more; then calls `done`.

    `done` gets the exit code: 0 when every file could be opened and read or was refused by the model's gate, else 1.
    """

    def __init__(self, window: MainWindow, folder: Path, done: Callable[[int], None]) -> None:
        super().__init__(window)
        self._window, self._folder, self._done = window, folder, done
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        window = self._window
        busy = window.scan.is_busy or window.reading.is_busy or window.frames.is_busy or window.is_working
        if busy or window.workspace.model is None:
            return
        self._timer.stop()
        # the first frame of everything is painted, its thumbnails asked for: look once more after that
        window.refresher.refresh()
        window.repaint()
        if window.frames.is_busy:
            self._timer.start()
            return
        self._write()

    def _write(self) -> None:
        readings = gather_readings(self._window)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window.grab().save(str(self._folder / PICTURE_NAME))
        write_atomically(self._folder / READINGS_NAME, to_json([reading_to_dict(one) for one in readings]))
        print_readings(readings)
        self._done(1 if not readings or any(one.verdict is Verdict.FAILED for one in readings) else 0)


def gather_readings(window: MainWindow) -> list[Reading]:
    """Return one reading for each file, in the order in which they came; a file that was not read FAILED."""
    workspace = window.workspace
    model = workspace.model
    identity = model.identity if isinstance(model, LoadedModel) else None
    readings = []
    for path in workspace.rows:
        reading = workspace.readings.get((path, 0))
        if reading is None:
            refusal = workspace.refusals.get(path) or (model if isinstance(model, Refusal) else None)
            refusal = refusal or Refusal(Reason.CANCELLED, path)
            reading = Reading(path, 0, Verdict.FAILED, identity, refusal)
        readings.append(reading)
    return readings
