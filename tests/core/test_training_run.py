"""A whole run on drawn chests: train, be killed, resume, export, evaluate; and how the commands answer."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.cli.main import main
from core.reading.network import SCALES, Network
from core.reading.read_image import Model, load_model, read_file
from core.refusal import Reason, Refusal
from core.training.checkpoint import BEST_NAME, CHECKPOINT_NAME, load_state, save_state
from core.training.config import LabelWords, Question, Report, RowFilter, SaidWords, Unlabelled
from core.training.evaluation import load_evaluation
from core.training.fit_calibration import uncalibrated
from core.training.given import Given, read_given, recalled, write_given
from core.training.labels import Label, read_labels
from core.training.loop import train
from core.training.places import kinds_taught
from core.training.provenance import provenance_of
from core.training.run import (
    BEGUN,
    check_calibration,
    check_split,
    loop_data,
    open_run,
    own_reports,
    prepare,
    tell_ungrouped,
    train_model,
)
from core.training.save_model import save_model
from core.training.split import HELD_OUT, TRAINED, read_split
from core.training.start_weights import IMAGENET_MEAN, IMAGENET_STD, imagenet_file, load_imagenet
from tests.make.extent import zones_teach
from tests.make.model import make_model
from tests.make.picture import make_picture
from tests.make.training import draw_chest, made_config, make_table, write_toml


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_table(tmp_path_factory.mktemp("table") / "set")


@pytest.fixture(scope="module")
def finished(table, tmp_path_factory):
    """A run that learned the drawn blobs: its folder and its figures."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    config = made_config("imagenet", steps=16, batch=8, warmup_steps=2, ema_decay=0.5, evaluate_every=8)
    return run, train_model(config, table, run, run / "model")


def test_a_killed_and_resumed_run_is_the_run_that_was_not_killed(table, tmp_path):
    config = made_config(steps=4, evaluate_every=2, checkpoint_every=2, align_weight=0.5)
    weights, logs = [], []
    for name, kills in (("whole", ()), ("killed", (1, 3))):
        run = tmp_path / name
        open_run(run, config, resume=False)
        data = loop_data(config, prepare(config, table, run))
        for stop in kills:  # after step 1 there is no checkpoint yet, after step 3 one of step 2
            train(config, *data, run, stop_after=stop)
        weights.append(train(config, *data, run))
        logs.append([json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()])
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
    assert logs[0] == logs[1]


def test_without_a_selecting_group_the_last_step_is_kept(table, tmp_path):
    config = made_config(steps=4, evaluate_every=1, checkpoint_every=4)
    config = config.model_copy(update={"groups": tuple(g.model_copy(update={"selects": False}) for g in config.groups)})
    open_run(tmp_path / "run", config, resume=False)
    kept = train(config, *loop_data(config, prepare(config, table, tmp_path / "run")), tmp_path / "run")
    last = torch.load(tmp_path / "run" / CHECKPOINT_NAME, weights_only=True)["averaged"]
    assert all(torch.equal(value, last[name]) for name, value in kept.items())


def test_a_run_leaves_what_it_did_beside_its_model(finished):
    run, evaluation = finished
    assert json.loads((run / "config.json").read_text())["loop"]["steps"] == 16
    assert set(read_split(run / "split.csv").values()) == {"trained", "held-out"}
    steps = [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines() if '"loss"' in line]
    assert steps == list(range(16))
    assert list((run / "tensorboard").glob("events*"))
    assert {path.name for path in (run / "model").iterdir()} == {
        "model.json", "weights.safetensors", "reference.json", "evaluation.json", "CARD.md", "plots",
    }
    assert load_evaluation(run / "model") == evaluation


def test_the_exported_model_loads_and_answers_as_the_trained_weights_do(finished, table):
    run, _ = finished
    model = load_model(run / "model", "cpu")
    assert isinstance(model, Model)
    network = Network(1).eval()
    network.load_state_dict(load_file(run / "model" / "weights.safetensors"))
    finding = read_file(table / "images" / "003.png", model).findings[0]
    config = made_config()
    data, _ = loop_data(config, prepare(config, table, run))
    split = read_split(run / "split.csv")
    paths = [path for path, part in split.items() if part != HELD_OUT]
    if "images/003.png" in paths:
        x = (data.gray[paths.index("images/003.png")] / np.float32(255) - 0.5) / 0.5
        with torch.inference_mode():
            logits, _maps = network(torch.from_numpy(x)[None, None].float())
        assert finding.logit == pytest.approx(float(logits), abs=1e-3)
    assert finding.label == "Blob"


