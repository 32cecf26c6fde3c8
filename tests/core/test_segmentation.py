"""Segmentations: what they mark, in which color, and where on the images that they belong to."""

import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.dicom.dicom_object import LayerKind, layer_kind
from core.dicom.load_image import load_image
from core.dicom.segmentation import BACKGROUND_CODE, Segmentation, read_segmentation
from core.findings.wording import NO_PLACE
from core.imaging.image import Frame
from core.imaging.layers import segments_on_view
from core.imaging.view_transform import ViewTransform
from core.refusal import Reason, Refusal
from tests.core.test_plane import turned
from tests.fuzz.peak import forget_peak, peak_bytes
from tests.make.layers import (
    LIVER,
    SPLEEN,
    frame_groups,
    geometry_group,
    make_parametric_map,
    make_segmentation,
    make_slice,
)


def masks(*marked: tuple[int, int, int], shape=(1, 16, 20), value=1) -> np.ndarray:
    """Return masks in which pixels (frame, row, column) are marked."""
    pixels = np.zeros(shape, np.uint8)
    for one in marked:
        pixels[one] = value
    return pixels


def read(path) -> Segmentation:
    segmentation = read_segmentation(path)
    assert isinstance(segmentation, Segmentation), segmentation
    return segmentation


def on_slice(segmentation, path, index=0):
    image = load_image(path)
    frame = image.frame(index)
    assert isinstance(frame, Frame)
    return segmentation.on_frame(image, index, frame)


def on_image(mask, rows=16, columns=20) -> np.ndarray:
    """Return a mask on the pixels of its image, by what lies at their centers."""
    return np.array([[mask.share_at(x + 0.5, y + 0.5) for x in range(columns)] for y in range(rows)])


def test_names_colors_and_meanings_are_those_of_the_file(tmp_path):
    segments = read(make_segmentation(tmp_path / "a.dcm", masks((0, 1, 1)))).segments
    assert (segments[1].name, segments[1].meaning) == ("Liver", "Organ · Liver")
    assert segments[1].color == pytest.approx((221, 45, 46), abs=60)  # some red
    assert segments[2].name == "Spleen"
    assert segments[1].color != segments[2].color


def test_a_segment_lies_on_the_slice_at_its_position_and_on_no_other(tmp_path):
    segmentation = read(make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), (1, 5, 6), shape=(2, 16, 20)),
                                          positions=[(0, 0, 0), (0, 0, 2)]))
    for z, place in ((0, (3, 4)), (2, (5, 6))):
        (mask,) = on_slice(segmentation, make_slice(tmp_path / f"{z}.dcm", position=(0, 0, z)))
        assert np.argwhere(on_image(mask)).tolist() == [list(place)]
    assert on_slice(segmentation, make_slice(tmp_path / "far.dcm", position=(0, 0, 4))) == ()


def test_an_image_of_other_coordinates_is_a_stranger(tmp_path):
    segmentation = read(make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4)), positions=[(0, 0, 0)]))
    assert on_slice(segmentation, make_slice(tmp_path / "b.dcm", FrameOfReferenceUID="8.8")) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.tuples(*[st.floats(-0.9, 0.9)] * 3), st.tuples(*[st.floats(0.4, 3)] * 4), st.floats(-0.8, 0.8),
       st.floats(-9, 9), st.floats(-9, 9), st.integers(0, 8), st.integers(0, 10))
def test_a_tilted_cropped_anisotropic_grid_comes_back_within_half_a_pixel(
    tmp_path, tilt, spacings, turn, right, down, row, column
):
    rotation = turned(*tilt)
    own = rotation @ turned(turn, 0, 0)  # turned within the same plane
    corner = np.array([12.0, -40, 70])
    start = corner + right * rotation[:, 0] + down * rotation[:, 1]
    segmentation = read(make_segmentation(
        tmp_path / "a.dcm", masks((0, row, column), shape=(1, 9, 11)), positions=[start.tolist()],
        shared=geometry_group([*own[:, 0], *own[:, 1]], spacings[:2])))
    (mask,) = on_slice(segmentation, make_slice(
        tmp_path / "b.dcm", position=corner, orientation=[*rotation[:, 0], *rotation[:, 1]], spacing=spacings[2:]))
    in_mm = start + column * spacings[1] * own[:, 0] + row * spacings[0] * own[:, 1]
    expected = (in_mm - corner) @ rotation[:, :2] / (spacings[3], spacings[2]) + 0.5
    assert mask.share.shape == (1, 1)
    assert mask.image_from_mask @ [0.5, 0.5, 1] == pytest.approx(expected, abs=0.01)


