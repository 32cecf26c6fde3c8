"""What several subcommands share: the model's options, finding files, writing results."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.paths import default_model_folder

if TYPE_CHECKING:
    from core.reading.read_image import Model


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the files or folders to read, --model and --device."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument("--model", type=Path, default=default_model_folder(), metavar="FOLDER",
                        help="the model's folder (default: the bundled chest-radiograph model)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
                        help="where to run the network (default: a GPU where there is one)")


def load_model_or_say_why(arguments: argparse.Namespace) -> "Model | None":
    """Load the model that the options name; on a refusal print its sentence and return None."""
    from core.findings.wording import refusal_text
    from core.reading.read_image import load_model
    from core.refusal import Refusal

    model = load_model(arguments.model, arguments.device)
    if isinstance(model, Refusal):
        print(refusal_text(model), file=sys.stderr)
        return None
    return model


def find_paths(paths: list[Path]) -> list[Path]:
    """Return every file among and below the paths, in natural order; what does not exist stays, to be reported."""
    from core.studies.scan import find_files

    return list(find_files(paths))


def write_or_say_why(path: Path, content: str | bytes) -> bool:
    """Write a result file whole; where that is not possible print the reason and return False."""
    from core.files import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        print(f"{path}: not written ({error.strerror}). Name a folder you may write to.", file=sys.stderr)
        return False
    return True
