"""Maps against boxes: marks counted by hand, and every method through the real network."""

import json
import shutil

import numpy as np
import pytest
import torch

from core.cli.main import main
from core.imaging.placement import Placement
from core.reading.network import Network
from core.reading.read_image import load_model
from core.training.config import LabelWords, Report, RowFilter
from core.training.fold_plan import Plan, open_plan
from core.training.heatmap_marks import RASTER, Marks, box_mask, lung_prior, on_raster, overlaps, strongest_place
from core.training.heatmap_methods import METHODS
from core.training.heatmap_zones import SCORES, _result, compare_zones
from core.training.heatmaps import OWN, PRIOR, compare_maps
from core.training.labels import LabelRow, read_labels
from core.training.pointing import Box, read_boxes
from core.training.zones import ZoneScores, scored_rows
from tests.make.extent import RATERS, add_made_extent, make_zones
from tests.make.model import make_model
from tests.make.training import OWN_WORDS, made_config, make_table, with_own_words


def test_marks_of_a_map_counted_by_hand():
    boxes = box_mask([Box(0.0, 0.0, 0.5, 0.5, "")])  # a quarter of the raster
    raster = np.full((RASTER, RASTER), -1.0, np.float32)
    raster[:128, :64] = 2.0  # in the box
    raster[128:, :128] = 1.0  # outside
    raster[0, 0] = 2.5
    marks = Marks()
    marks.add(raster, boxes)
    inside, outside = 128 * 64 * 2.0 + 0.5, 128 * 128 * 1.0
    assert marks.hits == [True] and marks.energy[0] == pytest.approx(inside / (inside + outside))
    assert max(marks.overlaps[0]) == pytest.approx(0.5)  # above 1.0: half of the box and nothing else
    raster[200, 200] = 3.0
    marks.add(raster, boxes)
    assert marks.hits == [True, False]


def test_of_places_alike_the_one_in_their_middle_counts():
    raster = np.zeros((RASTER, RASTER), np.float32)
    raster[:32, 100:120] = 1.0  # as beyond the center of an outer cell
    assert strongest_place(raster) in {(15, 109), (15, 110), (16, 109), (16, 110)}
    raster[200, 7] = 2.0
    assert strongest_place(raster) == (200, 7)


def test_a_map_without_evidence_has_none_in_the_box_and_overlaps_nothing():
    boxes = box_mask([Box(0.2, 0.2, 0.5, 0.5, "")])
    marks = Marks()
    marks.add(np.full((RASTER, RASTER), -2.0, np.float32), boxes)
    assert marks.energy == [0.0] and not overlaps(np.zeros((RASTER, RASTER), np.float32), boxes).any()