def test_an_image_across_the_planes_is_cut_through_them(tmp_path):
    # ten axial planes 2 mm apart; a block of 4 x 6 mm over three of them
    pixels = np.zeros((10, 16, 20), np.uint8)
    pixels[3:6, 4:8, 10:16] = 1
    segmentation = read(make_segmentation(tmp_path / "a.dcm", pixels, positions=[(0, 0, 2 * z) for z in range(10)]))
    # coronal at y = 5: columns along x, rows down along -z from z = 19
    (mask,) = on_slice(segmentation, make_slice(
        tmp_path / "b.dcm", np.zeros((40, 20), np.uint16), (0, 5, 19), (1, 0, 0, 0, 0, -1), (0.5, 1)))
    marked = np.argwhere(on_image(mask, 40, 20))
    z = 19 - marked[:, 0] * 0.5
    assert (marked[:, 1].min(), marked[:, 1].max()) == (10, 15)
    assert (z.min(), z.max()) == pytest.approx((5, 11), abs=0.5)
    assert on_slice(segmentation, make_slice(
        tmp_path / "c.dcm", np.zeros((40, 20), np.uint16), (0, 12, 19), (1, 0, 0, 0, 0, -1), (0.5, 1))) == ()


def test_frames_without_a_position_lie_on_the_images_that_they_name(tmp_path):
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), (1, 5, 6), shape=(2, 16, 20)), shared={},
                             sources=[("1.2.3", 0), ("1.2.4", 0)])
    (mask,) = on_slice(read(path), make_slice(tmp_path / "b.dcm", SOPInstanceUID="1.2.4"))
    assert np.argwhere(on_image(mask)).tolist() == [[5, 6]]
    assert on_slice(read(path), make_slice(tmp_path / "c.dcm", SOPInstanceUID="1.2.5")) is None


def test_frames_may_name_single_frames_of_an_image(tmp_path):
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4)), shared={}, sources=[("1.2.3", 2)])
    image = make_slice(tmp_path / "b.dcm", np.zeros((3, 16, 20), np.uint16))
    assert [len(on_slice(read(path), image, index)) for index in range(3)] == [0, 1, 0]


def test_of_several_moments_at_one_place_the_one_that_names_the_image_lies_on_it(tmp_path):
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), (1, 5, 6), shape=(2, 16, 20)),
                             positions=[(0, 0, 0)] * 2, sources=[("1.2.3", 0), ("1.2.4", 0)])
    (mask,) = on_slice(read(path), make_slice(tmp_path / "b.dcm"))
    assert np.argwhere(on_image(mask)).tolist() == [[3, 4]]


def test_another_grid_without_a_position_says_why_it_is_not_laid_over_the_image(tmp_path):
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), shape=(1, 8, 10)), shared={}, sources=[("1.2.3", 0)])
    assert "10 × 8" in on_slice(read(path), make_slice(tmp_path / "b.dcm"))
    listed = {"ReferencedSeriesSequence": {"ReferencedInstanceSequence": [
        {"ReferencedSOPInstanceUID": "1.2.3"}, {"ReferencedSOPInstanceUID": "1.2.4"}]}}
    path = make_segmentation(tmp_path / "c.dcm", masks((0, 3, 4)), shared={}, **listed)
    assert on_slice(read(path), make_slice(tmp_path / "b.dcm")) == NO_PLACE


@pytest.mark.parametrize("is_full", (True, False))
def test_tiles_of_a_slide_lie_where_they_do_in_the_slide(tmp_path, is_full):
    # a slide of 2 x 2 tiles of 4 x 5 pixels; the last tile holds a mark
    pixels = masks((3, 1, 2), shape=(4, 4, 5))
    places = [{"PlanePositionSlideSequence": {"ColumnPositionInTotalImagePixelMatrix": column,
                                              "RowPositionInTotalImagePixelMatrix": row}}
              for row in (1, 5) for column in (1, 6)]
    groups = [group | ({} if is_full else place)
              for group, place in zip(frame_groups(None, [1] * 4, None, 4), places, strict=True)]
    path = make_segmentation(
        tmp_path / "a.dcm", pixels, shared={}, TotalPixelMatrixColumns=10, TotalPixelMatrixRows=8,
        DimensionOrganizationType="TILED_FULL" if is_full else "TILED_SPARSE",
        PerFrameFunctionalGroupsSequence=groups,
        ReferencedSeriesSequence={"ReferencedInstanceSequence": {"ReferencedSOPInstanceUID": "1.2.3"}})
    slide = make_slice(tmp_path / "b.dcm", np.zeros((4, 4, 5), np.uint8), ImagePositionPatient=None)
    assert [len(on_slice(read(path), slide, index)) for index in range(4)] == [0, 0, 0, 1]
    whole = make_slice(tmp_path / "c.dcm", np.zeros((8, 10), np.uint8), ImagePositionPatient=None)
    (mask,) = on_slice(read(path), whole)
    assert np.argwhere(on_image(mask, 8, 10)).tolist() == [[5, 7]]


