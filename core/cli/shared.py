"""What several subcommands share: the model's options, finding files, writing results."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.paths import default_model_folder

if TYPE_CHECKING:
    from core.reading.read_image import Model
    from core.studies.opened import Opened


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the files or folders to read, --model, --device and --password-file."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH",
                        help="files, folders, zip archives or a medium's DICOMDIR")
    parser.add_argument("--password-file", type=first_line_of, dest="password", metavar="FILE",
                        help="a file whose first line is the password of encrypted zip archives")
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


def with_model(arguments: argparse.Namespace, work: Callable[["Model"], str]) -> int:
    """Load the model that the options name, do what needs packages of `wetread[export]`, print what it returns.

    Returns the exit code: 0, or 2 without a model, or 1 where a package is missing or `work` raised OSError or
    ValueError, whose sentence is printed.
    """
    model = load_model_or_say_why(arguments)
    if model is None:
        return 2
    try:
        print(work(model))
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed: pip install 'wetread[export]'", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextmanager
def opened_files(arguments: argparse.Namespace) -> Iterator[Iterator["Opened"]]:
    """Open what the options name as the window does: files, folders, media, archives; in natural order.

    What is unpacked for it is removed at the end.
    """
    from core.private_folder import remove_stale_folders
    from core.studies.open_files import open_files
    from core.studies.opened import OpenFiles

    remove_stale_folders()
    state = OpenFiles()
    try:
        yield open_files(arguments.paths, state, arguments.password or "")
    finally:
        state.close()


def first_line_of(name: str) -> str:
    """Return the first line of a file, for argparse: a password has no place among a command's arguments."""
    try:
        with Path(name).open(encoding="utf-8") as file:
            line = file.readline().rstrip("\r\n")
    except (OSError, UnicodeError):
        raise argparse.ArgumentTypeError(f"{name} cannot be read as text") from None
    if not line:
        raise argparse.ArgumentTypeError(f"the first line of {name} is empty")
    return line


def write_or_say_why(path: Path, content: str | bytes) -> bool:
    """Write a result file whole; where that is not possible print the reason and return False."""
    from core.files import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        print(f"{path}: not written ({error.strerror}). Name a folder you may write to.", file=sys.stderr)
        return False
    return True
