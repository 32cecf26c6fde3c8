"""What the documents name exists: targets of make, files and folders, commands and their options, pictures."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.main import build_parser

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("core", "gui", "resources", "tests", "models", ".ci")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "resources/docs").glob("*.md")])
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def code_of(document: Path) -> list[str]:
    """Return what stands in backticks and in fenced blocks, line by line."""
    text = document.read_text(encoding="utf-8")
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [line for block in fenced for line in block.splitlines()] + inline


def alternatives(name: str) -> Iterator[str]:
    """Give what a name with {braces} stands for: core/{a,b}.py is core/a.py and core/b.py."""
    braces = re.search(r"\{([^{}]*)\}", name)
    if braces is None:
        yield name
        return
    for part in braces[1].split(","):
        yield from alternatives(name[:braces.start()] + part.strip() + name[braces.end():])


def named_paths(document: Path) -> Iterator[str]:
    """Give the paths from the project's root that code in a document names; capitals stand for anything."""
    for code in code_of(document):
        for word in re.findall(r"[\w.*{},/-]+", code):
            word = word.rstrip(".,")
            if word.split("/")[0] in FOLDERS and "/" in word:
                yield from alternatives(re.sub(r"\b[A-Z]{3,}\b(?!\.md)", "*", word))


def subcommands() -> dict[str, argparse.ArgumentParser]:
    actions = build_parser()._subparsers._group_actions  # argparse has no public way to its subparsers
    return dict(actions[0].choices)


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Return the options of a subcommand and of the tasks below it."""
    below = [task for action in parser._actions if isinstance(action, argparse._SubParsersAction)
             for task in action.choices.values()]
    return set(parser._option_string_actions).union(*map(options_of, below))


def test_there_are_documents():
    assert {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= {path.name for path in DOCUMENTS}


@every_document
def test_every_target_of_make_that_a_document_names_exists(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {match for code in code_of(document) for match in re.findall(r"\bmake ([a-z][a-z-]*)", code)}
    assert named <= targets


@every_document
def test_every_file_that_a_document_names_exists(document):
    missing = [name for name in named_paths(document) if not any(ROOT.glob(name.rstrip("/")))]
    assert not missing


@every_document
def test_every_link_and_picture_leads_somewhere(document):
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [link for link in links if "://" not in link and not link.startswith("mailto:")
               and not (document.parent / link).exists()]
    assert not missing


@every_document
def test_every_subcommand_and_option_that_a_document_names_exists(document):
    parsers = subcommands()
    wrong = []
    for code in code_of(document):
        for name, arguments in re.findall(r"wetread-cli ([a-z]+)([^|;&#]*)", code):
            options = options_of(parsers[name]) if name in parsers else set()
            used = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", arguments)
            wrong += [f"{name} {option}" for option in used if option not in options]
            wrong += [] if name in parsers else [name]
    assert not wrong


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert explained == phony - {"environment"}