def test_random_labels_are_learned_without_readers_boxes_and_told_by_the_models_version(table, tmp_path):
    config = made_config().model_copy(update={"boxes": ("whole",), "random_labels": True})
    open_run(tmp_path / "run", config, resume=False)
    prepared = prepare(config, table, tmp_path / "run")
    random, _ = loop_data(config, prepared)
    real, _ = loop_data(config.model_copy(update={"random_labels": False}), prepared)
    assert random.targets.sum() == real.targets.sum() and (random.targets != real.targets).any()
    assert any(real.places) and not any(random.places)
    train_model(config, table, tmp_path / "run", tmp_path / "model", resume=True)
    assert load_model(tmp_path / "model", "cpu").card.version == "0.0+random-labels"


def test_figures_count_every_test_picture_once(finished):
    _, evaluation = finished
    whole, normal, normals = evaluation.results
    assert (whole.positives, whole.negatives, whole.not_read) == (8, 8, {})
    assert (normal.positives, normal.negatives) == (8, 4)
    assert (normals.positives, normals.negatives) == (0, 4)
    assert (whole.pointing.pictures, whole.pointing.hits.value, whole.pointing.by_chance) == (8, 1.0, 1.0)
    assert normal.pointing is None  # it asks for no boxes
    assert normals.auc is None and normals.sensitivity is None and normals.specificity is not None
    assert whole.curve and sum(point.count for point in whole.curve) == 16
    assert sum(count.tested for count in evaluation.sources) == 16
    assert sum(count.trained + count.held_out for count in evaluation.sources) == 48


def test_the_card_says_the_figures_and_that_they_are_small(finished):
    run, evaluation = finished
    text = (run / "model" / "CARD.md").read_text(encoding="utf-8")
    auc = evaluation.results[0].auc
    assert f"{auc.value:.3f} ({auc.low:.3f}–{auc.high:.3f})" in text
    assert "Small numbers: 8 with and 8 without" in text
    assert "## Intended use\n\nTests." in text and "- fracture" in text and "| clinic | CC0 |" in text
    assert "For research, not for diagnosis" in text


def test_evaluate_gives_the_models_own_figures_again(finished, table, tmp_path, capsys):
    run, evaluation = finished
    target = tmp_path / "figures.json"
    assert main(["evaluate", str(run / "model"), str(table), "--json", str(target), "--device", "cpu"]) == 0
    again = json.loads(target.read_text(encoding="utf-8"))["results"]
    assert again == evaluation.model_dump(mode="json")["results"]
    assert "Blob against all" in capsys.readouterr().out


def test_evaluate_without_declared_reports_shows_the_test_split_and_its_sources(finished, table, tmp_path, capsys):
    run, _ = finished
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("model.json", "weights.safetensors"):
        (bare / name).write_bytes((run / "model" / name).read_bytes())
    assert main(["evaluate", str(bare), str(table / "labels.csv"), "--device", "cpu"]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("Test split", "clinic", "school"))


def test_a_picture_that_is_refused_is_counted_and_in_no_figure(finished, tmp_path, capsys):
    run, _ = finished
    folder = make_table(tmp_path / "set", trained=0, tested=8)
    (folder / "images" / "000.png").unlink()
    target = tmp_path / "figures.json"
    assert main(["evaluate", str(run / "model"), str(folder), "--json", str(target), "--device", "cpu"]) == 0
    whole = json.loads(target.read_text(encoding="utf-8"))["results"][0]
    assert whole["not_read"] == {"not-found": 1} and whole["positives"] + whole["negatives"] == 7
    assert "1 not-found" in capsys.readouterr().out