@pytest.mark.parametrize("paths", [1, 2])
def test_a_mark_lies_on_its_tile_of_a_slide_that_is_tiled_otherwise_in_each_of_its_optical_paths(tmp_path, paths):
    """PS3.3 C.7.6.17.3: 16 x 6 pixels, in the segmentation 4 x 2 tiles of 5 x 5, in the image of 4 x 3."""
    slide = {"TotalPixelMatrixColumns": 16, "TotalPixelMatrixRows": 6, "DimensionOrganizationType": "TILED_FULL"}
    path = make_segmentation(
        tmp_path / "a.dcm", masks((0, 4, 1), shape=(8, 5, 5)), shared={},
        PerFrameFunctionalGroupsSequence=frame_groups(None, [1] * 8, None, 8), **slide,
        ReferencedSeriesSequence={"ReferencedInstanceSequence": {"ReferencedSOPInstanceUID": "1.2.3"}})
    image = make_slice(
        tmp_path / "b.dcm", np.zeros((8 * paths, 3, 4), np.uint8), ImagePositionPatient=None, **slide)
    found = [index for index in range(8 * paths) for mask in on_slice(read(path), image, index)
             if on_image(mask, 3, 4)[1, 1]]
    assert found == [4, 12][:paths]


def test_fractions_and_labels_are_told_apart(tmp_path):
    share = masks((0, 3, 4), value=128)
    fractional = read(make_segmentation(tmp_path / "a.dcm", share, "FRACTIONAL", positions=[(0, 0, 0)]))
    assert fractional.masks[0][0].share.tolist() == [[128]]
    labels = masks((0, 3, 4), (0, 3, 5)) + masks((0, 8, 8), value=2)
    label_map = read(make_segmentation(tmp_path / "b.dcm", labels, "LABELMAP", positions=[(0, 0, 0)]))
    assert [(mask.number, mask.at, mask.share.shape) for mask in label_map.masks[0]] == [
        (1, (4, 3), (1, 2)), (2, (8, 8), (1, 1))]


def test_a_segment_that_is_coded_as_background_marks_nothing(tmp_path):
    background = SPLEEN | {"SegmentedPropertyTypeCodeSequence": {"CodeValue": BACKGROUND_CODE, "CodeMeaning": "None"}}
    segmentation = read(make_segmentation(
        tmp_path / "a.dcm", masks((0, 3, 4), (1, 0, 0), shape=(2, 16, 20)), positions=[(0, 0, 0)] * 2, numbers=[1, 2],
        SegmentSequence=[LIVER, background]))
    assert list(segmentation.segments) == [1]
    (mask,) = on_slice(segmentation, make_slice(tmp_path / "b.dcm"))
    assert mask.segment.name == "Liver"


def test_the_background_of_a_label_map_marks_nothing(tmp_path):
    nothing = {"SegmentNumber": 0, "SegmentedPropertyTypeCodeSequence": {"CodeValue": "125040"}}
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), value=2), "LABELMAP",
                             SegmentSequence=[nothing, SPLEEN])
    assert list(read(path).segments) == [2]
    assert [mask.number for mask in read(path).masks[0]] == [2]


@pytest.mark.parametrize("syntax", ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5"))
def test_labels_in_the_colors_of_a_palette_are_read_as_labels(tmp_path, syntax):
    table = {f"{color}PaletteColorLookupTable{part}": value for color, entries in (
        ("Red", [0, 10 << 8, 20 << 8]), ("Green", [0, 11 << 8, 21 << 8]), ("Blue", [0, 12 << 8, 22 << 8]))
        for part, value in (("Descriptor", [3, 0, 16]), ("Data", entries))}
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), value=2), "LABELMAP", syntax=syntax,
                             PhotometricInterpretation="PALETTE COLOR", **table)
    (mask,) = read(path).masks[0]
    assert (mask.number, read(path).segments[2].color) == (2, (20, 21, 22))


