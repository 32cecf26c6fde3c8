"""A radiograph's file to its first pixels, against a bare decode of the same file by pydicom."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
from numpy.typing import NDArray

from core.dicom.load_image import load_image
from core.imaging.display_state import DisplayState
from core.imaging.render import default_voi, to_gray
from core.imaging.resample import draft, has_draft, shrink, visible_pixels
from core.imaging.view_transform import Size, view_transform
from core.paths import sample_paths
from core.refusal import Refusal
from tests.bench.harness import Figure, compare

VIEW = (1600, 1200)


def pixels_of(path: Path, fit: Callable[[NDArray[Any], Size], NDArray[Any]]) -> object:
    """Do what the window does from a file to the gray pixels that it paints."""
    image = load_image(path)
    assert not isinstance(image, Refusal)
    frame = image.frame(0)
    assert not isinstance(frame, Refusal)
    view = view_transform((frame.columns, frame.rows), frame.pixel_aspect, VIEW, DisplayState())
    assert has_draft(frame.stored, view.drawn_size)
    stored, _ = visible_pixels(fit(frame.stored, view.drawn_size), view)
    return frame, to_gray(stored, frame, default_voi(frame))


def figures() -> list[Figure]:
    """Measure the sample chest radiograph, 1955 x 1841 of 16 bits, uncompressed, at a view of 1600 x 1200.

    The window paints a draft first and the averaged picture right after it. Once all that was opened is kept, as a
    viewer keeps it, and each call works in fresh memory; once each call works in the memory of those before it.
    """
    path = sample_paths()[0]

    def bare() -> object:
        return pydicom.dcmread(path).pixel_array

    against = "pydicom dcmread().pixel_array"
    again = "open: again, to first pixels", "open: again, to averaged pixels"
    return [
        compare("open: file to first pixels", lambda: pixels_of(path, draft), bare, against, 1.5, keeps=True),
        compare("open: file to averaged pixels", lambda: pixels_of(path, shrink), bare, against, None, keeps=True),
        compare(again[0], lambda: pixels_of(path, draft), bare, against, 1.5, runs=25),
        compare(again[1], lambda: pixels_of(path, shrink), bare, against, None, runs=25),
    ]