def test_evaluate_says_why_it_has_no_figures(finished, table, tmp_path, capsys):
    run, _ = finished
    assert main(["evaluate", str(tmp_path / "no model"), str(table)]) == 2
    assert main(["evaluate", str(run / "model"), str(tmp_path / "no.csv"), "--device", "cpu"]) == 2
    empty = make_table(tmp_path / "train only", trained=4, tested=0)
    assert main(["evaluate", str(run / "model"), str(empty), "--device", "cpu"]) == 2
    assert "none of the reports" in capsys.readouterr().err


def test_pictures_that_cannot_be_read_are_counted_and_none_at_all_is_an_error(tmp_path, capsys):
    folder = make_table(tmp_path / "set", tested=0)
    files = sorted((folder / "images").iterdir())
    files[0].unlink()
    files[1].write_bytes(b"no picture")
    prepared = prepare(made_config(), folder, tmp_path / "some")
    said = capsys.readouterr().err
    assert said.count("could not be read") == 1 and "2 of 48 pictures" in said and "1 not-found" in said
    assert len(prepared.trained_rows) + len(prepared.held_out_rows) == 46
    held = [path for path, part in read_split(tmp_path / "some" / "split.csv").items() if part == HELD_OUT]
    for path in held:
        (folder / path).unlink(missing_ok=True)
    with pytest.raises(ValueError, match="none of the held-out pictures"):
        prepare(made_config(), folder, tmp_path / "some", tmp_path / "cache")
    for file in files[2:]:
        file.unlink(missing_ok=True)
    with pytest.raises(ValueError, match="48 of 48 pictures"):
        prepare(made_config(), folder, tmp_path / "none")


def test_a_run_is_not_resumed_with_a_table_that_makes_its_pictures_tests_or_has_new_ones(tmp_path):
    more, fewer = make_table(tmp_path / "more"), make_table(tmp_path / "fewer", trained=24, tested=24)
    for first, then, said in ((more, fewer, "images/024.png as .* is a test now"), (fewer, more, r"lacks .*\(24, ")):
        run = tmp_path / f"run on {first.name}"
        prepare(made_config(), first, run)
        prepare(made_config(), first, run)
        with pytest.raises(ValueError, match=said) as raised:
            prepare(made_config(), then, run)
        assert str(run / "split.csv") in str(raised.value) and "another run folder" in str(raised.value)


def resorted(table, folder, key):
    """Write a table again, sorted by `key`, with six further pictures of the split "more"; return its folder."""
    shutil.copytree(table / "images", folder / "images")
    head, *lines = (table / "labels.csv").read_text(encoding="utf-8").splitlines()
    for index in range(6):
        make_picture(folder / "images" / f"more{index}.png", draw_chest(900 + index, False))
        lines.append(f"images/more{index}.png,ward,more,more{index},none,,CC0,")
    (folder / "labels.csv").write_text("\n".join([head, *sorted(lines, key=key)]) + "\n", encoding="utf-8")
    return folder


def test_a_run_learns_in_the_same_order_however_the_table_is_sorted(table, tmp_path):
    config = made_config(paired=0.25).model_copy(
        update={"unlabelled": Unlabelled(rows=RowFilter(splits=("more",)), share=0.2), "random_labels": True})
    tables = [resorted(table, tmp_path / "one", None), resorted(table, tmp_path / "other", lambda line: line[::-1])]
    runs = [prepare(config, data, tmp_path / f"run {data.name}", tmp_path / "cache") for data in tables]
    assert runs[0].rows != runs[1].rows and len(runs[0].unlabelled_rows) == 6
    for part in ("trained_rows", "held_out_rows", "unlabelled_rows"):
        assert getattr(runs[0], part) == getattr(runs[1], part)
    fed = [loop_data(config, run)[0] for run in runs]
    assert np.array_equal(fed[0].gray, fed[1].gray)
    assert np.array_equal(fed[0].targets, fed[1].targets, equal_nan=True)


