"""Presentation states: what each named frame is to look like, and what becomes of it."""

import math

import numpy as np
import pytest

from core.dicom.load_object import describe_object
from core.dicom.presentation_state import PresentationState, read_presentation_state
from core.imaging.image import Frame, OverlayPlane, Spacing
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.presentation import Presentation, Shutter, presented, presented_state, shutter_mask
from core.imaging.probe import STORED_VALUE
from core.imaging.render import default_voi, render, to_gray
from core.imaging.view_transform import view_transform
from core.imaging.window import Window
from core.refusal import Reason, Refusal
from tests.make.dicom import make_dataset, make_dicom, to_bytes

STATE = "1.2.840.10008.5.1.4.1.1.11.1"
REFERENCE = {"ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "ReferencedSOPInstanceUID": "1.2.3"}


def read(path, reference=REFERENCE, **attributes) -> PresentationState:
    state = read_presentation_state(make_dicom(
        path, Modality="PR", ContentLabel="BRIGHT", **{"SOPClassUID": STATE, "PresentationLUTShape": "IDENTITY"} | {
            "ReferencedSeriesSequence": {"ReferencedImageSequence": reference}} | attributes))
    assert isinstance(state, PresentationState)
    return state


@pytest.fixture
def of_state(tmp_path):
    def make(**attributes) -> Presentation:
        presentation = read(tmp_path / "state.dcm", **attributes).of_frame("1.2.3", 0)
        assert presentation is not None
        return presentation

    return make


def test_a_state_is_for_the_images_that_it_names(tmp_path):
    state = read(tmp_path / "a.dcm")
    assert state.name == "BRIGHT"
    assert state.names("1.2.3", 7)
    assert not state.names("1.2.4")
    assert state.of_frame("1.2.4", 0) is None


def test_a_state_may_name_single_frames(tmp_path):
    state = read(tmp_path / "a.dcm", {**REFERENCE, "ReferencedFrameNumber": ["2", "4"]})
    assert [state.names("1.2.3", index) for index in range(4)] == [False, True, False, True]


def test_several_items_on_one_image_name_all_their_frames(tmp_path):
    items = [{**REFERENCE, "ReferencedFrameNumber": number} for number in ("1", "3")]
    state = read(tmp_path / "a.dcm", items, SoftcopyVOILUTSequence={
        "WindowCenter": "40", "WindowWidth": "400", "ReferencedImageSequence": items})
    assert [state.names("1.2.3", index) for index in range(4)] == [True, False, True, False]
    assert [state.of_frame("1.2.3", index).voi for index in (0, 2)] == [Window(40, 400)] * 2


def test_an_item_without_frames_names_all_of_them_whatever_stands_beside_it(tmp_path):
    for items in ([{**REFERENCE, "ReferencedFrameNumber": "2"}, REFERENCE],
                  [REFERENCE, {**REFERENCE, "ReferencedFrameNumber": "2"}]):
        state = read(tmp_path / "a.dcm", items)
        assert all(state.names("1.2.3", index) for index in range(3))


def test_frames_of_one_image_may_stand_in_several_series_items(tmp_path):
    state = read(tmp_path / "a.dcm", ReferencedSeriesSequence=[
        {"ReferencedImageSequence": {**REFERENCE, "ReferencedFrameNumber": number}} for number in ("1", "2")])
    assert [state.names("1.2.3", index) for index in range(3)] == [True, True, False]


def test_an_item_that_names_another_image_is_not_for_this_one(tmp_path):
    windows = [{"WindowCenter": "1", "WindowWidth": "2",
                "ReferencedImageSequence": {"ReferencedSOPInstanceUID": "9.9"}},
               {"WindowCenter": "40", "WindowWidth": "400", "ReferencedImageSequence": REFERENCE}]
    presentation = read(tmp_path / "a.dcm", SoftcopyVOILUTSequence=windows).of_frame("1.2.3", 0)
    assert presentation.voi == Window(40, 400)


def test_the_states_transforms_take_the_place_of_the_files(of_state):
    presentation = of_state(RescaleSlope="2", RescaleIntercept="-10", RescaleType="US", PresentationLUTShape="INVERSE",
                            SoftcopyVOILUTSequence={"WindowCenter": "40", "WindowWidth": "400"})
    frame = Frame(np.zeros((4, 4), np.uint16), Rescale(7, 7), (Window(1, 1),), notes=("cut",))
    shown = presented(frame, presentation)
    assert (shown.modality, shown.voi, shown.inverse) == (Rescale(2, -10), (Window(40, 400),), True)
    assert shown.notes == ("presentation state: BRIGHT", "cut")
    assert shown.stored is frame.stored


def test_what_a_state_does_not_give_is_the_identity_and_not_the_files_own(of_state):
    frame = Frame(np.array([[100, 355]], np.uint16), Rescale(7, 7), (Window(1, 1),), inverse=True,
                  nominal_range=(0, 1023))
    shown = presented(frame, of_state())
    assert shown.modality == Rescale()
    assert to_gray(shown.stored, shown, default_voi(shown), False).tolist() == [[25, 88]]


@pytest.mark.parametrize("slope, nominal, expected", (
    ("1", (0, 4095), Window.between(-1024, 3071, "whole range")),
    ("-2", (-2048, 2047), Window.between(-5118, 3072, "whole range")),
))
def test_without_a_window_all_that_bits_and_sign_allow_is_shown_alike_in_all_frames(of_state, slope, nominal, expected):
    # PS3.3 C.11.6: the Presentation LUT is spread over the modality transform's output, whose range is that of C.11.1
    state = of_state(RescaleSlope=slope, RescaleIntercept="-1024", RescaleType="US")
    for values in ([0, 1], [500, 900]):
        frame = Frame(np.array([values], np.int16), nominal_range=nominal)
        assert presented(frame, state).voi == (expected,)


def test_without_a_window_floats_are_shown_from_their_least_to_their_largest(of_state):
    shown = presented(Frame(np.array([[2.5, 12.5]], np.float32)), of_state())
    assert render(shown).tolist() == [[0, 255]]


def test_without_a_window_a_modality_lut_is_shown_over_all_that_its_bits_can_hold(of_state):
    # PS3.3 C.11.1: 0 to 2^n-1, wherever in the table its extremes stand
    state = of_state(ModalityLUTSequence={"LUTDescriptor": [4, 0, 8], "LUTData": [50, 0, 255, 100],
                                          "ModalityLUTType": "US"})
    assert render(presented(Frame(np.array([[0, 1, 2, 3]], np.uint8)), state)).tolist() == [[50, 0, 255, 100]]
    assert render(presented(Frame(np.array([[0, 3]], np.uint8)), state)).tolist() == [[50, 100]]


VARIABLE = "1.2.840.10008.5.1.4.1.1.11.12"


def test_a_variable_modality_lut_state_has_a_transform_for_each_of_its_images_and_frames(tmp_path):
    # PS3.3 C.11.35: the Modality LUT Macro in each item, which names what it is for
    table = {"LUTDescriptor": [4, 0, 8], "LUTData": [0, 10, 200, 255], "ModalityLUTType": "US"}
    other = {**REFERENCE, "ReferencedSOPInstanceUID": "1.2.4"}
    state = read(tmp_path / "a.dcm", [REFERENCE, other], SOPClassUID=VARIABLE, VariableModalityLUTSequence=[
        {"RescaleSlope": "2", "RescaleIntercept": "-10", "RescaleType": "US",
         "ReferencedImageSequence": {**REFERENCE, "ReferencedFrameNumber": ["1", "3"]}},
        {"RescaleSlope": "3", "RescaleIntercept": "5", "RescaleType": "US",
         "ReferencedImageSequence": {**REFERENCE, "ReferencedFrameNumber": "2"}},
        {"ModalityLUTSequence": table, "ReferencedImageSequence": other}])
    assert [state.of_frame("1.2.3", index).modality for index in range(4)] == [
        Rescale(2, -10), Rescale(3, 5), Rescale(2, -10), Rescale()]
    found = state.of_frame("1.2.4", 0).modality
    assert isinstance(found, LookupTable)
    assert found.entries.tolist() == [0, 10, 200, 255]


def test_the_window_of_a_variable_modality_lut_state_falls_on_the_values_of_its_transform(of_state):
    state = of_state(
        SOPClassUID=VARIABLE, SoftcopyVOILUTSequence={"WindowCenter": "-899.5", "WindowWidth": "256"},
        VariableModalityLUTSequence={"RescaleSlope": "1", "RescaleIntercept": "-1027", "RescaleType": "HU",
                                     "ReferencedImageSequence": REFERENCE})
    assert render(presented(Frame(np.array([[0, 100, 255]], np.uint16)), state)).tolist() == [[0, 100, 255]]


def test_values_keep_their_unit_only_where_the_state_keeps_their_transform(of_state):
    hounsfield = Frame(np.zeros((4, 4), np.uint16), Rescale(1, -1024), unit="HU")
    assert presented(hounsfield, of_state(RescaleSlope="1", RescaleIntercept="-1024")).unit == "HU"
    assert presented(hounsfield, of_state()).unit == STORED_VALUE
    table = {"LUTDescriptor": [4, 0, 8], "LUTData": [0, 10, 200, 255], "ModalityLUTType": "OD"}
    state = of_state(ModalityLUTSequence=table)
    dense = Frame(np.zeros((4, 4), np.uint16), LookupTable(0, np.array([0, 10, 200, 255], np.uint8), 8), unit="mOD")
    assert presented(dense, state).unit == "mOD"
    assert presented(hounsfield, of_state(RescaleSlope="2", RescaleIntercept="0")).unit == ""


def test_a_voi_lut_of_the_state_is_applied(of_state):
    table = {"LUTDescriptor": [4, 0, 8], "LUTData": [0, 10, 200, 255], "LUTExplanation": "steep"}
    presentation = of_state(SoftcopyVOILUTSequence={"VOILUTSequence": table})
    assert isinstance(presentation.voi, LookupTable)
    shown = presented(Frame(np.arange(4, dtype=np.uint8).reshape(1, 4)), presentation)
    assert to_gray(shown.stored, shown, default_voi(shown), False).tolist() == [[0, 10, 200, 255]]


@pytest.mark.parametrize("rotation", (0, 90, 180, 270))
@pytest.mark.parametrize("flip", ("N", "Y"))
def test_the_image_is_turned_clockwise_and_then_mirrored(of_state, rotation, flip):
    presentation = of_state(ImageRotation=rotation, ImageHorizontalFlip=flip)
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4)
    frame = Frame(pixels)
    view = view_transform((4, 4), 1.0, (4, 4), presented_state(frame, presentation, (4, 4)))
    expected = np.rot90(pixels, -rotation // 90)
    expected = expected[:, ::-1] if flip == "Y" else expected
    for y in range(4):
        for x in range(4):
            image_x, image_y = view.to_image(x + 0.5, y + 0.5)
            assert pixels[int(image_y), int(image_x)] == expected[y, x]


def test_the_displayed_area_fills_the_view(of_state):
    presentation = of_state(DisplayedAreaSelectionSequence={
        "DisplayedAreaTopLeftHandCorner": [11, 21], "DisplayedAreaBottomRightHandCorner": [30, 60],
        "PresentationSizeMode": "SCALE TO FIT"})
    assert presentation.area == (10, 20, 30, 60)
    frame = Frame(np.zeros((100, 100), np.uint8))
    view = view_transform((100, 100), 1.0, (400, 400), presented_state(frame, presentation, (400, 400)))
    assert view.box_to_view(presentation.area) == pytest.approx((100, 0, 300, 400), abs=1)


def test_an_area_of_the_whole_image_is_fitted_and_a_magnification_is_taken_as_it_is(of_state):
    whole = {"DisplayedAreaTopLeftHandCorner": [1, 1], "DisplayedAreaBottomRightHandCorner": [100, 50]}
    frame = Frame(np.zeros((50, 100), np.uint8))
    fitted = of_state(DisplayedAreaSelectionSequence={**whole, "PresentationSizeMode": "SCALE TO FIT"})
    assert presented_state(frame, fitted, (400, 400)).zoom is None
    magnified = of_state(DisplayedAreaSelectionSequence={
        **whole, "PresentationSizeMode": "MAGNIFY", "PresentationPixelMagnificationRatio": 2.5})
    assert presented_state(frame, magnified, (400, 400)).zoom == 2.5


WHOLE = {"DisplayedAreaTopLeftHandCorner": [1, 1], "DisplayedAreaBottomRightHandCorner": [100, 50],
         "PresentationSizeMode": "SCALE TO FIT"}


@pytest.mark.parametrize("attributes, aspect", (
    ({"PresentationPixelAspectRatio": ["2", "1"]}, 2.0),
    ({"PresentationPixelSpacing": ["0.5", "2"]}, 0.25),
    ({"PresentationPixelSpacing": ["0.5", "2"], "PresentationPixelAspectRatio": ["2", "1"]}, 0.25),
    ({"PresentationPixelSpacing": ["0", "2"], "PresentationPixelAspectRatio": ["1", "1"]}, 1.0),
    ({"PresentationPixelSpacing": ["1", "1e-9"]}, None),
    ({"PresentationPixelAspectRatio": ["-1", "1"]}, None),
    ({"PresentationPixelAspectRatio": ["2"]}, None),
    ({}, None),
))
@pytest.mark.parametrize("shape", ((50, 100), (50, 100, 3)))
def test_a_states_pixels_have_its_own_proportions_whatever_those_of_the_image(of_state, shape, attributes, aspect):
    # PS3.3 C.10.4: those of the image, given or implied by its spacings, are ignored; color images have them too
    state = of_state(DisplayedAreaSelectionSequence={**WHOLE, **attributes})
    assert state.pixel_aspect == aspect
    spacing = Spacing(0.3, 0.1, "")
    shown = presented(Frame(np.zeros(shape, np.uint8), pixel_aspect=3.0, spacing=spacing), state)
    assert shown.pixel_aspect == (aspect or 3.0)
    assert shown.spacing == spacing  # by which is measured


def test_a_displayed_area_is_fitted_in_the_states_proportions(of_state):
    state = of_state(DisplayedAreaSelectionSequence={**AREA, "PresentationPixelAspectRatio": ["1", "4"]})
    frame = Frame(np.zeros((100, 100), np.uint8), pixel_aspect=3.0)
    shown = presented(frame, state)
    for one in (frame, shown):
        looks = presented_state(one, state, (400, 400))
        assert looks.zoom == 20  # 20 columns over 40 rows a quarter as high
    view = view_transform((100, 100), shown.pixel_aspect, (400, 400), looks)
    assert view.box_to_view(state.area) == pytest.approx((0, 100, 400, 300), abs=1)


def test_the_proportions_are_those_of_the_displayed_area_of_the_frame(tmp_path):
    state = read(tmp_path / "a.dcm", DisplayedAreaSelectionSequence=[
        {**WHOLE, "PresentationPixelAspectRatio": [str(number), "1"],
         "ReferencedImageSequence": {**REFERENCE, "ReferencedFrameNumber": str(number)}} for number in (1, 2)])
    assert [state.of_frame("1.2.3", index).pixel_aspect for index in range(3)] == [1.0, 2.0, None]


def test_a_true_size_is_that_of_both_directions(of_state):
    state = of_state(DisplayedAreaSelectionSequence={
        **WHOLE, "PresentationSizeMode": "TRUE SIZE", "PresentationPixelSpacing": ["1", "0.5"]})
    shown = presented(Frame(np.zeros((50, 100), np.uint8)), state)
    view = view_transform((100, 50), shown.pixel_aspect, (400, 400), presented_state(shown, state, (400, 400), 0.25))
    left, top, right, bottom = view.box_to_view((0.0, 0.0, 100.0, 50.0))
    assert (right - left, bottom - top) == (200, 200)  # 50 mm either way


def test_shutters_of_all_shapes_leave_what_is_common_to_them(of_state):
    presentation = of_state(
        ShutterShape=["RECTANGULAR", "CIRCULAR"], ShutterLeftVerticalEdge="3", ShutterRightVerticalEdge="8",
        ShutterUpperHorizontalEdge="2", ShutterLowerHorizontalEdge="9", CenterOfCircularShutter=["5", "5"],
        RadiusOfCircularShutter="3", ShutterPresentationValue=0x8000)
    shown = presented(Frame(np.zeros((10, 10), np.uint8)), presentation)
    assert shown.shutter_gray == 128
    seen = shown.shutter == 0
    expected = np.zeros((10, 10), bool)
    for row in range(1, 11):
        for column in range(1, 11):
            inside = 2 <= row <= 9 and 3 <= column <= 8
            expected[row - 1, column - 1] = inside and math.dist((row, column), (5, 5)) <= 3
    assert (seen == expected).all()


def test_a_polygonal_shutter_covers_what_lies_outside():
    covered = shutter_mask((20, 20), [Shutter(polygon=((2.5, 2.5), (17.5, 2.5), (17.5, 10.5), (2.5, 10.5)))])
    assert covered is not None
    assert covered[6, 10] == 0
    assert covered[0, 0] == covered[15, 10] == 255
    assert shutter_mask((20, 20), []) is None


def test_graphics_and_words_are_where_the_state_puts_them(of_state):
    presentation = of_state(GraphicAnnotationSequence={
        "GraphicLayer": "A",
        "GraphicObjectSequence": [
            {"GraphicAnnotationUnits": "PIXEL", "GraphicType": "POLYLINE", "GraphicData": [1.0, 2.0, 3.0, 4.0]},
            {"GraphicAnnotationUnits": "PIXEL", "GraphicType": "CIRCLE", "GraphicData": [10.0, 10.0, 13.0, 14.0]},
            {"GraphicAnnotationUnits": "PIXEL", "GraphicType": "ELLIPSE", "GraphicFilled": "Y",
             "GraphicData": [0.0, 5.0, 10.0, 5.0, 5.0, 3.0, 5.0, 7.0]},
        ],
        "TextObjectSequence": [{"BoundingBoxAnnotationUnits": "PIXEL", "UnformattedTextValue": "here",
                                "BoundingBoxTopLeftHandCorner": [5.0, 2.5],
                                "BoundingBoxBottomRightHandCorner": [6.0, 3.0]}],
    })
    line, circle, ellipse, words = presentation.annotations
    assert line.points == ((1, 2), (3, 4))
    assert all(math.dist(point, (10, 10)) == pytest.approx(5) for point in circle.points)
    assert ellipse.is_filled
    assert all(((x - 5) / 5) ** 2 + ((y - 5) / 2) ** 2 == pytest.approx(1) for x, y in ellipse.points)
    assert (words.text, words.points) == ("here", ((5, 2.5), (6, 3)))
    assert words.justification == "LEFT"


def test_a_box_without_words_is_not_drawn(of_state):
    words = {"BoundingBoxAnnotationUnits": "PIXEL", "UnformattedTextValue": "",
             "BoundingBoxTopLeftHandCorner": [5.0, 2.5], "BoundingBoxBottomRightHandCorner": [60.0, 30.0]}
    assert of_state(GraphicAnnotationSequence={"TextObjectSequence": words}).annotations == ()


@pytest.mark.parametrize("justification", ["LEFT", "CENTER", "RIGHT"])
def test_words_have_their_box_and_how_they_stand_in_it(tmp_path, justification):
    words = {"BoundingBoxAnnotationUnits": "DISPLAY", "UnformattedTextValue": "a",
             "BoundingBoxTopLeftHandCorner": [0.1, 0.1], "BoundingBoxBottomRightHandCorner": [0.3, 0.2],
             "BoundingBoxTextHorizontalJustification": justification}
    state = read(tmp_path / "a.dcm", GraphicAnnotationSequence={"TextObjectSequence": words})
    (written,) = state.of_frame("1.2.3", 0, shape=(100, 100)).annotations
    assert np.array(written.points) == pytest.approx(np.array([[10, 10], [30, 20]]))
    assert written.justification == justification


ARROW = {"GraphicLayer": "A", "GraphicObjectSequence": {
    "GraphicAnnotationUnits": "DISPLAY", "GraphicType": "POLYLINE", "GraphicData": [0.0, 0.0, 0.25, 0.5]}}
AREA = {"DisplayedAreaTopLeftHandCorner": [11, 21], "DisplayedAreaBottomRightHandCorner": [30, 60],
        "PresentationSizeMode": "SCALE TO FIT"}


@pytest.mark.parametrize("rotation", (0, 90, 180, 270))
@pytest.mark.parametrize("flip", ("N", "Y"))
def test_display_units_are_parts_of_the_displayed_area_as_it_is_seen(of_state, rotation, flip):
    presentation = of_state(ImageRotation=rotation, ImageHorizontalFlip=flip, GraphicAnnotationSequence=ARROW,
                            DisplayedAreaSelectionSequence=AREA)
    frame = Frame(np.zeros((100, 100), np.uint8))
    view = view_transform((100, 100), 1.0, (400, 400), presented_state(frame, presentation, (400, 400)))
    left, top, right, bottom = view.box_to_view(presentation.area)
    start, tip = (view.to_view(*point) for point in presentation.annotations[0].points)
    assert start == pytest.approx((left, top))
    assert tip == pytest.approx((left + (right - left) / 4, (top + bottom) / 2))


def test_display_units_are_parts_of_the_whole_image_where_no_area_is_selected(tmp_path):
    state = read(tmp_path / "a.dcm", GraphicAnnotationSequence=ARROW)
    (arrow,) = state.of_frame("1.2.3", 0, shape=(50, 100)).annotations
    assert arrow.points == ((0, 0), (25, 25))
    assert state.of_frame("1.2.3", 0).annotations == ()  # nobody says how large the image is


def test_a_circle_in_display_units_is_round_on_an_area_that_is_not_square(tmp_path):
    circle = {"GraphicAnnotationUnits": "DISPLAY", "GraphicType": "CIRCLE", "GraphicData": [0.5, 0.5, 0.6, 0.5]}
    state = read(tmp_path / "a.dcm", GraphicAnnotationSequence={"GraphicObjectSequence": circle})
    (drawn,) = state.of_frame("1.2.3", 0, shape=(50, 100)).annotations
    assert all(math.dist(point, (50, 25)) == pytest.approx(10) for point in drawn.points)


def test_a_line_leads_from_words_in_display_units_to_a_pixel(tmp_path):
    words = {"BoundingBoxAnnotationUnits": "DISPLAY", "AnchorPointAnnotationUnits": "PIXEL",
             "UnformattedTextValue": "a", "BoundingBoxTopLeftHandCorner": [0.1, 0.1],
             "BoundingBoxBottomRightHandCorner": [0.3, 0.2], "AnchorPoint": [25.0, 50.0],
             "AnchorPointVisibility": "Y"}
    state = read(tmp_path / "a.dcm", GraphicAnnotationSequence={"TextObjectSequence": words})
    start, end = state.of_frame("1.2.3", 0, shape=(100, 100)).annotations[1].points
    assert start == pytest.approx((25, 20))
    assert end == (25, 50)


def test_a_line_leads_from_the_words_box_to_their_anchor(of_state):
    presentation = of_state(GraphicAnnotationSequence={"GraphicLayer": "A", "TextObjectSequence": {
        "BoundingBoxAnnotationUnits": "PIXEL", "AnchorPointAnnotationUnits": "PIXEL", "UnformattedTextValue": "a",
        "BoundingBoxTopLeftHandCorner": [10.0, 10.0], "BoundingBoxBottomRightHandCorner": [30.0, 20.0],
        "AnchorPoint": [25.0, 50.0], "AnchorPointVisibility": "Y"}})
    assert presentation.annotations[1].points == ((25, 20), (25, 50))


def test_a_presentation_lut_maps_what_the_window_gives_over_all_its_entries(of_state):
    table = {"LUTDescriptor": [3, 0, 8], "LUTData": [255, 10, 40]}
    presentation = of_state(PresentationLUTShape=None, PresentationLUTSequence=table,
                            SoftcopyVOILUTSequence={"WindowCenter": "50.5", "WindowWidth": "101"})
    shown = presented(Frame(np.array([[0, 24, 26, 50, 74, 76, 100]], np.uint8)), presentation)
    assert render(shown).tolist() == [[255, 255, 10, 10, 10, 40, 40]]
    assert render(shown, invert=True).tolist() == [[0, 0, 245, 245, 245, 215, 215]]


def bits(mask: np.ndarray) -> bytes:
    packed = np.packbits(mask.astype(bool).ravel(), bitorder="little").tobytes()
    return packed + b"\0" * (len(packed) % 2)


@pytest.fixture
def with_overlays(tmp_path):
    """A state of overlays: a function of {group: (mask, activation layer)} and attributes that gives a Presentation."""

    def make(overlays, **attributes) -> Presentation:
        data = make_dataset(SOPClassUID=STATE, Modality="PR", ContentLabel="BRIGHT", PresentationLUTShape="IDENTITY",
                            ReferencedSeriesSequence={"ReferencedImageSequence": REFERENCE}, **attributes)
        for group, (mask, layer) in overlays.items():
            if mask is not None:
                values = ((0x10, "US", mask.shape[0]), (0x11, "US", mask.shape[1]), (0x40, "CS", "G"),
                          (0x50, "SS", [1, 1]), (0x100, "US", 1), (0x102, "US", 0), (0x3000, "OW", bits(mask)))
                for element, kind, value in values:
                    data.add_new((group, element), kind, value)
            if layer:
                data.add_new((group, 0x1001), "CS", layer)
        (tmp_path / "state.dcm").write_bytes(to_bytes(data))
        state = read_presentation_state(tmp_path / "state.dcm")
        assert isinstance(state, PresentationState), state
        return state.of_frame("1.2.3", 0, False, (4, 6))

    return make


def test_overlays_are_seen_where_the_state_activates_their_group_be_they_its_own_or_the_images(with_overlays):
    mask = np.zeros((4, 6), bool)
    mask[1, 2] = True
    stored = tuple(OverlayPlane("", np.full((4, 6), 255, np.uint8), group) for group in (0x6000, 0x6002, 0x6004))
    frame = Frame(np.zeros((4, 6), np.uint8), overlays=stored)
    shown = presented(frame, with_overlays({0x6000: (mask, "A"), 0x6002: (None, "A"), 0x6006: (mask, "")}))
    assert [plane.group for plane in shown.overlays] == [0x6002, 0x6000]
    assert np.argwhere(shown.overlays[1].mask).tolist() == [[1, 2]]
    assert presented(frame, with_overlays({})).overlays == ()


def test_an_overlay_can_be_a_shutter(with_overlays):
    mask = np.zeros((4, 6), bool)
    mask[:, 4:] = True
    shown = presented(Frame(np.zeros((4, 6), np.uint8)), with_overlays(
        {0x6002: (mask, "A")}, ShutterShape="BITMAP", ShutterOverlayGroup=0x6002, ShutterPresentationValue=0xFFFF))
    assert (shown.shutter == mask * 255).all()
    assert shown.shutter_gray == 255
    assert shown.overlays == ()


def test_a_true_size_needs_a_screen_that_tells_its_own(of_state):
    frame = Frame(np.zeros((50, 100), np.uint8))
    presentation = of_state(DisplayedAreaSelectionSequence={
        "DisplayedAreaTopLeftHandCorner": [1, 1], "DisplayedAreaBottomRightHandCorner": [100, 50],
        "PresentationSizeMode": "TRUE SIZE", "PresentationPixelSpacing": ["0.5", "0.5"]})
    assert presented_state(frame, presentation, (400, 400), 0.25).zoom == 2
    assert presented_state(frame, presentation, (400, 400)).zoom is None


def test_a_pseudo_color_state_shows_gray_in_its_colors(of_state):
    entries = [value << 8 for value in range(256)]
    tables = {f"{color}PaletteColorLookupTable{part}": value
              for color, data in (("Red", entries), ("Green", [0] * 256), ("Blue", entries[::-1]))
              for part, value in (("Descriptor", [256, 0, 16]), ("Data", data))}
    presentation = of_state(SOPClassUID="1.2.840.10008.5.1.4.1.1.11.3", **tables)
    shown = presented(Frame(np.array([[0, 51, 255]], np.uint8)), presentation)
    assert render(shown).tolist() == [[[0, 0, 255], [51, 0, 204], [255, 0, 0]]]


def test_a_state_that_is_not_applied_says_why(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID="1.2.840.10008.5.1.4.1.1.11.4", Modality="PR")
    refusal = read_presentation_state(path)
    assert refusal.reason is Reason.UNSUPPORTED
    rows = [row.cells for row in describe_object(path).rows]
    assert ("Applied to images", "no: it blends several series") in rows


def test_that_a_mask_is_not_subtracted_is_noted_once_of_image_and_state(of_state):
    note = "its mask subtraction is not applied"
    state = of_state(MaskSubtractionSequence={"MaskOperation": "AVG_SUB"})
    for notes in ((), (note,)):
        shown = presented(Frame(np.zeros((4, 4), np.uint8), notes=notes), state)
        assert shown.notes == ("presentation state: BRIGHT", note)


def test_graphics_have_the_color_and_order_of_their_layers(of_state):
    presentation = of_state(
        GraphicLayerSequence=[
            {"GraphicLayer": "TOP", "GraphicLayerOrder": 2,
             "GraphicLayerRecommendedDisplayCIELabValue": [35581, 53667, 50862]},
            {"GraphicLayer": "LOW", "GraphicLayerOrder": 1}],
        GraphicAnnotationSequence=[
            {"GraphicLayer": layer, "GraphicObjectSequence": {
                "GraphicAnnotationUnits": "PIXEL", "GraphicType": "POLYLINE", "GraphicData": [1.0, 2.0, 3.0, 4.0]}}
            for layer in ("TOP", "LOW")])
    low, top = presentation.annotations
    assert low.color is None
    assert top.color == pytest.approx((255, 0, 0), abs=3)


def test_a_color_image_is_turned_and_covered_but_not_windowed(of_state):
    frame = Frame(np.zeros((4, 4, 3), np.uint8))
    shown = presented(frame, of_state(SoftcopyVOILUTSequence={"WindowCenter": "40", "WindowWidth": "400"}))
    assert shown.voi == ()


def test_a_damaged_or_missing_state_is_a_refusal(tmp_path):
    assert isinstance(read_presentation_state(tmp_path / "none.dcm"), Refusal)
