"""Lungs are found where they were drawn, and what the network sees of a film lies where its placement says."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load

from core.findings.wording import CAUTION_INVERTED
from core.imaging.image import Frame
from core.imaging.window import Window
from core.reading.gated import Gated, pass_gate
from core.reading.input_gate import Judgment
from core.reading.lungs import LungLocator, box_of, load_lungs
from core.reading.model_card import Answer, LungsSpec, load_card
from core.reading.preprocess import fingerprint, input_gray, preprocess
from core.reading.read_image import Model, load_model, read_file
from core.refusal import Reason
from tests.make.lungs import add_lungs, draw_film, lungs_config, make_films, make_lungs
from tests.make.model import make_model
from tests.make.picture import make_picture

FULL = Window(127.5, 256)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    return make_lungs(make_films(tmp_path_factory.mktemp("films") / "set"), lungs_config())


@pytest.fixture(scope="module")
def folder(fitted, tmp_path_factory):
    """A model that sees lungs alone."""
    return add_lungs(make_model(tmp_path_factory.mktemp("models") / "lungs"), fitted)


@pytest.fixture(scope="module")
def model(folder) -> Model:
    return load_model(folder, "cpu")


@given(st.tuples(st.integers(0, 3), st.integers(6, 9)), st.tuples(st.integers(0, 3), st.integers(6, 9)))
def test_the_box_is_that_of_the_cells_that_are_lung(across, down):
    cells = np.zeros((10, 10), np.float32)
    cells[down[0]:down[1] + 1, across[0]:across[1] + 1] = 1
    box = box_of(cells)
    expected = across[0] / 10, down[0] / 10, (across[1] + 1) / 10, (down[1] + 1) / 10
    assert box == pytest.approx(expected, abs=0.01)


def test_a_heart_between_the_lungs_does_not_divide_them():
    cells = np.zeros((10, 10))
    cells[2:9, [1, 2, 3, 6, 7, 8]] = 0.9
    assert box_of(cells) == pytest.approx((0.1, 0.2, 0.9, 0.9), abs=0.01)


@pytest.mark.parametrize("lung", [0.0, 0.2, -1.0])
def test_what_has_no_lungs_has_no_box(lung):
    assert box_of(np.full((10, 10), lung)) is None


def test_a_speck_is_no_pair_of_lungs():
    cells = np.zeros((10, 10))
    cells[4:6, 4:6] = 1
    assert box_of(cells) is None


@pytest.mark.parametrize("seed", range(100, 108))
def test_lungs_that_were_not_learned_from_are_found_within_a_tenth_of_the_side(model, seed):
    picture, boxes = draw_film(seed, 96)
    left, top, right, bottom = (edge / 96 for edge in model.lungs.find(picture))
    width, height = boxes[0].x + boxes[0].width - boxes[1].x, boxes[0].height
    margin = model.card.lungs.margin
    assert left == pytest.approx(max(0, boxes[1].x - margin * width), abs=0.1)
    assert right == pytest.approx(min(1, boxes[0].x + boxes[0].width + margin * width), abs=0.1)
    assert top == pytest.approx(max(0, boxes[0].y - margin * height), abs=0.1)
    assert bottom == pytest.approx(min(1, boxes[0].y + height + margin * height), abs=0.1)


def test_of_a_picture_without_lungs_the_whole_is_seen(model):
    assert model.lungs.find(np.full((96, 96), 128, np.uint8)) == (0, 0, 96, 96)


@pytest.mark.parametrize("shape", [(300, 420), (500, 260)])
def test_a_mark_in_the_lungs_is_seen_where_the_placement_says(model, shape):
    film, boxes = draw_film(7, 160)
    rows, columns = shape
    stored = np.kron(film, np.ones((4, 4), np.uint8))[np.ix_(np.arange(rows) * 640 // rows,
                                                            np.arange(columns) * 640 // columns)]
    x, y = (boxes[0].x + boxes[0].width / 2) * columns, (boxes[0].y + 0.4 * boxes[0].height) * rows
    down, across = np.mgrid[0.5:rows, 0.5:columns]
    marked = stored // 4
    marked[(across - x) ** 2 + (down - y) ** 2 < 64] = 255
    gray, placement = input_gray(Frame(marked, voi=(FULL,)), model.card.input, model.lungs)
    assert gray.shape == (64, 64) and placement.input_size == (64, 64)
    left, top, right, bottom = placement.analyzed()
    assert 0 <= left < x < right <= columns and 0 <= top < y < bottom <= rows
    assert (right - left) * (bottom - top) < 0.95 * rows * columns
    bright = np.argwhere(gray > 150).mean(0)[::-1] + 0.5
    assert bright == pytest.approx(placement.to_input(x, y), abs=1.0)
    assert placement.to_image(*placement.to_input(x, y)) == pytest.approx((x, y))


def test_a_reading_maps_what_the_network_saw_and_names_its_preprocessing(model, tmp_path):
    path = make_picture(tmp_path / "film.png", draw_film(3, 240)[0])
    reading = read_file(path, model, asks_all=True)
    left, top, right, bottom = reading.placement.analyzed()
    assert 0 < (right - left) * (bottom - top) < 240 * 240
    assert reading.preprocessing == fingerprint(model.card.input, model.card.lungs)
    assert reading.preprocessing != fingerprint(model.card.input)
    heat = reading.placement.on_image(np.ones((2, 2), np.float32))
    assert heat.shape == (240, 240) and 0 < heat.mean() < 1


def test_a_model_whose_lungs_are_missing_or_damaged_does_not_load(fitted, tmp_path):
    folder = add_lungs(make_model(tmp_path / "model"), fitted)
    (folder / "lungs.safetensors").write_bytes(fitted.content[:-4] + b"oops")
    assert load_model(folder, "cpu").reason is Reason.MODEL_DAMAGED
    (folder / "lungs.safetensors").unlink()
    assert load_model(folder, "cpu").reason is Reason.MODEL_MISSING


@pytest.mark.parametrize(("name", "value"), [
    ("lungs.weight", torch.zeros(1, 80, 1, 1)), ("lungs.weight", torch.zeros(2, 80, 3, 3)),
    ("lungs.weight", torch.full((1, 80, 3, 3), torch.nan)), ("lungs.offset", torch.zeros(10)),
    ("stem.0.weight", torch.full((32, 1, 3, 3), torch.inf)),
])
def test_tensors_of_another_form_or_not_finite_are_no_lungs(fitted, model, name, value):
    tensors = load(fitted.content) | {name: value}
    with pytest.raises(ValueError, match="find lungs"):
        LungLocator(fitted.spec, model.card.input, tensors)


def test_lungs_of_a_film_that_looks_inverted_are_looked_for_again(model, monkeypatch):
    film = draw_film(5, 160)[0]
    placements = [input_gray(Frame(film, voi=(FULL,), inverse=inverse), model.card.input, model.lungs)[1]
                  for inverse in (True, False)]
    assert placements[0] != placements[1]
    answers = iter([Answer.INVERTED, Answer.FRONTAL])

    class Gate:
        def judge(self, middle):
            return [Judgment(0.0, next(answers), is_let_through=True, is_mirrored=False)]

    frame = Frame(film, voi=(FULL,), inverse=True)
    inputs, placement = preprocess(frame, model.card.input, model.lungs)
    passed = pass_gate(model, Gate(), None, frame, Gated(model.look(inputs), placement))
    assert passed.placement == placements[1] and passed.cautions == (CAUTION_INVERTED,)


def test_weights_of_another_network_are_no_lungs(folder, tmp_path):
    from core.files import sha256_of

    other = make_model(tmp_path / "model")
    content = (other / "weights.safetensors").read_bytes()
    (other / "lungs.safetensors").write_bytes(content)
    card = load_card(folder).model_copy(update={"lungs": LungsSpec(sha256=sha256_of(content))})
    refusal = load_lungs(other, card)
    assert refusal.reason is Reason.MODEL_DAMAGED and "find lungs" in refusal.facts["detail"]
