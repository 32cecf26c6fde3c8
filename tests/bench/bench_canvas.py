"""One window step, painted: ours against pyqtgraph's ImageItem, as it comes and with the same picture quality."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph
from PySide6.QtWidgets import QApplication, QWidget

from core.imaging.image import Frame, Header, Identity, Image
from core.imaging.window import Window
from gui.canvas.viewport import Viewport

COLUMNS, ROWS = 3000, 2500
VIEW = 1600, 1200
WARM_UP, RUNS, STEPS = 5, 5, 30  # the slowest takes fewer steps

MOST_AS_IT_COMES = 0.4
MOST_OF_THE_SAME_QUALITY = 0.02


def figures() -> list[dict[str, Any]]:
    """Return the figures of one window step, in milliseconds, median and 95th percentile of five runs."""
    app = QApplication.instance() or QApplication([])
    stored = _radiograph()
    ours = _measure(*_viewport(stored), STEPS)
    plain = _measure(*_pyqtgraph(stored, averaged=False), STEPS)
    averaged = _measure(*_pyqtgraph(stored, averaged=True), 3)
    app.processEvents()
    return [
        _figure("window step", ours, "pyqtgraph as it comes", plain, MOST_AS_IT_COMES),
        _figure("window step, same quality", ours, "pyqtgraph, autoDownsample", averaged, MOST_OF_THE_SAME_QUALITY),
    ]


def _figure(name: str, ours: np.ndarray, against: str, theirs: np.ndarray, target: float) -> dict[str, Any]:
    value, other = float(np.median(ours)), float(np.median(theirs))
    ratio = value / other
    return {
        "name": name, "value": round(value, 3), "unit": "ms", "p95": round(float(np.percentile(ours, 95)), 3),
        "against": f"{against}: {other:.2f} ms", "ratio": round(ratio, 4), "target": target, "holds": ratio <= target,
    }


def _radiograph() -> np.ndarray:
    """A smooth picture with noise over all 16 bits, so that no table and no cache has it easy."""
    y, x = np.mgrid[0:1 : ROWS * 1j, 0:1 : COLUMNS * 1j]
    noise = np.random.default_rng(1).normal(0, 900, (ROWS, COLUMNS))
    return np.clip(32768 + 30000 * np.sin(5 * x) * np.cos(4 * y) + noise, 0, 65535).astype(np.uint16)


def _windows(count: int) -> list[tuple[float, float]]:
    return [(30000.0 + 40 * step, 40000.0 + 90 * step) for step in range(count)]


def _viewport(stored: np.ndarray) -> tuple[QWidget, Callable[[float, float], None]]:
    frame = Frame(stored, voi=(Window(32768, 65536),))
    identity = Identity("1", "1.1", "1.1.1")
    image = Image(Path("made.dcm"), "DICOM", identity, Header(), ROWS, COLUMNS, 1, False, lambda _index: frame)
    view = Viewport()
    view.show_frame(image, frame)

    def step(center: float, width: float) -> None:
        view.set_voi(Window(center, width))
        view.repaint()

    return view, step


def _pyqtgraph(stored: np.ndarray, averaged: bool) -> tuple[QWidget, Callable[[float, float], None]]:
    view = pyqtgraph.GraphicsView()
    box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
    view.setCentralItem(box)
    item = pyqtgraph.ImageItem(stored, axisOrder="row-major", autoDownsample=averaged)
    box.addItem(item)
    box.autoRange(padding=0)

    def step(center: float, width: float) -> None:
        item.setLevels((center - width / 2, center + width / 2))
        view.viewport().repaint()  # renders and paints once, as ours does

    return view, step


def _measure(widget: QWidget, step: Callable[[float, float], None], steps: int) -> np.ndarray:
    """The milliseconds of each step of five runs, warmed up, on a widget of the full size."""
    widget.resize(*VIEW)
    widget.show()
    QApplication.processEvents()
    for center, width in _windows(WARM_UP):
        step(center, width)
    taken = []
    for _run in range(RUNS):
        for center, width in _windows(steps):
            start = time.perf_counter()
            step(center, width)
            taken.append((time.perf_counter() - start) * 1e3)
    widget.close()
    widget.deleteLater()
    QApplication.processEvents()
    return np.array(taken)


if __name__ == "__main__":
    for figure in figures():
        print(figure)
