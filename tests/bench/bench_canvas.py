"""One window step, painted: ours against pyqtgraph's ImageItem, as it comes and with the same picture quality."""

import itertools
import os
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph
from PySide6.QtWidgets import QApplication, QWidget

from core.imaging.image import Frame
from core.imaging.window import Window
from gui.canvas.viewport import Viewport
from tests.bench.harness import Figure, compare
from tests.make.image import make_image

COLUMNS, ROWS = 3000, 2500
VIEW = 1600, 1200
STEPS = 60  # of a drag that lasts a second, timed together


def figures() -> list[Figure]:
    """Measure one step on a viewport of 1600 x 1200 with a picture of 3000 x 2500 16-bit pixels."""
    app = QApplication.instance() or QApplication([])
    stored = _radiograph()
    ours = _viewport(stored)
    result = [
        compare("canvas: window step", ours, _pyqtgraph(stored, averaged=False), "pyqtgraph ImageItem as it comes", 0.4,
                repeat=STEPS),
        compare("canvas: window step, averaged", ours, _pyqtgraph(stored, averaged=True),
                "pyqtgraph ImageItem, autoDownsample", 0.02, repeat=STEPS),
    ]
    for widget in QApplication.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    app.processEvents()
    return result


def _radiograph() -> np.ndarray:
    """A smooth picture with noise over all 16 bits, so that no table and no cache has it easy."""
    y, x = np.mgrid[0:1 : ROWS * 1j, 0:1 : COLUMNS * 1j]
    noise = np.random.default_rng(1).normal(0, 900, (ROWS, COLUMNS))
    return np.clip(32768 + 30000 * np.sin(5 * x) * np.cos(4 * y) + noise, 0, 65535).astype(np.uint16)


def _windows() -> Iterator[Window]:
    return (Window(30000.0 + 40 * (step % 100), 40000.0 + 90 * (step % 100)) for step in itertools.count())


def _viewport(stored: np.ndarray) -> Callable[[], None]:
    frame = Frame(stored, voi=(Window(32768, 65536),))
    view, windows = Viewport(), _windows()
    view.show_frame(make_image(frame), frame)
    _show(view)
    while view.scene.picture.is_draft:
        QApplication.processEvents()

    def step() -> None:
        view.set_voi(next(windows))
        view.repaint()

    return step


def _pyqtgraph(stored: np.ndarray, averaged: bool) -> Callable[[], None]:
    view, windows = pyqtgraph.GraphicsView(), _windows()
    box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
    view.setCentralItem(box)
    item = pyqtgraph.ImageItem(stored, axisOrder="row-major", autoDownsample=averaged)
    box.addItem(item)
    box.autoRange(padding=0)
    _show(view)

    def step() -> None:
        window = next(windows)
        item.setLevels((window.center - window.width / 2, window.center + window.width / 2))
        view.viewport().repaint()  # renders and paints once, as ours does

    return step


def _show(widget: QWidget) -> None:
    widget.resize(*VIEW)
    widget.show()
    QApplication.processEvents()
