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
    assert not is_unconfirmed(image, POPULATION)


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
    assert is_unconfirmed(image, POPULATION)


@pytest.mark.parametrize("view", [
    "AP SUPINE", "PA_ERECT", "posteroanterior", "POSTERO-ANTERIOR", "POSTERIOR/ANTERIOR", "Anterior to posterior",
    "FRONTAL", "ERECT", "X",
])
def test_a_view_in_other_words_is_left_to_the_pixels_and_frontal_ones_are_known(view):
    assert refuse_by_header(image_of(gray(), replace(CHEST, view_position=view)), POPULATION) is None


@pytest.mark.parametrize("view", [
    "LEFT LATERAL", "LAT", "PA OBLIQUE", "AP AXIAL", "LLD", "left lateral decubitus", "RAO", "CRANIO-CAUDAL",
    "POSTERO-ANTERIOR OBLIQUE",
])
def test_a_view_that_is_known_to_be_no_frontal_one_is_refused_though_it_names_one(view):
    refusal = refuse_by_header(image_of(gray(), replace(CHEST, view_position=view)), POPULATION)
    assert refusal is not None and refusal.reason is Reason.NOT_FRONTAL


def test_of_frontal_views_those_that_the_model_is_not_made_for_are_refused():
    only_pa = POPULATION.model_copy(update={"views": ("PA",)})
    refused = [refuse_by_header(image_of(gray(), replace(CHEST, view_position=view)), only_pa) is not None
               for view in ("PA", "POSTEROANTERIOR", "AP", "AP SUPINE")]
    assert refused == [False, False, True, True]


@pytest.mark.parametrize("body_part", [
    "TORAX", "TÓRAX", "BRUST", "胸部", "HEART", "WHOLEBODY", "CHESTABDOMEN", "ABDOMEN THORAX", "TORAX ABDOMEN",
    "THORACIC", "UNKNOWN", "LEFT",
])
def test_a_body_part_that_is_not_known_to_be_another_is_left_to_the_pixels(body_part):
    assert refuse_by_header(image_of(gray(), replace(CHEST, body_part=body_part)), POPULATION) is None


@pytest.mark.parametrize("body_part", [
    "HAND", "Left hand", "HANDS", "KNEE_JOINT", "SKULL", "ABDOMEN", "PELVIS", "C-SPINE", "THORACIC SPINE", "UPPER LIMB",
    "HEAD AND NECK", "BREAST", "PELVIS AP", "KNEE LAT", "ABDOMEN KUB", "KUB", "BILATERAL KNEES",
    "L-SPINE 2 VIEWS", "LUMBAR",
])
def test_a_body_part_that_is_known_to_be_no_chest_is_refused(body_part):
    refusal = refuse_by_header(image_of(gray(), replace(CHEST, body_part=body_part)), POPULATION)
    assert refusal is not None and refusal.reason is Reason.WRONG_BODY_PART


def test_a_body_part_that_nobody_knows_confirms_nothing():
    assert is_unconfirmed(image_of(gray(), replace(CHEST, body_part="TORAX")), POPULATION)


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
