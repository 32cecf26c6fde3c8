"""GDCM's share: lossless JPEG and JPEG of 12 bits, decoded in a helper process."""

import numpy as np
import pydicom
import pytest

from core.dicom.load_image import load_image
from core.imaging.image import Frame
from core.paths import sample_folder
from core.refusal import Refusal


def frame_of(name) -> Frame | Refusal:
    return load_image(sample_folder() / name).frame()


@pytest.mark.parametrize("name", ["JPEG-LL.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm"])
def test_lossless_jpeg_opens_with_the_values_that_pydicom_gives(name):
    expected = pydicom.dcmread(sample_folder() / name).pixel_array
    stored = frame_of(name).stored
    assert stored.dtype == expected.dtype
    np.testing.assert_array_equal(stored, expected)
