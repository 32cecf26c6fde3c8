"""wetread-cli: one parser; each subcommand is a module with `add_parser` and `run`."""

import argparse
import importlib
import importlib.util
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from core.log import logged_on_stderr

# Modules of core.cli, in the order of the help page. Each imports what is heavy inside `run` only.
SUBCOMMANDS = (
    "read", "render", "triage", "data", "train", "crossvalidate", "evaluate", "compare", "heatmaps", "export",
    "quantise", "conformance",
)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with all subcommands."""
    from core.version import VERSION

    parser = argparse.ArgumentParser(
        prog="wetread-cli",
        description="Read, render and sort radiographs without a screen. For research, not for diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"Wetread {VERSION}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in SUBCOMMANDS:
        importlib.import_module(f"core.cli.{name}").add_parser(subparsers)
    return parser


def _with_signs(argv: Sequence[str]) -> list[str]:
    """Join --window with a center below zero, which argparse would take for an option: --window=-600/1500."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] == "--window" and word.startswith("-") and word[1:2].isdigit():
            joined[-1] = f"--window={word}"
        else:
            joined.append(word)
    return joined


def _why_no_training() -> str:
    """Return a sentence where the training half or its packages are missing, "" where all is there."""
    from core.findings.wording import TRAINING_NOT_INSTALLED, TRAINING_NOT_PACKED

    if importlib.util.find_spec("core.training") is None:  # the packaged program
        return TRAINING_NOT_PACKED
    packages = ("sklearn", "tensorboard", "torchvision")
    return "" if all(importlib.util.find_spec(name) for name in packages) else TRAINING_NOT_INSTALLED


def _print_anything() -> None:
    """Escape what the output's encoding has no letter for: a sign in a table must not end hours of work."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_what_is_left() -> None:
    """Point an output that nobody reads any more at nothing: else the interpreter fails over what is left in it."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except BrokenPipeError:
            with suppress(OSError, ValueError):  # it may have no descriptor
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the process's exit code: 0 all well, 1 something was not, 2 wrong usage."""
    _print_anything()
    arguments = build_parser().parse_args(_with_signs(sys.argv[1:] if argv is None else argv))
    if getattr(arguments, "needs_training", False) and (why := _why_no_training()):
        print(why, file=sys.stderr)
        return 2
    try:
        with logged_on_stderr():
            code = int(arguments.run(arguments))
        print(end="", flush=True)  # here and not after the end, when nobody could say any more that it failed
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # who reads what is printed has gone, as `head` does
        _forget_what_is_left()
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
