"""wetread-cli evaluate: what a model is worth on labelled pictures, with intervals."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.cli.reports import (
    Learned,
    asked_config,
    learned_reports,
    on_predicted,
    planned_config,
    read_rows,
    with_remark,
)
from core.cli.shared import (
    at_least_one,
    done_or_say_why,
    folder_or_say_why,
    load_model_or_say_why,
    printed_beside,
    read_of_model,
    spare_inputs_or_say_why,
    write_or_say_why,
)

if TYPE_CHECKING:
    from core.reading.model_card import ModelCard
    from core.training.answers import Answers
    from core.training.config import Report
    from core.training.evaluation import Evaluation
    from core.training.labels import LabelRow


class Evaluated(NamedTuple):
    """The figures, the answers to the pictures and the rows of the table; of a model's folder its card too."""

    evaluation: "Evaluation"
    answers: "Answers"
    rows: tuple["LabelRow", ...]
    card: "ModelCard | None" = None


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "evaluate", help="a model's figures on labelled pictures",
        description="Read every labelled picture that the reports ask for, as everywhere else, or take a table of "
        "predictions (such as those of a cross-validation), and print AUC, sensitivity, specificity, calibration error "
        "and whether the score tells the source, with 95 % intervals by patient. --out writes all figures, plots and "
        "one HTML page.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the model's folder, or predictions.csv")
    parser.add_argument("data", type=Path, metavar="DATA", help="the label table, or its folder")
    parser.add_argument("--reports", type=Path, metavar="FILE.toml",
                        help="which pictures make a line: [[reports]] and [labels] of a training configuration "
                        "(default, for each part that the file has not: the model's own, or those of the "
                        "cross-validation that a table lies in, on all that it predicts; without any, the test split "
                        "and each of its sources)")
    parser.add_argument("--finding", default="", help="which finding of a table of predictions (default: the first)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--out", type=Path, metavar="FOLDER",
                        help="write figures, predictions, plots and report.html (no picture of a patient in any)")
    parser.add_argument("--update", action="store_true",
                        help="write evaluation.json, CARD.md and its plots into the model's folder; texts and history "
                        "of the card from --reports where it has them")
    parser.add_argument("--outliers", type=Path, action="append", default=[], metavar="FOLDER",
                        help="images that are nothing the model is made for, on which its input gate is tested beside "
                        "those of the table; may be repeated. Those that the gate learned from have to be named as in "
                        "training: which of their files are for tests goes by their places in the folder")
    parser.add_argument("--bootstrap", type=at_least_one, default=1000, metavar="N",
                        help="draws of patients (default: 1000)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="where a model runs (default: auto)")
    parser.set_defaults(run=run, needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; 0 when there are figures, 2 when no picture has an answer, without a model, or for a contradiction.

    2 also where a result would be written over a file that is read, or cannot be since a folder or file is in its way;
    1 where one could not be written: the others are, and the figures are printed.
    """
    if why := _contradiction(arguments):
        print(why, file=sys.stderr)
        return 2
    try:
        from core.training.evaluation import to_json
        from core.training.evaluation_table import print_evaluation
        from core.training.record import update_model, write_evaluation

        if not _spares_inputs(arguments):
            return 2
        done = _of_predictions(arguments) if arguments.model.is_file() else _of_model(arguments)
        if done is None:
            return 2
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    evaluation, answers, rows, card = done
    folder, model = arguments.out, arguments.model
    written = []  # before anything is printed: who reads that may have gone
    if arguments.update and card is not None:
        written.append(done_or_say_why(model, lambda: update_model(model, card, evaluation, answers, rows)))
    if arguments.json is not None:
        written.append(write_or_say_why(arguments.json, to_json(evaluation)))
    has_out = folder is not None and done_or_say_why(
        folder, lambda: write_evaluation(folder, evaluation, answers, rows))
    with printed_beside(arguments.json):
        print_evaluation(evaluation)
        if has_out:
            print(f"written: {folder}")
    return 0 if all(written) and (has_out or folder is None) else 1


def _contradiction(arguments: argparse.Namespace) -> str:
    """Return a sentence about an option that has no meaning for what is evaluated, "" where there is none."""
    if arguments.model.is_file():
        if arguments.update:
            return "--update needs a model's folder, not a table of predictions"
        if arguments.outliers:
            return "--outliers tests a model's input gate: it needs a model's folder, not a table of predictions"
        if arguments.device is not None:
            return "--device is where a model runs: with a table of predictions none does"
    elif arguments.finding and arguments.model.is_dir():
        return "--finding chooses from a table of predictions; of a model's folder the reports say which they are about"
    return ""


def _spares_inputs(arguments: argparse.Namespace) -> bool:
    """Whether no result is a file that is read; else which one is was printed.

    A folder for results may lie among the pictures, where its own files are none.
    """
    from core.training.evaluation import EVALUATION_NAME
    from core.training.labels import table_path
    from core.training.predict import PREDICTIONS_NAME
    from core.training.record import PAGE_NAME

    if not folder_or_say_why(arguments.out):
        return False
    given = [*read_of_model(arguments.model), arguments.reports]
    names = (EVALUATION_NAME, PREDICTIONS_NAME, PAGE_NAME) if arguments.out is not None else ()
    return spare_inputs_or_say_why([arguments.json], [*given, arguments.data, *arguments.outliers]) and (
        spare_inputs_or_say_why([arguments.out / name for name in names], [*given, table_path(arguments.data)])
    )


def _of_predictions(arguments: argparse.Namespace) -> Evaluated:
    from core.training.labels import table_path
    from core.training.measure import check_answered, evaluate_predictions
    from core.training.predict import read_predictions

    planned = planned_config(arguments.model)
    config = asked_config(arguments.reports, planned)
    rows, reports, predictions = read_rows(arguments.data, config), config.reports, read_predictions(arguments.model)
    if planned is not None and reports == planned.reports:
        rows, reports = on_predicted(reports, rows, [predictions])
    evaluation, answers = evaluate_predictions(
        predictions, arguments.model.parent.name or arguments.model.stem, table_path(arguments.data).parent, rows,
        reports, config.labels, arguments.finding, arguments.bootstrap,
    )
    check_answered(evaluation)
    return Evaluated(evaluation, answers, rows)


def _of_model(arguments: argparse.Namespace) -> Evaluated | None:
    from core.training.evaluation import Provenance, check_unseen, default_reports, load_evaluation
    from core.training.extent import with_test
    from core.training.gate_data import check_outliers
    from core.training.gate_measure import with_gate
    from core.training.labels import table_path
    from core.training.measure import check_answered, evaluate_model
    from core.training.run_log import progress_bar
    from core.training.source_counts import count_tests_anew, rows_of_reports

    model = load_model_or_say_why(arguments.model, arguments.device or "auto")
    if model is None:
        return None
    check_outliers(arguments.outliers)  # before every picture is read
    known = load_evaluation(arguments.model)
    config = asked_config(arguments.reports, known)
    rows = read_rows(arguments.data, config)
    reports = config.reports or default_reports(rows)
    if arguments.update:  # CARD.md says of all of them that they were not learned from
        check_unseen(reports, rows, known, model.card.weights_sha256)
    reports = _with_warnings(reports, learned_reports(reports, rows, known, model.card.weights_sha256))
    with progress_bar() as bar:
        task = bar.add_task("reading", note="")
        evaluation, answers = evaluate_model(
            model, table_path(arguments.data).parent, rows, reports, config.labels,
            lambda done, of: bar.update(task, completed=done, total=of), arguments.bootstrap,
        )
    check_answered(evaluation)
    same = known if known is not None and known.weights_sha256 == evaluation.weights_sha256 else None
    provenance = (same.provenance if same is not None else None) or Provenance()
    texts = {"texts": config.card or provenance.texts, "history": config.history or provenance.history}
    evaluation = evaluation.model_copy(update={
        "sources": count_tests_anew(same.sources, rows_of_reports(reports, rows)) if same is not None else (),
        "stated_ages": config.stated_ages,
        "crossfitted": same.crossfitted if same is not None else (), "provenance": provenance.model_copy(update=texts),
    })
    evaluation = with_gate(
        evaluation, model, table_path(arguments.data).parent, rows, config.gate, arguments.outliers,
        same.gate if same is not None else None,
    )
    if model.card.extent is not None and same is not None and same.extent is not None:
        extent = with_test(model, same.extent, table_path(arguments.data).parent, rows, arguments.bootstrap)
        evaluation = evaluation.model_copy(update={"extent": extent})
    return Evaluated(evaluation, answers, rows, model.card)


def _with_warnings(reports: Sequence["Report"], learned: Sequence[Learned]) -> tuple["Report", ...]:
    """Print of which reports the figures may be too good, and return the reports, which say it below their figures."""
    for one in learned:
        print(f"Figures may be too good: {one.why}.", file=sys.stderr)
    names = {one.report for one in learned}
    return tuple(with_remark(report) if report.name in names else report for report in reports)
