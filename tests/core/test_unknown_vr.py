"""Public elements of VR UN: a value too long for its VR's length is read as what it is (PS3.5 6.2.2 Note 2)."""

import io
import struct

import numpy as np
import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset

from core.dicom.dataset import open_dataset
from core.dicom.load_image import load_image
from core.dicom.structure_set import read_structure_set
from core.dicom.values import items, numbers, text, value_of
from core.imaging.lookup import Rescale
from tests.core.test_structure_set import make_set
from tests.make.dicom import make_dataset, make_dicom, to_bytes

PREAMBLE = 132  # bytes, with the four letters after it

# how pydicom writes what is too long, and says so
pytestmark = pytest.mark.filterwarnings("ignore:The value for the data element:UserWarning")


def with_unknown(dataset: Dataset, tag: int, value: bytes) -> bytes:
    """Return an explicit file without pixels whose last element, of VR UN, has this tag and value."""
    return to_bytes(dataset) + struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, b"UN", 0, len(value)) + value


def implicit_items(count: int, **attributes) -> bytes:
    """Return the value of a sequence of `count` like items, with implicit VRs."""
    file, item = io.BytesIO(), Dataset()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    dcmwrite(file, item, implicit_vr=True, little_endian=True)
    return count * (struct.pack("<HHL", 0xFFFE, 0xE000, len(file.getvalue())) + file.getvalue())


@pytest.mark.parametrize("points", [1000, 3000])
def test_a_contour_of_any_length_is_drawn(tmp_path, points):
    data = [f"{value:.6f}" for number in range(points) for value in (200 * np.cos(number), 150.0, -100.0)]
    path = make_set(tmp_path / "set", data)
    assert (b"UN" in path.read_bytes()[PREAMBLE:]) == (points == 3000)
    assert [len(contour.points) for contour in read_structure_set(path).contours] == [points]


@pytest.mark.parametrize("count", [1, 5000])
def test_a_sequence_of_any_length_has_its_items(tmp_path, count):
    path = tmp_path / "file"
    path.write_bytes(with_unknown(make_dataset(), 0x00880200, implicit_items(count, Modality="CT", SeriesNumber=3)))
    found = items(open_dataset(path).dataset, "IconImageSequence")
    assert [(text(item, "Modality"), numbers(item, "SeriesNumber")) for item in found] == [("CT", (3.0,))] * count


def test_a_table_of_many_floats_is_read_as_numbers(tmp_path):
    path = make_dicom(tmp_path / "file", RealWorldValueMappingSequence=[{"RealWorldValueLUTData": [0.5] * 16384}])
    assert b"UN" in path.read_bytes()[PREAMBLE:]
    (item,) = items(open_dataset(path).dataset, "RealWorldValueMappingSequence")
    assert numbers(item, "RealWorldValueLUTData") == (0.5,) * 16384


def test_long_shared_functional_groups_give_the_frame_its_rescale(tmp_path):
    comment = {"ImageComments": "x" * 10000}
    groups = {"PixelValueTransformationSequence": {"RescaleSlope": "2", "RescaleIntercept": "-1000"},
              "PatientPhysiologicalStateSequence": [comment] * 8}
    raw = to_bytes(make_dataset(SharedFunctionalGroupsSequence=groups), "1.2.840.10008.1.2", meta=False)
    tag = struct.pack("<HH", 0x5200, 0x9229)
    value = raw[raw.index(tag) + 8:]
    explicit = to_bytes(make_dataset(np.zeros((4, 4), np.uint16), Modality="CT"))
    pixels = explicit.index(struct.pack("<HH", 0x7FE0, 0x0010))
    (tmp_path / "file").write_bytes(
        explicit[:pixels] + tag + struct.pack("<2sHL", b"UN", 0, len(value)) + value + explicit[pixels:])
    assert load_image(tmp_path / "file").frame().modality == Rescale(2, -1000)


@pytest.mark.parametrize("tag", [0x00091010, 0x00880001])
def test_a_long_value_of_a_tag_that_is_private_or_in_no_dictionary_stays_bytes(tmp_path, tag):
    path = tmp_path / "file"
    path.write_bytes(with_unknown(Dataset(), tag, b"ab" * 40000))
    dataset = open_dataset(path).dataset
    assert dataset[tag].value == b"ab" * 40000
    assert value_of(dataset, "PatientName") is None
