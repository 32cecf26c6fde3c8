"""Overlay planes: of their own, in unused bits of the pixels, beyond the image, in single frames."""

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.imaging.image import Frame
from tests.make.dicom import make_dataset, to_bytes

BIG_ENDIAN, LITTLE_ENDIAN = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1"


def packed(mask: np.ndarray) -> bytes:
    raw = np.packbits(mask.astype(np.uint8).ravel(), bitorder="little").tobytes()
    return raw + b"\0" * (len(raw) % 2)


def save(path, dataset, syntax: str = LITTLE_ENDIAN):
    path.write_bytes(to_bytes(dataset, syntax))
    return path


def add_overlay(dataset, mask, origin=(1, 1), group=0x6000, vr="OB", **others):
    rows, columns = mask.shape[-2:]
    dataset.add_new((group, 0x0010), "US", rows)
    dataset.add_new((group, 0x0011), "US", columns)
    dataset.add_new((group, 0x0040), "CS", "G")
    dataset.add_new((group, 0x0050), "SS", list(origin))
    dataset.add_new((group, 0x0100), "US", 1)
    dataset.add_new((group, 0x0102), "US", 0)
    dataset.add_new((group, 0x3000), vr, packed(mask))
    for element, (element_vr, value) in others.items():
        dataset.add_new((group, int(element.removeprefix("e"), 16)), element_vr, value)


def overlays_of(path, index: int = 0) -> list[tuple[str, np.ndarray]]:
    image = load_image(path)
    frame = image.frame(index)
    assert isinstance(frame, Frame)
    return [(plane.name, plane.mask > 0) for plane in frame.overlays]


@pytest.fixture
def mask() -> np.ndarray:
    return np.random.default_rng(1).random((7, 9)) > 0.5


def test_an_overlay_is_a_mask_of_the_images_size_with_its_name(tmp_path, mask):
    dataset = make_dataset(np.zeros((7, 9), np.uint8))
    add_overlay(dataset, mask, e22=("LO", "Lesion"))
    ((name, found),) = overlays_of(save(tmp_path / "a.dcm", dataset))
    assert name == "Lesion"
    assert (found == mask).all()


def test_an_image_without_overlays_has_none(tmp_path):
    assert overlays_of(save(tmp_path / "a.dcm", make_dataset(np.zeros((4, 4), np.uint8)))) == []


@pytest.mark.parametrize("origin", ((3, 4), (-2, -3), (1, 1), (5, 8)))
def test_an_overlay_is_cut_where_it_leaves_the_image(tmp_path, mask, origin):
    mask[:] = True
    dataset = make_dataset(np.zeros((8, 10), np.uint8))
    add_overlay(dataset, mask, origin)
    expected = np.zeros((8, 10), bool)
    for row in range(7):
        for column in range(9):
            y, x = row + origin[0] - 1, column + origin[1] - 1
            if 0 <= y < 8 and 0 <= x < 10:
                expected[y, x] = True
    ((_, found),) = overlays_of(save(tmp_path / "a.dcm", dataset))
    assert (found == expected).all()


def test_an_overlay_wholly_beyond_the_image_is_left_out(tmp_path, mask):
    dataset = make_dataset(np.zeros((8, 10), np.uint8))
    add_overlay(dataset, mask, (500, 500))
    assert overlays_of(save(tmp_path / "a.dcm", dataset)) == []


def test_several_overlays_come_in_order(tmp_path, mask):
    dataset = make_dataset(np.zeros((7, 9), np.uint8))
    add_overlay(dataset, mask, group=0x6002)
    add_overlay(dataset, ~mask, group=0x6000)
    found = overlays_of(save(tmp_path / "a.dcm", dataset))
    assert [name for name, _ in found] == ["Overlay 1", "Overlay 2"]
    assert (found[1][1] == mask).all()


def test_big_endian_words_are_read_by_their_second_byte_first(tmp_path, mask):
    dataset = make_dataset(np.zeros((7, 9), np.uint8))
    add_overlay(dataset, mask, vr="OW")
    value = dataset[0x6000, 0x3000].value
    dataset[0x6000, 0x3000].value = np.frombuffer(value, "<u2").byteswap().tobytes()
    ((_, found),) = overlays_of(save(tmp_path / "a.dcm", dataset, BIG_ENDIAN))
    assert (found == mask).all()


@pytest.mark.parametrize("is_signed", (False, True))
def test_an_overlay_in_the_unused_bits_of_the_pixels_is_found_and_does_not_change_the_values(
    tmp_path, mask, is_signed
):
    values = np.arange(63, dtype=np.uint16).reshape(7, 9)
    dataset = make_dataset(values | (mask.astype(np.uint16) << 12), BitsStored=12, HighBit=11,
                           PixelRepresentation=int(is_signed))
    dataset.add_new(0x60000010, "US", 7)
    dataset.add_new(0x60000011, "US", 9)
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 12)
    path = save(tmp_path / "a.dcm", dataset)
    ((_, found),) = overlays_of(path)
    assert (found == mask).all()
    assert (load_image(path).frame(0).stored == values).all()


def test_an_overlay_that_claims_the_values_own_bits_is_left_out(tmp_path):
    dataset = make_dataset(np.full((7, 9), 0xFFF, np.uint16), BitsStored=12, HighBit=11)
    for element, value in ((0x10, 7), (0x11, 9), (0x100, 16), (0x102, 3)):
        dataset.add_new((0x6000, element), "US", value)
    assert overlays_of(save(tmp_path / "a.dcm", dataset)) == []


def test_an_overlay_of_several_frames_belongs_to_those_frames(tmp_path):
    masks = np.random.default_rng(2).random((2, 5, 5)) > 0.4
    dataset = make_dataset(np.zeros((4, 5, 5), np.uint8))
    add_overlay(dataset, masks, e15=("IS", "2"), e51=("US", 2))
    path = save(tmp_path / "a.dcm", dataset)
    assert overlays_of(path, 0) == overlays_of(path, 3) == []
    for frame in (1, 2):
        ((_, found),) = overlays_of(path, frame)
        assert (found == masks[frame - 1]).all()


def test_an_overlay_that_is_cut_off_or_sizeless_does_no_harm(tmp_path, mask):
    dataset = make_dataset(np.zeros((7, 9), np.uint8))
    add_overlay(dataset, mask)
    dataset[0x6000, 0x3000].value = packed(mask)[:2]
    dataset.add_new(0x60023000, "OB", b"\xff\xff")
    ((_, found),) = overlays_of(save(tmp_path / "a.dcm", dataset))
    assert (found.ravel()[:16] == mask.ravel()[:16]).all()
    assert not found.ravel()[16:].any()


@pytest.mark.parametrize(("attributes", "frames"), [
    ({}, [0, 1, 2]), ({"e15": ("IS", "1"), "e51": ("US", 1)}, [0]), ({"e15": ("IS", "1")}, [0]),
    ({"e51": ("US", 1)}, [0]), ({"e51": ("US", 3)}, [2]), ({"e15": ("IS", "2")}, [0, 1]),
])
def test_only_an_overlay_without_any_word_of_frames_belongs_to_all_of_them(tmp_path, attributes, frames):
    """PS3.3 C.9.3.1.1."""
    dataset = make_dataset(np.zeros((3, 5, 5), np.uint8))
    add_overlay(dataset, np.ones((2, 5, 5), bool), **attributes)
    path = save(tmp_path / "a.dcm", dataset)
    assert [index for index in range(3) if overlays_of(path, index)] == frames
