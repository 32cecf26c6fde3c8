"""What the subcommands that train share: their options and the configuration."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.training.config import TrainingConfig


def add_training_options(parser: argparse.ArgumentParser, folder: str) -> None:
    """Add the configuration, --data, --out (by default the folder so named), --cache and --resume."""
    parser.add_argument("config", type=Path, metavar="CONFIG.toml")
    parser.add_argument("--data", type=Path, required=True, metavar="DATA",
                        help="the label table, or the folder that holds it as labels.csv")
    parser.add_argument("--out", type=Path, metavar="RUN_FOLDER", help=f"the run's folder (default: {folder})")
    parser.add_argument("--cache", type=Path, metavar="FOLDER",
                        help="where prepared pictures are kept, for several runs on the same table "
                        "(default: in the run's folder)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in RUN_FOLDER")
    parser.add_argument("--set", action="append", default=[], dest="changes", metavar="KEY=VALUE",
                        help="a line of TOML that counts instead of the configuration's, such as loop.steps=400 or "
                        "'input.tone=\"equalized\"'; may be repeated")
    parser.set_defaults(needs_training=True)


def load_config_or_say_why(arguments: argparse.Namespace) -> "TrainingConfig | None":
    """Read the training configuration that the options name; None, where what is wrong with it was printed by key."""
    from pydantic import ValidationError

    from core.training.config import load_config

    try:
        return load_config(arguments.config, arguments.changes)
    except (OSError, ValueError) as error:
        detail = "\n".join(
            f"  {'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        ) if isinstance(error, ValidationError) else f"  {error}"
        print(f"{arguments.config}: this configuration cannot be used\n{detail}", file=sys.stderr)
        return None