def test_a_run_that_began_goes_on_in_its_own_order(table, tmp_path):
    run, config = tmp_path / "run", made_config()
    prepare(config, table, run)
    head, *lines = (run / "split.csv").read_text(encoding="utf-8").splitlines()
    (run / "split.csv").write_text("\n".join([head, *reversed(lines)]) + "\n", encoding="utf-8")  # another order then
    kept = [path for path, part in read_split(run / "split.csv").items() if part != HELD_OUT]
    for data in (table, resorted(table, tmp_path / "set", lambda line: line[::-1])):
        prepared = prepare(config, data, run, tmp_path / "cache")
        assert [row.path for row in prepared.trained_rows] == kept == list(prepared.trained.paths)


def test_a_model_of_another_run_is_not_overwritten_and_it_is_said_before_anything_is_done(table, tmp_path):
    run, other = tmp_path / "run", make_model(tmp_path / "other")
    (run / "model").mkdir(parents=True)
    (run / "model" / "model.json").write_text("{}")
    card = (other / "model.json").read_bytes()
    with pytest.raises(FileExistsError, match="other holds a model already"):
        train_model(made_config(), table, tmp_path / "new", other)
    assert not (tmp_path / "new").exists() and (other / "model.json").read_bytes() == card
    with pytest.raises(FileExistsError, match="not this run's"):
        recalled(tmp_path / "new", other, None, (), resume=True)  # there is no run yet
    save_state(run / BEST_NAME, load_file(other / "weights.safetensors"))
    with pytest.raises(FileExistsError, match="not this run's"):
        recalled(run, other, None, (), resume=True)  # of these weights, but written by whom?
    assert recalled(run, None, None, (), resume=False).model == (run / "model").resolve()
    write_given(run, Given(models=(other.resolve(),)))
    assert recalled(run, other, None, (), resume=True).model == other.resolve()
    both = recalled(run, run / "model", None, (), resume=True)
    assert both.models[-1] == (run / "model").resolve()
    write_given(run, both)
    assert recalled(run, other, None, (), resume=True).model == other.resolve()
    (run / "config.json").write_text("{}")
    (run / "given.json").unlink()  # as earlier versions left it
    assert recalled(run, other, None, (), resume=True).model == other.resolve()
    make_model(other, seed=2)  # by another run meanwhile
    for kept in (False, True):
        if kept:
            write_given(run, both)
        with pytest.raises(FileExistsError, match="not this run's"):
            recalled(run, other, None, (), resume=True)


@pytest.mark.parametrize("is_old", [False, True], ids=["relative", "absolute, as before"])
def test_a_run_that_was_copied_or_moved_writes_the_model_in_its_own_folder(tmp_path, is_old):
    mine, moved, copied = (tmp_path / name for name in ("mine", "old", "try"))
    model = make_model(mine / "model")
    save_state(mine / BEST_NAME, load_file(model / "weights.safetensors"))
    given = Given(models=(model,), folds=tmp_path / "folds", outliers=(mine / "outliers",))
    if is_old:
        (mine / "given.json").write_text(given.model_dump_json())
    else:
        write_given(mine, given)
        assert json.loads((mine / "given.json").read_text())["models"] == ["model"]
    assert read_given(mine) == given
    shutil.copytree(mine, copied)
    now = recalled(copied, None, None, (), resume=True)
    assert now.models == (copied / "model",) and now.folds == tmp_path / "folds"
    assert is_old or now.outliers == (copied / "outliers",)
    mine.rename(moved)
    assert recalled(moved, None, None, (), resume=True).models == (moved / "model",)
    make_model(model, seed=2)  # a new run in its place
    assert recalled(moved, None, None, (), resume=True).models == (moved / "model",)
    with pytest.raises(FileExistsError, match="not this run's"):
        recalled(moved, model, None, (), resume=True)


