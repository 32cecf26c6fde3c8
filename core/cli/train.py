"""wetread-cli train: a label table and a configuration become a model folder."""

import argparse
import sys
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "train", help="train a model folder from labelled pictures",
        description="Train a model as CONFIG.toml says. The run folder keeps the resolved configuration, the split, "
        "logs (log.jsonl, TensorBoard) and checkpoints; a run that was killed goes on with --resume.",
    )
    parser.add_argument("config", type=Path, metavar="CONFIG.toml")
    parser.add_argument("--data", type=Path, required=True, metavar="DATA",
                        help="the label table, or the folder that holds it as labels.csv")
    parser.add_argument("--out", type=Path, metavar="RUN_FOLDER", help="the run's folder (default: runs/NAME)")
    parser.add_argument("--model", type=Path, metavar="FOLDER",
                        help="where the model folder is written (default: RUN_FOLDER/model)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in RUN_FOLDER")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train; 0 when a model folder was written, 1 when the run failed, 2 for a configuration that is not valid."""
    from pydantic import ValidationError

    from core.training.config import load_config

    try:
        config = load_config(arguments.config)
    except (OSError, ValueError) as error:
        detail = "\n".join(
            f"  {'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        ) if isinstance(error, ValidationError) else f"  {error}"
        print(f"{arguments.config}: this configuration cannot be used\n{detail}", file=sys.stderr)
        return 2
    folder = arguments.out if arguments.out is not None else Path("runs") / config.name
    model = arguments.model if arguments.model is not None else folder / "model"
    try:
        # torchvision, scikit-learn and the start weights come with the extra "train"
        from core.training.evaluation_table import print_evaluation
        from core.training.run import train_model

        evaluation = train_model(config, arguments.data, folder, model, arguments.resume)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print_evaluation(evaluation)
    print(f"written: {model}")
    return 0
