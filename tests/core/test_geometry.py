"""Spacing with its source, the shape of pixels, and the letters at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dicom.functional_groups import FrameAttributes, frames_of
from core.dicom.geometry import edge_letters, letters_of, pixel_aspect, spacing_of
from core.imaging.image import EdgeLetters
from tests.make.dicom import make_dataset
from tests.make.picture import gradient

OPPOSITE = dict(zip("LRAPHF", "RLPAFH", strict=True))


def frame(**attributes) -> FrameAttributes:
    return frames_of(make_dataset(gradient(), **attributes), 1)[0]


def region(**changes):
    return {"PhysicalUnitsXDirection": 3, "PhysicalUnitsYDirection": 3, "RegionSpatialFormat": 1,
            "PhysicalDeltaX": 0.05, "PhysicalDeltaY": -0.04, **changes}


@pytest.mark.parametrize(("attributes", "spacing"), [
    ({}, None),
    ({"PixelSpacing": [0.2, 0.1]}, (0.2, 0.1, "")),
    ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2, "at detector")),
    ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.2, 0.2]}, (0.1, 0.1, "")),
    ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "FIDUCIAL",
      "PixelSpacingCalibrationDescription": "ball"}, (0.2, 0.2, "calibrated: FIDUCIAL ball")),
    ({"PixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "GEOMETRY"}, (0.2, 0.2, "calibrated: GEOMETRY")),
    ({"ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2, "at detector: true size is smaller")),
    ({"ImagerPixelSpacing": [0.2, 0.4], "EstimatedRadiographicMagnificationFactor": 2},
     (0.1, 0.2, "magnification corrected")),
    ({"ImagerPixelSpacing": [0.3, 0.3], "DistanceSourceToDetector": 1500, "DistanceSourceToPatient": 1000},
     (0.2, 0.2, "magnification corrected")),
    ({"ImagerPixelSpacing": [0.3, 0.3], "DistanceSourceToDetector": 1500, "DistanceSourceToPatient": 0},
     (0.3, 0.3, "at detector: true size is smaller")),
    ({"Modality": "RG", "ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2, "at detector: true size is smaller")),
    ({"Modality": "CT", "ImagerPixelSpacing": [0.2, 0.2]}, None),
    ({"Modality": "CT", "PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2, "")),
    ({"NominalScannedPixelSpacing": [0.1, 0.1]}, (0.1, 0.1, "at scanner")),
    ({"Modality": "XA", "SharedFunctionalGroupsSequence": {  # PS3.3 C.8.19.6
        "FramePixelDataPropertiesSequence": {"ImagerPixelSpacing": [0.2, 0.4]}}},
     (0.2, 0.4, "at detector: true size is smaller")),
    ({"Modality": "RTIMAGE", "ImagePlanePixelSpacing": [0.4, 0.8]}, (0.4, 0.8, "at image plane")),
    ({"PixelSpacing": [1e300, 1e-300]}, None), ({"PixelSpacing": [2e6, 2e6]}, None),
    ({"PixelSpacing": [1, 1e-4]}, None), ({"PixelSpacing": [1e-7, 1e-7]}, None),
    ({"PixelSpacing": [1e-4, 1e-2]}, (1e-4, 1e-2, "")),
    ({"PixelSpacing": [1e300, 1e-300], "NominalScannedPixelSpacing": [0.1, 0.1]}, (0.1, 0.1, "at scanner")),
    ({"ImagerPixelSpacing": [0.2, 0.2], "EstimatedRadiographicMagnificationFactor": 1e-300},
     (0.2, 0.2, "at detector: true size is smaller")),
    ({"SequenceOfUltrasoundRegions": [region(PhysicalDeltaX=1e-300)]}, None),
    ({"PixelSpacing": [0, 0.1]}, None), ({"PixelSpacing": [-1, 0.1]}, None), ({"PixelSpacing": 0.1}, None),
    ({"SequenceOfUltrasoundRegions": [region()]}, (0.4, 0.5, "ultrasound region")),
    ({"SequenceOfUltrasoundRegions": [region(), region(PhysicalDeltaX=0.1)]}, None),
    ({"SequenceOfUltrasoundRegions": [region(PhysicalUnitsXDirection=4)]}, None),
    ({"SequenceOfUltrasoundRegions": [region(), region(RegionSpatialFormat=3)]}, None),
])
def test_spacing_is_taken_by_the_ladder_and_names_its_source(attributes, spacing):
    found = spacing_of(frame(**attributes))
    assert (found and (pytest.approx(found.row_mm), pytest.approx(found.column_mm), found.source)) == spacing


@pytest.mark.parametrize(("attributes", "aspect"), [
    ({}, 1.0), ({"PixelAspectRatio": [1, 1_000_000]}, 1.0), ({"PixelSpacing": [1e300, 1e-300]}, 1.0),
    ({"PixelSpacing": [1e300, 1e-300], "PixelAspectRatio": [3, 4]}, 0.75),
    ({"PixelAspectRatio": [3, 4]}, 0.75), ({"PixelAspectRatio": [0, 4]}, 1.0),
    ({"PixelSpacing": [0.2, 0.1]}, 2.0), ({"PixelSpacing": [0.2, 0.1], "PixelAspectRatio": [1, 1]}, 2.0),
])
def test_a_pixels_shape_is_its_height_over_its_width(attributes, aspect):
    one = frame(**attributes)
    assert pixel_aspect(one, spacing_of(one)) == aspect


@pytest.mark.parametrize(("cosines", "edges"), [
    ([1, 0, 0, 0, 1, 0], EdgeLetters(left="R", top="A", right="L", bottom="P")),  # axial
    ([1, 0, 0, 0, 0, -1], EdgeLetters(left="R", top="H", right="L", bottom="F")),  # coronal
    ([0, 1, 0, 0, 0, -1], EdgeLetters(left="A", top="H", right="P", bottom="F")),  # sagittal
    ([0.8, 0.6, 0, 0, 0, -1], EdgeLetters(left="RA", top="H", right="LP", bottom="F")),  # oblique
    ([1, 0.05, 0, -0.05, 1, 0], EdgeLetters(left="R", top="A", right="L", bottom="P")),  # nearly axial
])
def test_letters_of_slices_come_from_the_image_orientation(cosines, edges):
    assert edge_letters(frame(ImageOrientationPatient=cosines)) == edges


@pytest.mark.parametrize(("orientation", "edges"), [
    (["L", "F"], EdgeLetters(left="R", top="H", right="L", bottom="F")),
    (["A", "F"], EdgeLetters(left="P", top="H", right="A", bottom="F")),
    (["LA", "FP"], EdgeLetters(left="RP", top="HA", right="LA", bottom="FP")),
    (["L"], None), (["X", "F"], None), ("", None), (["L", ""], None),
])
def test_letters_of_projections_come_from_the_patient_orientation(orientation, edges):
    assert edge_letters(frame(PatientOrientation=orientation)) == edges


def test_animals_have_letters_of_their_own():
    edges = edge_letters(frame(AnatomicalOrientationType="QUADRUPED", PatientOrientation=["CD", "V"]))
    assert edges == EdgeLetters(left="CR", top="D", right="CD", bottom="V")


@pytest.mark.parametrize(("orientation", "edges"), [
    (["CD", "V"], EdgeLetters(left="CR", top="D", right="CD", bottom="V")), (["L", "P"], None), ("", None),
])
def test_an_animals_slices_have_its_own_letters_or_none(orientation, edges):
    """PS3.3 C.7.6.1.1.1: L, R, A, P, H and F are ends of a person, whatever Image Orientation (Patient) says."""
    assert edge_letters(frame(AnatomicalOrientationType="QUADRUPED", ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
                              PatientOrientation=orientation)) == edges


def test_without_information_there_are_no_letters():
    assert edge_letters(frame()) is None
    assert edge_letters(frame(ImageOrientationPatient=[0, 0, 0, 0, 0, 0])) is None


directions = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda one: np.linalg.norm(one) > 0.5)


@given(directions)
def test_the_opposite_direction_has_the_opposite_letters(direction):
    letters = letters_of(direction)
    assert letters_of([-one for one in direction]) == "".join(OPPOSITE[letter] for letter in letters)
    assert 1 <= len(letters) <= 3