def test_a_start_that_failed_is_begun_anew_with_another_configuration_and_a_run_is_not(table, tmp_path, monkeypatch):
    run, wrong = tmp_path / "run", made_config().model_copy(update={"labels": LabelWords(negative=("normal",))})
    monkeypatch.setattr("core.training.run.train", lambda *arguments: pytest.fail("trained"))
    with pytest.raises(ValueError, match="other"):
        train_model(wrong, table, run, outliers=(table,))
    assert (run / "config.json").is_file() and read_given(run).outliers
    (run / "split.csv").write_text("path,patient,source,label,part\ngone.png,1,clinic,normal,trained\n")
    for resume in (False, True):
        with pytest.raises(pytest.fail.Exception, match="trained"):
            train_model(made_config(), table, run, resume=resume)
        assert "gone.png" not in read_split(run / "split.csv") and not read_given(run).outliers
    kept = (run / "split.csv").read_bytes()
    for name in BEGUN:
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).touch()
        with pytest.raises(FileExistsError, match="--resume"):
            train_model(made_config(), table, run)
        with pytest.raises(ValueError, match="another configuration"):
            train_model(wrong, table, run, resume=True)
        (run / name).unlink()
    assert (run / "split.csv").read_bytes() == kept and '"other"' in (run / "config.json").read_text()


@pytest.mark.parametrize("made", [
    lambda run: (run / "log.jsonl").touch(),
    lambda run: open_run(run, made_config().model_copy(update={"seed": 4}), resume=False),
])
def test_of_two_calls_that_begin_a_run_in_one_folder_one_trains(table, tmp_path, monkeypatch, made):
    monkeypatch.setattr("core.training.run.train", lambda *arguments: pytest.fail("trained"))
    prepared = prepare(made_config(), table, tmp_path / "prepared")
    monkeypatch.setattr("core.training.run.prepare", lambda *arguments: made(tmp_path / "run") or prepared)
    with pytest.raises(FileExistsError, match="another call has begun a run"):
        train_model(made_config(), table, tmp_path / "run")


def test_a_resumed_run_takes_what_it_was_given_before_where_nothing_else_is_given(tmp_path):
    run, model, folds, one, other = (tmp_path / name for name in ("run", "model", "folds", "one", "other"))
    write_given(run, recalled(run, model, folds, [one], resume=False))
    assert recalled(run, model, None, (), resume=True) == Given(models=(model,), folds=folds, outliers=(one,))
    assert recalled(run, model, other, [other, one], resume=True) == Given(
        models=(model,), folds=other, outliers=(other, one))
    assert recalled(run, model, None, (), resume=False) == Given(models=(model,))


def test_a_report_on_what_is_learned_from_is_said_before_anything_is_trained(table, tmp_path, monkeypatch):
    monkeypatch.setattr("core.training.run.train", lambda *arguments: pytest.fail("trained"))
    everything = Report(name="everything", title="Everything", rows=RowFilter())
    config = made_config().model_copy(update={"reports": (everything,)})
    with pytest.raises(ValueError, match="training and in the report 'everything': say with splits"):
        train_model(config, table, tmp_path / "run", tmp_path / "model")


def test_tests_that_are_learned_from_are_reported_by_default_as_little(table):
    rows = read_labels(table, LabelWords())
    plain = made_config().model_copy(update={"reports": ()})
    assert [report.name for report in own_reports(plain, rows)] == ["all", "source clinic", "source school"]
    assert own_reports(plain.model_copy(update={"train_splits": ("train", "test")}), rows) == ()


def test_pictures_in_no_group_and_groups_without_pictures_are_told(table, capsys):
    rows = read_labels(table, LabelWords())
    config = made_config()
    tell_ungrouped(rows, config)
    assert not capsys.readouterr().err
    typo = config.groups[1].model_copy(update={"rows": RowFilter(sources=("shcool",))})
    tell_ungrouped(rows, config.model_copy(update={"groups": (config.groups[0], typo)}))
    said = capsys.readouterr().err
    assert "are in no group and are not learned from" in said and "of school" in said
    assert "no training picture is in the group 'school'" in said


def test_a_run_that_began_before_means_were_drawn_together_goes_on(table, tmp_path):
    config = made_config(steps=2, checkpoint_every=1)
    data = loop_data(config, prepare(config, table, tmp_path))
    train(config, *data, tmp_path, stop_after=1)
    kept = torch.load(tmp_path / CHECKPOINT_NAME, weights_only=True)
    del kept["alignment"]
    torch.save(kept, tmp_path / CHECKPOINT_NAME)
    train(config, *data, tmp_path)
    assert torch.load(tmp_path / CHECKPOINT_NAME, weights_only=True)["step"] == 2


