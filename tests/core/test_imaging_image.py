"""What an image says of itself."""

from dataclasses import replace

import numpy as np
import pytest

from core.imaging.frame_cache import FrameCache, through_cache
from core.imaging.image import Frame
from core.refusal import Reason, Refusal
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


@pytest.mark.parametrize(("modality", "from_zero"), [("PT", True), ("NM", True), ("CT", False), ("MR", False)])
def test_windows_over_counts_begin_at_0(modality, from_zero):
    assert make_image(FRAME, modality=modality).frame().from_zero is from_zero


def test_color_and_refusals_are_handed_on_as_they_are():
    color, refusal = Frame(np.zeros((4, 4, 3), np.uint8)), Refusal(Reason.DAMAGED)
    assert make_image(color, modality="PT").frame() is color
    assert replace(make_image(FRAME, modality="PT"), load_frame=lambda _index: refusal).frame() is refusal


def test_a_frame_that_is_kept_is_the_same_each_time():
    cache = FrameCache(1 << 20)
    image = through_cache(make_image(FRAME, modality="PT"), cache)
    assert image.frame() is image.frame()
