"""Every frame of a file, one after the other, for what is made of all of them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from core.dicom.dataset import OpenedDataset, open_dataset
from core.dicom.guard import CannotDecode
from core.dicom.pixels import PixelReader, open_pixels
from core.dicom.values import integer
from core.refusal import Reason

MOST_LOST = 16  # a file of which so many frames in a row are damaged is cut off, or claims more than it has
MOST_LOST_S = 1.5  # on which decoders hang, say
LEAST_FRAMES_TO_DOUBT, LEAST_FRAME_BYTES = 10_000, 16  # an item's header and as much of a stream


def frames_claimed(opened: OpenedDataset) -> int:
    """Return the number of frames that is stated, though no huge one for which there is no room, and never 0."""
    stated = max(integer(opened.dataset, "NumberOfFrames", 1) or 1, 1)
    return min(stated, opened.source.size() // LEAST_FRAME_BYTES + 1) if stated > LEAST_FRAMES_TO_DOUBT else stated


def open_frames(path: Path) -> tuple[OpenedDataset, PixelReader, int]:
    """Return a file's data set, what reads its frames, and how many these are. Raises CannotDecode without pixels."""
    opened = open_dataset(path)
    if opened.pixels is None:
        raise CannotDecode(Reason.DAMAGED, detail="its pixels are missing")
    frame_count = frames_claimed(opened)
    return opened, open_pixels(opened, opened.pixels, frame_count), frame_count


def all_frames(reader: PixelReader, frame_count: int) -> Iterator[NDArray[Any] | None]:
    """Yield each frame's stored values, None for one that cannot be decoded. Raises CannotDecode where none can.

    After `MOST_LOST` damaged ones in a row, or `MOST_LOST_S` seconds over damaged ones, the rest counts as damaged.
    """
    lost, found, error, wasted = 0, 0, None, 0.0
    for index in range(frame_count):
        values = None
        if lost < MOST_LOST and wasted < MOST_LOST_S:
            started = time.perf_counter()
            try:
                values = reader.stored(index).values
            except CannotDecode as damage:
                error, wasted = damage, wasted + time.perf_counter() - started
        lost = lost + 1 if values is None else 0
        found += values is not None
        if not found and (lost == MOST_LOST or index + 1 == frame_count) and error is not None:
            raise error
        yield values
