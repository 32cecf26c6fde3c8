"""wetread-cli data: what is wrong with a labelled collection, before anybody trains on it."""

import argparse
import sys
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("data", help="check a labelled collection for leaks and shortcuts")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    check = tasks.add_parser(
        "check", help="copies, leaks, balance, sizes, shortcuts, a contact sheet",
        description="Open every picture of a label table, or of a folder for each class, and look for what makes "
        "figures too good: the same picture or patient in two splits, classes or sources that size, brightness or "
        "sharpness tell. Exit code 1 where a picture or a patient is in two splits, or a picture cannot be opened.",
    )
    check.add_argument("data", type=Path, metavar="DATA",
                       help="the label table, the folder that holds it as labels.csv, or a folder of class folders")
    check.add_argument("--labels", type=Path, metavar="FILE.toml",
                       help="what the label words mean: [labels] of a training configuration (default: each word is a "
                       "class of its own)")
    check.add_argument("--out", type=Path, metavar="FOLDER",
                       help="write check.json, facts.csv, copies.csv, patient-leaks.csv and contact-sheet.png, which "
                       "shows pictures of patients")
    check.set_defaults(run=run, needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Check; 0 when nothing leaks, 1 when something does or cannot be opened, 2 for a table that cannot be read.

    2 also where a result would be written over it.
    """
    try:
        from core.cli.reports import asked_config
        from core.cli.shared import folder_or_say_why, spare_inputs_or_say_why
        from core.training.data_check import check_data
        from core.training.data_report import COPIES_NAME, FACTS_NAME, LEAKS_NAME, print_check, write_check
        from core.training.labels import read_labels, table_path
        from core.training.picture_facts import measure_pictures
        from core.training.run_log import progress_bar

        if not folder_or_say_why(arguments.out):
            return 2
        tables = [] if arguments.out is None else [arguments.out / one for one in (FACTS_NAME, COPIES_NAME, LEAKS_NAME)]
        if not spare_inputs_or_say_why(tables, [table_path(arguments.data), arguments.labels]):
            return 2
        words = None if arguments.labels is None else asked_config(arguments.labels).labels
        rows = read_labels(arguments.data, words, as_named=True)
        with progress_bar() as bar:
            task = bar.add_task("opening", total=len(rows), note="")
            facts = measure_pictures(
                table_path(arguments.data).parent, rows, lambda done, of: bar.update(task, completed=done)
            )
            check = check_data(rows, facts, progress=lambda what: bar.update(task, description=what))
        if arguments.out is not None:
            write_check(arguments.out, check, facts, rows)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print_check(check)
    if arguments.out is not None:
        print(f"written: {arguments.out}")
    return 1 if check.leaks or check.unreadable else 0
