"""Widgets are tested without a display."""

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from core.imaging.image import EdgeLetters, Frame
from core.imaging.window import Window
from gui.canvas.viewport import Viewport
from tests.make.image import make_image, ramp


@pytest.fixture
def viewport(qtbot):
    """A viewport of 400 x 300 logical pixels on the screen."""
    view = Viewport()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def bare(viewport):
    """The viewport with a radiograph of 300 x 200 pixels and no words over it."""
    frame = Frame(ramp(), voi=(Window(30000, 40000, explanation="as stored"),))
    viewport.show_frame(make_image(frame, modality="CR", patient_name="ANON"), frame)
    viewport.set_corner_level("off")
    return viewport


@pytest.fixture
def shown(viewport):
    """The viewport with a radiograph of 300 x 200 pixels."""
    frame = Frame(
        ramp(), voi=(Window(30000, 40000, explanation="as stored"),), edges=EdgeLetters("R", "H", "L", "F")
    )
    viewport.show_frame(make_image(frame, modality="CR", patient_name="ANON"), frame)
    return viewport
