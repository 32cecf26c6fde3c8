"""What opening and closing leaves behind: the memory of this process after a hundred series."""

import gc
import os
import tempfile
from pathlib import Path

import numpy as np

from core.dicom.load_image import load_image
from core.imaging.frame_cache import FrameCache, through_cache
from core.imaging.image import Frame, Image
from core.imaging.thumbnail import thumbnail
from core.studies.scan import find_files
from tests.bench.harness import Figure
from tests.make.dicom import make_dicom

SERIES, WARM_UP, SLICES, SIDE = 100, 10, 12, 256
BUDGET_BYTES = 1 << 20  # eight frames: series push one another out
GROWTH_MIB = 8.0
SYNTAXES = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90")  # native, here, in a helper


def make_series(folder: Path) -> None:
    """Write the slices of one series, in three transfer syntaxes by turns."""
    noise = np.random.default_rng(0)
    for number in range(SLICES):
        pixels = noise.integers(0, 4096, (SIDE, SIDE), np.uint16)
        make_dicom(folder / f"{number}.dcm", pixels, syntax=SYNTAXES[number % 3], Modality="CT",
                   SeriesInstanceUID="1.2.3", InstanceNumber=number, ImagePositionPatient=[0, 0, number],
                   ImageOrientationPatient=[1, 0, 0, 0, 1, 0])


def open_and_close(folder: Path, cache: FrameCache) -> None:
    """Do what the window does with a series: open, decode and keep each frame, make thumbnails, forget it all."""
    images = [load_image(path) for path in find_files([folder])]
    for place, image in enumerate(images):
        assert isinstance(image, Image)
        frame = through_cache(image, cache).frame()
        assert isinstance(frame, Frame)
        cache.pin(place % 4, (image.path, 0))
        thumbnail(frame, 128)
    cache.clear()
    assert cache.used_bytes == 0


def resident_mib() -> float:
    """Return how much memory this process holds (Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def growth_mib(series: int = SERIES, warm_up: int = WARM_UP) -> float:
    """Return by how much the memory grew while `series` were opened and closed, after `warm_up` of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_series(folder)
        cache = FrameCache(BUDGET_BYTES)
        for _ in range(warm_up):
            open_and_close(folder, cache)
        before = resident_mib()
        for _ in range(series):
            open_and_close(folder, cache)
        return resident_mib() - before


def figures() -> list[Figure]:
    """Measure the growth, in MiB."""
    grown = growth_mib()
    return [Figure(f"memory: left by {SERIES} series", grown, "MiB", "limit", None, GROWTH_MIB)]
