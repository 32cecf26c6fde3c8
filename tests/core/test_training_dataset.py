"""Training inputs: bit for bit what a reading feeds, from the cache and without it."""

import io

import numpy as np
import pytest

from core.dicom.load_image import load_image
from core.paths import sample_folder
from core.reading.model_card import InputSpec
from core.reading.preprocess import normalize, preprocess
from core.refusal import Reason
from core.training.dataset import cached_inputs, load_input
from tests.make.picture import gradient, make_picture
from tests.make.training import make_table

SPEC = InputSpec(rows=64, columns=64, mean=0.4, std=0.3)


@pytest.mark.parametrize(
    "geometry, tone", [("squash", "as shown"), ("pad", "as shown"), ("crop", "as shown"), ("squash", "equalized")]
)
def test_the_loader_feeds_the_same_bits_as_a_reading(tmp_path, geometry, tone):
    spec = SPEC.model_copy(update={"geometry": geometry, "tone": tone})
    make_picture(tmp_path / "gray.png", gradient(300, 200))
    make_picture(tmp_path / "deep.png", gradient(90, 120, np.uint16))
    make_picture(tmp_path / "color.jpg", np.random.default_rng(0).integers(0, 255, (100, 80, 3), np.uint8))
    make_picture(tmp_path / "web.webp", gradient(70, 320), quality=80)
    (tmp_path / "chest.dcm").write_bytes((sample_folder() / "RG1_UNCR.dcm").read_bytes())
    names = ["gray.png", "deep.png", "color.jpg", "web.webp", "chest.dcm"]
    inputs = cached_inputs(tmp_path, names, spec, tmp_path / "cache")
    assert inputs.paths == tuple(names)
    for index, name in enumerate(names):
        read, _ = preprocess(load_image(tmp_path / name).frame(), spec)
        assert normalize(np.asarray(inputs.gray[index]), spec).tobytes() == read[0, 0].tobytes()


def test_a_picture_that_cannot_be_opened_is_named_and_left_out(tmp_path):
    make_picture(tmp_path / "good.png", gradient(50, 50))
    (tmp_path / "notes.txt").write_text("no picture")
    inputs = cached_inputs(tmp_path, ["missing.png", "good.png", "notes.txt"], SPEC, tmp_path / "cache")
    assert inputs.paths == ("good.png",) and inputs.gray.shape == (1, 64, 64)
    assert inputs.refused == {"missing.png": "not-found", "notes.txt": "not-an-image"}
    assert load_input(tmp_path / "missing.png", SPEC).reason is Reason.NOT_FOUND


def test_a_second_call_reads_the_cache_and_another_geometry_does_not(tmp_path):
    folder = make_table(tmp_path / "set", trained=4, tested=0)
    paths = [f"images/{index:03d}.png" for index in range(4)]
    calls = []

    def made(done, of):
        calls.append((done, of))

    first = cached_inputs(folder, paths, SPEC, tmp_path / "cache", made)
    assert calls[-1] == (4, 4)
    calls.clear()
    again = cached_inputs(folder, paths, SPEC, tmp_path / "cache", made)
    assert not calls and np.array_equal(first.gray, again.gray)
    cached_inputs(folder, paths, SPEC.model_copy(update={"geometry": "pad"}), tmp_path / "cache", made)
    assert calls


def test_a_cache_cut_off_while_written_is_made_again(tmp_path):
    folder = make_table(tmp_path / "set", trained=4, tested=0)
    paths = [f"images/{index:03d}.png" for index in range(4)]
    first = np.array(cached_inputs(folder, paths, SPEC, tmp_path / "cache").gray)
    next((tmp_path / "cache").glob("*.csv")).unlink()
    next((tmp_path / "cache").glob("*.npy")).write_bytes(b"half")
    assert np.array_equal(cached_inputs(folder, paths, SPEC, tmp_path / "cache").gray, first)


def test_a_cache_is_the_same_bytes_as_numpy_writes_whatever_could_not_be_opened(tmp_path):
    folder = make_table(tmp_path / "set", trained=10, tested=0)
    paths = [f"images/{index:03d}.png" for index in range(10)]
    kept = [np.array(load_input(folder / path, SPEC)) for path in paths[1:]]
    (folder / paths[0]).write_bytes(b"cut off")  # one digit less of pictures
    cached_inputs(folder, paths, SPEC, tmp_path / "cache")
    whole = io.BytesIO()
    np.save(whole, np.array(kept))
    assert next((tmp_path / "cache").glob("*.npy")).read_bytes() == whole.getvalue()


def test_a_cache_is_written_picture_by_picture_and_its_name_is_given_to_a_whole_one(tmp_path, monkeypatch):
    folder, cache = make_table(tmp_path / "set", trained=8, tested=0), tmp_path / "cache"
    paths = [f"images/{index:03d}.png" for index in range(8)]
    spec = SPEC.model_copy(update={"rows": 512, "columns": 512})
    sizes = []

    def stopped(done, of):
        assert [path.suffix for path in cache.iterdir()] == [".part"]
        sizes.append(next(cache.iterdir()).stat().st_size)
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_inputs(folder, paths, spec, cache, stopped)
    assert sizes[-1] > sizes[0] > 0 and not list(cache.iterdir())
    first = cached_inputs(folder, paths, spec, cache)
    assert first.gray.shape == (8, 512, 512) and {path.suffix for path in cache.iterdir()} == {".npy", ".csv"}


def test_a_file_that_was_changed_is_read_again(tmp_path):
    folder = make_table(tmp_path / "set", trained=4, tested=0)
    paths = [f"images/{index:03d}.png" for index in range(4)]
    (folder / paths[1]).write_bytes(b"cut off")
    first = cached_inputs(folder, paths, SPEC, tmp_path / "cache")
    assert list(first.refused) == [paths[1]]
    (folder / paths[1]).write_bytes((folder / paths[0]).read_bytes())
    again = cached_inputs(folder, paths, SPEC, tmp_path / "cache")
    assert not again.refused and np.array_equal(again.gray[1], again.gray[0])
    assert len(list((tmp_path / "cache").iterdir())) == 2
    (folder / "images").rename(folder / "not mounted")
    absent = cached_inputs(folder, paths, SPEC, tmp_path / "cache")
    assert np.array_equal(absent.gray, again.gray) and not absent.refused


def test_rows_are_found_by_path(tmp_path):
    folder = make_table(tmp_path / "set", trained=4, tested=0)
    inputs = cached_inputs(folder, [f"images/{index:03d}.png" for index in range(4)], SPEC, tmp_path / "cache")
    assert inputs.rows_of(["images/002.png", "images/000.png"]).tolist() == [2, 0]
    with pytest.raises(KeyError):
        inputs.rows_of(["images/none.png"])
