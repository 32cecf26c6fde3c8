"""What stored values can be by Bits Stored and Pixel Representation (PS3.3 C.11.1), which states without a VOI show."""

import numpy as np
import pytest

from core.dicom.load_image import load_image
from tests.make.dicom import make_dicom


@pytest.mark.parametrize("dtype, bits, expected", (
    (np.uint16, 12, (0, 4095)), (np.int16, 12, (-2048, 2047)), (np.uint8, 8, (0, 255)),
    (np.int16, 16, (-32768, 32767)),
))
def test_a_frame_says_what_its_bits_and_sign_allow(tmp_path, dtype, bits, expected):
    path = make_dicom(tmp_path / "a.dcm", np.array([[3, 7]], dtype), BitsStored=bits, HighBit=bits - 1)
    assert load_image(path).frame().nominal_range == expected
