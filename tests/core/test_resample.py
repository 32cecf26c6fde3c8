import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.imaging.display_state import DisplayState
from core.imaging.resample import draft, has_draft, resample, shrink, visible_pixels
from core.imaging.view_transform import view_transform


def noise(rows, columns, dtype="uint16"):
    kind = np.dtype(dtype)
    random = np.random.default_rng(rows * 1000 + columns)
    if kind.kind == "f":
        return random.normal(0, 100, (rows, columns)).astype(kind)
    return random.integers(0, np.iinfo(kind).max, (rows, columns), endpoint=True).astype(kind)


def view_of(stored, view_size, **state):
    return view_transform((stored.shape[1], stored.shape[0]), 1.0, view_size, DisplayState(**state))


def test_shrinking_by_whole_numbers_is_the_mean_of_each_block():
    stored = noise(60, 90)
    expected = stored.reshape(20, 3, 30, 3).mean(axis=(1, 3))
    assert shrink(stored, (30, 20)) == pytest.approx(expected, abs=0.51)


def test_shrinking_keeps_the_mean():
    stored = noise(517, 401)
    assert shrink(stored, (173, 211)).mean() == pytest.approx(stored.mean(), rel=0.002)


@pytest.mark.parametrize("size", [(1500, 1200), (700, 560), (333, 211), (1700, 400)])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "float32"])
def test_a_draft_is_nearly_the_average(size, dtype):
    y, x = np.mgrid[0:1:1237j, 0:1:1601j]
    wave = np.sin(9 * x) * np.cos(7 * y)
    stored = (wave * 100 + (0 if np.dtype(dtype).kind in "if" else 110)).astype(dtype)
    nearly, exact = draft(stored, size), shrink(stored, size)
    assert (nearly.shape, nearly.dtype) == (exact.shape, exact.dtype)
    assert np.abs(nearly.astype(float) - exact).max() <= 3


def test_only_large_frames_that_shrink_are_drafted():
    large = np.zeros((1100, 1000), np.uint16)
    assert has_draft(large, (500, 500))
    assert has_draft(large, (2000, 500))
    assert not has_draft(large, (1000, 1100))
    assert not has_draft(large[:900], (500, 500))


def test_an_axis_that_is_not_longer_is_left_alone():
    stored = noise(40, 90)
    assert shrink(stored, (30, 80)).shape == (40, 30)
    assert shrink(stored, (90, 40)) is stored
    assert shrink(stored, (900, 400)) is stored


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"])
@pytest.mark.parametrize("zoom", [0.4, 1.0, 1.7, 9.0])
def test_the_stored_type_and_range_are_kept(dtype, zoom):
    stored = noise(50, 70, dtype)
    pixels, _ = resample(stored, view_of(stored, (64, 48), zoom=zoom))
    assert pixels.dtype == stored.dtype
    assert pixels.min() >= stored.min()
    assert pixels.max() <= stored.max()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", [False, True])
def test_at_zoom_1_the_stored_pixels_themselves_are_shown(rotation, flip):
    stored = noise(50, 70)
    view = view_of(stored, (31, 27), zoom=1.0, center=(20, 33), rotation=rotation, flip=flip)
    pixels, (left, top) = resample(stored, view)
    for y in range(pixels.shape[0]):
        for x in range(pixels.shape[1]):
            column, row = view.to_image(left + x + 0.5, top + y + 0.5)
            assert pixels[y, x] == stored[int(row), int(column)]


ramps = st.builds(
    dict,
    zoom=st.floats(0.15, 12) | st.just(1.0),
    center=st.tuples(st.floats(0, 200), st.floats(0, 160)),
    rotation=st.sampled_from([0, 90, 180, 270]),
    flip=st.booleans(),
)


@settings(deadline=None)
@given(ramps, st.floats(0.5, 2), st.booleans())
def test_each_device_pixel_shows_the_place_that_the_transform_names(state, aspect, along_x):
    y, x = np.mgrid[0.5:160, 0.5:200]
    stored = (x if along_x else y).astype(np.float32)  # each pixel holds its own position
    view = view_transform((200, 160), aspect, (120, 90), DisplayState(**state))
    pixels, (left, top) = resample(stored, view)
    if 0 in pixels.shape:
        return
    rows, columns = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    a = view.inverse[0 if along_x else 1]
    expected = a[0] * (columns + left + 0.5) + a[1] * (rows + top + 0.5) + a[2]
    scale = view.scale[0 if along_x else 1]
    limit = stored.max()
    # nearest is half a pixel off at most, the mean over parts of pixels an eighth, linear OpenCV's 1/32 pixel steps
    tolerance = 0.501 if max(view.scale) >= 8 else 0.06 if scale > 1 else 0.13
    assert np.abs(pixels - np.clip(expected, 0.5, limit)).max() <= tolerance


def test_panning_at_a_shrinking_zoom_slices_the_same_pixels():
    stored = noise(400, 600)
    here, there = (view_of(stored, (200, 150), zoom=0.5, center=center) for center in ((300, 200), (310, 220)))
    shrunk = shrink(stored, here.drawn_size)
    first, _ = visible_pixels(shrunk, here)
    second, _ = visible_pixels(shrunk, there)
    assert (first[10:, 5:] == second[:-10, :-5]).all()


def test_color_is_resampled_with_its_channels():
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[..., 1] = 200
    for zoom in (0.5, 1.0, 3.0, 10.0):
        pixels, _ = resample(stored, view_of(stored, (50, 50), zoom=zoom))
        assert pixels.ndim == 3
        assert (pixels == (0, 200, 0)).all()


def test_a_view_that_shows_nothing_of_the_image_gets_no_pixels():
    stored = noise(40, 60)
    pixels, _ = resample(stored, view_of(stored, (20, 20), zoom=1.0, center=(-500, 10)))
    assert pixels.size == 0


def test_anisotropic_pixels_shrink_along_one_axis_and_grow_along_the_other():
    y, x = np.mgrid[0.5:100, 0.5:400]
    view = view_transform((400, 100), 4.0, (300, 300), DisplayState(zoom=0.5))
    assert view.drawn_size == (200, 200)
    pixels, (left, top) = resample((x + 1000 * y).astype(np.float64), view)
    column, row = view.to_image(left + 50.5, top + 60.5)
    assert pixels[60, 50] == pytest.approx(column + 1000 * row, abs=40)
