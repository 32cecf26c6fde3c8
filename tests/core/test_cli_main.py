"""The command line where the training half is missing: the packaged program, and an installation without its extra."""

import importlib.util

import pytest

from core.cli.main import build_parser, main

COMMANDS = (
    ["train", "c.toml", "--data", "d"], ["crossvalidate", "c.toml", "--data", "d"], ["evaluate", "model", "data"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(("missing", "said"), [("core.training", "from its sources"), ("sklearn", ".[train]")])
def test_what_needs_training_ends_with_one_sentence_where_it_is_not_there(command, missing, said, monkeypatch, capsys):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find_spec(name))
    assert main(command) == 2
    printed = capsys.readouterr()
    assert said in printed.err and printed.err.count("\n") == 1 and not printed.out


@pytest.mark.parametrize("words", [
    ["evaluate", "m/predictions.csv", "d", "--out", "m"], ["evaluate", "m", "d", "--json", "d/labels.csv"],
    ["compare", "m", "m/predictions.csv", "d", "--json", "m/predictions.csv"],
    ["data", "check", "d/facts.csv", "--out", "d"], ["heatmaps", "m", "d", "--json", "d/picture.png"],
    ["quantise", "m", "--data", "d", "--out", "m"],
    ["conformance", "d", "--json", "d/MANIFEST.tsv"],
], ids=" ".join)
def test_no_result_is_written_over_a_table_a_picture_or_a_model_that_is_read(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = ("m/predictions.csv", "m/model.json", "d/labels.csv", "d/facts.csv", "d/picture.png", "d/MANIFEST.tsv")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("kept")
    assert main(words) == 2
    assert "not written, it is" in capsys.readouterr().err
    assert {(tmp_path / name).read_text() for name in names} == {"kept"}


def test_no_help_shows_how_its_text_is_escaped():
    subparsers = next(one for one in build_parser()._actions if one.dest == "command")
    assert "evaluate" in subparsers.choices
    assert all("%%" not in parser.format_help() for parser in subparsers.choices.values())
