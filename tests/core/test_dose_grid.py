"""RT Dose: each frame of a grid lies where its Grid Frame Offset Vector puts it (PS3.3 C.8.8.3.2)."""

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.dicom.segmentation import Segmentation, read_segmentation
from core.dicom.structure_set import StructureSet, read_structure_set
from core.imaging.image import Image
from core.studies.order import Order, offered_orders
from core.studies.stack import split_series
from tests.make.dicom import make_dicom
from tests.make.layers import make_segmentation

DOSE, STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.2", "1.2.840.10008.5.1.4.1.1.481.3"
AXIAL, SAGITTAL = [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1]


def grid(path, offsets=("0", "2", "4"), position=(0, 0, 10), orientation=AXIAL, **attributes) -> Image:
    """Open a dose of three frames, 16 rows by 20 columns of a millimeter."""
    image = load_image(make_dicom(path, np.zeros((3, 16, 20), np.uint16), **{
        "SOPClassUID": DOSE, "Modality": "RTDOSE", "SOPInstanceUID": path.name, "SeriesInstanceUID": "1.1",
        "FrameOfReferenceUID": "7.7", "ImagePositionPatient": list(position), "PixelSpacing": [1, 1],
        "ImageOrientationPatient": list(orientation), "FrameIncrementPointer": 0x3004000C, "DoseUnits": "GY",
        "DoseGridScaling": "0.5", "GridFrameOffsetVector": list(offsets), "SliceThickness": "1"} | attributes))
    assert isinstance(image, Image)
    return image


def places(image: Image) -> list[tuple[float, ...]]:
    return [image.facts_of(index).position for index in range(image.frame_count)]


@pytest.mark.parametrize(("attributes", "expected"), [
    ({}, [(0, 0, 10), (0, 0, 12), (0, 0, 14)]),
    ({"offsets": ("0", "-2", "-5")}, [(0, 0, 10), (0, 0, 8), (0, 0, 5)]),
    ({"orientation": SAGITTAL}, [(0, 0, 10), (-2, 0, 10), (-4, 0, 10)]),  # along the normal, whatever it is
    ({"orientation": [2, 0, 0, 0, 2, 0]}, [(0, 0, 10), (0, 0, 12), (0, 0, 14)]),
    ({"offsets": ("10", "12.5", "15")}, [(0, 0, 10), (0, 0, 12.5), (0, 0, 15)]),  # z itself
    ({"offsets": ("0", "3", "6"), "position": (1, 2, 0)}, [(1, 2, 0), (1, 2, 3), (1, 2, 6)]),
])
def test_frames_lie_where_their_offsets_put_them(tmp_path, attributes, expected):
    np.testing.assert_allclose(places(grid(tmp_path / "1.2.3", **attributes)), expected, atol=1e-9)


@pytest.mark.parametrize("attributes", [
    {"offsets": ("0", "2")}, {"offsets": ("0", "2", "4", "6")}, {"offsets": ("7", "9", "11")},
    {"offsets": ("10", "12", "14"), "orientation": SAGITTAL}, {"offsets": ("0", "2", "1e300")},
    {"GridFrameOffsetVector": None}, {"Modality": "CT"}, {"orientation": [1, 0, 0, 1, 0, 0]},
])
def test_offsets_that_say_nothing_sure_leave_all_frames_in_one_place(tmp_path, attributes):
    assert set(places(grid(tmp_path / "1.2.3", **attributes))) == {(0.0, 0.0, 10.0)}


def test_a_grid_without_a_place_has_none_on_its_frames(tmp_path):
    assert set(places(grid(tmp_path / "1.2.3", ImagePositionPatient=None))) == {None}


def test_a_grid_is_a_stack_of_slices_and_no_clip(tmp_path):
    (stack,) = split_series("key", [grid(tmp_path / "1.2.3", ("0", "4", "2"))])
    assert [frame.index for frame in stack.frames] == [0, 2, 1]
    assert Order.POSITION in offered_orders(stack.frames)
    assert not any(frame.traits.clip for frame in stack.frames)


def test_several_grids_of_a_series_are_not_mixed(tmp_path):
    plan, beam = grid(tmp_path / "1.2.3", InstanceNumber=1), grid(tmp_path / "1.2.4", InstanceNumber=1)
    stacks = split_series("key", [plan, beam])
    assert [[frame.image for frame in stack.frames] for stack in stacks] == [[plan] * 3, [beam] * 3]


def test_an_outline_lies_on_the_frame_of_its_plane_alone(tmp_path):
    outline = [10.0, 5.0, 12.0, 14.0, 5.0, 12.0, 14.0, 8.0, 12.0]
    path = make_dicom(tmp_path / "set", SOPClassUID=STRUCTURES, Modality="RTSTRUCT", FrameOfReferenceUID="7.7",
                      StructureSetROISequence={"ROINumber": "1", "ROIName": "Heart"}, ROIContourSequence={
                          "ReferencedROINumber": "1", "ContourSequence": [{
                              "ContourGeometricType": "CLOSED_PLANAR", "ContourData": list(map(str, outline))}]})
    structures, image = read_structure_set(path), grid(tmp_path / "1.2.3")
    assert isinstance(structures, StructureSet)
    assert [bool(structures.on_frame(image, index, image.frame(index))) for index in range(3)] == [False, True, False]


def test_a_segment_lies_on_the_frame_of_its_plane_alone(tmp_path):
    mask = np.zeros((1, 16, 20), np.uint8)
    mask[0, 3, 4] = 1
    found = read_segmentation(make_segmentation(tmp_path / "segments", mask, positions=[(0, 0, 14)]))
    image = grid(tmp_path / "1.2.3")
    assert isinstance(found, Segmentation)
    assert [len(found.on_frame(image, index, image.frame(index))) for index in range(3)] == [0, 0, 1]
