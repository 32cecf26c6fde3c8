"""Files to open and ways to wait, for tests through the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.make.dicom import make_dicom
from tests.make.latency import Gate, patch_load_image

ROWS, COLUMNS = 220, 180


def noise(seed: int = 0, shape: tuple[int, ...] = (ROWS, COLUMNS)) -> np.ndarray:
    """Return made pixels that are no constant."""
    return np.random.default_rng(seed).integers(0, 4000, shape, dtype=np.uint16)


@pytest.fixture
def chest(tmp_path: Path) -> Path:
    """A small frontal chest radiograph with a stored window."""
    return make_dicom(tmp_path / "chest.dcm", noise(), WindowCenter=2000, WindowWidth=4000)


@pytest.fixture
def chests(tmp_path: Path) -> list[Path]:
    """Four radiographs of four patients, in a folder of their own."""
    folder = tmp_path / "cases"
    folder.mkdir()
    return [
        make_dicom(folder / f"case{number}.dcm", noise(number), PatientName=f"Case^{number}", PatientID=f"P{number}")
        for number in range(4)
    ]


@pytest.fixture
def ct_series(tmp_path: Path) -> Path:
    """A folder with one CT series of twelve slices."""
    folder = tmp_path / "ct"
    folder.mkdir()
    for number in range(12):
        make_slice(folder, number)
    return folder


def make_slice(folder: Path, number: int, **attributes: object) -> Path:
    """Write a slice of the CT series, or write it anew with other attributes."""
    return make_dicom(
        folder / f"slice{number:02d}.dcm", noise(number, (64, 64)), **{
            "Modality": "CT", "BodyPartExamined": "CHEST", "ViewPosition": None, "SeriesInstanceUID": "1.2.3.4",
            "StudyInstanceUID": "1.2.3", "InstanceNumber": str(number + 1), "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
            "RescaleSlope": "1", "RescaleIntercept": "-1024", "ImagePositionPatient": [0, 0, float(number)],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "WindowCenter": 40, "WindowWidth": 400, **attributes,
        },
    )


@pytest.fixture
def letter(qtbot, open_window, tmp_path: Path) -> Callable[[], tuple]:
    """Open a window on a PDF document and return it with the button that hands the document on."""

    def opened():
        path = make_dicom(tmp_path / "a.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", DocumentTitle="Letter",
                          MIMETypeOfEncapsulatedDocument="application/pdf", EncapsulatedDocument=b"%PDF-1.7")
        window = open_window(path)
        qtbot.waitUntil(lambda: 0 in window.desk.object_showing.views)
        button = window.desk.object_showing.views[0].document
        qtbot.waitUntil(button.isVisible)
        return window, button

    return opened


@pytest.fixture
def gate(monkeypatch) -> Gate:
    """Every frame waits until ``gate.open()``."""
    gate = Gate()
    patch_load_image(monkeypatch, gate.before)
    yield gate
    gate.open()


@pytest.fixture
def wait_for_text(qtbot) -> Callable[..., None]:
    """A function that waits until a text holds a part: `wait_for_text(widget.text, "above threshold")`."""

    def wait(text: Callable[[], str], part: str, timeout: int = 15_000) -> None:
        def check() -> None:
            assert part in text()

        qtbot.waitUntil(check, timeout=timeout)

    return wait


@pytest.fixture
def wait_until_idle(qtbot) -> Callable[..., None]:
    """A function that waits until a window has opened and read all and its lists say so."""

    def wait(window, timeout: int = 30_000) -> None:
        desk = window.desk

        def check() -> None:
            assert desk.workspace.model is not None
            assert not (desk.scan.is_busy or desk.reading.is_busy or desk.frames.is_busy or desk.is_working)

        qtbot.waitUntil(check, timeout=timeout)
        desk.refresher.refresh()

    return wait
