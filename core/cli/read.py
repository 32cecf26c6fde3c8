"""wetread-cli read: the window's readings without a screen, as a table and as JSON."""

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.shared import (
    add_reading_options,
    is_stdout,
    load_model_or_say_why,
    opened_files,
    own_folder_or_say_why,
    spare_read_or_say_why,
    without_results,
    write_or_say_why,
)

_STEM, _STEM_BYTES = 60, 180  # of a file's name in that of its map

if TYPE_CHECKING:
    from core.findings.finding import Reading


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "read", help="what the model finds in images",
        description="Read images with the model. The exit code is 0 when every file could be opened; what holds no "
                    "picture, or none for the model, is told and not read.",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the readings as a JSON list")
    parser.add_argument("--heatmaps", type=Path, metavar="DIR",
                        help="write each finding's map as float32 .npy with the image's rows and columns")
    parser.add_argument("--age", type=_years, metavar="YEARS",
                        help="the age of all patients, before that of the files: some answers were measured at some "
                        "ages only")
    add_reading_options(parser)
    parser.set_defaults(run=run)


def _years(text: str) -> float:
    """Return an age for argparse. Raises ArgumentTypeError for what is none."""
    from core.findings.wording import OLDEST

    with suppress(ValueError):
        if 0 <= (years := float(text)) <= OLDEST:
            return years
    raise argparse.ArgumentTypeError(f"{text} is no age in years")


def run(arguments: argparse.Namespace) -> int:
    """Read every file; 0 when all could be read or were refused by the gate, 1 when one failed, 2 without a model.

    2 also where a result would be written over a file that is read or a folder, or maps among files that are read; 130
    where a person ended it, with the readings so far.
    """
    from core.findings.export import reading_to_dict, to_json
    from core.findings.finding import Verdict
    from core.findings.table import print_readings
    from core.findings.wording import NOTHING_FOUND, interrupted_text
    from core.triage.run import read_rows

    if not own_folder_or_say_why(arguments.heatmaps, arguments.paths):
        return 2
    if not spare_read_or_say_why(arguments, arguments.json, *_maps_there(arguments.heatmaps)):
        return 2
    model = load_model_or_say_why(arguments.model, arguments.device)
    if model is None:
        return 2
    done, all_written, is_whole = [], True, True  # of each file its reading and its object
    maps_written: set[str] = set()
    with opened_files(arguments) as opened:
        films = without_results(opened, maps_written)
        try:
            for number, (_, reading) in enumerate(read_rows(films, model, age_years=arguments.age), 1):
                is_asked = all_written and arguments.heatmaps is not None
                heatmaps = _write_heatmaps(arguments.heatmaps, number, reading, maps_written) if is_asked else []
                all_written = all_written and heatmaps is not None
                done.append((reading, reading_to_dict(reading, heatmaps or ())))
        except KeyboardInterrupt:
            is_whole = False
    if not is_whole:
        print(interrupted_text(len(done)), file=sys.stderr)
        if not done:
            return 130
    readings = [reading for reading, _ in done]
    if arguments.json is not None:  # before anything is printed: who reads that may have gone
        text = to_json([one for _, one in done])
        all_written = write_or_say_why(arguments.json, text, is_whole) and all_written
    if readings:
        print_readings(readings, on_stderr=is_stdout(arguments.json))
    else:
        print(NOTHING_FOUND, file=sys.stderr)
    if not is_whole:
        return 130
    all_read = bool(readings) and all(reading.verdict is not Verdict.FAILED for reading in readings)
    return 0 if all_read and all_written else 1


def _maps_there(folder: Path | None) -> list[Path]:
    """Return what new maps may be written over."""
    try:
        return [] if folder is None else [path for path in folder.glob("*.npy") if path.is_file()]
    except OSError:  # told when the first map is written
        return []


def _write_heatmaps(folder: Path, number: int, reading: "Reading", done: set[str]) -> list[str] | None:
    """Write each finding's map on the image's pixels; return the paths, None where they could not be written.

    The real names of those that are written are added to `done`.
    """
    import io

    import numpy as np

    from core.files import cut_to_bytes, path_text, printable

    if reading.placement is None:
        return []
    written = []
    stem = cut_to_bytes(printable(Path(reading.path.stem)).replace("\\", "_")[:_STEM], _STEM_BYTES)
    for finding in reading.findings:
        slug = "-".join("".join(c if c.isalnum() else " " for c in finding.label.lower()).split())
        path = folder / f"{number:05d}-{stem}-{slug}.npy"
        content = io.BytesIO()
        np.save(content, reading.placement.on_image(finding.heat()), allow_pickle=False)
        if not write_or_say_why(path, content.getvalue()):
            return None
        done.add(os.path.realpath(path))
        written.append(path_text(path))
    return written
