"""wetread-cli triage: a folder of files as a list, urgent first."""

import argparse
import io
import sys
from pathlib import Path

from core.cli.shared import (
    add_reading_options,
    load_model_or_say_why,
    opened_files,
    spare_read_or_say_why,
    write_or_say_why,
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "triage", help="many files as a list, urgent first",
        description="Read many files; each one is exactly one row, also one that cannot be read.",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the list as CSV (default: to the terminal)")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read every file and write the list; 0 when every file could be read, 1 otherwise, 2 without a model.

    2 also where the list would be written over a file that is read.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from core.findings.wording import NOTHING_FOUND
    from core.triage.rows import State, counts_text, sort_key, to_csv
    from core.triage.run import read_rows

    if not spare_read_or_say_why(arguments, arguments.csv):
        return 2
    model = load_model_or_say_why(arguments.model, arguments.device)
    if model is None:
        return 2
    rows = []
    columns = SpinnerColumn(), TextColumn("{task.completed:.0f} files read")  # how many there are shows at the end
    shown = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())  # stdout is for the list
    with opened_files(arguments) as opened, shown as progress:
        task = progress.add_task("reading", total=None)
        for row, _ in read_rows(opened, model):
            rows.append(row)
            progress.advance(task)
    rows.sort(key=sort_key)
    text = to_csv(rows)
    if arguments.csv is None:
        _print_csv(text)
    elif not write_or_say_why(arguments.csv, text):
        return 1
    print(counts_text(rows) if rows else NOTHING_FOUND, file=sys.stderr)
    return 1 if any(row.state is State.FAILED for row in rows) or not rows else 0


def _print_csv(text: str) -> None:
    """Print the list; into a file or a pipe the very bytes that --csv writes, whatever the system's encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    sys.stdout.write(text)
