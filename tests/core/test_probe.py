import numpy as np
import pytest

from core.imaging.image import Frame
from core.imaging.lookup import Rescale
from core.imaging.probe import STORED_VALUE, number_text, value_at, value_text


def test_the_value_is_in_modality_units_and_names_column_and_row():
    stored = np.zeros((30, 40), np.int16)
    stored[11, 32] = 4607
    frame = Frame(stored, modality=Rescale(2.0, -1000.0), unit="HU")
    assert value_text(frame, 32.9, 11.1) == "value 8 214 HU at 32, 11"
    assert value_at(frame, 32, 12) == (-1000,)


def test_a_value_of_which_nobody_says_what_it_means_is_called_stored():
    frame = Frame(np.full((3, 3), 0.25, np.float32), unit=STORED_VALUE)
    assert value_text(frame, 1, 2) == "stored value 0.25 at 1, 2"


@pytest.mark.parametrize("place", [(-0.01, 3), (40, 3), (3, 30), (3, -1)])
def test_beside_the_image_there_is_nothing_to_say(place):
    frame = Frame(np.zeros((30, 40), np.uint8))
    assert value_text(frame, *place) == ""
    assert value_at(frame, *place) is None


def test_padding_and_what_is_no_number_have_no_value():
    padded = Frame(np.full((3, 3), -2000, np.int16), padding=(-2000, -2000))
    assert value_text(padded, 1, 1) == "no value at 1, 1"
    assert value_text(Frame(np.full((3, 3), np.nan, np.float32)), 1, 1) == "no value at 1, 1"


def test_color_names_its_three_channels():
    frame = Frame(np.full((3, 3, 3), (1, 20, 255), np.uint8))
    assert value_text(frame, 0, 2) == "color 1 / 20 / 255 at 0, 2"


@pytest.mark.parametrize(
    ("value", "text"),
    [(8214, "8 214"), (-1234567, "-1 234 567"), (0.123456, "0.1235"), (1234.56, "1 235"), (-3.0, "-3")],
)
def test_numbers_are_grouped_and_short(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3000, "3 000"), (999.7, "1 000"), (1234.56, "1 235"), (123.4, "123"), (99.96, "100"), (0.0012345, "0.00123"),
     (-2.5, "-2.5"), (1e14, "100 000 000 000 000"), (1e300, "1e+300"), (np.inf, "inf"), (np.nan, "nan")],
)
def test_three_digits_are_enough_for_a_scale(value, text):
    assert number_text(value, 3) == text
