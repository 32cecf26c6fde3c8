import json

import pytest

from core.reading.calibrate import depends_on_age, is_uncertain, numbers_for, probability
from core.reading.model_card import AgeCalibration, FindingSpec, load_card, load_weights
from core.refusal import Reason, Refusal
from tests.make.model import make_model


@pytest.fixture
def folder(tmp_path):
    return make_model(tmp_path / "model")


def change(folder, **values):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_whole_folder_loads(folder):
    card = load_card(folder)
    assert not isinstance(card, Refusal)
    assert isinstance(load_weights(folder, card), bytes)
    assert card.identity.short.endswith(card.weights_sha256[:8])


def test_changed_weights_are_refused(folder):
    card = load_card(folder)
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    refusal = load_weights(folder, card)
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.MODEL_DAMAGED
    assert "SHA-256" in refusal.facts["detail"]


CHILDREN = {"name": "children", "ages": [1, 5], "slope": 1.0, "intercept": 0.0, "threshold": 0.5}
FINDING = {"label": "x", "slope": 1.0, "intercept": 0.0, "threshold": 0.5, "evidence_scale": 1.0}
EXTENT = {"label": "x", "population": "few", "error": 0.1, "error_of_sum": 0.2, "sha256": "0" * 64}


@pytest.mark.parametrize(
    "values",
    [
        {"schema_version": 2},
        {"surprise": 1},
        {"architecture": "os.system"},
        {"weights_sha256": "short"},
        {"findings": []},
        {"findings": [FINDING | {"intercept": float("nan")}]},
        {"findings": [FINDING | {"slope": float("inf")}]},
        {"findings": [FINDING | {"uncertain": [0.9, 0.1]}]},
        {"findings": [FINDING | {"threshold": 1.5}]},
        {"findings": [FINDING, FINDING]},
        {"findings": [FINDING | {"prevalence": 0.0}]},
        {"findings": [FINDING | {"ages": [12, 1]}]},
        {"findings": [FINDING | {"ages": [-1, 5]}]},
        {"extent": EXTENT | {"ages": [12, 1]}},
        {"findings": [FINDING | {"calibrations": [CHILDREN | {"ages": [5, 1]}]}]},
        {"findings": [FINDING | {"calibrations": [CHILDREN, CHILDREN | {"ages": [5, 17]}]}]},
    ],
)
def test_a_card_with_anything_unexpected_is_refused(folder, values):
    change(folder, **values)
    refusal = load_card(folder)
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.MODEL_DAMAGED


def test_ages_that_are_asked_are_two_numbers_of_years(folder):
    change(folder, findings=[FINDING, FINDING | {"label": "y", "ages": [1, 12]}], extent=EXTENT | {"ages": [18, 120]})
    card = load_card(folder)
    assert not isinstance(card, Refusal)
    assert (card.findings[1].ages, card.extent.ages) == ((1, 12), (18, 120))


def test_a_first_finding_that_is_not_asked_at_every_age_is_refused(folder):
    change(folder, findings=[FINDING | {"ages": [1, 5]}])
    refusal = load_card(folder)
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.MODEL_DAMAGED
    assert "every age" in refusal.facts["detail"]


def test_a_missing_folder_is_refused_by_name(tmp_path):
    refusal = load_card(tmp_path / "nowhere")
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.MODEL_MISSING
    assert refusal.path.name == "model.json"


SPEC = FindingSpec(label="x", slope=2.0, intercept=-1.0, threshold=0.4, uncertain=(0.3, 0.5), evidence_scale=1)


def test_platt_scaling_is_a_sigmoid_of_the_line():
    assert probability(0.5, SPEC) == pytest.approx(0.5)
    assert 0 <= probability(-1e6, SPEC) < 1e-9
    assert 1 - 1e-9 < probability(1e6, SPEC) <= 1


def test_an_output_that_is_no_number_is_an_error_not_a_probability():
    with pytest.raises(ValueError, match="nan"):
        probability(float("nan"), SPEC)


def test_the_uncertain_band_includes_its_ends():
    assert [is_uncertain(p, SPEC) for p in (0.29, 0.3, 0.5, 0.51)] == [False, True, True, False]


CHILD = AgeCalibration(name="children", ages=(1, 5), slope=1, intercept=2, threshold=0.4)
ADULT = AgeCalibration(name="adults", ages=(18, 120), slope=1, intercept=-2, threshold=0.4, uncertain=(0.3, 0.9))


@pytest.mark.parametrize(
    ("age", "name"), [(1, "children"), (5.9, "children"), (6, None), (17.9, None), (18, "adults"), (None, None)]
)
def test_the_numbers_are_those_of_the_age_and_else_of_all_ages(age, name):
    spec = SPEC.model_copy(update={"calibrations": (CHILD, ADULT)})
    assert getattr(numbers_for(spec, age), "name", None) == name


def test_an_answer_depends_on_the_age_where_the_calls_differ():
    spec = SPEC.model_copy(update={"calibrations": (CHILD, ADULT)})
    assert depends_on_age(0.5, spec) and not depends_on_age(9, spec) and not depends_on_age(-9, spec)
    assert not depends_on_age(0.5, SPEC)
