"""Opening files: every encoding of DICOM opens, everything else is a Refusal with its reason, and nothing raises."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import CTImageStorage

from core.dicom.load_image import load_image
from core.findings.wording import refusal_text
from core.imaging.image import Frame, Image
from core.imaging.probe import value_at
from core.imaging.render import auto_window, render
from core.imaging.window import Window
from core.paths import sample_folder
from core.refusal import Reason, Refusal
from tests.make.dicom import make_dataset, make_dicom, to_bytes
from tests.make.picture import gradient, make_picture

# the program silences pydicom's warnings, pytest lets them speak again
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

IMPLICIT, EXPLICIT, BIG, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in ("", ".1", ".2", ".1.99"))
RLE, JPEG_LS, JPEG_2000 = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"
MPEG4 = "1.2.840.10008.1.2.4.102"


def opened(path) -> Image:
    image = load_image(path)
    assert isinstance(image, Image), image
    return image


def first_frame(path) -> Frame:
    frame = opened(path).frame()
    assert isinstance(frame, Frame), frame
    return frame


def refused(path) -> Refusal:
    refusal = load_image(path)
    assert isinstance(refusal, Refusal)
    return refusal


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG, DEFLATED, RLE, JPEG_LS, JPEG_2000])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_lossless_syntax_gives_the_same_values(tmp_path, syntax, dtype):
    pixels = gradient(64, 96, dtype)
    frame = first_frame(make_dicom(tmp_path / "image", pixels, syntax=syntax))
    assert frame.stored.dtype == dtype
    np.testing.assert_array_equal(frame.stored, pixels)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
@pytest.mark.parametrize(("preamble", "meta"), [(False, True), (False, False)])
def test_files_without_preamble_or_file_meta_open(tmp_path, syntax, preamble, meta):
    pixels = gradient(dtype=np.uint16)
    path = make_dicom(tmp_path / "image", pixels, syntax=syntax, preamble=preamble, meta=meta)
    np.testing.assert_array_equal(first_frame(path).stored, pixels)


def test_frames_are_decoded_one_by_one_and_counted_from_zero(tmp_path):
    pixels = np.stack([gradient(), gradient()[::-1], gradient()[:, ::-1]])
    image = opened(make_dicom(tmp_path / "image", pixels))
    assert (image.frame_count, image.rows, image.columns) == (3, 12, 20)
    for index in (2, 0, 1):
        np.testing.assert_array_equal(image.frame(index).stored, pixels[index])
    for index in (3, -1):
        assert image.frame(index).reason is Reason.NO_SUCH_FRAME


def test_frames_may_be_loaded_from_many_threads(tmp_path):
    pixels = np.stack([np.full((64, 64), value, np.uint16) for value in range(8)])
    image = opened(make_dicom(tmp_path / "image", pixels, syntax=RLE))
    wrong = []

    def check(index):
        for _ in range(10):
            if not (image.frame(index).stored == index).all():
                wrong.append(index)

    threads = [threading.Thread(target=check, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_a_file_says_travels_with_the_frame(tmp_path):
    image = opened(make_dicom(
        tmp_path / "image", gradient(dtype=np.uint16), PhotometricInterpretation="MONOCHROME1", WindowCenter=100,
        WindowWidth=200, RescaleSlope=2, RescaleIntercept=-5, PixelPaddingValue=0, PixelSpacing=[0.2, 0.1],
        PatientOrientation=["L", "F"],
    ))
    frame = image.frame()
    assert image.kind == "DICOM"
    assert image.header.patient_name == "Doe^Jane"
    assert frame.inverse
    assert frame.padding == (0, 0)
    assert frame.modality.apply(np.array([10])) == 15
    assert (frame.voi[0].center, frame.voi[0].width) == (100, 200)
    assert (frame.spacing.row_mm, frame.spacing.column_mm, frame.pixel_aspect) == (0.2, 0.1, 2.0)
    assert (frame.edges.left, frame.edges.bottom) == ("R", "F")


@pytest.mark.parametrize(("photometric", "shape", "inverse"), [
    ("MONOCHROME2", None, False), ("MONOCHROME1", None, True), ("MONOCHROME1", "INVERSE", True),
    ("MONOCHROME2", "INVERSE", True), ("MONOCHROME2", "IDENTITY", False), ("MONOCHROME1", "IDENTITY", False),
])
def test_a_picture_is_inverted_once_by_its_lut_shape_else_by_its_photometric_interpretation(
    tmp_path, photometric, shape, inverse
):
    path = make_dicom(tmp_path / "image", gradient(), PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    assert first_frame(path).inverse is inverse


@pytest.mark.parametrize(("attributes", "padding"), [
    ({}, None), ({"PixelPaddingValue": 5}, (5, 5)), ({"PixelPaddingValue": 9, "PixelPaddingRangeLimit": 2}, (2, 9)),
])
def test_padding_is_a_range_of_stored_values(tmp_path, attributes, padding):
    assert first_frame(make_dicom(tmp_path / "image", gradient(), **attributes)).padding == padding


@pytest.mark.parametrize(("dtype", "kind"), [(np.float32, "Float"), (np.float64, "DoubleFloat")])
@pytest.mark.parametrize(("value", "limit", "padding"), [
    (-1000.0, None, (-1000, -1000)), (-999.0, -1000.0, (-1000, -999)), (-1000.1, -999.0, (-1000.1, -999)),
])
def test_padding_of_float_pixels_is_a_value_of_their_type(tmp_path, dtype, kind, value, limit, padding):
    """PS3.3 C.7.6.24: it is left out of the automatic window, the picture and what is read under the pointer."""
    pixels = np.linspace(0, 1, 64, dtype=dtype).reshape(8, 8)
    pixels[:4] = value
    frame = first_frame(make_dicom(tmp_path / "image", pixels, PhotometricInterpretation="MONOCHROME1", **{
        f"{kind}PixelPaddingValue": value, f"{kind}PixelPaddingRangeLimit": limit, "PixelPaddingValue": 1}))
    assert frame.padding == tuple(float(dtype(end)) for end in padding)
    assert auto_window(frame) == Window.between(float(pixels[4, 0]), float(pixels[7, 7]), "auto")
    assert value_at(frame, 0.5, 0.5) is None
    assert value_at(frame, 0.5, 7.5) == (float(pixels[7, 0]),)
    assert (render(frame)[:4] == 0).all()


def test_padding_written_with_the_wrong_sign_is_that_of_the_pixels(tmp_path):
    dataset = make_dataset(np.full((2, 2), -2000, np.int16))
    dataset.add_new(0x00280120, "US", 65536 - 2000)
    (tmp_path / "image").write_bytes(to_bytes(dataset))
    assert first_frame(tmp_path / "image").padding == (-2000, -2000)


@pytest.mark.parametrize(("mode", "notes"), [("SUB", ("its mask subtraction is not applied",)), ("NAT", ())])
def test_an_image_that_is_to_be_seen_subtracted_says_that_it_is_not(tmp_path, mode, notes):
    path = make_dicom(tmp_path / "a", np.stack([gradient()] * 2), Modality="XA", RecommendedViewingMode=mode,
                      MaskSubtractionSequence={"MaskOperation": "AVG_SUB", "MaskFrameNumbers": 1})
    assert [load_image(path).frame(index).notes for index in (0, 1)] == [notes, notes]


def test_functional_groups_speak_for_each_frame_before_the_data_set(tmp_path):
    own = [
        {"PixelMeasuresSequence": {"PixelSpacing": [1 + index, 1 + index]},
         "FrameVOILUTSequence": {"WindowCenter": 10 * index, "WindowWidth": 5},
         "PixelValueTransformationSequence": {"RescaleSlope": 1, "RescaleIntercept": index}}
        for index in range(2)
    ]
    image = opened(make_dicom(
        tmp_path / "image", np.zeros((2, 4, 4), np.int16), WindowCenter=99, WindowWidth=99, RescaleSlope=7,
        RescaleIntercept=7, PerFrameFunctionalGroupsSequence=own,
        SharedFunctionalGroupsSequence={"PlaneOrientationSequence": {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}},
    ))
    for index in range(2):
        frame = image.frame(index)
        assert [window.center for window in frame.voi] == [10 * index]
        assert frame.modality.intercept == index
        assert frame.spacing.row_mm == 1 + index
        assert frame.edges.left == "R"


def test_missing_files_folders_and_pipes_are_refused_without_waiting(tmp_path):
    assert refused(tmp_path / "gone").reason is Reason.NOT_FOUND
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((tmp_path, "a folder"), (tmp_path / "pipe", "a named pipe"), (Path("/dev/null"), "a device")):
        assert (refused(path).reason, refused(path).facts["detail"]) == (Reason.NOT_A_FILE, kind)


def test_a_folder_that_may_not_be_read_is_told_and_not_taken_for_a_folder_named_by_mistake(tmp_path, monkeypatch):
    for error, reason in ((PermissionError, Reason.NOT_PERMITTED), (OSError, Reason.FAILED)):
        def denied(path, error=error):
            raise error(5, "told by the system")

        monkeypatch.setattr(os, "scandir", denied)  # whoever runs as root may read all
        assert refused(tmp_path).reason is reason
        assert "The folder may not be read." in refusal_text(refused(tmp_path)) or reason is Reason.FAILED


@pytest.mark.parametrize(("content", "reason"), [
    (b"", Reason.EMPTY_FILE), (b"some text", Reason.NOT_AN_IMAGE), (b"\0" * 1000, Reason.NOT_AN_IMAGE),
    (b"\0" * 128 + b"DICM", Reason.DAMAGED), (b"\x89PNG\r\n\x1a\n", Reason.DAMAGED),
])
def test_files_without_a_picture_are_refused_with_their_reason(tmp_path, content, reason):
    (tmp_path / "file").write_bytes(content)
    assert refused(tmp_path / "file").reason is reason


def test_an_object_that_is_no_picture_is_named(tmp_path):
    refusal = refused(make_dicom(tmp_path / "report", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11"))
    assert (refusal.reason, refusal.facts["sop_class"]) == (Reason.NO_PIXELS, "Basic Text SR")


def test_an_image_by_its_class_alone_has_no_picture_to_lose_unless_it_ends_before_where_its_size_would_stand(tmp_path):
    bare = {"SOPClassUID": CTImageStorage}
    refusal = refused(make_dicom(tmp_path / "whole", AcquisitionContextSequence={"CodeValue": "1"}, **bare))
    assert (refusal.reason, refusal.facts["sop_class"]) == (Reason.NO_PIXELS, "CT Image")
    refusal = refused(make_dicom(tmp_path / "cut", **bare))
    assert (refusal.reason, refusal.facts["detail"]) == (Reason.DAMAGED, "its pixels are missing")
    described = refused(make_dicom(tmp_path / "rows", Rows=4, AcquisitionContextSequence={"CodeValue": "1"}, **bare))
    assert described.reason is Reason.DAMAGED


@pytest.mark.parametrize(("syntax", "name"), [(MPEG4, "MPEG-4 AVC"), ("1.2.3.4", "1.2.3.4")])
def test_a_syntax_without_decoder_is_refused_by_its_name(tmp_path, syntax, name):
    refusal = opened(make_dicom(tmp_path / "image", gradient(), syntax=syntax, frames=[b"\1\2\3\4"])).frame()
    assert refusal.reason is Reason.UNSUPPORTED
    assert name in refusal.facts["syntax"]


@pytest.mark.parametrize("attributes", [
    {"Rows": None}, {"Rows": 0}, {"BitsAllocated": None}, {"BitsAllocated": 200}, {"SamplesPerPixel": 2},
])
def test_pixels_without_a_possible_description_are_refused(tmp_path, attributes):
    assert refused(make_dicom(tmp_path / "image", gradient(), **attributes)).reason is Reason.DAMAGED


def test_a_header_that_claims_billions_of_pixels_is_refused_before_room_is_made(tmp_path):
    path = make_dicom(tmp_path / "image", gradient(), Rows=65535, Columns=65535)
    assert refused(path).reason is Reason.TOO_LARGE


def test_a_frame_cut_within_its_second_half_is_shown_and_says_so(tmp_path):
    pixels = gradient(dtype=np.uint16) + 100
    path = make_dicom(tmp_path / "image", pixels)
    path.write_bytes(path.read_bytes()[:-100])
    frame = first_frame(path)
    np.testing.assert_array_equal(frame.stored.ravel()[:190], pixels.ravel()[:190])
    assert (frame.stored.ravel()[190:] == 100).all()
    assert "incomplete" in frame.notes[0]


def test_a_file_cut_among_its_frames_gives_the_whole_ones_and_refuses_the_others(tmp_path):
    pixels = np.stack([gradient()] * 4)
    path = make_dicom(tmp_path / "image", pixels)
    path.write_bytes(path.read_bytes()[:-gradient().size * 2 + 5])
    image = opened(path)
    assert image.frame_count == 4
    assert image.frame(1).notes == ()
    assert image.frame(3).reason is Reason.DAMAGED


def test_a_file_cut_before_its_pixels_is_damaged_and_not_an_object_without_picture(tmp_path):
    path = make_dicom(tmp_path / "image", gradient())
    path.write_bytes(path.read_bytes()[:-gradient().size - 60])
    assert refused(path).reason is Reason.DAMAGED


def test_what_has_taken_the_place_of_a_file_after_it_was_opened_is_never_shown_for_it(tmp_path):
    image = opened(make_dicom(tmp_path / "image", gradient(), PatientName="Anna"))
    make_dicom(image.path, 255 - gradient(), PatientName="Berta", SOPInstanceUID="1.2.99")
    assert image.frame().reason is Reason.CHANGED
    image.path.write_bytes(image.path.read_bytes()[:200])
    assert image.frame().reason is Reason.CHANGED
    image.path.unlink()
    assert image.frame().reason is Reason.NOT_FOUND


def test_what_has_taken_the_place_of_a_picture_is_not_shown_for_it_either(tmp_path):
    image = opened(make_picture(tmp_path / "image.png", gradient()))
    make_picture(image.path, np.zeros((9, 7), np.uint8))
    assert image.frame().reason is Reason.CHANGED


def test_a_file_that_is_replaced_between_two_frames_gives_no_more(tmp_path):
    image = opened(make_dicom(tmp_path / "image", np.stack([gradient()] * 2)))
    assert isinstance(image.frame(0), Frame)
    make_dicom(tmp_path / "other", np.stack([255 - gradient()] * 2)).replace(image.path)
    assert image.frame(1).reason is Reason.CHANGED


def test_files_without_uids_are_known_by_their_path(tmp_path):
    bare = {"StudyInstanceUID": None, "SeriesInstanceUID": None, "SOPInstanceUID": None}
    first = opened(make_dicom(tmp_path / "1", gradient(), **bare)).identity
    second = opened(make_dicom(tmp_path / "2", gradient(), **bare)).identity
    assert first != second
    assert first == opened(tmp_path / "1").identity


SYNTAXES = (IMPLICIT, EXPLICIT, BIG, DEFLATED, RLE, JPEG_LS, JPEG_2000)
WHOLE = {syntax: to_bytes(make_dataset(
    gradient(64, 64, np.uint16), WindowCenter=1, WindowWidth=2, PatientOrientation=["L", "F"],
    SharedFunctionalGroupsSequence={"PixelMeasuresSequence": {"PixelSpacing": [1, 1]}},
    VOILUTSequence={"LUTDescriptor": [4, 0, 8], "LUTData": [0, 1, 2, 3]},
), syntax) for syntax in SYNTAXES}


def check_never_raises(path, content):
    path.write_bytes(content)
    image = load_image(path)
    if isinstance(image, Image):
        frame = image.frame()
        assert isinstance(frame, Frame | Refusal)
        if isinstance(frame, Frame):
            assert render(frame).shape[:2] == (image.rows, image.columns)
    else:
        assert isinstance(image, Refusal)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SYNTAXES), st.floats(0, 1))
def test_a_file_cut_anywhere_is_opened_or_refused_and_never_raises(tmp_path, syntax, part):
    whole = WHOLE[syntax]
    check_never_raises(tmp_path / "image", whole[:int(part * len(whole))])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from((IMPLICIT, EXPLICIT, BIG, DEFLATED, RLE)),
    st.lists(st.tuples(st.integers(0, 1800), st.binary(min_size=1, max_size=4)), min_size=1, max_size=5),
)
def test_a_file_with_wrong_bytes_is_opened_or_refused_and_never_raises(tmp_path, syntax, errors):
    content = bytearray(WHOLE[syntax])
    for position, wrong in errors:
        content[position:position + len(wrong)] = wrong
    check_never_raises(tmp_path / "image", bytes(content))


def test_each_of_the_sample_files_opens_or_is_refused_with_a_reason():
    folder = sample_folder()
    assert folder is not None
    paths = sorted(folder.rglob("*.dcm"))
    assert len(paths) > 20
    outcomes = {path.name: load_image(path) for path in paths if path.stat().st_size < 2_000_000}
    frames = {name: image.frame() for name, image in outcomes.items() if isinstance(image, Image)}
    assert {"RG1_J2KR.dcm"} <= {path.name for path in paths}
    for name, frame in frames.items():
        assert isinstance(frame, Frame), (name, frame)
    assert len(frames) >= 0.8 * len(outcomes)


def test_a_picture_named_like_dicom_and_dicom_named_like_a_picture_open(tmp_path):
    assert opened(make_picture(tmp_path / "a.png", gradient()).rename(tmp_path / "a.dcm")).kind == "PNG"
    assert opened(make_dicom(tmp_path / "b.png", gradient())).kind == "DICOM"


def test_a_deflated_file_may_inflate_to_what_its_header_claims(tmp_path):
    path = tmp_path / "sparse.dcm"  # as segmentations are: nearly all of it zeros
    path.write_bytes(to_bytes(make_dataset(np.zeros((90, 1000, 1000), np.uint8), NumberOfFrames="90"), DEFLATED))
    assert path.stat().st_size < 1 << 20
    image = load_image(path)
    assert image.frame_count == 90 and not image.frame(89).stored.any()
