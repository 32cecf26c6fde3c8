import numpy as np
import pytest

from core.imaging.adjust import COLOR_WINDOW
from core.imaging.display_state import DisplayState
from core.imaging.image import EdgeLetters, Frame, Spacing
from core.imaging.lookup import LookupTable
from core.imaging.presentation import Presentation
from core.imaging.view_transform import view_transform
from core.imaging.window import VoiFunction, Window
from gui.canvas.corner_text import Corners, corner_lines, spacing_lines, spacing_text, voi_text, zoom_text
from gui.canvas.paint_words import corner_room
from gui.canvas.text import elided
from tests.make.image import make_image

FILE_WINDOW = Window(15000, 30000)
FULL = {
    "patient_name": "ANON^RG1", "patient_id": "0001", "sex": "M", "age": "064Y", "birth_date": "1931-01-02",
    "institution": "WG-04 test site", "study_description": "Chest PA", "accession": "1234", "date": "1995-06-08",
    "time": "10:22", "modality": "CR", "series_number": "1", "view_position": "PA", "technique": "85 kV",
    "lossy": "lossy 12:1 (ISO 10918-1)",
}


def view(zoom=None, size=(1955, 1841), view_size=(1000, 800)):
    return view_transform(size, 1.0, view_size, DisplayState(zoom=zoom))


def made(**changes):
    known = {
        "voi": (FILE_WINDOW,), "spacing": Spacing(0.17, 0.17, "at detector"), "edges": EdgeLetters("R", "H", "L", "F"),
    }
    return Frame(np.zeros((1841, 1955), np.uint16), **(known | changes))


def test_the_corners_say_what_readers_look_for_where_they_look_for_it():
    frame = made(notes=("incomplete: the file is cut off",))
    corners = corner_lines(make_image(frame, **FULL), frame, FILE_WINDOW, view(), "1 / 4")
    assert corners == Corners(
        top_left=("ANON^RG1", "ID 0001 · M · 064Y", "born 1931-01-02"),
        top_right=("WG-04 test site", "acc. 1234 · Chest PA", "1995-06-08 10:22"),
        bottom_left=(
            "incomplete: the file is cut off", "lossy 12:1 (ISO 10918-1)", "1 / 4", "C 15000 W 30000 · file",
            "zoom 0.43 · averaged down", "0.17 mm at detector",
        ),
        bottom_right=("series 1 · PA", "CR · 85 kV"),
    )


def test_side_and_thickness_are_those_of_the_frame_that_is_shown():
    first, second = made(laterality="R", thickness_mm=5.0), made(laterality="L", thickness_mm=3.25)
    image = make_image(first, frame_count=2, **FULL, location="-12 mm")
    lines = [corner_lines(image, frame, FILE_WINDOW, view()).bottom_right for frame in (first, second)]
    assert lines == [("series 1 · R · PA", "5 mm · -12 mm", "CR · 85 kV"),
                     ("series 1 · L · PA", "3.25 mm · -12 mm", "CR · 85 kV")]


def test_an_image_that_says_nothing_of_itself_gets_no_empty_lines_and_no_guesses():
    frame = made(spacing=None, edges=None)
    corners = corner_lines(make_image(frame, kind="PNG"), frame, FILE_WINDOW, view())
    assert corners.top_left == corners.top_right == ()
    assert corners.bottom_right == ("no orientation data",)
    assert corners.bottom_left[-1] == "no spacing: lengths in px"
    assert corner_lines(make_image(frame), frame, FILE_WINDOW, view()).bottom_right == ("orientation unknown",)


def test_minimal_keeps_notes_and_the_lossy_mark_and_off_keeps_nothing():
    frame = made(notes=("incomplete: the file is cut off",))
    image = make_image(frame, **FULL)
    minimal = corner_lines(image, frame, FILE_WINDOW, view(), level="minimal")
    assert minimal == Corners(bottom_left=("incomplete: the file is cut off", "lossy 12:1 (ISO 10918-1)",))
    assert corner_lines(image, frame, FILE_WINDOW, view(), level="off") == Corners()


