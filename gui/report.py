"""The window's own job without a person: open, wait until all is read, write the picture and the readings."""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QEvent, QIODevice, QObject, QTimer, Slot

from core.files import write_atomically
from core.findings.export import reading_to_dict, to_json
from core.findings.finding import Reading, Verdict
from core.findings.table import print_readings
from core.findings.wording import NOTHING_FOUND, not_written_text
from core.refusal import Reason, Refusal
from core.triage.rows import INDEX_CLASS, no_picture
from gui.main_window import MainWindow
from gui.threads.reading_thread import LoadedModel
from gui.workspace import Workspace

POLL_MS = 50
PICTURE_NAME, READINGS_NAME = "wetread.png", "readings.json"
WIDTH_PX, HEIGHT_PX = 1600, 1000


class Report(QObject):
    """Watches a window and writes into `folder` once, when nothing is going on any more; then calls `done`.

    `done` gets the exit code: 0 when every file could be opened and read, or holds no picture, or none for the model;
    else 1.
    """

    def __init__(self, window: MainWindow, folder: Path, done: Callable[[int], None]) -> None:
        super().__init__(window)
        self._window, self._folder, self._done = window, folder, done
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        window.ready.connect(self._on_ready)

    @Slot()
    def _on_ready(self) -> None:
        assert self._window.desk is not None
        self._window.desk.opening.asks_passwords = False

    @Slot()
    def _look(self) -> None:
        desk = self._window.desk
        if desk is None or desk.workspace.model is None:
            return
        if desk.scan.is_busy or desk.reading.is_busy or desk.frames.is_busy or desk.is_working:
            return
        self._timer.stop()
        # the first frame of everything is painted, its thumbnails asked for: look once more after that
        desk.refresher.refresh()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # texts have their room
        self._window.repaint()
        if desk.frames.is_busy:
            self._timer.start()
            return
        readings = gather_readings(desk.workspace)
        if readings:
            print_readings(readings)
        else:
            print(NOTHING_FOUND, file=sys.stderr)
        is_whole = bool(readings) and all(one.verdict is not Verdict.FAILED for one in readings)
        self._done(0 if self._write(readings) and is_whole else 1)

    def _write(self, readings: list[Reading]) -> bool:
        """Write the picture and the readings; print why where that is not possible."""
        picture = QBuffer()
        picture.open(QIODevice.OpenModeFlag.WriteOnly)
        self._window.grab().save(picture, "PNG")
        contents: dict[str, bytes | str] = {
            READINGS_NAME: to_json([reading_to_dict(one) for one in readings]),
            PICTURE_NAME: bytes(picture.data().data()),
        }
        for path in output_paths(self._folder):
            try:
                write_atomically(path, contents[path.name])
            except OSError as error:
                print(not_written_text(path, error), file=sys.stderr)
                return False
        return True


def output_paths(folder: Path) -> tuple[Path, ...]:
    """Return the files that a report writes."""
    return folder / READINGS_NAME, folder / PICTURE_NAME


def gather_readings(workspace: Workspace) -> list[Reading]:
    """Return one reading for each file but copies, in the order in which they came, at the end what holds no picture.

    A file that was not read FAILED.
    """
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
    unread = {path: one.header.sop_class for path, one in workspace.objects.items()}
    unread |= dict.fromkeys(sorted(workspace.indexes), INDEX_CLASS)
    readings += [
        Reading(path, 0, Verdict.REFUSED, identity, no_picture(path, sop_class)) for path, sop_class in unread.items()
    ]
    return readings
