"""Pictures: what comes out of PNG, JPEG, TIFF, BMP and WebP."""

import tracemalloc

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest

from core.dicom import picture
from core.dicom.decoders import pillow
from core.dicom.load_image import load_image
from core.dicom.picture import decode_page
from core.dicom.recognize import Kind
from core.imaging.image import Frame, Image
from core.imaging.render import render
from core.refusal import Reason, Refusal
from tests.make.picture import gradient, make_deep_png, make_pages, make_picture, make_tiff


def opened(path) -> Image:
    image = load_image(path)
    assert isinstance(image, Image), image
    return image


def first_frame(path) -> Frame:
    frame = opened(path).frame()
    assert isinstance(frame, Frame), frame
    return frame


@pytest.mark.parametrize("suffix", ["png", "tiff", "bmp"])
def test_gray_of_eight_bits_comes_back_and_is_shown_as_it_is(tmp_path, suffix):
    frame = first_frame(make_picture(tmp_path / f"picture.{suffix}", gradient()))
    assert frame.stored.dtype == np.uint8
    np.testing.assert_array_equal(frame.stored, gradient())
    np.testing.assert_array_equal(render(frame), gradient())


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_gray_of_sixteen_bits_keeps_them_and_offers_no_window(tmp_path, suffix):
    frame = first_frame(make_picture(tmp_path / f"picture.{suffix}", gradient(dtype=np.uint16)))
    assert frame.stored.dtype == np.uint16
    np.testing.assert_array_equal(frame.stored, gradient(dtype=np.uint16))
    assert frame.voi == ()


@pytest.mark.parametrize(("suffix", "options"), [("jpg", {"quality": 95}), ("webp", {"quality": 95})])
def test_lossy_gray_is_gray_within_a_few_levels(tmp_path, suffix, options):
    frame = first_frame(make_picture(tmp_path / f"picture.{suffix}", gradient(64, 64), **options))
    assert frame.stored.shape == (64, 64)
    assert np.abs(frame.stored.astype(int) - gradient(64, 64)).max() <= 6


def test_one_bit_is_black_and_white(tmp_path):
    frame = first_frame(make_picture(tmp_path / "picture.png", gradient() > 100))
    np.testing.assert_array_equal(frame.stored, np.where(gradient() > 100, 255, 0))


def test_color_whose_channels_agree_is_gray(tmp_path):
    image = opened(make_picture(tmp_path / "picture.png", np.stack([gradient()] * 3, axis=-1)))
    assert not image.is_color
    np.testing.assert_array_equal(image.frame().stored, gradient())


def test_gray_palette_is_gray(tmp_path):
    PIL.Image.fromarray(gradient()).convert("P").save(tmp_path / "picture.png")
    np.testing.assert_array_equal(first_frame(tmp_path / "picture.png").stored, gradient())


def test_color_stays_color(tmp_path):
    color = np.stack([gradient(), gradient()[::-1], gradient()[:, ::-1]], axis=-1)
    image = opened(make_picture(tmp_path / "picture.png", color))
    assert image.is_color
    np.testing.assert_array_equal(image.frame().stored, color)
    np.testing.assert_array_equal(image.frame().stored, color)  # also the second time