def test_a_finding_that_cannot_be_calibrated_is_said_before_anything_is_trained(table, tmp_path, monkeypatch):
    monkeypatch.setattr("core.training.run.train", lambda *arguments: pytest.fail("trained"))
    said = SaidWords(positive=("virus",), negative=("bacteria",))
    unknown = Question(label="Virus", rows=RowFilter(), said=said)
    config = made_config().model_copy(update={"questions": (unknown,)})
    with pytest.raises(ValueError, match="Virus: of the held-out pictures 0 show it and 0 do not"):
        train_model(config, table, tmp_path / "run", tmp_path / "model")


def test_of_a_table_with_one_class_it_is_said_what_helps(table, tmp_path, monkeypatch):
    monkeypatch.setattr("core.training.run.train", lambda *arguments: pytest.fail("trained"))
    words = LabelWords(positive=("sick",), negative=("normal", "other", "opacity"))
    only_negative = made_config().model_copy(update={"labels": words})
    with pytest.raises(ValueError, match=r"Blob: of .* with those that are trained on they are 0 and 48: add .*labels"):
        train_model(only_negative, table, tmp_path / "negative")
    prepared = prepare(made_config(), table, tmp_path / "both")
    alone = replace(prepared, held_out_rows=tuple(row for row in prepared.held_out_rows if row.is_positive))
    with pytest.raises(ValueError, match="raise held_out, or calibrate on a cross-validation"):
        check_calibration(made_config(), alone.trained_rows, alone.held_out_rows)
    never = made_config()  # draws no picture with the finding in any group
    never = never.model_copy(update={
        "groups": tuple(group.model_copy(update={"positive_share": 0.0}) for group in never.groups)})
    with pytest.raises(ValueError, match=r"Blob: of the held-out pictures 0 show it and \d+ do not"):
        check_calibration(never, prepared.trained_rows, prepared.held_out_rows)


def test_a_folder_for_each_class_without_tests_becomes_a_model_that_says_so(tmp_path, capsys):
    data, run = tmp_path / "set", tmp_path / "run"
    for index in range(24):
        word = ("normal", "opacity")[index % 2]
        (data / word).mkdir(parents=True, exist_ok=True)
        make_picture(data / word / f"{index}.png", draw_chest(index, word == "opacity"))
    loop = made_config(steps=12, batch=8, warmup_steps=2, ema_decay=0.5, evaluate_every=6).loop.model_dump(mode="json")
    groups = [{"name": "all", "rows": {"splits": ["train"]}, "share": 1.0, "selects": True}]
    config = write_toml(tmp_path / "drawn.toml", start="imagenet", loop=loop, groups=groups)
    assert main(["train", str(config), "--data", str(data), "--out", str(run)]) == 0
    assert capsys.readouterr().out.count("There are no test pictures to report on") == 1
    evaluation = load_evaluation(run / "model")
    assert not evaluation.has_pictures and len(evaluation.results) == 3  # which reports there would be
    assert sum(count.trained + count.held_out for count in evaluation.sources) == 24
    text = (run / "model" / "CARD.md").read_text(encoding="utf-8")
    assert "There are no test pictures to report on" in text and "| class folders | unknown |" in text


def test_train_makes_a_model_and_does_not_overwrite_a_run(table, tmp_path, capsys):
    config = write_toml(tmp_path / "drawn.toml")
    command = ["train", str(config), "--data", str(table), "--out", str(tmp_path / "run")]
    code = main(command)
    # two steps may well learn nothing; then the run says so and keeps its checkpoint
    assert code == 0 or "nothing was learned" in capsys.readouterr().err
    assert (tmp_path / "run" / CHECKPOINT_NAME).is_file()
    assert main(command) == 1
    assert "--resume" in capsys.readouterr().err
    assert main([*command, "--resume"]) == code
    assert main([*command[:-1], str(tmp_path / "rnu"), "--resume"]) == 1
    assert "rnu holds no run to resume" in capsys.readouterr().err and not (tmp_path / "rnu").exists()
    other = write_toml(tmp_path / "other.toml", seed=4)
    assert main(["train", str(other), "--data", str(table), "--out", str(tmp_path / "run"), "--resume"]) == 1
    assert "another configuration" in capsys.readouterr().err


