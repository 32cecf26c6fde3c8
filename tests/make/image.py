"""Images made in memory, without a file behind them."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.imaging.image import Frame, Header, Identity, Image
from core.imaging.placement import Placement


def make_image(frame: Frame, kind: str = "DICOM", frame_count: int = 1, **header: Any) -> Image:
    """Return an image that holds one frame; further arguments are its header's."""
    return Image(
        Path("made.dcm"), kind, Identity("1", "1.1", "1.1.1"), Header(**header), frame.rows, frame.columns, frame_count,
        frame.is_color, lambda _index: frame,
    )


def ramp(rows: int = 200, columns: int = 300) -> NDArray[np.uint16]:
    """Return a picture in which each pixel has a value of its own."""
    return np.arange(rows * columns, dtype=np.uint32).reshape(rows, columns).astype(np.uint16)


def make_placement(columns: int, rows: int, left: float = 0.0, cells: int = 10) -> Placement:
    """Return a grid laid on an image, of which the network saw all but `left` pixels at the left and at the right."""
    side = 32 * cells
    scale_x = side / (columns - 2 * left)
    scale, offset = (scale_x, side / rows), (-left * scale_x, 0.0)
    return Placement((columns, rows), (side, side), scale, offset, (cells, cells), (16, 16), (32, 32))