def test_transparency_is_laid_over_black(tmp_path):
    opaque = np.stack([gradient()] * 3 + [np.full_like(gradient(), 255)], axis=-1)
    opaque[0, :, 3] = 0
    stored = first_frame(make_picture(tmp_path / "picture.png", opaque)).stored
    assert (stored[0] == 0).all()
    np.testing.assert_array_equal(stored[1:], gradient()[1:])


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "webp"])
@pytest.mark.parametrize(("orientation", "turned"), [
    (2, np.fliplr), (3, lambda a: np.rot90(a, 2)), (6, lambda a: np.rot90(a, -1)), (8, np.rot90),
])
def test_the_orientation_in_the_file_is_applied(tmp_path, suffix, orientation, turned):
    options = {"lossless": True} if suffix == "webp" else {}
    image = opened(make_picture(tmp_path / f"picture.{suffix}", gradient(16, 24), orientation, **options))
    frame = image.frame()
    expected = turned(gradient(16, 24))
    assert (image.rows, image.columns) == expected.shape == frame.stored.shape
    assert np.abs(frame.stored.astype(int) - expected).max() <= 8


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_png_may_tell_its_orientation_behind_its_pixels_which_are_not_decoded_for_it(
        tmp_path, monkeypatch, orientation):
    raw = make_picture(tmp_path / "picture.png", gradient(16, 24), orientation).read_bytes()
    start, end = raw.index(b"IDAT") - 4, raw.index(b"IEND") - 4
    place = raw.find(b"eXIf") - 4
    if place > 0:
        exif = raw[place:place + 12 + int.from_bytes(raw[place:place + 4], "big")]
        raw = raw[:place] + raw[start:end] + exif + raw[end:]
        assert place == start - len(exif)  # it lay before them
    (tmp_path / "late.png").write_bytes(raw)
    loaded = []
    load = PIL.PngImagePlugin.PngImageFile.load
    monkeypatch.setattr(PIL.PngImagePlugin.PngImageFile, "load", lambda one: loaded.append(one.size) or load(one))
    image = opened(tmp_path / "late.png")
    assert set(loaded) <= {(1, 1)}
    expected = np.rot90(gradient(16, 24), -1) if orientation == 6 else gradient(16, 24)
    assert (image.rows, image.columns) == expected.shape
    np.testing.assert_array_equal(image.frame().stored, expected)


LATE = np.stack([gradient(70, 40)] * 3, axis=-1)
LATE[-1, -1] = 255, 0, 0  # a color in the last strip alone


@pytest.mark.parametrize(("suffix", "mode"), [
    ("png", "1"), ("png", "L"), ("png", "I;16"), ("png", "P"), ("png", "LA"), ("png", "RGB"), ("png", "RGBA"),
    ("tiff", "I"), ("tiff", "F"), ("jpg", "RGB"), ("jpg", "CMYK"), ("webp", "RGBA"), ("bmp", "RGB"),
])
def test_a_picture_in_strips_is_the_same_as_in_one_piece(tmp_path, monkeypatch, suffix, mode):
    made = PIL.Image.fromarray(gradient(70, 40, np.uint16) if mode == "I;16" else LATE)
    path = tmp_path / f"picture.{suffix}"
    (made if mode == "I;16" else made.convert(mode)).save(path)
    whole = first_frame(path).stored
    monkeypatch.setattr(pillow, "STRIP_PIXELS", 3 * 40)  # the last of them has one row
    stored = first_frame(path).stored
    assert stored.dtype == whole.dtype
    np.testing.assert_array_equal(stored, whole)
    assert stored.ndim == (3 if mode in ("P", "RGB", "RGBA", "CMYK") else 2)


@pytest.mark.parametrize("options", [{"quality": 60}, {"lossless": True}])
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_large_webp_is_the_same_in_less_memory(tmp_path, monkeypatch, channels, orientation, options):
    pixels = np.stack([gradient(60, 80), gradient(60, 80)[::-1], gradient(60, 80)[:, ::-1], gradient(60, 80)], axis=-1)
    path = make_picture(tmp_path / "picture.webp", pixels[..., :channels], orientation, **options)
    expected = decode_page(path, Kind.WEBP, 0).values
    decoded = []
    large = picture._large_webp
    monkeypatch.setattr(picture, "_large_webp", lambda *about: decoded.append(about) or large(*about))
    monkeypatch.setattr(picture, "LARGE_BYTES", 0)
    np.testing.assert_array_equal(decode_page(path, Kind.WEBP, 0).values, expected)
    assert decoded
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises((ValueError, OSError)):
        decode_page(path, Kind.WEBP, 0)