def test_train_names_what_is_wrong_with_a_configuration(tmp_path, capsys):
    config = write_toml(tmp_path / "drawn.toml", held_out=2)
    assert main(["train", str(config), "--data", str(tmp_path)]) == 2
    assert "held_out" in capsys.readouterr().err
    assert main(["train", str(tmp_path / "none.toml"), "--data", str(tmp_path)]) == 2


@pytest.mark.parametrize("architecture", SCALES)
def test_imagenet_weights_fill_all_but_the_head_and_give_what_three_equal_channels_give(architecture):
    network = Network(1, architecture).eval()
    load_imagenet(network, architecture)
    given = torch.load(imagenet_file(architecture), weights_only=True)
    kernel = next(iter(given.values()))
    gray = torch.rand(1, 1, 16, 16)
    three = torch.nn.functional.conv2d(gray.expand(1, 3, 16, 16), kernel)
    assert torch.allclose(torch.nn.functional.conv2d(gray, network.stem[0].weight), three, atol=1e-5)
    assert torch.equal(network.features[1].running_var, list(given.values())[-4])
    x = torch.tensor(200.0)
    assert (x / 255 - IMAGENET_MEAN) / IMAGENET_STD == pytest.approx((200 - 127) / 128, abs=1e-5)


@pytest.mark.parametrize(("change", "reason"), [
    (lambda lines: [line.replace("opacity", "normal") for line in lines], "another source or label"),
    (lambda lines: lines[:9] + lines[10:], "does not have to learn from"),
])
def test_a_run_does_not_go_on_with_another_table(table, tmp_path, change, reason):
    folder = shutil.copytree(table, tmp_path / "set")
    prepare(made_config(), folder, tmp_path / "run")
    prepare(made_config(), folder, tmp_path / "run")
    lines = (folder / "labels.csv").read_text(encoding="utf-8").splitlines()
    (folder / "labels.csv").write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=reason):
        prepare(made_config(), folder, tmp_path / "run")


@pytest.mark.parametrize(("name", "old", "new"), [
    ("boxes.csv", "0.0,0.0,1.0,1.0", "0.0,0.0,1.0,0.5"), ("labels.csv", ",bacteria", ",virus"),
    ("labels.csv", ",readers,", ",another group,"),
])
def test_a_run_does_not_go_on_with_other_boxes_answers_or_groups(table, tmp_path, name, old, new):
    folder = shutil.copytree(table, tmp_path / "set")
    config = made_config()
    virus = Question(label="Virus", rows=RowFilter(), said=SaidWords(positive=("virus",), negative=("bacteria",)))
    head, *lines = (folder / "labels.csv").read_text(encoding="utf-8").splitlines()
    (folder / "labels.csv").write_text("\n".join([f"{head},finding", *(f"{line},bacteria" for line in lines)]))
    other = config.groups[0].model_copy(update={"name": "another", "rows": RowFilter(basis_contains=("another",))})
    config = config.model_copy(update={
        "boxes": ("whole",), "questions": (virus,), "groups": (other, *config.groups)})
    prepare(config, folder, tmp_path / "run")
    prepare(config, folder, tmp_path / "run")
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match="another group, or with other answers, boxes"):
        prepare(config, folder, tmp_path / "run")


def test_a_run_does_not_go_on_with_pictures_that_could_not_be_read_when_it_began(table, tmp_path):
    folder, run = shutil.copytree(table, tmp_path / "set"), tmp_path / "run"
    away = folder / "images" / "000.png"
    away.rename(tmp_path / "away.png")
    prepare(made_config(), folder, run)
    (tmp_path / "away.png").rename(away)
    prepare(made_config(), folder, run, tmp_path / "cache")  # nothing was learned yet
    (run / BEGUN[0]).touch()
    prepare(made_config(), folder, run, tmp_path / "cache")
    away.unlink()
    with pytest.raises(ValueError, match=r"1 pictures, such as images/000\.png, could be read when the run"):
        prepare(made_config(), folder, run, tmp_path / "other cache")
    (run / "unreadable.json").unlink()  # as earlier versions left it
    prepare(made_config(), folder, run, tmp_path / "other cache")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken"])
