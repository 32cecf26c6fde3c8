"""Pictures seen without their label: which they are, how they are drawn, and what a run says of them."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.training.balancing import draw
from core.training.config import GateConfig, Report, RowFilter, Unlabelled
from core.training.crossvalidate import crossvalidate
from core.training.evaluation import check_unseen
from core.training.fold_plan import Plan
from core.training.labels import Label, read_labels
from core.training.loop import pairs, train
from core.training.run import loop_data, open_run, prepare, train_model
from core.training.unlabelled import candidates, without_measured
from tests.make.picture import make_picture
from tests.make.scored import make_row
from tests.make.training import draw_chest, made_config, make_table

SHARE = 0.25


def configured(rows=None, **loop):
    config = made_config("imagenet", **{"batch": 8, "paired": 0.25, **loop})
    return config.model_copy(update={"unlabelled": Unlabelled(rows=rows or RowFilter(splits=("more",)), share=SHARE)})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The drawn chests, and eight more whose labels are not looked at, one of them of a test patient."""
    folder = make_table(tmp_path_factory.mktemp("table") / "set")
    with (folder / "labels.csv").open("a", newline="", encoding="utf-8") as file:
        for index in range(8):
            path = f"images/more{index}.png"
            make_picture(folder / path, draw_chest(900 + index, False))
            patient = "p31" if index == 0 else f"more{index}"
            csv.writer(file).writerow((path, "ward", "more", patient, ("opacity", "none")[index % 2], "", "CC BY", ""))
    return folder


def some_rows(source, split, patients, label=Label.POSITIVE):
    rows = (make_row(index, label is Label.POSITIVE, source=source) for index in range(len(patients)))
    return [replace(row, path=f"{source}/{split}/{patient}", patient=patient, split=split, label=label)
            for row, patient in zip(rows, patients, strict=True)]


def test_candidates_are_what_is_named_without_tests_and_what_is_learned_from():
    config = configured(RowFilter(sources=("clinic",)))
    learned, tests, ward = (some_rows("clinic", split, "ab") for split in ("train", "test", "ward"))
    unread = some_rows("clinic", "train", "cd", Label.MISSING)
    others = some_rows("elsewhere", "ward", "e")
    assert candidates([*learned, *tests, *ward, *unread, *others], config) == (*ward, *unread)
    with pytest.raises(ValueError, match="no picture is unlabelled"):
        candidates([*learned, *tests, *others], config)
    assert candidates([*ward], config.model_copy(update={"unlabelled": None})) == ()


def test_patients_who_are_held_out_or_tested_and_sources_left_out_are_not_seen():
    config = configured(RowFilter(splits=("ward",)))
    found = some_rows("clinic", "ward", "abcd") + some_rows("school", "ward", "ef") + some_rows("new", "ward", "g")
    trained, held_out = some_rows("clinic", "train", "ax"), some_rows("clinic", "train", "b")
    tests, left_out = some_rows("clinic", "test", "c"), some_rows("school", "train", "y")
    rows = [*found, *trained, *held_out, *tests, *left_out]
    seen = without_measured(found, rows, trained, config)
    assert [row.patient for row in seen] == ["a", "d", "g"]
    everything = without_measured(found, rows, [*trained, *held_out, *left_out], config)
    assert [row.patient for row in everything] == ["a", "b", "d", "e", "f", "g"]


def test_pictures_that_a_report_asks_for_are_not_seen_and_none_left_is_said():
    found = some_rows("clinic", "val", "ab") + some_rows("ward", "ward", "cd", Label.MISSING)
    config = configured(RowFilter())
    asking = config.model_copy(update={"reports": (Report(name="val", title="V", rows=RowFilter(splits=("val",))),)})
    assert len(without_measured(found, found, (), config)) == 4
    assert [row.patient for row in without_measured(found, found, (), asking)] == ["c", "d"]
    with pytest.raises(ValueError, match="no unlabelled picture is left"):
        without_measured(found[:2], found, (), asking)


def test_what_the_input_gate_is_tested_on_is_not_seen():
    found = some_rows("ward", "ward", [f"patient {index}" for index in range(60)], Label.MISSING)
    config = configured(RowFilter(splits=("ward",)))
    gated = config.model_copy(update={"gate": GateConfig(frontal=RowFilter(splits=("ward",)), tested=0.5)})
    assert len(without_measured(found, found, (), config)) == 60
    assert 15 < len(without_measured(found, found, (), gated)) < 45


