"""wetread-cli heatmaps: do the maps point at the finding, beside other methods and against readers' boxes."""

import argparse
import sys
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "heatmaps", help="the model's maps against readers' boxes, beside other methods",
        description="Compare where the model's own map, Grad-CAM, Grad-CAM++, Eigen-CAM, integrated gradients, "
        "occlusion and a prior that does not look at the picture point, on pictures that show the finding and have "
        "boxes (boxes.csv beside the label table).",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the model's folder")
    parser.add_argument("data", type=Path, metavar="DATA", help="the label table, or its folder")
    parser.add_argument("--reports", type=Path, metavar="FILE.toml",
                        help="[[reports]] that name their boxes, and [labels], of a training configuration (default: "
                        "the model's own)")
    parser.add_argument("--boxes", nargs="+", default=[], metavar="WORDS",
                        help="instead of reports: the test split's boxes whose `what` contains any of these")
    parser.add_argument("--methods", nargs="+", metavar="NAME", help="only these beside the model's own (default: all)")
    parser.add_argument("--checks", action="store_true",
                        help="deletion and insertion curves, and whether maps change with random weights (slow)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--bootstrap", type=int, default=1000, metavar="N", help="draws of patients (default: 1000)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.set_defaults(run=run, needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Compare maps; 0 when there are figures, 1 when no boxed picture is found, 2 without a model or a method."""
    from core.cli.shared import load_model_or_say_why, write_or_say_why

    model = load_model_or_say_why(arguments)
    if model is None:
        return 2
    try:
        from core.training.config import EvaluationConfig, Report, RowFilter, load_evaluation_config
        from core.training.evaluation import known_config, load_evaluation
        from core.training.heatmap_methods import METHODS
        from core.training.heatmaps import compare_maps, print_maps, to_json
        from core.training.labels import read_labels, table_path
        from core.training.pointing import read_boxes
        from core.training.run_log import progress_bar

        methods = tuple(arguments.methods or METHODS)
        if unknown := [name for name in methods if name not in METHODS]:
            print(f"no method {', '.join(unknown)}; there are {', '.join(METHODS)}", file=sys.stderr)
            return 2
        config = EvaluationConfig() if arguments.reports is None else load_evaluation_config(arguments.reports)
        known = load_evaluation(arguments.model) if arguments.reports is None else None
        if known is not None:
            config = known_config(known)
        reports = tuple(report for report in config.reports if report.boxes and not report.finding)
        if arguments.boxes:
            title = f"Test split: {', '.join(arguments.boxes)}"
            reports = (Report(name="boxed", title=title, rows=RowFilter(splits=("test",)), boxes=arguments.boxes),)
        folder = table_path(arguments.data).parent
        rows, boxes, results = read_labels(arguments.data, config.labels), read_boxes(folder), []
        with progress_bar() as bar:
            for report in reports:
                task = bar.add_task(report.name, note="")
                result = compare_maps(
                    model, folder, rows, report, boxes, methods, arguments.bootstrap,
                    lambda done, of, task=task: bar.update(task, completed=done, total=of),  # type: ignore[misc]
                    arguments.checks,
                )
                results += [] if result is None else [result]
        if not results:
            raise ValueError("no picture that shows the finding has a box that a report asks for")
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print_maps(results)
    return 0 if arguments.json is None or write_or_say_why(arguments.json, to_json(results)) else 1