def test_a_damaged_checkpoint_is_said(tmp_path, content):
    (tmp_path / "best.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"best\.pt is damaged"):
        load_state(tmp_path / "best.pt")


def test_a_test_picture_whose_zones_are_asked_for_leaks_though_its_label_is_not_known(table):
    config = zones_teach()
    rows = read_labels(table, LabelWords())
    usable = [row for row in rows if row.is_known and row.split == "train"]
    parts = {row.path: HELD_OUT if index < 8 else TRAINED for index, row in enumerate(usable)}
    unsure = replace(usable[0], path="images/again.png", split="test", label=Label.UNCERTAIN, sha1="")
    check_split([*rows, unsure], usable, parts, made_config())
    with pytest.raises(ValueError, match="the patient"):
        check_split([*rows, unsure], usable, parts, config)


def test_boxes_that_no_picture_has_were_not_learned_from(table, tmp_path, monkeypatch):
    monkeypatch.setattr("core.training.save_model._first_center", lambda *arguments: (1.0, 2.0))
    state, calibrations = Network(1).state_dict(), (uncalibrated(np.ones((1, 2, 2), np.float32)),)
    found = {}
    for words in ("tumor", "whole"):  # what the made boxes are called is "whole picture"
        config = made_config().model_copy(update={"boxes": (words,)})
        prepared = prepare(config, table, tmp_path / words)
        taught = kinds_taught(loop_data(config, prepared)[0].places)
        card = save_model(tmp_path / words / "model", config, state, calibrations, prepared.held_out.gray,
                          has_places=bool(taught))
        (text,) = provenance_of(config, calibrations, taught).network
        found[words] = (bool(taught), "Readers' boxes taught" in text, card.first_center)
    assert found == {"tumor": (False, False, (1.0, 2.0)), "whole": (True, True, None)}
    unweighted = made_config(box_weight=0.0).model_copy(update={"boxes": ("whole",)})
    assert not kinds_taught(loop_data(unweighted, prepared)[0].places)


@pytest.mark.parametrize("architecture", SCALES)
def test_a_model_folder_says_which_network_its_weights_are_of(tmp_path, architecture):
    config = made_config().model_copy(update={"architecture": architecture})
    state, calibrations = Network(1, architecture).state_dict(), (uncalibrated(np.ones((1, 2, 2), np.float32)),)
    save_model(tmp_path, config, state, calibrations, np.zeros((1, 64, 64), np.uint8), has_places=True)
    model = load_model(tmp_path, "cpu")
    assert not isinstance(model, Refusal) and model.card.architecture == architecture
    middle = model.look(np.zeros((1, 1, 64, 64), np.float32)).middle
    assert middle.shape[1] == Network(1, architecture).middle_channels
    other = next(name for name in SCALES if name != architecture)
    card = (tmp_path / "model.json").read_text(encoding="utf-8").replace(architecture, other)
    (tmp_path / "model.json").write_text(card, encoding="utf-8")
    refused = load_model(tmp_path, "cpu")
    assert isinstance(refused, Refusal) and refused.reason is Reason.MODEL_DAMAGED


def test_a_calibration_that_is_cut_off_leaves_no_figures_of_the_thresholds_before_it(tmp_path):
    model, config = tmp_path / "model", made_config()
    state, calibrations = Network(1).state_dict(), (uncalibrated(np.ones((1, 2, 2), np.float32)),)
    (model / "plots").mkdir(parents=True)
    figures = [model / name for name in ("CARD.md", "evaluation.json", "plots/all.png")]
    for path in figures:
        path.touch()
    save_model(model, config, state, calibrations, np.zeros((1, 64, 64), np.uint8), has_places=True)
    assert not any(path.exists() for path in figures) and (model / "model.json").is_file()


def test_a_model_folder_keeps_from_which_splits_it_learned(finished):
    run, _ = finished
    assert load_evaluation(run / "model").provenance.train_splits == ("train",)
