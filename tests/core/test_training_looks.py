"""Where looks tell the class, the weights of a draw take that away; where they do not, they change little."""

import cv2
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.reading.model_card import InputSpec
from core.training.config import Group, RowFilter
from core.training.labels import Label, LabelRow
from core.training.looks import LEAST, layout, overlap_weights, texture
from core.training.run import draw_weights
from tests.make.training import made_config

SPEC = InputSpec(rows=64, columns=64, mean=0.5, std=0.5, geometry="squash")


def pictures(count: int, blur_along: str, seed: int) -> np.ndarray:
    """Noise, blurred along rows or columns by various amounts."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        sigma = random.uniform(0.3, 1.5)
        sigmas = {"rows": (sigma, 0.3), "columns": (0.3, sigma), "neither": (0.3, 0.3)}[blur_along]
        noise = random.integers(0, 256, (64, 64)).astype(np.float32)
        made.append(cv2.GaussianBlur(noise, (7, 7), sigmaX=sigmas[0], sigmaY=sigmas[1]))
    return np.clip(made, 0, 255).astype(np.uint8)


def test_texture_tells_rows_from_columns():
    along_rows, along_columns = (texture(pictures(20, name, 1), SPEC) for name in ("rows", "columns"))
    half = along_rows.shape[1] // 2
    assert along_rows.shape == (20, 10)
    assert (along_rows[:, :half].mean(0) < along_rows[:, half:].mean(0)).all()
    assert np.allclose(along_rows[:, :half].mean(0), along_columns[:, half:].mean(0), atol=0.15)


def test_a_turned_picture_has_its_texture_exchanged():
    upright = pictures(3, "rows", 2)
    turned = texture(np.rot90(upright, axes=(1, 2)), SPEC)
    assert np.allclose(texture(upright, SPEC), np.roll(turned, 5, axis=1))


def test_many_pictures_are_measured_as_single_ones_are():
    many = pictures(300, "rows", 3)
    assert np.allclose(texture(many, SPEC)[[0, 299]], texture(many[[0, 299]], SPEC))


def test_layout_is_where_light_and_dark_lie_not_what_is_small():
    gray = np.full((2, 64, 64), 50, np.uint8)
    gray[1, 32:] = 200
    small = layout(gray, SPEC)
    assert small.shape == (2, 144)
    assert np.ptp(small[0]) < 1e-6
    assert (small[1, :60] < small[1, 84:].min()).all()
    gray[1, 10, 10] = 255
    assert np.abs(layout(gray, SPEC) - small).max() < 0.1


def test_with_the_weights_facts_hardly_tells_the_class():
    random = np.random.default_rng(4)
    positive = np.arange(2000) % 3 == 0
    facts = random.normal(size=(2000, 3)) + positive[:, None] * [1.5, 0.0, -0.5]
    weights = overlap_weights(facts, positive)
    assert roc_auc_score(positive, facts[:, 0]) > 0.8
    assert roc_auc_score(positive, facts[:, 0], sample_weight=weights) == pytest.approx(0.5, abs=0.08)
    assert ((weights >= LEAST) & (weights <= 1 + LEAST)).all()


def test_where_nothing_tells_the_class_pictures_of_one_class_weigh_alike():
    random = np.random.default_rng(5)
    positive = random.random(2000) < 0.4
    weights = overlap_weights(random.normal(size=(2000, 3)), positive)
    assert weights[positive].std() < 0.1 * weights[positive].mean()


def test_a_few_pictures_tell_nothing():
    assert (overlap_weights(np.random.default_rng(6).normal(size=(30, 3)), np.arange(30) < 9) == 1).all()


def test_only_groups_that_ask_for_it_are_drawn_by_looks():
    config = made_config().model_copy(update={"input": SPEC, "groups": (
        Group(name="even", rows=RowFilter(sources=("even",)), share=1.0, even=("texture",), even_strength=1.0),
        Group(name="plain", rows=RowFilter(sources=("plain",)), share=1.0),
    )})
    rows, gray = [], []
    for source in ("even", "plain"):
        for index, blur in enumerate(("rows", "columns") * 40):
            label = Label.POSITIVE if blur == "rows" else Label.NEGATIVE
            rows.append(LabelRow(f"{source}{index}", source, "train", f"{source}{index}", label.value, label, ""))
        both = np.empty((80, 64, 64), np.uint8)
        both[0::2], both[1::2] = pictures(40, "rows", 7), pictures(40, "columns", 8)
        gray.append(both)
    weights = draw_weights(rows, np.concatenate(gray), config)
    facts = texture(gray[0], SPEC)
    is_alike = np.abs(facts[:, 0] - facts[:, 5]) < 0.1  # hardly blurred in either direction: of which class is not told
    assert is_alike.sum() >= 5
    assert weights[:80][is_alike].mean() > 3 * np.median(weights[:80])
    assert (weights[80:] == 1).all()
