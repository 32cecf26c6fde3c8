"""Stored values to modality values: Modality LUT or Rescale, and the unit that results (PS3.3 C.11.1)."""

from pydicom.dataset import Dataset
from pydicom.uid import ParametricMapStorage

from core.dicom.functional_groups import FrameAttributes
from core.dicom.lookup_item import lookup_table
from core.dicom.values import first_item, number, text
from core.imaging.image import ModalityTransform
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.probe import STORED_VALUE

_UNITS = {"OD": "mOD"}  # thousandths of optical density (PS3.3 C.11.1.1.2)
_DOSE_UNITS = {"GY": "Gy", "RELATIVE": "relative dose"}  # PS3.3 C.8.8.3


def modality_transform(frame: FrameAttributes, is_signed: bool) -> ModalityTransform:
    """Return a frame's modality transform; that of its functional groups counts before the data set's.

    `is_signed` is the Pixel Representation. X-ray angiography and fluoroscopy whose Pixel Intensity Relationship is LOG
    or DISP have a Modality LUT that is not meant for display (PS3.3 C.8.7.1.1.2): it is left out. An RT Dose has its
    Dose Grid Scaling in place of a modality transform (C.8.8.3).
    """
    dataset = frame.dataset
    if _is_for_display(dataset):
        return Rescale()
    if (scaling := _dose_grid_scaling(dataset)) is not None:
        return Rescale(scaling, 0.0)
    holder = frame.group_with("PixelValueTransformationSequence", "RescaleSlope")
    slope, intercept = number(holder, "RescaleSlope"), number(holder, "RescaleIntercept")
    if (table := _modality_lut(frame, is_signed)) is not None:
        return table[0]
    if slope is None and intercept is None:
        return Rescale()
    # A slope of 0 would make one gray of everything: such a file means "no slope"
    return Rescale(slope or 1.0, intercept or 0.0)


def modality_unit(frame: FrameAttributes) -> str:
    """Return the unit of the modality values as a person reads it, "" where the file does not say."""
    dataset = frame.dataset
    if _dose_grid_scaling(dataset) is not None:
        return _DOSE_UNITS.get(text(dataset, "DoseUnits"), "")
    if text(dataset, "SOPClassUID") == ParametricMapStorage:
        return _map_unit(real_world_mapping(frame))
    if _is_for_display(dataset):
        return ""  # they are what is stored, whatever a transform that is left out would make of them
    holder = frame.group_with("PixelValueTransformationSequence", "RescaleType")
    table = _modality_lut(frame, is_signed=False)
    unit = text(holder, "RescaleType") if table is None else table[1]
    if unit and unit != "US":  # US means unspecified
        return _UNITS.get(unit, unit)
    if table is None and text(dataset, "Modality") == "CT" and number(holder, "RescaleSlope") is not None:
        return "HU"  # the default of C.11.1.1.2 for CT
    return text(dataset, "Units") if text(dataset, "Modality") == "PT" else ""


def real_world_mapping(frame: FrameAttributes) -> Dataset | None:
    """Return the item that says what a frame's stored values mean in the real world (PS3.3 C.7.6.16.2.11)."""
    return frame.group("RealWorldValueMappingSequence") or first_item(frame.dataset, "RealWorldValueMappingSequence")


def mapped_unit(mapping: Dataset | None) -> str:
    """Return a mapping's unit as it is written: UCUM's code without the braces of mere words, "" for a pure number."""
    code = None if mapping is None else first_item(mapping, "MeasurementUnitsCodeSequence")
    if code is None:
        return ""
    is_ucum = text(code, "CodingSchemeDesignator") == "UCUM"
    unit = text(code, "CodeValue") if is_ucum else text(code, "CodeMeaning")
    return "" if unit in ("1", "no units") else unit.strip("{}")


def _map_unit(mapping: Dataset | None) -> str:
    """A map's pixels are shown as stored: they have the unit of the values that they mean where they are those."""
    if mapping is None or "RealWorldValueLUTData" in mapping or "MeasurementUnitsCodeSequence" not in mapping:
        return STORED_VALUE
    slope, intercept = number(mapping, "RealWorldValueSlope"), number(mapping, "RealWorldValueIntercept")
    return mapped_unit(mapping) if slope in (None, 1.0) and not intercept else STORED_VALUE


def _is_for_display(dataset: Dataset) -> bool:
    """Return whether what is stored is ready for display, without its Modality LUT (PS3.3 C.8.7.1.1.2).

    Fluoroscopy is RF (C.7.3.1.1.1); XRF is what some call it after the name of its object.
    """
    return (text(dataset, "Modality") in ("XA", "RF", "XRF")
            and text(dataset, "PixelIntensityRelationship") in ("LOG", "DISP"))


def _modality_lut(frame: FrameAttributes, is_signed: bool) -> tuple[LookupTable, str] | None:
    """Return the Modality LUT that makes a frame's values, with its type (PS3.3 C.11.1); None where none makes them.

    A rescale in a frame's functional groups counts before the data set's table.
    """
    if frame.group_with("PixelValueTransformationSequence", "RescaleSlope") is not frame.dataset:
        return None
    item = first_item(frame.dataset, "ModalityLUTSequence")
    table = None if item is None else lookup_table(item, is_signed)
    return None if item is None or table is None else (table, text(item, "ModalityLUTType"))


def _dose_grid_scaling(dataset: Dataset) -> float | None:
    """Return what a stored value of an RT Dose is to be multiplied by, None for any other image."""
    return number(dataset, "DoseGridScaling") or None if text(dataset, "Modality") == "RTDOSE" else None
