"""Colors that a file recommends for display."""

from pydicom.dataset import Dataset

from core.dicom.values import numbers
from core.imaging.lab import Rgb, rgb_of_cielab


def display_color(dataset: Dataset, keyword: str) -> Rgb | None:
    """Return the color of an attribute of three CIELab words (PS3.3 C.10.7.1.1), None where it states none."""
    words = [min(max(int(word), 0), 65535) for word in numbers(dataset, keyword)]
    return rgb_of_cielab((words[0], words[1], words[2])) if len(words) == 3 else None
