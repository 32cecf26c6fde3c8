"""core.training.extent: from zones.csv beside the pictures to a part of the model folder, and its figures."""

import pytest

from core.reading.model_card import EXTENT_NAME, load_card
from core.reading.read_image import load_model
from core.training.card_text import card_text
from core.training.evaluation import load_evaluation
from core.training.extent import add_extent, with_test
from core.training.extent_text import extent_summary
from core.training.labels import read_labels
from core.training.report_page import page
from core.training.run import train_model
from tests.make.extent import RATERS, made_extent_config, make_zones, zones_teach
from tests.make.training import made_config, make_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_zones(make_table(tmp_path_factory.mktemp("table") / "set"))


@pytest.fixture(scope="module")
def finished(table, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "whole"
    config = made_config("imagenet", steps=8, batch=8)
    train_model(config, table, run, run / "model")
    return run, config


def test_a_finished_run_gets_it_by_the_same_command_and_its_figures_everywhere(finished, table):
    run, config = finished
    assert load_card(run / "model").extent is None
    config = config.model_copy(update={"extent": made_extent_config()})
    evaluation = train_model(config, table, run, run / "model", resume=True)
    card = load_card(run / "model")
    assert card.extent.given == "Blob" and card.extent.ages == (18, 120) and card.extent.error > 0
    assert load_model(run / "model", "cpu").extent.offsets.shape == (6,)
    result = load_evaluation(run / "model").extent
    assert result.sha256 == card.extent.sha256
    assert (result.out_of_fold.pictures, result.out_of_fold.patients, result.test.pictures) == (48, 24, 16)
    assert result.test.lines[-1].constant.error.value == pytest.approx(7.5, abs=0.5)
    for text in (card_text(card, evaluation), page(evaluation, {})):
        assert "Blobs by zones" in text and "Test pictures, 16 of 8 patients" in text and "right upper" in text
    assert len(extent_summary(evaluation)) == 2


def test_scores_that_taught_the_map_are_told_wherever_figures_of_them_are(table, tmp_path):
    config = zones_teach("imagenet", steps=8, batch=8)
    evaluation = train_model(config, table, tmp_path / "run", tmp_path / "run" / "model")
    card = load_card(tmp_path / "run" / "model")
    assert evaluation.extent.knew_scores and card.first_center is None
    text = card_text(card, evaluation)
    assert "scores of six zones taught how much of that map" in text and "these scores taught it" in text
    other = config.model_copy(update={"extent": made_extent_config(raters=RATERS[:1])})
    with pytest.raises(ValueError, match="another configuration"):
        train_model(other, table, tmp_path / "run", tmp_path / "run" / "model", resume=True)


def test_without_scores_it_ends_before_anything_is_trained(table, tmp_path):
    bare = make_table(tmp_path / "bare")
    config = made_config().model_copy(update={"extent": made_extent_config()})
    with pytest.raises(OSError, match=r"zones\.csv"):
        train_model(config, bare, tmp_path / "run", tmp_path / "run" / "model")
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_what_an_earlier_run_left_is_taken_away_and_a_set_without_scores_has_no_test(finished, table, tmp_path):
    run, config = finished
    model_folder = run / "model"
    rows = read_labels(table, config.labels)
    result = add_extent(model_folder, config.model_copy(update={"extent": made_extent_config()}), table, rows)
    assert with_test(load_model(model_folder, "cpu"), result, tmp_path, rows).test is None
    assert add_extent(model_folder, config, table, rows) is None
    assert not (model_folder / EXTENT_NAME).exists()
