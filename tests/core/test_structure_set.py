"""Structure sets: outlines in millimeters as lines on images."""

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.dicom.structure_set import StructureSet, read_structure_set
from core.imaging.image import Frame
from core.refusal import Refusal
from tests.make.dicom import make_dicom
from tests.make.layers import frame_groups, geometry_group

STRUCTURES, CT = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.2"
SQUARE = [10.0, 20.0, 5.0, 14.0, 20.0, 5.0, 14.0, 26.0, 5.0, 10.0, 26.0, 5.0]


def make_slice(path, z=5.0, orientation=(1, 0, 0, 0, 1, 0), **attributes):
    return make_dicom(path, np.zeros((16, 16), np.uint16), **{
        "SOPClassUID": CT, "Modality": "CT", "SOPInstanceUID": "1.2.3", "FrameOfReferenceUID": "7.7",
        "ImagePositionPatient": [0.0, 10.0, z], "ImageOrientationPatient": list(orientation), "SliceThickness": "2",
        "PixelSpacing": [2.0, 1.0]} | attributes)


def make_set(path, data=SQUARE, images=None, **attributes):
    contour = {"ContourGeometricType": "CLOSED_PLANAR", "ContourData": [str(value) for value in data]}
    if images:
        contour["ContourImageSequence"] = [
            {"ReferencedSOPInstanceUID": one} if isinstance(one, str) else
            {"ReferencedSOPInstanceUID": one[0], "ReferencedFrameNumber": one[1]} for one in images]
    return make_dicom(path, SOPClassUID=STRUCTURES, Modality="RTSTRUCT", **{
        "FrameOfReferenceUID": "7.7", "StructureSetROISequence": {"ROINumber": "1", "ROIName": "Heart"},
        "ROIContourSequence": {"ReferencedROINumber": "1", "ROIDisplayColor": [255, 0, 10],
                               "ContourSequence": [contour]}} | attributes)


def make_stack(path):
    """Write three slices of one file, at z = 5, 7 and 9 mm."""
    return make_dicom(
        path, np.zeros((3, 16, 16), np.uint16), SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1", Modality="CT",
        SOPInstanceUID="1.2.3", FrameOfReferenceUID="7.7", SharedFunctionalGroupsSequence=geometry_group(),
        PerFrameFunctionalGroupsSequence=frame_groups([(0, 10, z) for z in (5, 7, 9)], count=3))


def frames_with_an_outline(tmp_path, **attributes):
    """Return on which frames of the three slices a set draws."""
    structures = read_structure_set(make_set(tmp_path / "set", **attributes))
    image = load_image(make_stack(tmp_path / "stack"))
    assert isinstance(structures, StructureSet)
    return [index for index in range(3) if structures.on_frame(image, index, image.frame(index))]


@pytest.fixture
def outlines(tmp_path):
    def make(slice_attributes=None, **attributes):
        structures = read_structure_set(make_set(tmp_path / "set.dcm", **attributes))
        assert isinstance(structures, StructureSet)
        image = load_image(make_slice(tmp_path / "slice.dcm", **(slice_attributes or {})))
        frame = image.frame(0)
        assert isinstance(frame, Frame)
        return structures.on_frame(image, 0, frame)

    return make


def test_an_outline_lies_where_position_orientation_and_spacing_put_it(outlines):
    line, name = outlines()
    # x by 1 mm columns from 0, y by 2 mm rows from 10; the position is the center of the first pixel
    assert line.points == ((10.5, 5.5), (14.5, 5.5), (14.5, 8.5), (10.5, 8.5), (10.5, 5.5))
    assert (name.text.strip(), name.color) == ("Heart", (255, 0, 10))
    assert line.color == (255, 0, 10)


@pytest.mark.parametrize(("z", "count"), ((5.0, 2), (5.9, 2), (6.2, 0), (-5.0, 0)))
def test_an_outline_lies_in_the_slice_within_half_of_whose_thickness_it_is(outlines, z, count):
    assert len(outlines({"z": z})) == count


def test_an_outline_of_another_frame_of_reference_is_not_drawn(outlines):
    assert outlines(FrameOfReferenceUID="8.8") == ()


def test_an_outline_that_names_its_image_is_drawn_on_that_and_no_other(outlines):
    assert len(outlines({"z": 90.0}, images=["1.2.3"])) == 2
    assert outlines(images=["9.9"]) == ()


@pytest.mark.parametrize(("images", "expected"), (
    ([("1.2.3", "3")], [2]),
    ([("1.2.3", "2"), ("1.2.3", "3")], [1, 2]),
    ([("1.2.3", ["1", "3"])], [0, 2]),
    ([("9.9", "1")], []),
))
def test_an_outline_that_names_frames_is_drawn_on_those_and_no_other(tmp_path, images, expected):
    assert frames_with_an_outline(tmp_path, images=images) == expected


def test_an_outline_that_names_a_file_of_several_frames_is_drawn_on_the_frame_that_it_lies_in(tmp_path):
    assert frames_with_an_outline(tmp_path, images=["1.2.3"]) == [0]
    assert frames_with_an_outline(tmp_path, images=["1.2.3", ("1.2.3", "3")]) == [0]
    raised = [value if at % 3 != 2 else 9.0 for at, value in enumerate(SQUARE)]
    assert frames_with_an_outline(tmp_path, images=["1.2.3"], data=raised) == [2]


def test_an_outline_lies_within_half_of_the_thickness_of_each_frame_itself(tmp_path):
    structures = read_structure_set(make_set(tmp_path / "set", images=["1.2.3"]))  # at z = 5 mm
    groups = frame_groups([(0, 10, z) for z in (4, 4, 4)], count=3)
    for group, thickness in zip(groups, ("4", "1", "2.5"), strict=True):
        group["PixelMeasuresSequence"] = {"PixelSpacing": [1.0, 1.0], "SliceThickness": thickness}
    image = load_image(make_dicom(
        tmp_path / "stack", np.zeros((3, 16, 16), np.uint16), SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1", Modality="CT",
        SOPInstanceUID="1.2.3", FrameOfReferenceUID="7.7", SharedFunctionalGroupsSequence=geometry_group(),
        PerFrameFunctionalGroupsSequence=groups))
    assert [bool(structures.on_frame(image, index, image.frame(index))) for index in range(3)] == [True, False, True]


@pytest.mark.parametrize(("own", "count"), (("7.7", 2), ("8.8", 0), (None, 0)))
def test_a_structure_lies_in_its_own_frame_of_reference_and_not_in_the_sets_first(outlines, own, count):
    structure = {"ROINumber": "1", "ROIName": "Heart"} | ({"ReferencedFrameOfReferenceUID": own} if own else {})
    found = outlines(FrameOfReferenceUID=None, StructureSetROISequence=structure, ReferencedFrameOfReferenceSequence=[
        {"FrameOfReferenceUID": "9.9"}, {"FrameOfReferenceUID": "7.7"}])
    assert len(found) == count


def test_an_image_that_lies_across_shows_nothing_of_it(outlines):
    assert outlines({"orientation": (1, 0, 0, 0, 0, -1), "z": 5.0}) == ()


def test_an_image_without_position_shows_no_outlines(outlines):
    assert outlines({"ImagePositionPatient": None}, images=["1.2.3"]) == ()


def test_malformed_outlines_are_left_out_and_a_missing_file_is_a_refusal(outlines, tmp_path):
    assert outlines(data=SQUARE[:-1]) == ()
    assert isinstance(read_structure_set(tmp_path / "none.dcm"), Refusal)
