"""Stored values to modality values: Modality LUT or Rescale, and the unit that results (PS3.3 C.11.1)."""

from core.dicom.functional_groups import FrameAttributes
from core.dicom.lookup_item import lookup_table
from core.dicom.values import first_item, number, text
from core.imaging.image import ModalityTransform
from core.imaging.lookup import Rescale


def modality_transform(frame: FrameAttributes, is_signed: bool) -> ModalityTransform:
    """Return a frame's modality transform; that of its functional groups counts before the data set's.

    `is_signed` is the Pixel Representation. X-ray angiography whose Pixel Intensity Relationship is LOG or DISP has a
    Modality LUT that is not meant for display (PS3.3 C.8.7.1.1.2): it is left out.
    """
    dataset = frame.dataset
    if text(dataset, "Modality") in ("XA", "XRF") and text(dataset, "PixelIntensityRelationship") in ("LOG", "DISP"):
        return Rescale()
    holder = frame.group_with("PixelValueTransformationSequence", "RescaleSlope")
    slope, intercept = number(holder, "RescaleSlope"), number(holder, "RescaleIntercept")
    if holder is dataset:
        item = first_item(dataset, "ModalityLUTSequence")
        table = None if item is None else lookup_table(item, is_signed)
        if table is not None:
            return table
    if slope is None and intercept is None:
        return Rescale()
    # A slope of 0 would make one gray of everything: such a file means "no slope"
    return Rescale(slope or 1.0, intercept or 0.0)


def modality_unit(frame: FrameAttributes) -> str:
    """Return the unit of the modality values as a person reads it, "" where the file does not say."""
    dataset = frame.dataset
    holder = frame.group_with("PixelValueTransformationSequence", "RescaleType")
    unit = text(holder, "RescaleType")
    item = first_item(dataset, "ModalityLUTSequence")
    if item is not None:
        unit = text(item, "ModalityLUTType") or unit
    if unit and unit != "US":  # US means unspecified
        return unit
    if text(dataset, "Modality") == "CT" and number(holder, "RescaleSlope") is not None:
        return "HU"  # the default of C.11.1.1.2 for CT
    return text(dataset, "Units") if text(dataset, "Modality") == "PT" else ""
