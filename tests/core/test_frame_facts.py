"""Where, when and how a frame was taken, of classic and of enhanced objects."""

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.imaging.image import FrameFacts
from tests.make.dicom import make_dicom

PIXELS = np.zeros((4, 4), np.uint8)


def test_a_classic_image_has_its_facts_in_the_data_set(tmp_path):
    image = load_image(make_dicom(
        tmp_path / "a", PIXELS, ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        TemporalPositionIdentifier=4, EchoTime="30.5", DiffusionBValue=700.0, FrameOfReferenceUID="1.9",
        AcquisitionNumber=7,
    ))
    assert image.facts_of(0) == FrameFacts((1.0, 2.0, 3.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 4, 30.5, 700.0)
    assert (image.header.frame_of_reference, image.header.acquisition_number) == ("1.9", "7")


def test_frames_of_an_enhanced_object_have_their_own_facts_and_shared_ones(tmp_path):
    def own(z, time):
        return {"PlanePositionSequence": [{"ImagePositionPatient": [0, 0, z]}],
                "FrameContentSequence": [{"TemporalPositionIndex": time, "StackID": "A"}]}

    image = load_image(make_dicom(
        tmp_path / "a", np.stack([PIXELS] * 2),
        SharedFunctionalGroupsSequence=[{
            "PlaneOrientationSequence": [{"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}],
            "MREchoSequence": [{"EffectiveEchoTime": 12.5}],
        }],
        PerFrameFunctionalGroupsSequence=[own(0, 1), own(5, 2)],
    ))
    first, second = image.frame_facts
    assert (first.position, first.temporal_position, first.stack_id) == ((0.0, 0.0, 0.0), 1, "A")
    assert (second.position, second.temporal_position, second.echo_time) == ((0.0, 0.0, 5.0), 2, 12.5)
    assert first.orientation == second.orientation == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def test_each_frame_has_the_side_and_the_thickness_of_its_own_groups(tmp_path):
    groups = [{"FrameAnatomySequence": {"FrameLaterality": side}, "PixelMeasuresSequence": {"SliceThickness": thick}}
              for side, thick in (("R", "5"), ("L", "3"))]
    image = load_image(make_dicom(
        tmp_path / "a", np.stack([PIXELS] * 2), PerFrameFunctionalGroupsSequence=groups,
        SharedFunctionalGroupsSequence={"FrameAnatomySequence": {"FrameLaterality": "B"}}))
    assert [(frame.laterality, frame.thickness_mm) for frame in map(image.frame, range(2))] == [("R", 5), ("L", 3)]


@pytest.mark.parametrize("pixels", [PIXELS, np.zeros((4, 4, 3), np.uint8)])
@pytest.mark.parametrize(("attributes", "side", "thickness"), [
    ({"SharedFunctionalGroupsSequence": {"FrameAnatomySequence": {"FrameLaterality": "L"},
                                         "PixelMeasuresSequence": {"SliceThickness": "2.5"}}}, "L", 2.5),
    ({"ImageLaterality": "R", "Laterality": "L", "SliceThickness": "5"}, "R", 5.0),
    ({"Laterality": "L"}, "L", None), ({}, "", None),
])
def test_side_and_thickness_are_the_images_where_its_frames_do_not_tell(tmp_path, pixels, attributes, side, thickness):
    frame = load_image(make_dicom(tmp_path / "a", pixels, **attributes)).frame()
    assert (frame.laterality, frame.thickness_mm) == (side, thickness)


def test_a_frame_that_tells_no_side_does_not_have_the_side_of_another(tmp_path):
    groups = [{"FrameAnatomySequence": {"FrameLaterality": "R"}}, {"FrameContentSequence": {"StackID": "A"}}]
    image = load_image(make_dicom(tmp_path / "a", np.stack([PIXELS] * 2), PerFrameFunctionalGroupsSequence=groups))
    assert [image.frame(index).laterality for index in range(2)] == ["R", ""]


def test_frames_without_groups_of_their_own_share_one_set_of_facts(tmp_path):
    image = load_image(make_dicom(tmp_path / "a", np.stack([PIXELS] * 3)))
    assert image.facts_of(2) == FrameFacts()
    assert len(image.frame_facts) == 1


def test_mosaics_and_localizers_are_told_by_their_image_type(tmp_path):
    kinds = {kind: load_image(make_dicom(tmp_path / kind, PIXELS, ImageType=["ORIGINAL", "PRIMARY", kind])).header
             for kind in ("MOSAIC", "LOCALIZER", "AXIAL")}
    assert [kind for kind, header in kinds.items() if header.is_mosaic] == ["MOSAIC"]
    assert [kind for kind, header in kinds.items() if header.is_localizer] == ["LOCALIZER"]


@pytest.mark.parametrize(("attributes", "acquired"), [
    ({"AcquisitionDateTime": "20200102101112.5+0100", "AcquisitionTime": "090000"}, "20200102101112.5"),
    ({"AcquisitionDate": "20200102", "AcquisitionTime": "101112.25", "ContentTime": "1"}, "20200102101112.25"),
    ({"AcquisitionDate": "2020.01.02", "AcquisitionTime": "10:11:12"}, "20200102101112"),
    ({"ContentDate": "20200102", "ContentTime": "1011"}, "202001021011"),
    ({"AcquisitionDate": "20200102"}, ""),
])
def test_the_time_of_acquisition_sorts_as_it_is(tmp_path, attributes, acquired):
    assert load_image(make_dicom(tmp_path / "a", PIXELS, **attributes)).facts_of(0).acquired == acquired


def test_frames_have_times_of_their_own(tmp_path):
    groups = [{"FrameContentSequence": {"FrameAcquisitionDateTime": f"2020010210111{n}"}} for n in range(3)]
    image = load_image(make_dicom(tmp_path / "a", np.stack([PIXELS] * 3), AcquisitionDateTime="20190101",
                                  PerFrameFunctionalGroupsSequence=groups))
    assert [image.facts_of(n).acquired for n in range(3)] == [f"2020010210111{n}" for n in range(3)]
