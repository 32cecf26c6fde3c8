"""The command line where the training half is missing: the packaged program, and an installation without its extra."""

import importlib.util

import pytest

from core.cli.main import build_parser, main

COMMANDS = (
    ["train", "c.toml", "--data", "d"], ["crossvalidate", "c.toml", "--data", "d"], ["evaluate", "model", "data"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(("missing", "said"), [("core.training", "from its sources"), ("sklearn", "wetread[train]")])
def test_what_needs_training_ends_with_one_sentence_where_it_is_not_there(command, missing, said, monkeypatch, capsys):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find_spec(name))
    assert main(command) == 2
    printed = capsys.readouterr()
    assert said in printed.err and printed.err.count("\n") == 1 and not printed.out


def test_no_help_shows_how_its_text_is_escaped():
    subparsers = next(one for one in build_parser()._actions if one.dest == "command")
    assert "evaluate" in subparsers.choices
    assert all("%%" not in parser.format_help() for parser in subparsers.choices.values())
