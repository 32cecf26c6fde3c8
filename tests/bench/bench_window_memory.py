"""What opening and closing leaves behind in the real window: memory, and objects of Qt, after a hundred series."""

import gc
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.bench_memory import GROWTH_MIB, SERIES, WARM_UP, make_series, resident_mib
from tests.bench.harness import Figure

if TYPE_CHECKING:
    from gui.main_window import MainWindow

LIMIT_S = 60.0


def wait_for(done: Callable[[], bool]) -> None:
    """Let the window work until something is so. Raises TimeoutError."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + LIMIT_S
    while not done():
        if time.monotonic() > end:
            raise TimeoutError
        QApplication.processEvents()
        time.sleep(0.001)


def open_window(home: Path) -> "MainWindow":
    """Return the real window on a small model, with settings of its own, ready for files."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from core.settings import Settings
    from gui.main_window import MainWindow
    from gui.theme import apply_theme
    from tests.make.model import make_model

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    apply_theme(application)
    model = make_model(home / "model", threshold=0.9)
    window = MainWindow(Settings(notice_seen=True), home / "settings.json", model, ())
    window.resize(1200, 800)
    window.show()
    wait_for(lambda: window.desk is not None)
    wait_for(lambda: window.desk.workspace.model is not None)
    return window


def open_and_close(window: "MainWindow", folder: Path) -> None:
    """Open a series, look at each image, its header and two layouts, sort it, and close it."""
    desk = window.desk
    assert desk is not None

    def is_idle() -> bool:
        return not (desk.scan.is_busy or desk.frames.is_busy or desk.objects.is_busy or desk.is_working)

    window.open_paths([folder])
    wait_for(lambda: bool(desk.workspace.rows) and is_idle())
    series = desk.showing.active_series
    assert series is not None
    for number in range(len(series)):
        desk.showing.scroll_to(number)
        wait_for(lambda: not desk.frames.is_busy)
    for command in ("view.layout-2x2", "series.by-name", "view.layout-1x1", "file.close-all"):
        desk.run_command(command)
        wait_for(is_idle)
    desk.refresher.refresh()


def objects_of_qt() -> int:
    """Return how many objects of Qt the interpreter knows, and widgets there are."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    known = sum(issubclass(type(one), QObject) and isValid(one) for one in gc.get_objects())
    return known + len(QApplication.allWidgets())


def grown(series: int = SERIES, warm_up: int = WARM_UP) -> tuple[float, int]:
    """Return by how many MiB and objects of Qt the window grew over so many series, after `warm_up` of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "series")
        folder.mkdir()
        make_series(folder)
        window = open_window(Path(name))
        window.desk.run_command("view.header-panel")
        memory, objects = 0.0, 0
        for number in range(warm_up + series):
            if number == warm_up:
                memory, objects = resident_mib(), objects_of_qt()
            folder = folder.rename(folder.with_name(f"series {number}"))  # other files each time, to the window
            open_and_close(window, folder)
        growth = resident_mib() - memory, objects_of_qt() - objects
        window.close()
        return growth


def figures() -> list[Figure]:
    """Measure the growth in MiB and in objects of Qt, of which none may be left."""
    memory, objects = grown()
    return [
        Figure(f"window: memory left by {SERIES} series", memory, "MiB", "limit", None, GROWTH_MIB),
        Figure(f"window: objects of Qt left by {SERIES} series", objects, "", "limit", None, 0),
    ]
