"""An image's own display shutter: what it hides is covered on the screen, and is read all the same (PS3.3 C.7.6.11)."""

import gc

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.findings.wording import INVALID_SHUTTER_NOTE
from core.imaging.image import Frame
from core.imaging.presentation import Presentation, Shutter, presented
from core.imaging.render import auto_window, render
from tests.make.dicom import make_dicom

PIXELS = np.arange(120, dtype=np.uint8).reshape(10, 12)
BOX = {"ShutterShape": "RECTANGULAR", "ShutterLeftVerticalEdge": "3", "ShutterRightVerticalEdge": "8",
       "ShutterUpperHorizontalEdge": "2", "ShutterLowerHorizontalEdge": "9"}
CIRCLE = {"CenterOfCircularShutter": ["5", "6"], "RadiusOfCircularShutter": "2"}
POLYGON = {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": ["2", "3", "2", "8", "9", "8", "9", "3"]}


def in_box(rows=range(2, 10), columns=range(3, 9)) -> np.ndarray:
    """Return which pixels lie in rows and columns that are counted from 1."""
    seen = np.zeros(PIXELS.shape, bool)
    seen[np.ix_([row - 1 for row in rows], [column - 1 for column in columns])] = True
    return seen


@pytest.fixture
def frame_of(tmp_path):
    def make(pixels=PIXELS, index=0, **attributes) -> Frame:
        frame = load_image(make_dicom(tmp_path / "image", pixels, **attributes)).frame(index)
        assert isinstance(frame, Frame)
        return frame

    return make


@pytest.mark.parametrize(("modality", "attributes", "seen"), [
    ("DX", BOX, in_box()), ("XA", BOX | CIRCLE, in_box()), ("RF", POLYGON, in_box()),
    ("DX", BOX | CIRCLE | {"ShutterShape": ["RECTANGULAR", "CIRCULAR"]},
     in_box() & (np.hypot(*np.ogrid[-4:6, -5:7]) <= 2)),
    ("XA", {"SharedFunctionalGroupsSequence": {"FrameDisplayShutterSequence": BOX}}, in_box()),  # C.7.6.16.2.16
])
def test_what_lies_outside_of_the_shapes_that_are_named_is_covered(frame_of, modality, attributes, seen):
    frame = frame_of(Modality=modality, ShutterPresentationValue=0x4000, **attributes)
    assert ((frame.shutter == 0) == seen).all()
    assert set(np.unique(frame.shutter)) <= {0, 255}
    assert frame.shutter_gray == (0 if "SharedFunctionalGroupsSequence" in attributes else 0x40)


@pytest.mark.parametrize(("spacing", "rows", "columns"), [([1, 1], 9, 9), ([2, 1], 5, 9), ([1, 2], 17, 9)])
def test_a_circle_is_round_on_pixels_of_any_shape_and_its_radius_is_in_widths_of_them(
    frame_of, spacing, rows, columns
):
    frame = frame_of(np.ones((21, 21), np.uint8), Modality="CT", PixelSpacing=spacing, ShutterShape="CIRCULAR",
                     CenterOfCircularShutter=["11", "11"], RadiusOfCircularShutter="4")
    seen = frame.shutter == 0
    assert (np.count_nonzero(seen.any(axis=1)), np.count_nonzero(seen.any(axis=0))) == (rows, columns)
    state = Presentation("state", shutters=(Shutter(circle=((10.5, 10.5), 4)),))
    np.testing.assert_array_equal(presented(frame, state).shutter, frame.shutter)


@pytest.mark.parametrize(("color", "gray"), [
    ([65535, 32896, 32896], 255), ([0, 32896, 32896], 0), ([35117, 60000, 60000], 128)])
def test_a_shutter_of_a_color_is_painted_in_the_gray_that_is_as_light(frame_of, color, gray):
    frame = frame_of(**BOX, ShutterPresentationValue=0x4000, ShutterPresentationColorCIELabValue=color)
    assert frame.shutter_gray == gray


def test_a_shutter_changes_neither_what_is_stored_nor_the_picture_that_is_read(frame_of):
    plain, covered = frame_of(), frame_of(**BOX)
    np.testing.assert_array_equal(covered.stored, PIXELS)
    np.testing.assert_array_equal(render(covered), render(plain))
    assert auto_window(covered) == auto_window(plain)


def test_a_presentation_states_shutter_takes_its_place(frame_of):
    frame = frame_of(**BOX)
    assert presented(frame, Presentation("none")).shutter is None
    other = presented(frame, Presentation("other", shutters=(Shutter(box=(0, 0, 1, 1)),), shutter_gray=9))
    assert (np.count_nonzero(other.shutter == 0), other.shutter_gray) == (1, 9)


@pytest.mark.parametrize("attributes", [
    {}, BOX | {"ShutterShape": None}, BOX | {"ShutterLeftVerticalEdge": None}, BOX | {"ShutterShape": "BITMAP"},
    CIRCLE | {"ShutterShape": "CIRCULAR", "RadiusOfCircularShutter": "1" + "0" * 11},
    CIRCLE | {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": ["1"]},
    POLYGON | {"VerticesOfThePolygonalShutter": ["2", "9", "4", "1"] * 1001},
])
def test_a_shutter_that_is_not_told_covers_nothing(frame_of, attributes):
    frame = frame_of(**attributes)
    assert (frame.shutter, frame.notes) == (None, ())


def test_a_shutter_that_would_hide_the_whole_picture_is_damaged_and_says_so(frame_of):
    frame = frame_of(**BOX | {"ShutterLeftVerticalEdge": "9"})
    assert (frame.shutter, frame.notes) == (None, (INVALID_SHUTTER_NOTE,))


def test_frames_of_one_shutter_share_what_is_covered_for_as_long_as_they_are_in_memory(tmp_path):
    image = load_image(make_dicom(tmp_path / "image", np.stack([PIXELS] * 3), Modality="XA", **BOX))
    first, last = image.frame(0), image.frame(2)
    assert first.shutter is last.shutter
    del first, last
    gc.collect()
    assert not image.load_frame._covered


def test_frames_have_shutters_of_their_own(tmp_path):
    """PS3.3 C.7.6.16.2.16."""
    groups = [{"FrameDisplayShutterSequence": BOX | {"ShutterRightVerticalEdge": str(right)}} for right in (5, 8)]
    image = load_image(make_dicom(tmp_path / "image", np.stack([PIXELS] * 2), Modality="XA",
                                  PerFrameFunctionalGroupsSequence=groups))
    assert [np.count_nonzero(image.frame(index).shutter == 0) for index in range(2)] == [3 * 8, 6 * 8]
