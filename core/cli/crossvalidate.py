"""wetread-cli crossvalidate: what a configuration is worth on patients, or sources, that its models never saw."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.training_options import add_training_options, load_config_or_say_why

if TYPE_CHECKING:
    from core.training.config import TrainingConfig
    from core.training.fold_plan import Plan


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
    parser.add_argument("--only", default="", metavar="FOLD[,FOLD...]",
                        help="train these folds alone, so that several calls share a folder, with --resume from the "
                        "second one on; what other folds have predicted by then is counted")
    parser.add_argument("--fractions", default="", metavar="F[,F...]",
                        help="a learning curve: all folds again with each of these parts, such as 0.25,0.5,1, of the "
                        "patients of a group")
    parser.add_argument("--of", default="", metavar="GROUP", help="the group of the configuration for --fractions")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Cross-validate; 0 when all folds are predicted, 1 when one failed, 2 for a configuration that is not valid."""
    config = load_config_or_say_why(arguments)
    if config is None:
        return 2
    folder = arguments.out if arguments.out is not None else Path("runs") / f"{config.name}-folds"
    try:
        # torchvision, scikit-learn and the start weights come with the extra "train"
        from core.training.crossvalidate import crossvalidate
        from core.training.fold_plan import Plan
        from core.training.fold_table import print_folds
        from core.training.predict import PREDICTIONS_NAME
        from core.training.processes import is_first, joined_processes

        plan = Plan(
            folds=arguments.folds,
            left_out=tuple(_names(text) for text in arguments.leave_out),
            each_source=arguments.leave_one_source_out,
            with_tests=_names(arguments.with_tests),
        )
        if arguments.fractions and arguments.only:
            raise ValueError("--only cannot be given with --fractions: each part has all of its folds")
        if arguments.of and not arguments.fractions:
            raise ValueError("--of names the group of a learning curve: give --fractions too")
        if arguments.fractions:
            return _learn_curve(config, plan, arguments, folder)
        with joined_processes():
            rows, predictions = crossvalidate(config, plan, arguments.data, folder, arguments.resume, arguments.cache,
                                              only=_names(arguments.only))
            prints = is_first()
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if prints:
        print_folds(rows, predictions, config.reports, apart=bool(plan.left_out or plan.each_source))
        print(f"written: {folder / PREDICTIONS_NAME}")
    return 0


def _learn_curve(config: "TrainingConfig", plan: "Plan", arguments: argparse.Namespace, folder: Path) -> int:
    """Cross-validate with parts of a group's patients; print and write the curve. Raises as `learn_curve`."""
    from core.training.learning_curve import CURVES_NAME, learn_curve, print_curve, write_curve
    from core.training.learning_plot import draw_curve
    from core.training.processes import joined_processes

    fractions = [float(text) for text in _names(arguments.fractions)]
    with joined_processes():
        curve = learn_curve(config, plan, arguments.of, fractions, arguments.data, folder, arguments.resume,
                            arguments.cache)
    if curve is not None:  # of several processes only the first has figures
        write_curve(folder, curve, draw_curve(curve))
        print_curve(curve)
        print(f"written: {folder / CURVES_NAME}")
    return 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