def test_a_large_webp_of_several_frames_has_them_all(tmp_path, monkeypatch):
    monkeypatch.setattr(picture, "LARGE_BYTES", 0)
    pages = gradient(), gradient()[::-1]
    path = make_pages(tmp_path / "pages.webp", [np.stack([page] * 3, axis=-1) for page in pages])
    for index, page in enumerate(pages):
        assert np.abs(decode_page(path, Kind.WEBP, index).values.astype(int) - page).max() < 60
    assert not picture._is_animation(make_picture(tmp_path / "one.webp", gradient()))


def test_white_is_zero_of_sixteen_bits_is_inverted_once(tmp_path):
    path = make_picture(tmp_path / "picture.tiff", gradient(dtype=np.uint16), tiffinfo={262: 0})
    assert first_frame(path).inverse


def test_pages_are_frames_of_their_own_size(tmp_path):
    image = opened(make_pages(tmp_path / "pages.tiff", [gradient(), gradient()[:5]]))
    assert image.frame_count == 2
    assert image.frame(1).stored.shape == (5, 20)
    refusal = image.frame(2)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.NO_SUCH_FRAME


def test_a_picture_that_claims_too_many_pixels_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(picture, "MAX_PIXELS", 100)
    refusal = load_image(make_picture(tmp_path / "picture.png", gradient()))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "bmp", "webp"])
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_picture_cut_anywhere_is_opened_or_refused_and_never_raises(tmp_path, suffix):
    whole = make_picture(tmp_path / f"whole.{suffix}", gradient()).read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 60)):
        cut = tmp_path / f"cut.{suffix}"
        cut.write_bytes(whole[:length])
        image = load_image(cut)
        if isinstance(image, Image):
            assert isinstance(image.frame(), Frame | Refusal)


def test_two_files_are_two_studies_and_the_same_file_is_the_same_one(tmp_path):
    first = opened(make_picture(tmp_path / "first.png", gradient())).identity
    second = opened(make_picture(tmp_path / "second.png", gradient())).identity
    assert first == opened(tmp_path / "first.png").identity
    assert len({first.study_uid, first.series_uid, first.instance_uid, second.study_uid}) == 4


def test_a_file_that_went_away_is_a_refusal(tmp_path):
    image = opened(make_picture(tmp_path / "picture.png", gradient()))
    image.path.unlink()
    assert image.frame() == Refusal(Reason.NOT_FOUND, image.path)


def test_what_libtiff_prints_of_a_damaged_file_is_printed_nowhere(tmp_path, capfd):
    path = tmp_path / "a.tiff"
    PIL.Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64)).save(path, compression="tiff_lzw")
    raw = bytearray(path.read_bytes())
    start = PIL.Image.open(path).tag_v2[273][0]
    raw[start + 20:start + 60] = b"\xff" * 40
    path.write_bytes(raw)
    refusal = opened(path).frame()
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.DAMAGED
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_every_compression_of_tiff_comes_back(tmp_path, compression):
    pixels = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    PIL.Image.fromarray(pixels).save(tmp_path / "a.tiff", compression=compression)
    np.testing.assert_array_equal(first_frame(tmp_path / "a.tiff").stored, pixels)


def deep(rows: int = 12, columns: int = 20) -> np.ndarray:
    """Return gray of 12 bits, of which 8 would lose four."""
    return (gradient(rows, columns, np.uint16) >> 4).astype(np.uint16)


def test_a_transparent_value_of_sixteen_bit_gray_is_black_and_all_others_stay(tmp_path):
    pixels = gradient(dtype=np.uint16)
    frame = first_frame(make_deep_png(tmp_path / "picture.png", pixels, [int(pixels[3, 4])]))
    assert frame.stored.dtype == np.uint16
    pixels[3, 4] = 0
    np.testing.assert_array_equal(frame.stored, pixels)


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_sixteen_bit_gray_that_a_png_stores_as_color_or_with_transparency_keeps_its_bits(tmp_path, channels):
    opaque = np.full((12, 20, 1), 65535, np.uint16)
    color = np.stack([deep()] * (1 if channels == 2 else 3), axis=-1)
    pixels = np.concatenate([color, opaque], axis=-1) if channels != 3 else color
    image = opened(make_deep_png(tmp_path / "picture.png", pixels))
    assert not image.is_color
    assert (image.frame().voi, image.frame().notes) == ((), ())
    np.testing.assert_array_equal(image.frame().stored, deep())


