"""Training learns to find lungs from boxes, cuts films to them, and its model sees what training saw."""

import dataclasses

import numpy as np
import pytest

from core.reading.read_image import load_model
from core.training.config import TrainingConfig
from core.training.dataset import load_input
from core.training.labels import read_labels
from core.training.lungs import boxes_within, cover, film_of, fit_lungs, take_lungs, with_neighbours
from core.training.pointing import Box, read_boxes
from core.training.run import pictures_of, prepare, train_model, usable_rows
from tests.make.lungs import SIDES, lungs_config, make_films


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return make_films(tmp_path_factory.mktemp("films") / "set")


@pytest.fixture(scope="module")
def trained(films, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "run"
    train_model(lungs_config(), films, run, run / "model")
    return run


def test_a_box_covers_the_parts_of_cells_that_lie_in_it():
    covered = cover([Box(0.25, 0.5, 0.5, 0.25, "left lung")], 2, 4)
    assert covered == pytest.approx(np.array([[0, 0, 0, 0], [0, 0.5, 0.5, 0]]))


def test_a_kernel_of_nine_is_a_cell_and_the_mean_around_it():
    import torch

    from core.reading.lungs import around

    random = np.random.default_rng(1)
    features = torch.from_numpy(random.normal(size=(1, 3, 5, 6)))
    own, beside = random.normal(size=(2, 3))
    kernel = np.repeat(beside / 9, 9).reshape(1, 3, 3, 3)
    kernel[0, :, 1, 1] += own
    found = around(features, torch.from_numpy(kernel))[0, 0].numpy().ravel()
    assert found == pytest.approx(with_neighbours(features) @ np.concatenate([own, beside]))


def test_the_saved_model_sees_of_a_film_what_training_saw(films, trained):
    config, model = lungs_config(), load_model(trained / "model", "cpu")
    prepared = prepare(config, films, trained)
    assert model.card.lungs == prepared.lungs.spec
    for row, gray in zip(prepared.trained_rows[:6], prepared.trained.gray, strict=False):
        assert np.array_equal(load_input(films / row.path, model.card.input, model.lungs), gray)
    whole = load_input(films / prepared.trained_rows[0].path, film_of(config))
    assert whole.shape == (96, 96) and prepared.trained.gray.shape[1:] == (64, 64)


def test_what_finds_lungs_is_learned_once_for_a_run_and_boxes_are_kept(films, tmp_path, monkeypatch):
    from core.training import run as module

    config = lungs_config()
    rows = read_labels(films, config.labels)
    usable = usable_rows(rows, config)
    first = pictures_of(films, rows, usable, config, tmp_path / "run", tmp_path / "cache")

    def never(*arguments):
        raise AssertionError("learned again")

    monkeypatch.setattr(module, "fit_lungs", never)
    monkeypatch.setattr("core.reading.lungs.LungLocator.find", never)
    again = pictures_of(films, rows, usable, config, tmp_path / "run", tmp_path / "cache")
    assert again.lungs == first.lungs and np.array_equal(again.inputs.gray, first.inputs.gray)


def test_readers_boxes_move_with_what_the_network_sees(films, tmp_path):
    config = lungs_config()
    rows = read_labels(films, config.labels)
    pictures = pictures_of(films, rows, usable_rows(rows, config), config, tmp_path / "run", tmp_path / "cache")
    edges = [
        (min(box.x for box in boxes), min(box.y for box in boxes), max(box.x + box.width for box in boxes),
         max(box.y + box.height for box in boxes))
        for boxes in pictures.boxes.values()
    ]
    margin = config.lungs.margin / (1 + 2 * config.lungs.margin)
    assert np.median(edges, 0) == pytest.approx((margin, margin, 1 - margin, 1 - margin), abs=0.06)


def test_a_box_is_a_part_of_a_part():
    film = film_of(lungs_config())
    moved = boxes_within({"a": (Box(0.5, 0.25, 0.25, 0.5, "x"),), "b": ()}, {"a": (24, 0, 72, 96)}, film)
    assert moved == {"a": (Box(0.5, 0.25, 0.5, 0.5, "x"),)}


def test_too_few_boxes_are_said_before_anything_is_trained(films):
    config = lungs_config()
    rows, boxes = read_labels(films, config.labels), read_boxes(films)
    with pytest.raises(ValueError, match="3 films to learn from have boxes of left lung and right lung: too few"):
        fit_lungs(config, films, rows[:3], boxes)
    one_side = {path: tuple(box for box in own if box.what == SIDES[0]) for path, own in boxes.items()}
    with pytest.raises(ValueError, match="0 films"):
        fit_lungs(config, films, rows, one_side)
    tested = [dataclasses.replace(row, split="test") for row in rows]
    with pytest.raises(ValueError, match="0 films"):
        fit_lungs(config, films, tested, boxes)


def test_without_the_wish_nothing_is_looked_for(films, tmp_path):
    config = lungs_config(lungs=None)
    rows = read_labels(films, config.labels)
    pictures = pictures_of(films, rows, usable_rows(rows, config), config, tmp_path / "run", tmp_path / "cache")
    assert pictures.lungs is None and not (tmp_path / "run").exists()


def test_another_margin_is_another_cut_of_the_same_cache(films, tmp_path):
    rows = read_labels(films, lungs_config().labels)
    widths = []
    for margin in (0.0, 0.1):
        config = lungs_config()
        config = config.model_copy(update={"lungs": config.lungs.model_copy(update={"margin": margin})})
        pictures = pictures_of(films, rows, usable_rows(rows, config), config, tmp_path / "run", tmp_path / "cache")
        widths.append(np.median([max(b.x + b.width for b in own) - min(b.x for b in own)
                                 for own in pictures.boxes.values()]))
    assert widths[1] < widths[0] - 0.1


def test_boxes_that_were_cut_off_while_they_were_written_are_found_again(films, tmp_path):
    config = lungs_config()
    rows = read_labels(films, config.labels)
    asked = (films, rows, usable_rows(rows, config), config, tmp_path / "run", tmp_path / "cache")
    first = pictures_of(*asked)
    (kept,) = (tmp_path / "cache").glob("lungs-*.npy")
    for content in (b"", kept.read_bytes()[:200]):
        kept.write_bytes(content)
        assert np.array_equal(pictures_of(*asked).inputs.gray, first.inputs.gray)


def test_a_run_whose_lungs_are_damaged_says_so(films, tmp_path):
    config = lungs_config()
    rows = read_labels(films, config.labels)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "lungs.safetensors").write_bytes(b"no tensors at all")
    with pytest.raises(ValueError, match=r"lungs\.safetensors is damaged"):
        pictures_of(films, rows, usable_rows(rows, config), config, tmp_path / "run", tmp_path / "cache")


def test_folds_calibrate_a_run_that_sees_what_they_saw(tmp_path):
    theirs, ours = tmp_path / "folds.safetensors", tmp_path / "run.safetensors"
    take_lungs(theirs, ours)
    assert not ours.exists()
    theirs.write_bytes(b"one")
    take_lungs(theirs, ours)
    take_lungs(theirs, ours)
    assert ours.read_bytes() == b"one"
    ours.write_bytes(b"other")
    with pytest.raises(ValueError, match="find lungs otherwise"):
        take_lungs(theirs, ours)


def test_lungs_are_for_squashed_films_only():
    raw = lungs_config().model_dump(mode="json")
    raw["input"]["geometry"] = "pad"
    with pytest.raises(ValueError, match="squashed pictures only"):
        TrainingConfig.model_validate(raw)
