"""What an image says of itself."""

import numpy as np
import pytest

from core.imaging.image import Frame
from tests.make.image import make_image

FRAME = Frame(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize(("kind", "modality", "is_projection"), [
    ("DICOM", "DX", True), ("DICOM", "RG", True), ("DICOM", "CT", False), ("DICOM", "", False), ("PNG", "", True)])
def test_radiographs_and_plain_pictures_are_projections(kind, modality, is_projection):
    assert make_image(FRAME, kind, modality=modality).is_projection is is_projection


@pytest.mark.parametrize(("modality", "unit", "is_hounsfield"), [
    ("CT", "HU", True), ("CT", "mgml", False), ("PT", "HU", False)])
def test_only_a_ct_in_its_unit_is_in_hounsfield_units(modality, unit, is_hounsfield):
    frame = Frame(np.zeros((4, 4), np.uint8), unit=unit)
    assert make_image(frame, modality=modality).is_hounsfield(frame) is is_hounsfield
