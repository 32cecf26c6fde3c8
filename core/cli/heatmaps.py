"""wetread-cli heatmaps: do the maps point at the finding, beside other methods and against readers' marks."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.reports import asked_config, planned_config, read_rows, readable_evaluation
from core.cli.shared import (
    at_least_one,
    load_model_or_say_why,
    printed_beside,
    read_of_model,
    spare_inputs_or_say_why,
    write_or_say_why,
)

if TYPE_CHECKING:
    from core.training.config import EvaluationConfig, Report, RowFilter
    from core.training.fold_models import ModelOf
    from core.training.labels import LabelRow
    from core.training.pointing import Box


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "heatmaps", help="the model's maps against readers' boxes and zone scores, beside other methods",
        description="Compare where the model's own map, Grad-CAM, Grad-CAM++, Eigen-CAM, integrated gradients, "
        "occlusion and a prior that does not look at the picture point, on pictures that show the finding and have "
        "boxes (boxes.csv beside the label table), or scores of six lung zones (zones.csv). Of a cross-validation each "
        "picture is asked of the model that never saw its patient.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the model's folder, or a cross-validation's")
    parser.add_argument("data", type=Path, metavar="DATA", help="the label table, or its folder")
    parser.add_argument("--reports", type=Path, metavar="FILE.toml",
                        help="[[reports]] that name their boxes, and [labels], of a training configuration (default, "
                        "for each part that the file has not: the model's own)")
    parser.add_argument("--boxes", nargs="+", default=[], metavar="WORDS",
                        help="instead of reports: the boxes whose `what` contains any of these, of the test split, or "
                        "of all pictures of the folds")
    parser.add_argument("--zones", nargs="+", default=[], metavar="RATER",
                        help="also the zones that all of these scored, of the test split, or of all pictures of the "
                        "folds")
    parser.add_argument("--methods", nargs="+", metavar="NAME", help="only these beside the model's own (default: all)")
    parser.add_argument("--checks", action="store_true",
                        help="deletion and insertion curves, and whether maps change with random weights (slow)")
    parser.add_argument("--random-labels", type=Path, metavar="MODEL",
                        help="a model trained likewise with random_labels = true: whether maps are like its maps")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--bootstrap", type=at_least_one, default=1000, metavar="N",
                        help="draws of patients (default: 1000)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.set_defaults(run=run, needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Compare maps; 0 when there are figures, 1 when no marked picture is found, 2 without a model or a method.

    2 also where the figures would be written over a file that is read, and where nothing would use --checks or
    --random-labels.
    """
    noise = arguments.random_labels
    inputs = [*read_of_model(arguments.model), arguments.data, arguments.reports]
    inputs += [] if noise is None else read_of_model(noise)
    if not spare_inputs_or_say_why([arguments.json], inputs):
        return 2
    try:
        from core.training.config import RowFilter
        from core.training.fold_models import is_cross_validation
        from core.training.heatmap_methods import METHODS
        from core.training.heatmap_zones import compare_zones, print_zones, to_json
        from core.training.heatmaps import compare_maps, print_maps
        from core.training.labels import TEST_SPLIT, table_path
        from core.training.pointing import read_boxes
        from core.training.run_log import progress_bar
        from core.training.zones import scored_rows

        methods = tuple(arguments.methods or METHODS)
        if unknown := [name for name in methods if name not in METHODS]:
            print(f"no method {', '.join(unknown)}; there are {', '.join(METHODS)}", file=sys.stderr)
            return 2
        asked = RowFilter() if is_cross_validation(arguments.model) else RowFilter(splits=(TEST_SPLIT,))
        config = _config(arguments, asked)
        reports = tuple(report for report in config.reports if report.boxes and not report.finding)
        folder = table_path(arguments.data).parent
        rows, boxes, results, zoned = read_rows(arguments.data, config), read_boxes(folder), [], None
        if (arguments.checks or noise is not None) and arguments.zones and not _has_boxed(reports, rows, boxes):
            print("--checks and --random-labels are about pictures with boxes, and no report has any: leave them out, "
                  "or name boxes with --boxes", file=sys.stderr)
            return 2
        model_of = _models(arguments)
        taught_noise = None if noise is None else load_model_or_say_why(noise, arguments.device)
        if model_of is None or (noise is not None and taught_noise is None):
            return 2
        with progress_bar() as bar:
            for report in reports:
                task = bar.add_task(report.name, note="")
                result = compare_maps(
                    model_of, folder, rows, report, boxes, methods, arguments.bootstrap,
                    lambda done, of, task=task: bar.update(task, completed=done, total=of),  # type: ignore[misc]
                    arguments.checks, taught_noise,
                )
                results += [] if result is None else [result]
            if arguments.zones:
                task = bar.add_task("zones", note="")
                zoned = compare_zones(
                    model_of, folder, scored_rows(folder, rows, arguments.zones, asked), boxes, methods,
                    arguments.bootstrap, lambda done, of: bar.update(task, completed=done, total=of),
                )
        if not results and zoned is None:
            raise ValueError("no picture that shows the finding has a box or zone scores that are asked for")
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    is_written = arguments.json is None or write_or_say_why(arguments.json, to_json(results, zoned))
    with printed_beside(arguments.json):  # after it was written: who reads what is printed may have gone
        if results:
            print_maps(results)
        if zoned is not None:
            print_zones(zoned)
    return 0 if is_written else 1


def _has_boxed(
    reports: Sequence["Report"], rows: Sequence["LabelRow"], boxes: Mapping[str, Sequence["Box"]]
) -> bool:
    """Return whether any report has a picture that shows the finding and has a box."""
    from core.training.evaluation import rows_of
    from core.training.pointing import named

    return any(row.is_positive and named(boxes.get(row.path, ()), report.boxes)
               for report in reports for row in rows_of(report, rows))


def _models(arguments: argparse.Namespace) -> "ModelOf | None":
    """The model for all pictures, or of a cross-validation the one for each; None, and its reason printed."""
    from core.training.fold_models import fold_models, is_cross_validation

    if is_cross_validation(arguments.model):
        return fold_models(arguments.model, arguments.device)
    model = load_model_or_say_why(arguments.model, arguments.device)
    return None if model is None else lambda row: model


def _config(arguments: argparse.Namespace, asked: "RowFilter") -> "EvaluationConfig":
    """Labels and reports: those that --reports has, else the model's own; with --boxes one report of these."""
    from core.training.config import Report
    from core.training.evaluation import load_evaluation
    from core.training.predict import PREDICTIONS_NAME

    load = load_evaluation if arguments.reports is None else readable_evaluation
    known = planned_config(arguments.model / PREDICTIONS_NAME) or load(arguments.model)
    config = asked_config(arguments.reports, known)
    if not arguments.boxes:
        return config
    title = f"Boxes: {', '.join(arguments.boxes)}"
    report = Report(name="boxed", title=title, rows=asked, boxes=tuple(arguments.boxes))
    return config.model_copy(update={"reports": (report,)})
