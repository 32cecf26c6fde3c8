"""The input gate: what it says of features, how it is loaded, and what a reading makes of its answer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings.finding import Verdict
from core.findings.wording import (
    CAUTION_BY_PIXELS,
    CAUTION_INVERTED,
    CAUTION_MIRRORED,
    reason_text,
    state_text,
)
from core.imaging.image import EdgeLetters, Frame, Header
from core.imaging.window import Window
from core.reading.input_gate import GRID, Head, frontal_score, gate_features
from core.reading.model_card import GATE_NAME, Answer
from core.reading.preprocess import preprocess
from core.reading.read_image import Model, Seen, load_model, read_image
from core.refusal import Reason, Refusal
from core.triage.rows import Priority, State, row_of
from tests.make.gate import ANSWERS, add_gate, nearest, saying
from tests.make.image import make_image
from tests.make.model import make_model

CHEST = {"modality": "DX", "body_part": "CHEST", "view_position": "PA"}


def frame(**facts) -> Frame:
    y, x = np.mgrid[0:220, 0:200]
    return Frame((y * 9 + x).astype(np.uint16), voi=(Window(1090, 2180),), **facts)


def loaded(folder) -> Model:
    model = load_model(folder, "cpu")
    assert isinstance(model, Model), model
    return model


@pytest.fixture
def folder(tmp_path):
    return make_model(tmp_path / "made")


@given(st.integers(4, 23), st.integers(4, 23))
def test_a_coarse_grid_keeps_the_mean_of_the_features(rows, columns):
    middle = np.random.default_rng(rows * 100 + columns).normal(size=(2, 3, rows, columns)).astype(np.float32)
    grid = gate_features(middle).reshape(2, 3, GRID * GRID)
    np.testing.assert_allclose(grid.mean(2), middle.mean((2, 3)), atol=1e-5)


def test_the_grid_tells_where_in_the_picture_a_feature_lies():
    middle = np.zeros((1, 2, 14, 14), np.float32)
    middle[0, 1, 0, 13] = 1
    grid = gate_features(middle).reshape(2, GRID, GRID)
    assert np.flatnonzero(grid).tolist() == [GRID * GRID + GRID - 1]


def test_the_score_is_the_log_odds_of_a_frontal_chest_mirrored_or_not():
    chances = np.full((1, len(ANSWERS)), 0.4 / (len(ANSWERS) - 2))
    chances[0, ANSWERS.index(Answer.FRONTAL)], chances[0, ANSWERS.index(Answer.MIRRORED)] = 0.5, 0.1
    assert frontal_score(np.log(chances), ANSWERS)[0] == pytest.approx(np.log(0.6 / 0.4))


# what is read is the file: no turn of the view is a remedy
EXPORT = "in the file: export it turned by {} from where it came; turning the view changes no reading"


@pytest.mark.parametrize(("answer", "reason", "words"), [
    (Answer.OTHER, Reason.NOT_A_CHEST, "does not look like a frontal chest radiograph"),
    (Answer.LATERAL, Reason.LOOKS_LATERAL, "looks like a lateral view"),
    (Answer.TURNED_LEFT, Reason.TURNED, f"looks like a chest on its side {EXPORT.format('90° clockwise')}"),
    (Answer.TURNED_RIGHT, Reason.TURNED, f"looks like a chest on its side {EXPORT.format('90° counterclockwise')}"),
    (Answer.UPSIDE_DOWN, Reason.TURNED, f"looks like a chest upside down {EXPORT.format('180°')}"),
    (Answer.PART, Reason.PART_OF_CHEST, "looks like a part of a chest, or a screen with a chest on it"),
    (Answer.INVERTED, Reason.NOT_A_CHEST, "does not look like a frontal chest radiograph"),  # inverted back, still
])
def test_what_is_no_frontal_chest_is_refused_with_its_reason_though_the_header_says_chest(
    folder, answer, reason, words
):
    reading = read_image(make_image(frame(), **CHEST), loaded(add_gate(folder, saying(answer))))
    assert reading.verdict is Verdict.REFUSED and reading.refusal.reason is reason
    assert reading.findings == () and reason_text(reading.refusal) == words
    assert state_text(reading) == f"Not analysed: {words}"


def test_what_the_pixels_refuse_is_worth_a_look_in_the_list_of_cases(folder):
    reading = read_image(make_image(frame(), **CHEST), loaded(add_gate(folder, saying(Answer.OTHER))))
    row = row_of(reading)
    assert row.state is State.REFUSED and row.priority is Priority.LOOK


def test_a_frontal_chest_passes_with_the_reading_that_it_has_without_a_gate(folder):
    bare = read_image(make_image(frame(), **CHEST), loaded(folder))
    gated = read_image(make_image(frame(), **CHEST), loaded(add_gate(folder, saying(Answer.FRONTAL))))
    assert gated.verdict is Verdict.FITS and gated.cautions == ()
    assert gated.findings[0].logit == bare.findings[0].logit


def test_a_mirrored_chest_is_read_as_it_is_and_asked_about(folder):
    bare = read_image(make_image(frame(), **CHEST), loaded(folder))
    reading = read_image(make_image(frame(), **CHEST), loaded(add_gate(folder, saying(Answer.MIRRORED))))
    assert reading.verdict is Verdict.UNCERTAIN and reading.cautions == (CAUTION_MIRRORED,)
    assert reading.findings[0].logit == bare.findings[0].logit


@pytest.mark.parametrize(("answer", "left", "is_asked_about"), [
    (Answer.FRONTAL, "R", False), (Answer.FRONTAL, "L", True), (Answer.FRONTAL, "LA", True),
    (Answer.MIRRORED, "R", True), (Answer.MIRRORED, "L", False), (Answer.MIRRORED, "LP", False),
])
def test_a_side_that_contradicts_the_one_that_the_file_declares_is_asked_about(folder, answer, left, is_asked_about):
    right = left.translate(str.maketrans("LRAP", "RLPA"))
    declared = frame(edges=EdgeLetters(left, "H", right, "F"))
    reading = read_image(make_image(declared, **CHEST), loaded(add_gate(folder, saying(answer))))
    assert (reading.cautions == (CAUTION_MIRRORED,)) is is_asked_about
    assert (reading.verdict is Verdict.UNCERTAIN) is is_asked_about


def test_a_computer_that_fails_is_a_failed_reading_and_no_picture_that_was_refused(folder, monkeypatch):
    model = loaded(add_gate(folder, saying(Answer.FRONTAL)))
    look = model.look
    monkeypatch.setattr(model, "look", lambda x: Seen(*(np.full_like(part, np.nan) for part in look(x))))
    reading = read_image(make_image(frame(), **CHEST), model)
    assert reading.verdict is Verdict.FAILED and reading.refusal.reason is Reason.FAILED
    assert "finite" in reading.refusal.facts["detail"]


def test_an_inverted_chest_is_read_with_its_gray_turned_back_in_the_same_place(folder):
    model = loaded(folder)
    upright, negative = frame(), frame(inverse=True)
    features = [gate_features(model.look(preprocess(item, model.card.input)[0]).middle)[0]
                for item in (upright, negative)]
    gated = loaded(add_gate(folder, nearest(features, (Answer.FRONTAL, Answer.INVERTED))))
    right, reversed_gray = (read_image(make_image(item, **CHEST), gated) for item in (upright, negative))
    assert right.cautions == () and reversed_gray.cautions == (CAUTION_INVERTED,)
    assert reversed_gray.verdict is Verdict.UNCERTAIN
    assert reversed_gray.findings[0].logit == right.findings[0].logit
    assert reversed_gray.placement == right.placement


def test_a_file_that_says_nothing_of_itself_is_told_by_its_pixels(folder):
    image = replace(make_image(frame()), header=Header())
    assert read_image(image, loaded(folder)).verdict is Verdict.UNCERTAIN
    reading = read_image(image, loaded(add_gate(folder, saying(Answer.FRONTAL))))
    assert reading.verdict is Verdict.FITS and reading.cautions == (CAUTION_BY_PIXELS,)


def test_who_measures_the_findings_gets_them_whatever_the_gate_says(folder):
    gated = loaded(add_gate(folder, saying(Answer.OTHER)))
    assert read_image(make_image(frame(), **CHEST), gated, asks_all=True).findings


@pytest.mark.parametrize("content", [b"nothing", None])
def test_a_gate_that_is_tampered_with_or_missing_is_a_damaged_model(folder, content):
    path = add_gate(folder, saying(Answer.FRONTAL)) / GATE_NAME
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    refusal = load_model(folder, "cpu")
    assert isinstance(refusal, Refusal) and refusal.path == path
    assert refusal.reason is (Reason.MODEL_MISSING if content is None else Reason.MODEL_DAMAGED)


def test_a_gate_of_another_network_is_a_damaged_model(folder):
    head = saying(Answer.FRONTAL)
    cut = Head(head.center[1:], head.hidden[1:], head.hidden_bias, head.out, head.out_bias)
    refusal = load_model(add_gate(folder, cut), "cpu")
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.MODEL_DAMAGED
    assert "other shapes" in refusal.facts["detail"]