def test_where_the_network_did_not_look_a_map_is_as_low_as_it_gets():
    placement = Placement(  # an image twice as wide as the square that was cropped from its middle
        image_size=(200, 100), input_size=(64, 64), scale=(0.64, 0.64), offset=(-32.0, 0.0),
        grid_size=(2, 2), first_center=(16.0, 16.0), stride=(32.0, 32.0),
    )
    raster = on_raster(np.array([[1, 2], [3, 4]], np.float32), placement)
    assert raster.shape == (RASTER, RASTER)
    assert not raster[:, : RASTER // 4 - 1].any() and not raster[:, RASTER * 3 // 4 + 1 :].any()
    row, column = np.unravel_index(raster.argmax(), raster.shape)
    assert row >= RASTER * 3 // 4 - 1 and RASTER // 2 < column < RASTER * 3 // 4


def test_the_lung_prior_is_where_lungs_lie_in_most_pictures_and_none_without_lungs():
    left, right = Box(0.1, 0.2, 0.3, 0.6, "left lung"), Box(0.6, 0.2, 0.3, 0.6, "right lung")
    higher = Box(0.6, 0.0, 0.3, 0.6, "right lung")
    prior = lung_prior({"a": (left, right), "b": (left, higher), "c": (Box(0, 0, 1, 1, "opacity"),)})
    assert prior[RASTER // 2, RASTER // 5] == 1 and prior[RASTER // 2, RASTER // 2] == 0
    assert prior[RASTER // 10, RASTER * 3 // 4] == 0.5
    assert lung_prior({"c": (Box(0, 0, 1, 1, "opacity"),)}) is None


@pytest.fixture(scope="module")
def boxed(tmp_path_factory):
    """A table whose positives have a box in the left half, and a model that reads it."""
    home = tmp_path_factory.mktemp("boxed")
    folder = make_table(home / "set", trained=4, tested=16)
    positives = [row.path for row in read_labels(folder, LabelWords()) if row.is_positive]
    lines = [f"{path},0,0,0.5,1,left half (readers)" for path in positives]
    (folder / "boxes.csv").write_text("\n".join(["path,x,y,w,h,what", *lines]) + "\n", encoding="utf-8")
    return folder, make_model(home / "model")


def test_every_method_gives_a_map_of_the_input_that_is_nowhere_negative():
    torch.manual_seed(0)
    network = Network(1).eval()
    x = torch.rand(1, 1, 64, 64) * 2 - 1
    for name, method in METHODS.items():
        grid = method(network, x, 0, -1.0)
        assert grid.shape == (64, 64) and grid.dtype == np.float32 and grid.min() >= 0, name
    assert all(parameter.grad is None or torch.isfinite(parameter.grad).all() for parameter in network.parameters())


def test_on_the_last_features_grad_cam_is_the_models_own_map_without_its_negative_part():
    torch.manual_seed(0)
    network = Network(1).eval()
    with torch.no_grad():
        network.head.weight.mul_(100)
        x = torch.rand(1, 1, 64, 64) * 2 - 1
        own = torch.relu(network(x)[1])[0, 0]
    grid = METHODS["Grad-CAM"](network, x, 0, -1.0)
    coarse = torch.nn.functional.interpolate(own[None, None], (64, 64), mode="bilinear")[0, 0].numpy()
    assert np.corrcoef(grid.ravel(), coarse.ravel())[0, 1] > 0.99


def test_all_methods_are_marked_on_the_same_pictures_and_the_prior_knows_other_patients_only(boxed):
    folder, model_folder = boxed
    report = Report(name="b", title="Boxed", rows=RowFilter(splits=("test",)), boxes=("left half",))
    rows, boxes, model = read_labels(folder, LabelWords()), read_boxes(folder), load_model(model_folder, "cpu")
    result = compare_maps(lambda row: model, folder, rows, report, boxes, ("Grad-CAM",), draws=50)
    assert [item.method for item in result.methods] == [OWN, "Grad-CAM", PRIOR]
    assert (result.pictures, result.patients, result.left_out) == (8, 4, 0)
    assert result.by_chance == pytest.approx(0.5)
    own, _, prior = result.methods
    assert prior.hits.value == prior.energy.value == prior.overlap.value == 1.0  # all boxes are the same
    assert own.p is None and 0 <= own.energy.low <= own.energy.value <= own.energy.high <= 1
    first = next(row for row in rows if row.is_positive and row.split == "test")
    alone = [row for row in rows if row.patient == first.patient]
    result = compare_maps(lambda row: model, folder, alone, report, boxes, (), draws=20)
    assert result.methods[-1].energy.value == pytest.approx(0.5)  # no other patient: alike everywhere


def test_the_command_prints_and_writes_what_each_map_reaches(boxed, tmp_path, capsys):
    folder, model = boxed
    command = ["heatmaps", str(model), str(folder), "--device", "cpu", "--bootstrap", "20"]
    target = tmp_path / "maps.json"
    chosen = ["--boxes", "left half", "--methods", "Eigen-CAM"]
    assert main([*command, *chosen, "--checks", "--json", str(target)]) == 0
    shown = capsys.readouterr().out
    assert "evidence in boxes" in shown and "deletion" in shown and "like random" in shown
    assert json.loads(target.read_text())["reports"][0]["methods"][1]["method"] == "Eigen-CAM"
    assert main([*command, "--boxes", "right half"]) == 1
    assert main([*command, "--methods", "tea leaves"]) == 2
    assert "no method tea leaves" in capsys.readouterr().err


def test_maps_are_held_against_those_of_a_network_that_learned_random_labels(boxed, tmp_path, capsys):
    folder, model = boxed
    command = ["heatmaps", str(model), str(folder), "--device", "cpu", "--bootstrap", "20", "--boxes", "left half",
               "--methods", "Grad-CAM", "--random-labels"]
    found = []
    for other in (model, make_model(tmp_path / "other", seed=2)):
        target = tmp_path / "maps.json"
        assert main([*command, str(other), "--json", str(target)]) == 0
        found.append([item["label_likeness"] for item in json.loads(target.read_text())["reports"][0]["methods"]])
    assert "like random labels" in capsys.readouterr().out
    same, different = found
    assert same[:2] == pytest.approx([1, 1]) and max(different[:2]) < 0.9
    assert same[2] is different[2] is None  # a prior asks no network
    assert main([*command, str(make_model(tmp_path / "larger", size=96))]) == 1
    assert "another input" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "absent")]) == 2


def test_zones_in_the_raters_order_count_within_a_picture_and_across_pictures_only_where_evidence_differs():
    scores = np.random.default_rng(2).integers(0, 4, (12, 6)).astype(float)
    patients = [str(number) for number in range(12)]
    same = _result("same", [(scores, scores)], patients, 30)
    assert same.within.value == pytest.approx(1) and same.across.value == pytest.approx(1)
    turned = _result("turned", [(-scores, scores)], patients, 30)
    assert turned.within.value == pytest.approx(-1) and turned.across.value == pytest.approx(-1)
    everywhere = _result("lungs", [(np.tile(scores[0], (12, 1)), scores)], patients, 30)
    assert everywhere.across is None and everywhere.within.value < 0.7
    nowhere = _result("flat", [(scores, np.ones_like(scores))], patients, 30)
    assert nowhere.within is None and nowhere.across is None


