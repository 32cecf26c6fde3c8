"""What several subcommands share: the model's options, finding files, writing results and nothing over what is read."""

import argparse
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.paths import default_model_folder

if TYPE_CHECKING:
    from core.reading.read_image import Model
    from core.studies.opened import Opened

_READ_OF_MODELS = ("model.json", "*.safetensors", "evaluation.json", "*.csv")


class PasswordFile(NamedTuple):
    """The file of --password-file and its first line."""

    path: Path
    word: str


def at_least_one(text: str) -> int:
    """Return a whole number from 1 on. Raises argparse.ArgumentTypeError for anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the files or folders to read, --model, --device and --password-file."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH",
                        help="files, folders, zip archives or a medium's DICOMDIR")
    parser.add_argument("--password-file", type=password_file, dest="password", metavar="FILE",
                        help="a file whose first line is the password of encrypted zip archives")
    parser.add_argument("--model", type=Path, default=default_model_folder(), metavar="FOLDER",
                        help="the model's folder (default: the bundled chest-radiograph model)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
                        help="where to run the network (default: a GPU where there is one)")


def load_model_or_say_why(folder: Path, device: str) -> "Model | None":
    """Load a model folder on the device of `choose_device`; on a refusal print its sentence and return None."""
    from core.findings.wording import refusal_text
    from core.reading.read_image import load_model
    from core.refusal import Refusal

    model = load_model(folder, device)
    if isinstance(model, Refusal):
        print(refusal_text(model), file=sys.stderr)
        return None
    return model


def with_model(arguments: argparse.Namespace, work: Callable[["Model"], str]) -> int:
    """Load the model that the options name, do what needs packages of the extra `export`, print what it returns.

    Returns the exit code: 0, or 2 without a model, or 1 where a package is missing or `work` raised OSError or
    ValueError, whose sentence is printed.
    """
    model = load_model_or_say_why(arguments.model, arguments.device)
    if model is None:
        return 2
    try:
        print(work(model))
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed: in Wetread's sources, pip install -e '.[export]'", file=sys.stderr)
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
        yield open_files(arguments.paths, state, arguments.password.word if arguments.password else "")
    finally:
        state.close()


def password_file(name: str) -> PasswordFile:
    """Return a file and its first line, for argparse: a password has no place among a command's arguments."""
    path = Path(name)
    try:
        with path.open(encoding="utf-8-sig") as file:  # editors may begin a file with a byte order mark
            line = file.readline().rstrip("\r\n")
    except (OSError, UnicodeError):
        raise argparse.ArgumentTypeError(f"{name} cannot be read as text") from None
    if not line:
        raise argparse.ArgumentTypeError(f"the first line of {name} is empty")
    return PasswordFile(path, line)


def spare_inputs_or_say_why(outputs: Iterable[Path | None], inputs: Iterable[Path | None]) -> bool:
    """Return whether no output, which is to be a file, is a folder or a file that is read; else print which one is.

    For exit code 2, and asked before anything is read or computed; see `overwritten`.
    """
    from core.findings.wording import overwriting_text, wrong_kind_text
    from core.studies.overwriting import overwritten

    outputs = tuple(outputs)
    folder = next((path for path in outputs if path is not None and os.path.isdir(path)), None)  # noqa: PTH112
    if folder is not None:
        print(wrong_kind_text(folder, "file"), file=sys.stderr)
        return False
    found = overwritten(outputs, inputs)
    if found is not None:
        print(overwriting_text(*found), file=sys.stderr)
    return found is None


def spare_read_or_say_why(arguments: argparse.Namespace, *outputs: Path | None) -> bool:
    """Return whether no output is a file that the options of `add_reading_options` name; else print which one is."""
    word = arguments.password.path if arguments.password else None
    return spare_inputs_or_say_why(outputs, [*arguments.paths, arguments.model, word])


