from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.imaging.image import Frame, Header, Identity, Image
from core.reading.gate import is_unconfirmed, refuse_by_header, refuse_by_shape
from core.refusal import Reason
from tests.make.model import POPULATION

CHEST = Header(modality="CR", body_part="CHEST", view_position="PA")


def image_of(frame: Frame, header: Header = CHEST, frames: int = 1) -> Image:
    return Image(Path("film"), "DICOM", Identity("1", "2", "3"), header, frame.rows, frame.columns, frames,
                 frame.is_color, lambda index: frame)


def gray(rows=300, columns=280, **facts) -> Frame:
    pixels = np.arange(rows * columns, dtype=np.uint16).reshape(rows, columns)
    return Frame(pixels, **facts)


def test_a_frontal_chest_film_is_not_refused():
    image = image_of(gray())
    assert refuse_by_header(image, POPULATION) is None
    assert refuse_by_shape(image, gray(), POPULATION) is None
    assert not is_unconfirmed(image)


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"modality": "MR"}, Reason.WRONG_MODALITY),
        ({"modality": "ct"}, Reason.WRONG_MODALITY),
        ({"body_part": "EXTREMITY"}, Reason.WRONG_BODY_PART),
        ({"view_position": "LL"}, Reason.NOT_FRONTAL),
        ({"view_position": "LATERAL"}, Reason.NOT_FRONTAL),
    ],
)
def test_what_the_header_plainly_excludes_is_refused_with_its_reason(changes, reason):
    refusal = refuse_by_header(image_of(gray(), replace(CHEST, **changes)), POPULATION)
    assert refusal is not None and refusal.reason is reason


def test_a_header_that_says_nothing_is_read_but_unconfirmed():
    image = image_of(gray(), Header())
    assert refuse_by_header(image, POPULATION) is None
    assert is_unconfirmed(image)


def test_color_is_refused():
    frame = Frame(np.zeros((300, 300, 3), np.uint8))
    assert refuse_by_header(image_of(frame, Header()), POPULATION).reason is Reason.COLOR


def test_several_frames_are_refused():
    assert refuse_by_header(image_of(gray(), frames=12), POPULATION).reason is Reason.SEVERAL_FRAMES


@pytest.mark.parametrize(
    "frame, reason",
    [
        (gray(rows=90), Reason.TOO_SMALL),
        (gray(rows=700, columns=300), Reason.WRONG_SHAPE),
        (gray(rows=300, columns=300, pixel_aspect=3.0), Reason.WRONG_SHAPE),
        (Frame(np.full((300, 300), 7, np.uint16)), Reason.CONSTANT),
    ],
)
def test_small_odd_and_empty_pictures_are_refused(frame, reason):
    assert refuse_by_shape(image_of(frame), frame, POPULATION).reason is reason