def test_maps_are_held_against_the_raters_zones_of_the_pictures_that_a_model_may_be_asked_of(boxed):
    folder, model_folder = boxed
    make_zones(folder)
    model, rows = load_model(model_folder, "cpu"), read_labels(folder, LabelWords())
    scored = scored_rows(folder, rows, RATERS, RowFilter(splits=("test",)))
    varied = ZoneScores(scored.rows, scored.scores * np.linspace(0, 1, 6))  # else all zones of a picture are alike

    def model_of(row: LabelRow):
        return None if row.path == scored.rows[0].path else model

    result = compare_zones(model_of, folder, varied, read_boxes(folder), ("Grad-CAM",), draws=30)
    assert result.pictures == len(scored.rows) - 1 and result.left_out == 0
    assert [item.method for item in result.methods] == [OWN, "Grad-CAM", "prior: others' scores"]
    assert result.raters.within.value == pytest.approx(1)
    assert result.methods[-1].within.value == pytest.approx(1)  # all pictures have the same order of zones
    assert result.methods[-1].across is None  # others' mean falls where the own scores rise, by how it is made
    assert compare_zones(lambda row: None, folder, varied, {}, (), draws=30) is None


def test_the_models_own_scores_of_zones_stand_beside_the_maps_where_every_model_has_them(boxed, tmp_path):
    folder, model_folder = boxed
    make_zones(folder)
    scoring_folder = shutil.copytree(model_folder, tmp_path / "scoring")
    add_made_extent(scoring_folder)  # whose scores rise from zone to zone, in every picture
    scoring, silent = load_model(scoring_folder, "cpu"), load_model(model_folder, "cpu")
    scored = scored_rows(folder, read_labels(folder, LabelWords()), RATERS, RowFilter(splits=("test",)))
    falling = ZoneScores(scored.rows, 3 - scored.scores.max(2, keepdims=True) * np.linspace(0, 1, 6))
    result = compare_zones(lambda row: scoring, folder, falling, {}, (), draws=30)
    assert [item.method for item in result.methods] == [OWN, SCORES, "prior: others' scores"]
    assert result.methods[1].within.value == pytest.approx(-1) and result.methods[1].across is None
    first = scored.rows[0].path
    mixed = compare_zones(lambda row: silent if row.path == first else scoring, folder, falling, {}, (), draws=30)
    assert SCORES not in [item.method for item in mixed.methods]


def test_of_a_cross_validation_each_picture_is_asked_of_its_own_fold(boxed, tmp_path, capsys):
    folder, model = boxed
    make_zones(folder)
    rows = [row for row in read_labels(folder, LabelWords()) if row.is_known]
    for name in "12":
        (tmp_path / "folds" / f"fold-{name}").mkdir(parents=True)
        (tmp_path / "folds" / f"fold-{name}" / "model").symlink_to(model, target_is_directory=True)
    lines = [f"{row.path},{row.patient},{row.source},{row.word},{1 + number % 2}" for number, row in enumerate(rows)]
    (tmp_path / "folds" / "folds.csv").write_text("\n".join(["path,patient,source,label,fold", *lines]) + "\n")
    command = ["heatmaps", str(tmp_path / "folds"), str(folder), "--device", "cpu", "--bootstrap", "20",
               "--boxes", "left half", "--methods", "Eigen-CAM", "--zones", *RATERS]
    target = tmp_path / "maps.json"
    assert main([*command, "--json", str(target)]) == 0
    assert "Six lung zones" in capsys.readouterr().out
    found = json.loads(target.read_text())
    boxed_rows = sum(row.is_positive for row in rows)  # of both splits
    assert found["reports"][0]["pictures"] == boxed_rows and found["zones"]["pictures"] == len(rows)
    config = made_config().model_copy(update={"labels": LabelWords(**OWN_WORDS)})
    open_plan(tmp_path / "folds", config, Plan(), resume=False)  # whose labels are those of the cross-validation
    own = ["heatmaps", str(tmp_path / "folds"), str(with_own_words(folder)), *command[3:]]
    assert main(own) == 0 and "Six lung zones" in capsys.readouterr().out
    (tmp_path / "folds" / "plan.json").unlink()
    assert main(own) == 1 and "--reports FILE.toml" in capsys.readouterr().err
    (tmp_path / "folds" / "fold-2" / "model").unlink()
    assert main(command) == 1
    assert "fold 2" in capsys.readouterr().err
