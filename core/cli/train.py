"""wetread-cli train: a label table and a configuration become a model folder."""

import argparse
import sys
from pathlib import Path

from core.cli.training_options import add_training_options, load_config_or_say_why


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "train", help="train a model folder from labelled pictures",
        description="Train a model as CONFIG.toml says. The run folder keeps the resolved configuration, the split, "
        "logs (log.jsonl, TensorBoard) and checkpoints; a run that was killed goes on with --resume. Several processes "
        "train together when torchrun starts them: torchrun --nproc-per-node 2 --no-python wetread-cli train ...",
    )
    add_training_options(parser, "runs/NAME")
    parser.add_argument("--model", type=Path, metavar="FOLDER",
                        help="where the model folder is written (default: RUN_FOLDER/model, and of a resumed run where "
                        "it was)")
    parser.add_argument("--calibrate-on", type=Path, metavar="FOLDS",
                        help="the folder of a cross-validation with the same configuration: its out-of-fold "
                        "predictions calibrate, not the held-out patients")
    parser.add_argument("--outliers", type=Path, action="append", default=[], metavar="FOLDER",
                        help="images that are nothing the model is made for, which its input gate learns to stop "
                        "beside those of the table; of DICOM files those whose header says so; may be repeated")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train; 0 when a model folder was written, 1 when the run failed, 2 for a configuration that is not valid."""
    config = load_config_or_say_why(arguments)
    if config is None:
        return 2
    folder = arguments.out if arguments.out is not None else Path("runs") / config.name
    try:
        # torchvision, scikit-learn and the start weights come with the extra "train"
        from core.training.evaluation_table import print_evaluation
        from core.training.given import read_given
        from core.training.processes import joined_processes
        from core.training.run import train_model

        with joined_processes():
            evaluation = train_model(
                config, arguments.data, folder, arguments.model, arguments.resume, arguments.cache,
                arguments.calibrate_on, arguments.outliers,
            )
            model = read_given(folder).model
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    if evaluation is not None:  # of several processes only the first has figures
        print_evaluation(evaluation)
        print(f"written: {model}")
    return 0