@pytest.mark.parametrize("orientation", [3, 6])
def test_sixteen_bit_gray_stored_as_color_is_turned_as_its_file_says(tmp_path, orientation):
    turned = np.rot90(deep(), {3: 2, 6: -1}[orientation])
    path = make_deep_png(tmp_path / "picture.png", np.stack([deep()] * 3, axis=-1))
    late = make_picture(tmp_path / "late.png", gradient(), orientation).read_bytes()
    start = late.index(b"eXIf") - 4
    exif = late[start:start + 12 + int.from_bytes(late[start:start + 4], "big")]
    path.write_bytes(path.read_bytes()[:33] + exif + path.read_bytes()[33:])
    np.testing.assert_array_equal(first_frame(path).stored, turned)
    tiff = make_tiff(tmp_path / "picture.tiff", [np.stack([deep()] * 3, axis=-1)], orientation=orientation)
    np.testing.assert_array_equal(first_frame(tiff).stored, turned)


def test_sixteen_bit_transparency_is_laid_over_black(tmp_path):
    alpha = np.linspace(0, 65535, 240).round().reshape(12, 20).astype(np.uint16)
    stored = first_frame(make_deep_png(tmp_path / "picture.png", np.stack([deep(), alpha], axis=-1))).stored
    np.testing.assert_array_equal(stored, np.rint(deep().astype(float) * alpha / 65535))


def test_sixteen_bit_color_stays_color_scaled_to_eight_bits(tmp_path):
    plane = gradient(dtype=np.uint16)
    pixels = np.stack([plane, plane[::-1], plane[:, ::-1]], axis=-1)
    for path in (make_deep_png(tmp_path / "a.png", pixels), make_tiff(tmp_path / "a.tiff", [pixels])):
        stored = first_frame(path).stored
        np.testing.assert_array_equal(stored, np.rint(pixels * (255 / 65535)))


def test_a_transparent_color_of_sixteen_bits_is_black(tmp_path):
    pixels = np.stack([deep()] * 3, axis=-1)
    path = make_deep_png(tmp_path / "picture.png", pixels, [int(deep()[3, 4])] * 3)
    expected = deep()
    expected[3, 4] = 0
    np.testing.assert_array_equal(first_frame(path).stored, expected)


def test_a_large_png_of_sixteen_bit_color_is_decoded_in_a_helper_and_the_same(tmp_path, monkeypatch):
    path = make_deep_png(tmp_path / "picture.png", np.stack([deep(200, 300)] * 3, axis=-1))
    monkeypatch.setattr(picture, "LARGE_BYTES", 1 << 16)
    asked = []
    elsewhere = picture._decoded_elsewhere
    monkeypatch.setattr(picture, "_decoded_elsewhere", lambda *about: asked.append(about) or elsewhere(*about))
    np.testing.assert_array_equal(first_frame(path).stored, deep(200, 300))
    assert asked


def test_a_cut_png_of_sixteen_bit_color_is_refused(tmp_path):
    path = make_deep_png(tmp_path / "picture.png", np.stack([gradient(60, 80, np.uint16)] * 3, axis=-1))
    path.write_bytes(path.read_bytes()[:-60])
    assert load_image(path).reason is Reason.DAMAGED


def test_sixteen_bit_gray_that_a_tiff_stores_as_color_keeps_its_bits_on_every_page(tmp_path):
    pages = [deep(), deep()[::-1]]
    image = opened(make_tiff(tmp_path / "picture.tiff", [np.stack([page] * 3, axis=-1) for page in pages]))
    for index, page in enumerate(pages):
        np.testing.assert_array_equal(image.frame(index).stored, page)
        assert image.frame(index).notes == ()


