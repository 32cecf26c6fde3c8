"""Modality transforms and units of a file."""

import numpy as np
import pytest

from core.dicom.functional_groups import frames_of
from core.dicom.modality import modality_transform, modality_unit
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.probe import STORED_VALUE
from tests.make.dicom import make_dataset


def frame(**attributes):
    return frames_of(make_dataset(np.zeros((2, 2), np.uint16), **attributes), 1)[0]


MAP = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.30", "Modality": "MR"}
UNIT = {"CodeValue": "mm2/s", "CodingSchemeDesignator": "UCUM", "CodeMeaning": "square millimeter per second"}
NO_UNIT = {"CodeValue": "1", "CodingSchemeDesignator": "UCUM", "CodeMeaning": "no units"}
MAPPING = {"MeasurementUnitsCodeSequence": UNIT, "RealWorldValueSlope": 1, "RealWorldValueIntercept": 0}
TABLE = {"LUTDescriptor": [3, 0, 16], "LUTData": [5, 50, 500], "ModalityLUTType": "OD"}


@pytest.mark.parametrize(("attributes", "expected"), [
    ({}, Rescale()), ({"RescaleSlope": 2, "RescaleIntercept": -1024}, Rescale(2, -1024)),
    ({"RescaleIntercept": -5}, Rescale(1, -5)), ({"RescaleSlope": 0.5}, Rescale(0.5, 0)),
    ({"RescaleSlope": 0, "RescaleIntercept": 3}, Rescale(1, 3)),
    ({"Modality": "RTDOSE", "DoseGridScaling": 2.5e-5, "DoseUnits": "GY"}, Rescale(2.5e-5, 0)),
    ({"Modality": "RTDOSE", "DoseUnits": "GY"}, Rescale()), ({"Modality": "CT", "DoseGridScaling": 2}, Rescale()),
])
def test_rescale_is_taken_as_stated(attributes, expected):
    assert modality_transform(frame(**attributes), False) == expected


def test_a_modality_lut_counts_before_a_rescale():
    found = modality_transform(frame(ModalityLUTSequence=TABLE, RescaleSlope=2, RescaleIntercept=0), False)
    assert isinstance(found, LookupTable)
    assert found.apply(np.array([0, 1, 2, 9])).tolist() == [5, 50, 500, 500]


@pytest.mark.parametrize(("modality", "relationship", "is_for_display"), [
    ("XA", "LOG", False), ("XRF", "DISP", False), ("RF", "LOG", False), ("RF", "DISP", False), ("XA", "LIN", True),
    ("RF", "LIN", True), ("CR", "LOG", True),
])
def test_angiography_that_is_ready_for_display_leaves_its_modality_lut_out(modality, relationship, is_for_display):
    """PS3.3 C.8.7.1.1.2; fluoroscopy has the modality RF (C.7.3.1.1.1). The table's unit goes with it."""
    one = frame(Modality=modality, PixelIntensityRelationship=relationship, ModalityLUTSequence=TABLE)
    assert isinstance(modality_transform(one, False), LookupTable) == is_for_display
    assert modality_unit(one) == ("mOD" if is_for_display else "")


@pytest.mark.parametrize(("attributes", "unit"), [
    ({"SharedFunctionalGroupsSequence": {"PixelValueTransformationSequence": {
        "RescaleSlope": 1, "RescaleIntercept": -1024, "RescaleType": "HU"}}, "ModalityLUTSequence": TABLE}, "HU"),
    ({"ModalityLUTSequence": {"LUTDescriptor": [3, 0, 16], "ModalityLUTType": "OD"}, "RescaleSlope": 1,
      "RescaleType": "HU"}, "HU"),
    ({"ModalityLUTSequence": TABLE, "RescaleType": "HU"}, "mOD"),
])
def test_a_modality_lut_names_the_unit_of_no_values_but_its_own(attributes, unit):
    """PS3.3 C.11.1: a table that gives way to another transform, or that is empty, says nothing of the values."""
    one = frame(**attributes)
    assert isinstance(modality_transform(one, False), LookupTable) == (unit == "mOD")
    assert modality_unit(one) == unit


@pytest.mark.parametrize(("attributes", "unit"), [
    ({"Modality": "CT", "RescaleSlope": 1, "RescaleIntercept": 0}, "HU"), ({"Modality": "CT"}, ""),
    ({"Modality": "CT", "RescaleSlope": 1, "RescaleType": "US"}, "HU"), ({"RescaleType": "OD"}, "mOD"),
    ({"Modality": "PT", "Units": "BQML", "RescaleSlope": 1}, "BQML"), ({"ModalityLUTSequence": TABLE}, "mOD"), ({}, ""),
    ({"RescaleType": "US"}, ""), ({"Modality": "RTDOSE", "DoseGridScaling": 2.5e-5, "DoseUnits": "GY"}, "Gy"),
    ({"Modality": "RTDOSE", "DoseUnits": "GY"}, ""),  # stored values are no gray
    (MAP | {"RealWorldValueMappingSequence": MAPPING}, "mm2/s"), (MAP, STORED_VALUE),
    (MAP | {"RealWorldValueMappingSequence": {"RealWorldValueSlope": 1}}, STORED_VALUE),
    (MAP | {"RealWorldValueMappingSequence": MAPPING | {"MeasurementUnitsCodeSequence": NO_UNIT}}, ""),
    (MAP | {"RealWorldValueMappingSequence": MAPPING | {"RealWorldValueSlope": 0.5}}, STORED_VALUE),
    (MAP | {"RealWorldValueMappingSequence": MAPPING | {"RealWorldValueIntercept": 1}}, STORED_VALUE),
])
def test_values_have_the_unit_that_the_file_names(attributes, unit):
    assert modality_unit(frame(**attributes)) == unit