def test_they_are_drawn_in_their_share_and_come_first_among_those_seen_twice(table, tmp_path):
    config = configured()
    open_run(tmp_path, config, resume=False)
    trained, _ = loop_data(config, prepare(config, table, tmp_path))
    unlabelled = np.isnan(trained.targets).all(1)
    assert unlabelled.sum() == 7  # that of a test patient is not seen
    assert trained.balance.probability.sum() == pytest.approx(1)
    assert trained.balance.probability[unlabelled].sum() == pytest.approx(SHARE)
    assert all(kind == -1 for kind in trained.kinds.of_rows[unlabelled])
    for step in range(10):
        batch = draw(trained.balance, 8, config.seed, step)
        assert unlabelled[batch].sum() == 2
        first, second = pairs(8, 0.25, step, unlabelled[batch])
        assert unlabelled[batch][first].all() and not unlabelled[batch][second].any()


def test_they_teach_that_two_views_are_answered_alike_and_nothing_else(table, tmp_path):
    weights = []
    for name, change in (("as they are", {}), ("again", {}), ("without", {"unlabelled": None})):
        config = configured(deterministic=True, steps=2).model_copy(update=change)
        run = tmp_path / name
        open_run(run, config, resume=False)
        prepared = prepare(config, table, run)
        assert len(prepared.unlabelled_rows) == len(prepared.unlabelled.gray) == (0 if "out" in name else 7)
        weights.append(train(config, *loop_data(config, prepared), run))
        losses = [json.loads(line)["loss"] for line in (run / "log.jsonl").read_text().splitlines()
                  if "loss" in json.loads(line)]
        assert np.isfinite(losses).all()
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
    assert any(not torch.equal(value, weights[2][name]) for name, value in weights[0].items())


def test_a_run_goes_on_with_the_unlabelled_pictures_that_it_began_with(table, tmp_path):
    config, run, copy = configured(), tmp_path / "run", tmp_path / "copy"
    open_run(run, config, resume=False)
    before = prepare(config, table, run).unlabelled_rows
    shutil.copytree(table, copy)
    text = (copy / "labels.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    (copy / "labels.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    assert prepare(config, copy, run).unlabelled_rows == before
    for split, reason in (("test", "more3.png as unlabelled, which is a test now"), ("val", "no longer unlabelled")):
        (copy / "labels.csv").write_text(text.replace("ward,more,more3", f"ward,{split},more3"), encoding="utf-8")
        with pytest.raises(ValueError, match=reason):
            prepare(config, copy, run)


def test_a_model_says_how_many_pictures_it_saw_without_their_label(table, tmp_path):
    run = tmp_path / "run"
    figures = train_model(configured(), table, run, run / "model")
    assert figures is not None
    ward = next(count for count in figures.sources if count.source == "ward")
    assert (ward.unlabelled, ward.trained, ward.held_out, ward.tested, ward.positives) == (7, 0, 0, 0, 0)
    assert sum(count.unlabelled for count in figures.sources) == 7
    asked = [Report(name="more", title="More", rows=RowFilter(splits=("more",)))]
    rows = read_labels(table, configured().labels)
    with pytest.raises(ValueError, match="learned from"):
        check_unseen(asked, rows, figures, figures.weights_sha256)
    text = (run / "model" / "CARD.md").read_text(encoding="utf-8")
    assert "| ward | CC BY | 0 | 0 | 0 | 0 | 7 |" in text
    assert "25% of the pictures drawn were seen without their label" in " ".join(text.split())


def test_a_fold_sees_none_of_whom_it_predicts(table, tmp_path):
    config = configured(RowFilter(splits=("more", "train")), steps=14, warmup_steps=2, ema_decay=0.5, evaluate_every=7)
    _, predictions = crossvalidate(config, Plan(folds=2), table, tmp_path / "folds", say=lambda text: None)
    labelled = [row for row in read_labels(table, config.labels) if row.is_known and row.split == "train"]
    assert sorted(item.path for item in predictions) == sorted(row.path for row in labelled)


@pytest.mark.parametrize("loop", [{"paired": 0.0}, {"paired": 0.2}, {"paired": 0.25, "pair_weight": 0.0}])
def test_pictures_that_would_teach_nothing_are_refused(loop):
    raw = {**made_config().model_dump(mode="json"), "unlabelled": {"rows": {}, "share": SHARE}}
    with pytest.raises(ValidationError, match="by being seen twice"):
        type(made_config()).model_validate({**raw, "loop": {**raw["loop"], **loop}})