def test_only_the_numbers_that_exist_are_colored(tmp_path):
    table = {f"{color}PaletteColorLookupTable{part}": value for color in ("Red", "Green", "Blue")
             for part, value in (("Descriptor", [3, 0, 16]), ("Data", [0, 10 << 8, 20 << 8]))}
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), value=2), "LABELMAP",
                             PhotometricInterpretation="PALETTE COLOR", **table)
    tag = b"\x62\x00\x04\x00US\x02\x00\x01\x00"  # the first segment's number
    raw = path.read_bytes()
    assert raw.count(tag) == 1
    at = raw.index(tag)
    lengths = raw.rindex(b"\xfe\xff\x00\xe0", 0, at) + 4, raw.rindex(b"\x62\x00\x02\x00SQ\0\0", 0, at) + 8
    longer = bytearray(raw)
    for place in lengths:
        struct.pack_into("<L", longer, place, struct.unpack_from("<L", raw, place)[0] + 2)
    longer[at:at + len(tag)] = b"\x62\x00\x04\x00UL\x04\x00" + struct.pack("<L", 100_000_000)
    path.write_bytes(bytes(longer))
    before = forget_peak()
    segments = read(path).segments
    assert {number: one.color for number, one in segments.items()} == {
        100_000_000: (20, 20, 20), 2: (20, 20, 20)}
    assert peak_bytes() - before < 64 << 20


def test_a_segmentation_lies_on_itself(tmp_path):
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), (1, 5, 6), shape=(2, 16, 20)))
    (mask,) = on_slice(read(path), path, 1)
    assert np.argwhere(on_image(mask)).tolist() == [[5, 6]]


def test_a_file_that_ends_early_keeps_its_whole_frames_and_one_without_any_is_refused(tmp_path):
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4), (2, 5, 6), shape=(3, 16, 20)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-50])
    assert read(path).lost == 1
    assert [len(one) for one in read(path).masks] == [1, 0, 0]
    path.write_bytes(whole[:-119])
    assert read_segmentation(path).reason is Reason.DAMAGED
    assert isinstance(read_segmentation(tmp_path / "none.dcm"), Refusal)


def test_what_is_drawn_is_what_is_marked(tmp_path):
    pixels = np.zeros((1, 16, 20), np.uint8)
    pixels[0, 4:8, 10:16] = 1
    found = on_slice(read(make_segmentation(tmp_path / "a.dcm", pixels, positions=[(0, 0, 0)])),
                     make_slice(tmp_path / "b.dcm"))
    view = ViewTransform((20, 16), (200, 160), (200, 160), (0, 0), 10.0)
    drawn, (left, top) = segments_on_view(found, view, 0.5)
    alpha = np.zeros((160, 200), np.uint8)
    alpha[top:top + drawn.shape[0], left:left + drawn.shape[1]] = drawn[..., 3]
    rows, columns = np.nonzero(alpha)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (40, 79, 100, 159)
    assert alpha[60, 130] == 128
    assert alpha[40, 130] > 200  # the outline


def test_a_file_that_claims_far_more_frames_than_it_has_is_read_as_far_as_it_goes(tmp_path):
    path = make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4)), NumberOfFrames=1)
    path.write_bytes(path.read_bytes().replace(b"(\0\x08\0IS\x02\0001 ", b"(\0\x08\0IS\x02\00099"))
    assert read(path).lost == 98
    assert len(read(path).masks) == 99


def test_numbers_that_are_no_plane_place_nothing(tmp_path):
    for position, orientation in (((0, 0, 1e30), (1, 0, 0, 0, 1, 0)), ((0, 0, 0), (1, 0, 0, 1, 0, 0))):
        segmentation = read(make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4)), positions=[position],
                                              shared=geometry_group(orientation)))
        assert on_slice(segmentation, make_slice(tmp_path / "b.dcm")) is None


@pytest.mark.parametrize("kind", ("BINARY", "FRACTIONAL", "LABELMAP"))
def test_images_that_can_be_laid_over_others_are_known_by_their_class(tmp_path, kind):
    image = load_image(make_segmentation(tmp_path / "a.dcm", masks((0, 3, 4)), kind))
    assert layer_kind(image) is LayerKind.SEGMENTATION
    assert layer_kind(load_image(make_parametric_map(tmp_path / "b.dcm", np.zeros((1, 4, 4), np.float32)))) is (
        LayerKind.PARAMETRIC_MAP)
    assert layer_kind(load_image(make_slice(tmp_path / "c.dcm"))) is None
