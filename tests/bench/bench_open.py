"""A radiograph's file to its first pixels, against a bare decode of the same file by pydicom."""

from pathlib import Path

import pydicom

from core.dicom.load_image import load_image
from core.imaging.display_state import DisplayState
from core.imaging.render import default_voi, to_gray
from core.imaging.resample import resample
from core.imaging.view_transform import view_transform
from core.paths import sample_paths
from core.refusal import Refusal
from tests.bench.harness import Figure, compare

VIEW = (1600, 1200)


def first_pixels(path: Path) -> object:
    """Do what the window does from a file to the gray pixels that it paints."""
    image = load_image(path)
    assert not isinstance(image, Refusal)
    frame = image.frame(0)
    assert not isinstance(frame, Refusal)
    view = view_transform((frame.columns, frame.rows), frame.pixel_aspect, VIEW, DisplayState())
    stored, _ = resample(frame.stored, view)
    return to_gray(stored, frame, default_voi(frame))


def figures() -> list[Figure]:
    """Measure the sample chest radiograph, 1955 x 1841 of 16 bits, uncompressed, at a view of 1600 x 1200."""
    path = sample_paths()[0]
    return [compare("open: file to first pixels", lambda: first_pixels(path),
                    lambda: pydicom.dcmread(path).pixel_array, "pydicom dcmread().pixel_array", 1.5, runs=25)]
