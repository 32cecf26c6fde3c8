"""wetread-cli evaluate: what a model is worth on labelled pictures, with intervals."""

import argparse
import sys
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "evaluate", help="a model's figures on labelled pictures",
        description="Read every labelled picture that the reports ask for, as everywhere else, and print AUC, "
        "sensitivity and specificity with 95 %% intervals.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the model's folder")
    parser.add_argument("data", type=Path, metavar="DATA", help="the label table, or its folder")
    parser.add_argument("--reports", type=Path, metavar="FILE.toml",
                        help="which pictures make a line: [[reports]] and [labels] of a training configuration "
                        "(default: the model's own; without any, the test split and each of its sources)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.set_defaults(run=run, needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; 0 when there are figures, 1 when the table gives none, 2 without a model."""
    from core.cli.shared import load_model_or_say_why, write_or_say_why

    model = load_model_or_say_why(arguments)
    if model is None:
        return 2
    try:
        from core.training.config import LabelWords, load_reports
        from core.training.evaluation import default_reports, evaluate_model, load_evaluation, to_json
        from core.training.evaluation_table import print_evaluation
        from core.training.labels import read_labels, table_path
        from core.training.run_log import progress_bar

        known = load_evaluation(arguments.model)
        if arguments.reports is not None:
            reports, words = load_reports(arguments.reports)
        elif known is not None:
            reports, words = tuple(result.report for result in known.results), known.labels
        else:
            reports, words = (), LabelWords()
        rows = read_labels(arguments.data, words)
        with progress_bar() as bar:
            task = bar.add_task("reading", note="")
            evaluation = evaluate_model(
                model, table_path(arguments.data).parent, rows, reports or default_reports(rows), words,
                lambda done, of: bar.update(task, completed=done, total=of),
            )
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print_evaluation(evaluation)
    return 0 if arguments.json is None or write_or_say_why(arguments.json, to_json(evaluation)) else 1
