"""wetread-cli crossvalidate: what a configuration is worth on patients, or sources, that its models never saw."""

import argparse
import sys
from pathlib import Path

from core.cli.training_options import add_training_options, load_config_or_say_why


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "crossvalidate", help="predict every picture by a model that never saw its patient",
        description="Train one model for each fold as CONFIG.toml says, and predict the pictures that it did not see. "
        "Folds go by patient, stratified by source and label, or leave whole sources out. Each fold is a run folder "
        "with its model; predictions.csv holds the out-of-fold predictions. What was killed goes on with --resume.",
    )
    add_training_options(parser, "runs/NAME-folds")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--folds", type=int, default=5, metavar="K", help="so many folds by patient (default: 5)")
    which.add_argument("--leave-out", action="append", default=[], metavar="SOURCE[,SOURCE...]",
                       help="one fold whose model sees none of these sources; may be given several times")
    which.add_argument("--leave-one-source-out", action="store_true", help="one fold for each source")
    parser.add_argument("--with-tests", default="", metavar="SOURCE[,SOURCE...]",
                        help="take the test rows of these sources into the folds as well")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Cross-validate; 0 when all folds are predicted, 1 when one failed, 2 for a configuration that is not valid."""
    config = load_config_or_say_why(arguments.config)
    if config is None:
        return 2
    folder = arguments.out if arguments.out is not None else Path("runs") / f"{config.name}-folds"
    try:
        # torchvision, scikit-learn and the start weights come with the extra "train"
        from core.training.crossvalidate import Plan, crossvalidate
        from core.training.fold_table import print_folds
        from core.training.predict import PREDICTIONS_NAME
        from core.training.processes import is_first, joined_processes

        plan = Plan(
            folds=arguments.folds,
            left_out=tuple(_names(text) for text in arguments.leave_out),
            each_source=arguments.leave_one_source_out,
            with_tests=_names(arguments.with_tests),
        )
        with joined_processes():
            rows, predictions = crossvalidate(config, plan, arguments.data, folder, arguments.resume, arguments.cache)
            prints = is_first()
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if prints:
        print_folds(rows, predictions, config.reports, apart=bool(plan.left_out or plan.each_source))
        print(f"written: {folder / PREDICTIONS_NAME}")
    return 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
