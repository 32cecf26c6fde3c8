"""wetread-cli quantise: a model's network in 8-bit integers, with what that loses and gains."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.reports import asked_config, read_rows
from core.cli.shared import read_of_model, spare_inputs_or_say_why, with_model
from core.paths import default_model_folder

if TYPE_CHECKING:
    from core.reading.read_image import Model
    from core.training.quantise import Quantised

MOST_LOSS = 0.002
CARD = "model.json"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "quantise", help="a model's network in 8-bit integers, with its measured loss",
        description="Write a model's network in 8-bit integers as ONNX. Its AUC is measured before and after on "
        "pictures of the label table that were not trained on, by their split and source; where that is not possible, "
        "or the loss is larger than allowed, nothing is written. Says how fast it is beside the network as it was.",
    )
    parser.add_argument("model", type=Path, nargs="?", default=default_model_folder(), metavar="MODEL",
                        help="the model's folder (default: the bundled chest-radiograph model)")
    parser.add_argument("--data", type=Path, required=True, metavar="DATA",
                        help="the label table, or its folder: training pictures give the ranges, tests the loss")
    parser.add_argument("--reports", type=Path, metavar="FILE.toml",
                        help="which pictures the loss is measured on: [[reports]] and [labels] of a training "
                        "configuration (default: the model's own headline reports, else the test split)")
    parser.add_argument("--most-loss", type=float, default=MOST_LOSS, metavar="AUC",
                        help=f"the largest loss of AUC that is written (default: {MOST_LOSS})")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the files are written")
    parser.add_argument("--cache", type=Path, metavar="FOLDER",
                        help="where prepared pictures are kept (default: in the folder of --out)")
    parser.set_defaults(run=run, device="cpu", needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Quantise; 0 when the files were written, 1 when the loss is too large or not measurable, 2 without a model.

    2 also where model.json would be written over the model's own.
    """
    if not spare_inputs_or_say_why([arguments.out / CARD], read_of_model(arguments.model)):
        return 2
    return with_model(arguments, lambda model: _quantised(model, arguments))


def _quantised(model: "Model", arguments: argparse.Namespace) -> str:
    from core.training.evaluation import check_unseen, default_reports, load_evaluation
    from core.training.labels import table_path
    from core.training.quantise import quantise

    known = load_evaluation(arguments.model)
    config = asked_config(arguments.reports, known)
    rows = read_rows(arguments.data, config)
    reports = config.reports or default_reports(rows)
    reports = tuple(report for report in reports if report.headline) or reports
    check_unseen(reports, rows, known, model.card.weights_sha256)
    done = quantise(
        model, table_path(arguments.data).parent, rows, reports,
        arguments.out, arguments.most_loss, arguments.cache or arguments.out / "inputs",
    )
    return f"{summary(done)}\nwritten: {arguments.out}"


def summary(done: "Quantised") -> str:
    """Return what was lost and gained, in lines."""
    lines = [f"{item.report}: AUC {item.before:.4f} before, {item.after:.4f} after "
             f"({item.positives} with, {item.negatives} without)" for item in done.losses]
    before, onnx, after = done.milliseconds_before, done.milliseconds_onnx, done.milliseconds_after
    return "\n".join([
        *lines,
        f"one picture on {done.threads} threads: {before:.1f} ms before, {onnx:.1f} ms by ONNX Runtime in floating "
        f"point, {after:.1f} ms in integers: {before / after:.2f} times as fast",
        f"its logits differ by up to {done.largest_logit_difference:.2f}: thresholds and calibration in {CARD} are not "
        "made for them",
    ])
