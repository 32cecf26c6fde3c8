"""The windows and VOI LUTs that a file offers for a frame (PS3.3 C.11.2)."""

from pydicom.dataset import Dataset

from core.dicom.functional_groups import FrameAttributes
from core.dicom.lookup_item import lookup_table
from core.dicom.values import items, numbers, text, texts
from core.imaging.image import ModalityTransform, Voi
from core.imaging.lookup import LookupTable
from core.imaging.window import VoiFunction, Window


def offered_voi(
    frame: FrameAttributes, modality: ModalityTransform, is_signed: bool
) -> tuple[tuple[Voi, ...], tuple[str, ...]]:
    """Return a frame's windows and VOI LUTs in the file's order, and notes on those that are not valid.

    Windows are paired by index, a surplus center or width is ignored. Those of the functional groups count before the
    data set's. `is_signed` is the Pixel Representation.
    """
    group = frame.group("FrameVOILUTSequence")
    for holder in (group, frame.dataset):
        if holder is None:
            continue
        windows, notes = _windows(holder)
        tables = _tables(holder, _has_negative(modality, is_signed))
        if windows or tables or notes:
            return (*windows, *tables), notes
    return (), ()


def _windows(holder: Dataset) -> tuple[tuple[Window, ...], tuple[str, ...]]:
    centers, widths = numbers(holder, "WindowCenter"), numbers(holder, "WindowWidth")
    names = texts(holder, "WindowCenterWidthExplanation")
    stated = text(holder, "VOILUTFunction")
    notes: tuple[str, ...] = ()
    try:
        function = VoiFunction(stated or "LINEAR")
    except ValueError:
        function = VoiFunction.LINEAR
        notes = (f"unknown window function {stated} taken as LINEAR",)
    windows = []
    for index, (center, width) in enumerate(zip(centers, widths, strict=False)):
        window = Window(center, width, function, names[index] if index < len(names) else "")
        if window.is_valid:
            windows.append(window)
        else:
            # such a width divides by nothing or by less (PS3.3 C.11.2.1.2.1): the pixels make a better one
            notes += (f"invalid window of width {width:g} ignored",)
    return tuple(windows), notes


def _tables(holder: Dataset, is_input_signed: bool) -> tuple[LookupTable, ...]:
    tables = (lookup_table(item, is_input_signed) for item in items(holder, "VOILUTSequence"))
    return tuple(table for table in tables if table is not None)


def _has_negative(modality: ModalityTransform, is_signed: bool) -> bool:
    """Return whether modality values, the VOI LUT's input, can be below zero."""
    if isinstance(modality, LookupTable):
        return False
    return is_signed or modality.intercept < 0 or modality.slope < 0