@pytest.mark.parametrize(
    ("voi", "text"),
    [
        (FILE_WINDOW, "C 15000 W 30000 · file"),
        (Window(40, 400, explanation="soft tissue"), "C 40 W 400 · soft tissue"),
        (Window(15117.1875, 30234.375), "C 15117 W 30234"),
        (Window(12.34, 20.56), "C 12.3 W 20.6"),
        (Window(0.5, 1.0, VoiFunction.LINEAR_EXACT), "C 0.5 W 1"),
        (Window(-0.2, 400), "C 0 W 400"),
        (Window(0.0002634, 0.000527, VoiFunction.LINEAR_EXACT), "C 0.000263 W 0.000527"),
        (Window(0.3, 0.02, VoiFunction.LINEAR_EXACT), "C 0.3 W 0.02"),
        (Window(3e-9, 2e-9, VoiFunction.LINEAR_EXACT), "C 3e-09 W 2e-09"),
        (Window(2147483648, 4294967296), "C 2147483648 W 4294967296"),
        (LookupTable(0, np.arange(4, dtype=np.uint16), 8, "bone"), "VOI LUT · bone"),
    ],
)
def test_center_and_width_are_named_after_whose_they_are(voi, text):
    assert voi_text(made(), voi) == text


def test_a_window_that_is_the_files_by_its_numbers_is_called_the_files():
    """As the window kept from the slice before is."""
    assert voi_text(made(), Window(15000, 30000)) == "C 15000 W 30000 · file"
    assert voi_text(made(), Window(15000, 30001)) == "C 15000 W 30001"


@pytest.mark.parametrize(
    ("spacing", "zoom", "screen_mm", "said"),
    [
        ((0.5, 0.5), 2.0, 0.25, ("true size on a screen that states pixels of 0.25 mm",)),
        ((0.5, 0.5), 2.0001, 0.25, ("true size on a screen that states pixels of 0.25 mm",)),
        ((0.5, 0.5), 2.01, 0.25, ("not at true size",)),
        ((0.5, 0.5), 2.0, 0.1, ("not at true size",)),
        ((0.5, 0.5), 2.0, None, ("not at true size: the size of the screen is not known",)),
        (None, 2.0, 0.25, ()),
    ],
)
def test_true_size_is_said_only_at_the_zoom_that_is_true_on_this_screen(spacing, zoom, screen_mm, said):
    frame, state = made(), Presentation("MARKED", true_spacing_mm=spacing)
    for level in ("minimal", "full"):
        lines = corner_lines(
            make_image(frame), frame, FILE_WINDOW, view(zoom), level=level, presentation=state, screen_mm=screen_mm)
        assert tuple(line for line in lines.bottom_left if "true size" in line) == said


def test_inversion_is_said():
    assert voi_text(made(), FILE_WINDOW, invert=True) == "C 15000 W 30000 · file · inverted"


def test_color_says_whether_it_is_as_stored():
    frame = Frame(np.zeros((4, 4, 3), np.uint8))
    assert voi_text(frame, COLOR_WINDOW) == "color as stored"
    assert voi_text(frame, Window(100, 256)) == "C 100 W 256"


@pytest.mark.parametrize(
    ("zoom", "text"),
    [(0.41, "zoom 0.41 · averaged down"), (1.0, "zoom 1.00"), (2.5, "zoom 2.50 · interpolated"), (8.0, "zoom 8.00")],
)
def test_the_zoom_says_what_came_of_the_pixels(zoom, text):
    assert zoom_text(view(zoom)) == text


@pytest.mark.parametrize(
    ("spacing", "text"),
    [
        (Spacing(0.143, 0.143, "at detector"), "0.143 mm at detector"),
        (Spacing(0.7, 0.7, ""), "0.7 mm"),
        (Spacing(row_mm=2.0, column_mm=0.5, source="calibrated"), "0.5 × 2 mm calibrated"),
    ],
)
def test_the_spacing_names_its_source_and_both_ways_where_they_differ(spacing, text):
    assert spacing_text(spacing) == text


def test_the_warning_of_a_spacing_at_the_detector_is_whole_in_a_small_cell(shown):
    lines = spacing_lines(Spacing(0.143, 0.143, "at detector: true size is smaller"))
    assert lines == ("0.143 mm at detector", "true size is smaller")
    shown.resize(430, 300)
    shown.grab()
    assert [elided(line, corner_room(shown.scene)) for line in lines] == list(lines)
    assert spacing_lines(None) == ("no spacing: lengths in px",)
