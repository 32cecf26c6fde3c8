"""GDCM's share: lossless JPEG and JPEG of 12 bits, decoded in a helper process."""

import numpy as np
import pydicom
import pytest

from core.dicom.decoders import gdcm
from core.dicom.decoders.helper_process import HelperFailed
from core.dicom.load_image import load_image
from core.imaging.image import Frame
from core.paths import sample_folder
from core.refusal import Reason, Refusal


def frame_of(name) -> Frame | Refusal:
    return load_image(sample_folder() / name).frame()


@pytest.mark.parametrize("name", ["JPEG-LL.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm"])
def test_lossless_jpeg_opens_with_the_values_that_pydicom_gives(name):
    expected = pydicom.dcmread(sample_folder() / name).pixel_array
    stored = frame_of(name).stored
    assert stored.dtype == expected.dtype
    np.testing.assert_array_equal(stored, expected)


def test_a_helper_that_ends_is_a_refusal_of_that_frame(monkeypatch):
    class Dead:
        def ask(self, task):
            raise HelperFailed("the decoder ended its process")

    monkeypatch.setattr(gdcm, "_HELPER", Dead())
    refusal = frame_of("JPEG-LL.dcm")
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.DAMAGED
    assert "ended" in refusal.facts["detail"]
