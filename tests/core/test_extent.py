"""core.findings.extent and core.reading.extent: six zones from the network's own features, where they were measured."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from core.files import sha256_of
from core.findings.export import reading_to_dict, to_json
from core.findings.extent import Extent
from core.findings.wording import extent_explanation, extent_text
from core.imaging.image import EdgeLetters
from core.reading.extent import ExtentHead, make_extent, zone_features, zone_shares, zone_weights
from core.reading.model_card import EXTENT_NAME, Zones, load_card
from core.reading.read_image import Model, load_model, read_image
from core.refusal import Reason, Refusal
from tests.core.test_read_image import CHEST, film
from tests.make.extent import FEATURES, add_made_extent
from tests.make.model import make_model

ADULT = replace(CHEST, age="50 y")
EXTENT = Extent("Extent by zones", (0.1, 1.0, 2.0, 0.0, 1.5, 3.0), 0.5, 2.0, "made adults")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    folder = make_model(tmp_path_factory.mktemp("models") / "made", threshold=1e-6)
    add_made_extent(folder)
    loaded = load_model(folder, "cpu")
    assert isinstance(loaded, Model)
    return loaded


@pytest.mark.filterwarnings("error")
def test_hard_borders_part_the_picture():
    shares = zone_shares(Zones(softness=1e-4), np.array([0.1, 0.9, 5.0]), np.array([0.2, 0.9, -5.0]))
    assert shares.round(6).T.tolist() == [[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0]]


@given(st.integers(2, 20), st.integers(2, 20), st.floats(0.1, 0.45), st.floats(0.5, 0.9), st.floats(0.02, 0.2))
def test_each_zone_is_a_mean_over_the_picture(rows, columns, upper, lower, softness):
    weights = zone_weights(Zones(edges=(upper, lower), softness=softness), rows, columns)
    assert weights.shape == (6, rows, columns) and (weights >= 0).all()
    np.testing.assert_allclose(weights.sum((1, 2)), 1, rtol=1e-4)
    np.testing.assert_allclose(weights[3:], weights[:3, :, ::-1], atol=1e-6)  # the left lung mirrors the right


def test_the_right_lung_lies_at_the_left_and_zones_go_from_above():
    y, x = np.mgrid[0:1:14j, 0:1:14j]
    weights = zone_weights(Zones(), 14, 14)
    across, down = ((weights * axis).sum((1, 2)) for axis in (x, y))
    assert (across[:3] < 0.4).all() and (across[3:] > 0.6).all()
    assert down[0] < down[1] < down[2] and down[3] < down[4] < down[5]


def test_features_are_those_of_the_zone_and_of_the_whole_picture():
    cells, middle = np.zeros((1, 2, 7, 7), np.float32), np.zeros((1, 3, 14, 14), np.float32)
    cells[0, 0], middle[0, 2, :, 7:] = 4, 1  # everywhere; in the right half, where the left lung lies
    features = zone_features(cells, middle, Zones())
    assert features.shape == (1, 6, 2 * 2 + 2 * 3)
    np.testing.assert_allclose(features[0, :, 0], 4, rtol=1e-5)
    assert (features[0, :3, 6] < 0.2).all() and (features[0, 3:, 6] > 0.8).all()
    np.testing.assert_allclose(features[0, :, 9], 0.5, rtol=1e-5)


def test_scores_stay_within_the_scale_and_have_one_decimal(tmp_path):
    spec = add_made_extent(make_model(tmp_path / "m")).extent
    head = ExtentHead(Zones(), np.zeros(6, np.float32), np.array([-4, 0.04, 0.06, 2.96, 3, 9], np.float32))
    extent = make_extent(head, spec, np.zeros((2, 7, 7), np.float32), np.zeros((1, 14, 14), np.float32))
    assert extent.scores == (0.0, 0.0, 0.1, 3.0, 3.0, 3.0) and extent.total == 9.1
    with pytest.raises(ValueError):  # features of another network
        make_extent(head, spec, np.zeros((5, 7, 7), np.float32), np.zeros((1, 14, 14), np.float32))
    with pytest.raises(ValueError, match="nan"):
        make_extent(head, spec, np.full((2, 7, 7), np.nan, np.float32), np.zeros((1, 14, 14), np.float32))


def test_an_adult_with_the_finding_gets_it(model):
    reading = read_image(film(header=ADULT), model)
    assert reading.extent.scores == (0.0, 0.5, 1.0, 1.5, 2.0, 2.5) and reading.extent.total == 7.5
    assert reading.extent.rows() == ((0.0, 1.5), (0.5, 2.0), (1.0, 2.5))
    assert reading.age_years == 50 and not reading.wants_age
    assert not any("extent" in text for text in reading.not_assessed)


@pytest.mark.parametrize(("letters", "is_exchanged"), [
    (("R", "H", "L", "F"), False), (("L", "H", "R", "F"), True), (("LP", "H", "RA", "F"), True),
])
def test_the_side_of_a_lung_is_the_patients_also_where_the_file_is_mirrored(model, letters, is_exchanged):
    extent = read_image(film(header=ADULT, edges=EdgeLetters(*letters)), model).extent
    assert extent.scores == ((1.5, 2.0, 2.5, 0.0, 0.5, 1.0) if is_exchanged else (0.0, 0.5, 1.0, 1.5, 2.0, 2.5))


@pytest.mark.parametrize(("age", "says_unknown"), [("3 y", False), ("17 y", False), ("", True)])
def test_a_child_and_one_of_unknown_age_do_not_get_it_and_the_reading_says_why(model, age, says_unknown):
    reading = read_image(film(header=replace(CHEST, age=age)), model)
    assert reading.extent is None
    assert reading.not_assessed[-1].startswith("extent by zones (asked at 18 years and older")
    assert ("the age is not known" in reading.not_assessed[-1]) is says_unknown is reading.wants_age


def test_an_age_that_a_person_states_is_said_to_be_stated(model):
    reading = read_image(film(), model, age_years=60)
    assert reading.extent is not None and reading.wants_age and reading.age_years == 60
    assert reading_to_dict(reading)["age_is_stated"] is True
    over_the_files = reading_to_dict(read_image(film(header=replace(CHEST, age="3 y")), model, age_years=60))
    assert (over_the_files["age_years"], over_the_files["age_is_stated"]) == (60, True)
    assert reading_to_dict(read_image(film(header=ADULT), model))["age_is_stated"] is False


def test_without_the_finding_it_is_not_asked(tmp_path):
    folder = make_model(tmp_path / "m", threshold=1 - 1e-6)
    add_made_extent(folder)
    reading = read_image(film(header=ADULT), load_model(folder, "cpu"))
    assert reading.extent is None and "with opacity / consolidation above" in reading.not_assessed[-1]
    assert read_image(film(), load_model(folder, "cpu"), asks_all=True).extent is not None


def test_a_folder_without_it_reads_as_before(tmp_path):
    reading = read_image(film(), load_model(make_model(tmp_path / "m"), "cpu"))
    assert reading.extent is None and reading.not_assessed == ("nodule", "pneumothorax") and not reading.wants_age
    assert json.loads(to_json([reading_to_dict(reading)]))[0]["extent"] is None


def test_json_and_words_hold_all_six_their_sum_and_how_far_they_are_off(model):
    stated = reading_to_dict(read_image(film(header=ADULT), model))["extent"]
    assert stated["zones"] == {"right upper": 0.0, "right middle": 0.5, "right lower": 1.0, "left upper": 1.5,
                               "left middle": 2.0, "left lower": 2.5}
    assert stated["sum"] == 7.5 and stated["mean_absolute_error"] == {"zone": 0.5, "sum": 2.0}
    assert extent_text(EXTENT) == "Extent by zones: right 0.1 1.0 2.0, left 0.0 1.5 3.0, sum 7.6 of 18"
    for part in ("Brixia", "made adults", "off by 0.5 a zone and 2.0 in the sum"):
        assert part in extent_explanation(EXTENT)


@pytest.mark.parametrize("spoil", [
    lambda path: path.unlink(),
    lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\x00\x01"),
])
def test_a_missing_or_changed_file_is_refused(tmp_path, spoil):
    folder = make_model(tmp_path / "m")
    add_made_extent(folder)
    spoil(folder / EXTENT_NAME)
    refusal = load_model(folder, "cpu")
    assert isinstance(refusal, Refusal) and refusal.reason in (Reason.MODEL_MISSING, Reason.MODEL_DAMAGED)


@pytest.mark.parametrize("arrays", [
    {"weights": np.zeros(FEATURES, np.float32)},
    {"weights": np.zeros(FEATURES, np.float32), "offsets": np.zeros(5, np.float32)},
    {"weights": np.full(FEATURES, np.inf, np.float32), "offsets": np.zeros(6, np.float32)},
])
def test_arrays_that_are_not_those_of_six_zones_are_refused(tmp_path, arrays):
    folder = make_model(tmp_path / "m")
    content = save(arrays)
    (folder / EXTENT_NAME).write_bytes(content)
    add_made_extent(folder, sha256=sha256_of(content))
    (folder / EXTENT_NAME).write_bytes(content)
    assert load_model(folder, "cpu").reason is Reason.MODEL_DAMAGED


def test_a_card_whose_extent_depends_on_no_finding_of_it_is_refused(tmp_path):
    folder = make_model(tmp_path / "m")
    add_made_extent(folder, given="Nothing here")
    assert load_card(folder).reason is Reason.MODEL_DAMAGED
