"""wetread-cli read and triage, called as a shell calls them, on a small real model."""

import csv
import json
import os

import numpy as np
import pytest
from PIL import Image as PillowImage

from core.cli.main import main
from core.paths import sample_folder
from tests.make.model import make_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(make_model(tmp_path_factory.mktemp("models") / "made"))


@pytest.fixture
def films(tmp_path):
    """A gray picture, a color picture, a text file and a chest radiograph."""
    folder = tmp_path / "films"
    folder.mkdir()
    rng = np.random.default_rng(0)
    PillowImage.fromarray(rng.integers(0, 255, (200, 180), np.uint8)).save(folder / "a gray.png")
    PillowImage.fromarray(rng.integers(0, 255, (200, 180, 3), np.uint8)).save(folder / "b color.png")
    (folder / "c notes.txt").write_text("no image")
    (folder / "d chest.dcm").write_bytes((sample_folder() / "RG1_UNCR.dcm").read_bytes())
    return folder


def test_read_writes_one_object_for_each_file(films, model, tmp_path, capsys):
    target = tmp_path / "readings.json"
    code = main(["read", str(films), "--json", str(target), "--model", model, "--device", "cpu"])
    objects = json.loads(target.read_text())
    assert code == 1  # one file could not be read
    assert [item["verdict"] for item in objects] == ["uncertain", "refused", "failed", "fits"]
    assert all(item["reason"] for item in objects[:3]) and objects[3]["reason"] == ""
    for item in objects:
        assert len(item["model"]["weights_sha256"]) == 64 and item["device"] == "cpu" and item["seconds"] >= 0
    (finding,) = objects[3]["findings"]
    assert set(finding) == {"label", "probability", "threshold", "above"}
    assert finding["above"] == (finding["probability"] >= finding["threshold"])
    assert "d chest.dcm" in capsys.readouterr().out


def test_heatmaps_have_the_images_own_rows_and_columns(films, model, tmp_path):
    target, folder = tmp_path / "readings.json", tmp_path / "maps"
    main(["read", str(films / "a gray.png"), str(films / "d chest.dcm"), "--json", str(target), "--heatmaps",
          str(folder), "--model", model])
    shapes = []
    for item in json.loads(target.read_text()):
        heatmap = np.load(item["findings"][0]["heatmap"], allow_pickle=False)
        assert heatmap.dtype == np.float32 and heatmap.min() >= 0
        shapes.append(heatmap.shape)
    assert shapes == [(200, 180), (1955, 1841)]


def test_all_well_is_exit_code_0(films, model):
    assert main(["read", str(films / "a gray.png"), "--model", model]) == 0


def test_a_model_folder_that_is_damaged_is_named(films, tmp_path, capsys):
    folder = make_model(tmp_path / "bad")
    (folder / "weights.safetensors").write_bytes(b"rubbish")
    assert main(["read", str(films), "--model", str(folder)]) == 2
    assert "weights.safetensors" in capsys.readouterr().err


def test_a_path_that_does_not_exist_is_a_failed_object(model, tmp_path):
    target = tmp_path / "r.json"
    assert main(["read", str(tmp_path / "nowhere.dcm"), "--json", str(target), "--model", model]) == 1
    (item,) = json.loads(target.read_text())
    assert item["verdict"] == "failed" and item["reason"] == "not found"


def test_triage_gives_every_file_exactly_one_row(films, model, tmp_path):
    target = tmp_path / "list.csv"
    assert main(["triage", str(films), "--csv", str(target), "--model", model]) == 1
    rows = list(csv.DictReader(target.open(newline="")))
    assert sorted(row["path"] for row in rows) == sorted(str(path) for path in films.iterdir())
    assert {"path", "state", "reason", "model", "finding", "probability", "above", "priority"} <= set(rows[0])
    states = {row["path"].rsplit("/", 1)[1]: row["state"] for row in rows}
    assert states == {"a gray.png": "read", "b color.png": "refused", "c notes.txt": "failed", "d chest.dcm": "read"}
    assert all(row["probability"] == "" for row in rows if row["state"] != "read")


def test_a_name_that_is_no_text_is_still_a_row_and_an_object(model, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / os.fsdecode(b"na\xefve.txt")).write_bytes(b"no image")
    target, table = tmp_path / "r.json", tmp_path / "t.csv"
    assert main(["read", str(folder), "--json", str(target), "--model", model]) == 1
    assert main(["triage", str(folder), "--csv", str(table), "--model", model]) == 1
    assert json.loads(target.read_text())[0]["path"].endswith("na\\xefve.txt")
    assert "na\\xefve.txt" in table.read_text()


def test_heatmaps_that_cannot_be_written_do_not_lose_the_readings(films, model, tmp_path, capsys):
    target = tmp_path / "r.json"
    blocked = tmp_path / "file"
    blocked.write_text("")
    film = str(films / "a gray.png")
    assert main(["read", film, "--json", str(target), "--heatmaps", str(blocked), "--model", model]) == 1
    assert json.loads(target.read_text())[0]["findings"]
    assert "not written" in capsys.readouterr().err


def test_a_path_too_long_for_the_system_is_a_failed_object(model, tmp_path):
    target = tmp_path / "r.json"
    assert main(["read", str(tmp_path / ("x" * 300)), "--json", str(target), "--model", model]) == 1
    assert json.loads(target.read_text())[0]["verdict"] == "failed"
