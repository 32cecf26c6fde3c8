"""wetread-cli compare: two models on the same pictures."""

import argparse
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.reports import (
    asked_config,
    fitting_config,
    learned_reports,
    on_predicted,
    planned_config,
    read_rows,
    readable_evaluation,
)
from core.cli.shared import (
    at_least_one,
    load_model_or_say_why,
    printed_beside,
    read_of_model,
    spare_inputs_or_say_why,
    write_or_say_why,
)
from core.files import printable

if TYPE_CHECKING:
    from core.training.answers import Answers
    from core.training.config import Report
    from core.training.labels import LabelRow


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "compare", help="two models on the same pictures, with paired tests",
        description="Compare two models, or two tables of predictions, on the labelled pictures that both read: paired "
        "DeLong test and bootstrap by patient of the difference in AUC, McNemar's test by patient of the calls at each "
        "model's operating point; and what either score knows of source, size, brightness and sharpness.",
    )
    parser.add_argument("first", type=Path, metavar="A", help="a model's folder, or predictions.csv")
    parser.add_argument("second", type=Path, metavar="B", help="the other one")
    parser.add_argument("data", type=Path, metavar="DATA", help="the label table, or its folder")
    parser.add_argument("--reports", type=Path, metavar="FILE.toml",
                        help="which pictures make a line: [[reports]] and [labels] of a training configuration "
                        "(default, for each part that the file has not: those of the first model, or of the "
                        "cross-validation that a table lies in, whose [labels] know all words of the label table; "
                        "without, the test split and its sources, for two tables all pictures that both predict)")
    parser.add_argument("--finding", default="", help="which finding of a table of predictions (default: the first)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the comparison as JSON")
    parser.add_argument("--bootstrap", type=at_least_one, default=1000, metavar="N",
                        help="draws of patients (default: 1000)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="where models run (default: auto)")
    parser.set_defaults(run=run, needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Compare; 0 when there are figures, 1 when the table gives none, 2 without a model or over a file that is read.

    2 also for an option that has no meaning for the two.
    """
    if why := _contradiction(arguments):
        print(why, file=sys.stderr)
        return 2
    inputs = [*read_of_model(arguments.first), *read_of_model(arguments.second), arguments.data, arguments.reports]
    if not spare_inputs_or_say_why([arguments.json], inputs):
        return 2
    try:
        from core.training.compare import compare, print_comparison, to_json
        from core.training.labels import table_path
        from core.training.measure import asked_rows

        rows, reports = _pictures(arguments)
        asked = asked_rows(reports, rows)
        for side in (arguments.first, arguments.second):
            _tell_learned(side, reports, rows)
        first, second = (_answers(side, asked, arguments) for side in (arguments.first, arguments.second))
        if first is None or second is None:
            return 2
        names = (first[0], second[0])
        comparison = compare(names, first[1], second[1], rows, reports, arguments.bootstrap,
                             table_path(arguments.data).parent)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    is_written = arguments.json is None or write_or_say_why(arguments.json, to_json(comparison))
    with printed_beside(arguments.json):  # after it was written: who reads what is printed may have gone
        print_comparison(comparison)
    return 0 if is_written else 1


def _contradiction(arguments: argparse.Namespace) -> str:
    """Return a sentence about an option that has no meaning for the two sides, "" where there is none."""
    sides = (arguments.first, arguments.second)
    if arguments.finding and all(side.is_dir() for side in sides):
        return "--finding chooses from a table of predictions; of models' folders the reports say which they are about"
    if arguments.device is not None and all(side.is_file() for side in sides):
        return "--device is where a model runs: with two tables of predictions none does"
    return ""


def _tell_learned(side: Path, reports: Sequence["Report"], rows: Sequence["LabelRow"]) -> None:
    """Print which reports ask for pictures that a model learned from, or may have. Raises as `check_said`.

    A table of predictions does not say what its models learned from: those of a cross-validation never saw the patient.
    """
    from core.reading.model_card import load_card
    from core.refusal import Refusal
    from core.training.config import check_said

    card = load_card(side) if side.is_dir() else None
    if card is None or isinstance(card, Refusal):  # told when the model is loaded
        return
    check_said(reports, [card.findings[0].label])
    for one in learned_reports(reports, rows, readable_evaluation(side), card.weights_sha256):
        print(f"{printable(side)}: figures may be too good: {one.why}.", file=sys.stderr)


def _pictures(arguments: argparse.Namespace) -> tuple[tuple["LabelRow", ...], tuple["Report", ...]]:
    """Return the label table's rows and the reports that the options, a model or a cross-validation's table ask for.

    Of those that know all label words the first one counts, models before tables. Where tables are asked for a finding
    that is the first one of none of them, those about it. Raises ValueError without any.
    """
    from core.training.config import check_said
    from core.training.evaluation import default_reports, known_config, load_evaluation
    from core.training.measure import each_source, first_finding, reports_about
    from core.training.predict import read_predictions

    sides = (arguments.first, arguments.second)
    load = load_evaluation if arguments.reports is None else readable_evaluation  # an older model may be compared
    known = (known_config(found) for side in sides if side.is_dir() and (found := load(side)))
    planned = [plan for side in sides if side.is_file() and (plan := planned_config(side))]
    config = asked_config(arguments.reports, fitting_config(arguments.data, chain(known, planned)))
    rows = read_rows(arguments.data, config)
    tables = [read_predictions(side) for side in sides if side.is_file()]
    reports = config.reports
    if reports in [plan.reports for plan in planned]:
        rows, reports = on_predicted(reports, rows, tables)
    if not reports and len(tables) == len(sides):
        first, second = ({item.path for item in table} for table in tables)
        rows = tuple(row for row in rows if row.path in first & second)
        reports = each_source(rows)
    reports = reports or default_reports(rows)
    firsts = [name for table in tables if (name := first_finding(table))]
    if firsts:
        check_said(reports, firsts)
    if arguments.finding and firsts:
        reports = reports_about(arguments.finding, firsts, reports)
    return rows, reports


def _answers(
    side: Path, rows: Sequence["LabelRow"], arguments: argparse.Namespace
) -> tuple[str, "Answers"] | None:
    """Return the name and answers of a model's folder or a table; None, with the reason printed, without a model."""
    from core.training.answers import answers_of, read_answers
    from core.training.labels import table_path
    from core.training.measure import first_finding
    from core.training.predict import read_predictions
    from core.training.run_log import progress_bar

    if side.is_file():
        predictions = read_predictions(side)
        return str(side), answers_of(predictions, rows, arguments.finding or first_finding(predictions))
    model = load_model_or_say_why(side, arguments.device or "auto")
    if model is None:
        return None
    with progress_bar() as bar:
        task = bar.add_task(side.name, note="")
        answers = read_answers(
            model, table_path(arguments.data).parent, rows,
            lambda done, of: bar.update(task, completed=done, total=of),
        )
    return model.identity.short, answers
