"""Networks for other programs answer as ours does; integers are written only with their measured loss."""

import io
import json
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import save

from core.cli.main import main
from core.files import sha256_of
from core.reading.model_card import FindingSpec, ModelCard
from core.reading.network import Network
from core.reading.read_image import load_model
from core.training import export
from core.training.config import LabelWords, Report, RowFilter
from core.training.evaluation import default_reports
from core.training.export import FORMS, example_inputs, export_model, largest_difference, load_onnx
from core.training.labels import Label, LabelRow, read_labels
from core.training.quantise import Quantised, measured, quantise, spread
from tests.make.training import made_config, make_table


def network():
    """A network of random weights whose maps differ from cell to cell and from picture to picture."""
    torch.manual_seed(4)
    made = Network(1)
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0  # statistics of this batch
    with torch.no_grad():
        made.train()(torch.randn(16, 1, 64, 64))
    torch.nn.init.normal_(made.head.weight, std=0.5)
    return made.eval()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    config, weights = made_config(), save(network().state_dict())
    spec = FindingSpec(label="Blob", slope=1, intercept=0, threshold=0.5, evidence_scale=1)
    card = ModelCard(schema_version=1, name="drawn", version="0", architecture="efficientnet-lite0", findings=(spec,),
                     input=config.input, population=config.population, weights_sha256=sha256_of(weights))
    (path / "weights.safetensors").write_bytes(weights)
    (path / "model.json").write_text(card.model_dump_json(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(folder):
    return load_model(folder, "cpu")


@pytest.fixture(scope="module")
def exported(folder, tmp_path_factory):
    """The model as ONNX, written by the command."""
    out = tmp_path_factory.mktemp("onnx")
    assert main(["export", str(folder), "--out", str(out)]) == 0
    return out / "model.onnx"


def test_onnx_answers_as_ours_does_for_any_number_of_pictures(exported, model):
    run = load_onnx(exported.read_bytes())
    assert largest_difference(run, model) < 1e-3
    five = np.random.default_rng(0).normal(size=(5, 1, 64, 64)).astype(np.float32)
    for theirs, ours in zip(run(five), model.predict(five), strict=True):
        np.testing.assert_allclose(theirs, ours, atol=1e-3)
    assert float(np.std(run(five)[0])) > 0.01


def test_onnx_carries_the_card(exported):
    (entry,) = [item for item in onnx.load(io.BytesIO(exported.read_bytes())).metadata_props
                if item.key == "model.json"]
    assert ModelCard.model_validate_json(entry.value).findings[0].label == "Blob"


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.parametrize("form", ["torchscript", "torch-export"])
def test_torchs_own_forms_answer_as_ours_does(form, model, tmp_path):
    done = export_model(model, form, tmp_path)
    name, _, load = FORMS[form]
    assert done.path == tmp_path / name and done.difference < 1e-3
    inputs = example_inputs(model.card)
    for theirs, ours in zip(load(done.path.read_bytes())(inputs), model.predict(inputs), strict=True):
        np.testing.assert_allclose(theirs, ours, atol=1e-3)


def test_what_answers_otherwise_is_not_written(model, tmp_path, monkeypatch):
    name, make, load = FORMS["torchscript"]

    def wrong(content):
        run = load(content)
        return lambda inputs: tuple(part + np.float32(0.1) for part in run(inputs))

    monkeypatch.setitem(export.FORMS, "torchscript", (name, make, wrong))
    with pytest.raises(ValueError, match="answers otherwise"):
        export_model(model, "torchscript", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named_with_its_extra(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    assert main(["export", str(folder), "--out", str(tmp_path)]) == 1
    assert ".[export]" in capsys.readouterr().err


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("table") / "set", trained=16, tested=16)


def test_integers_are_written_beside_what_they_lose_and_gain(folder, table, tmp_path, capsys, caplog):
    assert main(["quantise", str(folder), "--data", str(table), "--out", str(tmp_path), "--most-loss", "0.9"]) == 0
    said = capsys.readouterr().out
    figures = Quantised.model_validate(json.loads((tmp_path / "quantised.json").read_text(encoding="utf-8")))
    assert "pre-processing" not in caplog.text
    assert "Test split: AUC" in said and "times as fast" in said
    assert (figures.losses[0].positives, figures.losses[0].negatives, figures.calibrated_on) == (8, 8, 16)
    assert figures.largest_logit_difference > 0
    content = (tmp_path / "model.int8.onnx").read_bytes()
    graph = onnx.load(io.BytesIO(content)).graph
    weights = [item for item in graph.initializer if item.data_type == onnx.TensorProto.INT8]
    assert sum(np.prod(item.dims) for item in weights) > 3_000_000
    assert load_onnx(content)(np.zeros((2, 1, 64, 64), np.float32))[0].shape == (2, 1)


def test_a_loss_that_is_too_large_or_not_measurable_is_not_written(model, table, tmp_path):
    rows = read_labels(table, LabelWords())
    words = (table, rows, default_reports(rows))
    with pytest.raises(ValueError, match="the AUC falls from"):
        quantise(model, *words, tmp_path / "out", -2.0, tmp_path / "cache")
    one_class = [row for row in rows if row.split == "train" or row.is_positive]
    with pytest.raises(ValueError, match="both classes"):
        quantise(model, table, one_class, default_reports(rows), tmp_path / "out", 1.0, tmp_path / "cache")
    tests = [row for row in rows if row.split == "test"]
    with pytest.raises(ValueError, match="outside the test split"):
        quantise(model, table, tests, default_reports(rows), tmp_path / "out", 1.0, tmp_path / "cache")
    assert not (tmp_path / "out").exists()


def test_ranges_come_from_no_patient_on_whom_the_loss_is_measured(model, table, tmp_path, monkeypatch):
    rows = [row for row in read_labels(table, LabelWords()) if row.is_known]
    asked = [replace(row, split="val") if row.split == "test" else row for row in rows]
    reports = [Report(name="val", title="Val", rows=RowFilter(splits=("val",)))]
    chosen = []
    monkeypatch.setattr("core.training.quantise.spread", lambda rows, count: chosen.extend(rows) or spread(rows, count))
    shared = replace(asked[0], patient=next(row.patient for row in asked if row.split == "val"))
    quantise(model, table, [shared, *asked[1:]], reports, tmp_path / "out", 1.0, tmp_path / "cache")
    assert chosen == asked[1:16]
    with pytest.raises(ValueError, match="nothing left to take the ranges from"):
        quantise(model, table, asked[16:], reports, tmp_path / "none", 1.0, tmp_path / "cache")
    assert not (tmp_path / "none").exists()


def test_integers_are_not_measured_on_pictures_that_were_learned_from(folder, table, tmp_path, capsys):
    reports = tmp_path / "reports.toml"
    reports.write_text('[[reports]]\nname = "one"\ntitle = "All of it"\nrows = {}\n', encoding="utf-8")
    command = ["quantise", str(folder), "--data", str(table), "--out", str(tmp_path / "out"), "--most-loss", "0.9"]
    assert main([*command, "--reports", str(reports)]) == 1
    assert "'one' asks for pictures that the model may have learned from" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_a_report_loses_is_counted_on_its_own_rows():
    report = Report(name="r", title="R", rows=RowFilter())
    rows = [LabelRow(path, "s", "test", path, "", label) for path, label in (
        ("a", Label.POSITIVE), ("b", Label.NEGATIVE), ("c", Label.NEGATIVE), ("refused", Label.POSITIVE))]
    place = {"c": 0, "b": 1, "a": 2, "another": 3}
    loss = measured(report, rows, place, np.array([0.0, 1, 2, 9]), np.array([0.0, 3, 2, 9]))
    assert (loss.positives, loss.negatives, loss.before, loss.after, loss.loss) == (1, 2, 1.0, 0.5, 0.5)
    with pytest.raises(ValueError, match="R: too few"):
        measured(report, rows[1:], place, np.zeros(4), np.zeros(4))


def test_ranges_come_from_every_source_and_label(table):
    rows = [row for row in read_labels(table, LabelWords()) if row.is_known]
    kinds = {(row.source, row.word) for row in rows}
    assert {(row.source, row.word) for row in spread(rows, len(kinds))} == kinds
    assert len(spread(rows, 1000)) == len(rows)