def test_of_sixteen_bit_gray_with_transparency_in_a_tiff_it_is_noted_that_eight_bits_are_shown(tmp_path):
    pixels = np.stack([gradient(dtype=np.uint16)] * 3 + [np.full((12, 20), 65535, np.uint16)], axis=-1)
    frame = first_frame(make_tiff(tmp_path / "picture.tiff", [pixels]))
    assert frame.notes == ("shown with 8 of its 16 bits",)
    np.testing.assert_array_equal(frame.stored, pixels[..., 0] >> 8)


def test_color_by_plane_is_decoded_of_eight_bits_and_refused_of_sixteen(tmp_path):
    plane = gradient(dtype=np.uint16)
    pixels = np.stack([plane, plane[::-1], plane[:, ::-1]], axis=-1)
    low = (pixels >> 8).astype(np.uint8)
    np.testing.assert_array_equal(first_frame(make_tiff(tmp_path / "a.tiff", [low], is_planar=True)).stored, low)
    refusal = load_image(make_tiff(tmp_path / "b.tiff", [pixels], is_planar=True))
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.UNSUPPORTED


def test_unsigned_integers_of_thirty_two_bits_stay_above_zero_and_signed_ones_do_not(tmp_path):
    pixels = np.linspace(0, 4e9, 240).reshape(12, 20).astype(np.uint32)
    frame = first_frame(make_tiff(tmp_path / "a.tiff", [pixels]))
    np.testing.assert_array_equal(frame.stored, pixels)
    assert (np.diff(render(frame).reshape(-1).astype(int)) >= 0).all() and render(frame).max() == 255
    signed = (pixels.astype(np.int64) - 2_000_000_000).astype(np.int32)
    np.testing.assert_array_equal(first_frame(make_tiff(tmp_path / "b.tiff", [signed])).stored, signed)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_sound_tiff_of_a_kind_without_a_decoder_is_not_called_damaged(tmp_path):
    path = make_tiff(tmp_path / "a.tiff", [gradient().astype(np.float64)])
    refusal = load_image(path)
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.UNSUPPORTED
    assert refusal.facts == {"syntax": "TIFF", "detail": "a kind of TIFF without a decoder here"}
    path.write_bytes(path.read_bytes()[:-160])  # of its tags most are gone
    assert load_image(path).reason is Reason.DAMAGED


def test_of_many_color_pictures_one_decoded_frame_is_kept(tmp_path):
    paths = [make_picture(tmp_path / f"{number}.png", np.full((300, 200, 3), (number, 50, 90), np.uint8))
             for number in range(1, 9)]
    tracemalloc.start()
    images = [opened(path) for path in paths]
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(image.is_color for image in images)
    assert kept < 2 * 300 * 200 * 3
    assert [tuple(image.frame().stored[0, 0]) for image in images] == [(number, 50, 90) for number in range(1, 9)]
    assert [tuple(image.frame().stored[0, 0]) for image in images] == [(number, 50, 90) for number in range(1, 9)]


@pytest.mark.parametrize("before", range(3))
def test_a_file_is_looked_through_in_parts_for_scans_and_no_further_than_it_takes(tmp_path, monkeypatch, before):
    monkeypatch.setattr(picture, "_PART_BYTES", 3)  # markers lie across parts
    path = tmp_path / "a"
    for scans in (4, 5):
        path.write_bytes(b"x" * before + b"\xff\xff\xda\0" * scans + bytes(50))
        assert picture._has_many_scans(path) is (scans > 4)
    monkeypatch.undo()
    with path.open("wb") as file:
        file.write(b"\xff\xda" * 10)
        file.truncate(300 << 20)
    tracemalloc.start()
    assert picture._has_many_scans(path)
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()
