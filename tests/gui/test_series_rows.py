"""gui.panels.series_rows: rows of what is open, and nothing of what was."""

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.imaging.image import Frame
from core.studies.opened import Opened
from gui.panels.series_rows import SeriesRows
from gui.workspace import Workspace
from tests.make.image import make_image


def opened(name: str) -> Opened:
    image = replace(make_image(Frame(np.zeros((8, 8), np.uint8)), patient_name=name), path=Path(name))
    return Opened(image.path, image)


def test_a_patient_whose_files_were_closed_is_forgotten(qapp) -> None:
    workspace, rows = Workspace(), SeriesRows()
    workspace.add([opened("a")])
    assert rows.of(workspace, {}, 0)[0].text == "a"
    closed = weakref.ref(workspace.image(Path("a")))
    workspace.close_all()
    assert rows.of(workspace, {}, 0) == []
    gc.collect()
    assert closed() is None


def test_the_row_of_a_patient_that_did_not_change_is_the_same_as_before(qapp) -> None:
    workspace, rows = Workspace(), SeriesRows()
    workspace.add([opened("a")])
    first = [rows.of(workspace, {}, 0)[0] for _ in range(3)]
    assert first[0] is first[1] is first[2]
