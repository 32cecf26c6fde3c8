"""What all tests share; nothing of the window is imported before a test asks for it."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, so that a change answers for itself; `make test-all` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None, print_blob=True)
settings.load_profile("repeatable")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

WITH_QT = ("gui", "window")  # folders whose tests run widgets and threads


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the window's tests an unexpected warning fails, from Python or from Qt."""
    for item in items:
        if Path(item.path).parent.name in WITH_QT:
            item.add_marker(pytest.mark.filterwarnings("error"))


@pytest.fixture(autouse=True)
def nothing_outlives(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of the window after which a thread, a timer or a top-level widget is left."""
    if Path(request.node.path).parent.name not in WITH_QT:
        yield
        return
    before = set(threading.enumerate())
    yield
    left = _left_of_qt()
    # Python's stand-ins for Qt's threads stay behind them and are no threads
    own = [one for one in threading.enumerate() if one not in before and not isinstance(one, threading._DummyThread)]
    left += [f"thread {thread.name}" for thread in own if thread.is_alive()]
    assert not left, f"left behind: {', '.join(left)}"


def _left_of_qt() -> list[str]:
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    if QApplication.instance() is None:
        return []
    gc.unfreeze()  # what was made before a model was loaded is looked at, too
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()
    # by type(), since isinstance asks objects of other libraries for their class, and some warn then
    objects = [one for one in gc.get_objects() if issubclass(type(one), QThread | QTimer) and isValid(one)]
    left = [f"QThread {one.objectName()}" for one in objects if isinstance(one, QThread) and one.isRunning()]
    left += [f"QTimer of {one.parent()}" for one in objects if isinstance(one, QTimer) and one.isActive()]
    return left + [f"window {one}" for one in QApplication.topLevelWidgets() if one.isVisible()]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose one finding is above its threshold in every image."""
    from tests.make.model import make_model

    return make_model(tmp_path_factory.mktemp("models") / "above", threshold=0.3)


@pytest.fixture(scope="session")
def calm_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose one finding is below its threshold in every image."""
    from tests.make.model import make_model

    return make_model(tmp_path_factory.mktemp("models") / "below", threshold=0.9)


@pytest.fixture
def open_window(qtbot, tmp_path: Path, model_folder: Path) -> Iterator[Callable[..., object]]:
    """A function that opens the real window with settings of its own and waits until its desk stands.

    `open_window(*paths, settings=…, model=…, problems=…)` returns the window; it is closed after the test.
    """
    from core.settings import Settings
    from gui.main_window import MainWindow

    windows: list[MainWindow] = []

    def open_it(*paths: Path, settings: Settings | None = None, model: Path = model_folder, problems=()) -> MainWindow:
        settings = Settings(notice_seen=True) if settings is None else settings
        window = MainWindow(settings, tmp_path / "settings" / "settings.json", model, problems)
        windows.append(window)
        window.resize(1200, 800)
        window.show()
        window.open_paths(paths)
        qtbot.waitUntil(lambda: window.desk is not None, timeout=10_000)
        return window

    yield open_it
    for window in windows:
        window.close()
        assert window.all_threads_ended
        window.deleteLater()
    windows.clear()
