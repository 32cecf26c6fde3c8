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
        description="Read many files; each one is exactly one row, also one that cannot be read. What is flagged comes "
                    "first, by how far its probability is over its threshold, in log-odds.",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the list as CSV (default: to the terminal)")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read every file and write the list; 0 when every file could be read, 1 otherwise, 2 without a model.

    2 also where the list would be written over a file that is read, or a folder; 130 where a person ended it, with the
    list so far. A list that cannot be written is printed.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from core.findings.wording import NOTHING_FOUND, interrupted_text
    from core.triage.rows import State, counts_text, sort_key, to_csv
    from core.triage.run import read_rows

    if not spare_read_or_say_why(arguments, arguments.csv):
        return 2
    model = load_model_or_say_why(arguments.model, arguments.device)
    if model is None:
        return 2
    rows, is_whole = [], True
    columns = SpinnerColumn(), TextColumn("{task.completed:.0f} files read")  # how many there are shows at the end
    shown = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())  # stdout is for the list
    with opened_files(arguments) as opened, shown as progress:
        task = progress.add_task("reading", total=None)
        try:
            for row, _ in read_rows(opened, model):
                rows.append(row)
                progress.advance(task)
        except KeyboardInterrupt:
            is_whole = False
    if not is_whole:
        print(interrupted_text(len(rows)), file=sys.stderr)
        if not rows:
            return 130
    rows.sort(key=sort_key)
    text = to_csv(rows)
    is_written = arguments.csv is not None and write_or_say_why(arguments.csv, text, is_whole)
    if not is_written:
        _print_csv(text)
    print(counts_text(rows) if rows else NOTHING_FOUND, file=sys.stderr)
    if not is_whole:
        return 130
    all_read = bool(rows) and all(row.state is not State.FAILED for row in rows)
    return 0 if all_read and (is_written or arguments.csv is None) else 1


def _print_csv(text: str) -> None:
    """Print the list; into a file or a pipe the very bytes that --csv writes, whatever the system's encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    sys.stdout.write(text)