def folder_or_say_why(folder: Path | None) -> bool:
    """Return whether results can go to a folder of that name, new or there; else print what it is, for exit code 2."""
    from core.findings.wording import wrong_kind_text

    is_other = folder is not None and os.path.exists(folder) and not os.path.isdir(folder)  # noqa: PTH110, PTH112
    if folder is not None and is_other:
        print(wrong_kind_text(folder, "folder"), file=sys.stderr)
    return not is_other


def own_folder_or_say_why(folder: Path | None, inputs: Iterable[Path]) -> bool:
    """Return whether a folder for results holds nothing that is read; else print where it lies, for exit code 2.

    Within a folder that is read it has to be empty, or new: then what is found there later are results.
    """
    from core.files import printable

    if not folder_or_say_why(folder):
        return False
    around = None if folder is None else _read_around(folder, inputs)
    if folder is None or around is None:
        return True
    try:
        if not folder.is_dir() or not any(folder.iterdir()):
            return True
        why = ""
    except OSError as error:  # it may be one that can be written and not listed
        why = f" ({error.strerror})"
    print(f"{printable(folder)}: not written there, since what is in it is read with {printable(around)}{why}. "
          "Name an empty folder, or one elsewhere.", file=sys.stderr)
    return False


def _read_around(folder: Path, inputs: Iterable[Path]) -> Path | None:
    """Return the folder among what is read that a folder is or lies in, None where there is none."""
    from core.studies.overwriting import with_media

    target = Path(os.path.realpath(folder))
    for path in with_media(inputs):
        real = os.path.realpath(path)
        if os.path.isdir(real) and target.is_relative_to(real):  # noqa: PTH112  (never raises)
            return path
    return None


def without_results(opened: Iterable["Opened"], written: Collection[str]) -> Iterator["Opened"]:
    """Pass over results, by their real names: they are written while the files are listed, maybe among those."""
    return (one for one in opened if os.path.realpath(one.path) not in written)


def read_of_model(model: Path) -> list[Path]:
    """Return the files that are read of a model's or a cross-validation's folder; a table of predictions is itself.

    What else lies in such a folder are results, which may be written again.
    """
    return [found for name in _READ_OF_MODELS for found in model.glob(name)] if model.is_dir() else [model]


def write_or_say_why(path: Path, content: str | bytes, is_whole: bool = True) -> bool:
    """Write a result file whole; where that is not possible print the reason and return False.

    A list that is not whole never takes the place of one that is there. Where the file is this program's own output,
    such as /dev/stdout, it goes behind what is printed there already.
    """
    from core.files import write_atomically
    from core.findings.wording import kept_text

    if not is_whole and path.is_file():
        print(kept_text(path), file=sys.stderr)
        return False

    def write() -> None:
        if is_stdout(path):
            _print_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        else:
            write_atomically(path, content)

    return done_or_say_why(path, write)


def done_or_say_why(path: Path, write: Callable[[], None]) -> bool:
    """Do what writes a result to a file or folder; where that is not possible print the reason and return False."""
    from core.findings.wording import not_written_text

    try:
        write()
    except OSError as error:
        print(not_written_text(path, error), file=sys.stderr)
        return False
    except ValueError as error:  # of what is to be written: other results are not lost with it
        print(error, file=sys.stderr)
        return False
    return True


@contextmanager
def printed_beside(written: Path | None) -> Iterator[None]:
    """Let what is printed go to standard error where a result was written to standard output: it is alone there."""
    with redirect_stdout(sys.stderr) if is_stdout(written) else nullcontext():
        yield


def is_stdout(path: Path | None) -> bool:
    """Return whether a path is where this program prints, such as /dev/stdout."""
    if path is None:
        return False
    try:
        descriptor = sys.stdout.fileno()
        is_named = os.path.realpath(path) == f"/dev/fd/{descriptor}"  # on macOS, where that is no link
        return is_named or os.path.samestat(path.stat(), os.fstat(descriptor))
    except (OSError, ValueError):  # there is no such file, or nothing that has a descriptor is printed to
        return False


def _print_bytes(content: bytes) -> None:
    sys.stdout.flush()
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as output:  # nothing of it is left to flush at the end
        output.write(content)
