"""wetread-cli conformance: a folder of files with reference renderings against what this program makes of them."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.cli.conformance_files import Comparison, FileResult, check_tables, measure
from core.cli.conformance_series import check_series, series_report
from core.cli.conformance_tables import MANIFEST, ORACLE, read_table
from core.cli.shared import printed_beside, spare_inputs_or_say_why, write_or_say_why

_WHAT_WIDTH, _PATH_WIDTH = 78, 72


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "conformance", help="compare renderings with references",
        description="Open every file of a folder with MANIFEST.tsv and ORACLE.tsv, compare its pictures with the "
                    "reference renderings, and the order of its series with their reference orders. The exit code "
                    "is 0 when every undisputed picture and every series agrees, every file opens that another "
                    "decoder opens, and any other is refused within two seconds and 512 MB.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results as JSON")
    parser.add_argument("--counts", type=Path, metavar="FILE",
                        help="write how many files of each kind were tested, for the conformance statement")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print; return 0 if everything holds, 1 if not, 2 without tables or over a file that is read."""
    folder: Path = arguments.folder
    if not spare_inputs_or_say_why([arguments.json, arguments.counts], [folder]):
        return 2
    try:
        manifest, oracle = read_table(folder / "MANIFEST.tsv", MANIFEST), read_table(folder / "ORACLE.tsv", ORACLE)
        series = check_series(folder)
    except (OSError, ValueError) as error:
        what = f"{error.filename}: {error.strerror}." if isinstance(error, OSError) else str(error)
        print(f"{what} Name a folder with MANIFEST.tsv and ORACLE.tsv.", file=sys.stderr)
        return 2
    try:
        check_tables(manifest, oracle)
    except ValueError as error:
        print(f"{folder}: {error}", file=sys.stderr)
        return 2
    files, comparisons = measure(folder, manifest, oracle)
    results = {
        "files": [_flat(one) for one in files],
        "comparisons": [{**asdict(one), "agrees": one.agrees} for one in comparisons],
        "series": [{**asdict(one), "agrees": one.agrees} for one in series],
    }
    written = []  # before anything is printed: who reads that may have gone
    if arguments.json is not None:
        written.append(write_or_say_why(arguments.json, json.dumps(results, indent=1) + "\n"))
    if arguments.counts is not None:
        from core.cli.statement import counted

        text = json.dumps(counted(files, comparisons), indent=1, sort_keys=True)
        written.append(write_or_say_why(arguments.counts, text + "\n"))
    with printed_beside(arguments.json), printed_beside(arguments.counts):
        print("\n".join([*table(files), "", *report(files, comparisons), *series_report(series)]))
    agree = all(one.agrees for one in comparisons if not one.is_disputed) and all(one.agrees for one in series)
    return 0 if all(written) and agree and all(one.holds for one in files) else 1


def _flat(file: FileResult) -> dict[str, Any]:
    values = asdict(file)
    return {**values.pop("found"), **values, "opened": file.opened, "holds": file.holds}


def table(files: Sequence[FileResult]) -> Iterator[str]:
    """Yield a line for each file: path, what it is, what became of it, difference, milliseconds, megabytes."""
    yield _line("file", "what it is", "diff", "ms", "MB", "outcome")
    for one in files:
        found = one.found
        outcome = f"{found.outcome}: {found.why}" if found.outcome == "refused" else found.outcome
        yield _line(one.path, found.what, "" if one.difference is None else str(one.difference),
                    f"{1000 * found.seconds:.0f}", "" if found.peak_bytes is None else f"{found.peak_bytes / 1e6:.1f}",
                    outcome)


def _line(path: str, what: str, *rest: str) -> str:
    if len(path) > _PATH_WIDTH:
        path = f"…{path[1 - _PATH_WIDTH:]}"
    difference, time, memory, outcome = rest
    return f"{path:{_PATH_WIDTH}}  {what[:_WHAT_WIDTH]:{_WHAT_WIDTH}}  {difference:>4} {time:>5} {memory:>6}  {outcome}"


def report(files: Sequence[FileResult], comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield the lines of the summary: every exception, then the counts."""
    for one in comparisons:
        if not one.agrees:
            found = one.why if one.difference is None else f"differs by up to {one.difference} gray levels"
            mark = f" [disputed: {one.reason}]" if one.is_disputed else ""
            yield f"{one.path} frame {one.frame} ({one.window}): {found}{mark}"
    for file in files:
        if not file.holds and file.peers:
            yield f"{file.path}: not opened: {file.found.why} (opened by {', '.join(file.peers)})"
        elif not file.holds:
            yield f"{file.path}: refused after {file.found.seconds:.1f} s and {_megabytes(file):.0f} MB"
    yield from _counts(files, comparisons)


def _counts(files: Sequence[FileResult], comparisons: Sequence[Comparison]) -> Iterator[str]:
    for name, is_color in (("grayscale", False), ("color", True)):
        chosen = [one for one in comparisons if one.is_color == is_color and not one.is_disputed]
        yield f"{sum(one.agrees for one in chosen)} of {len(chosen)} undisputed {name} pictures agree"
    disputed = [one for one in comparisons if one.is_disputed]
    yield f"{sum(one.agrees for one in disputed)} of {len(disputed)} disputed pictures agree with the chosen reference"
    images = [one for one in files if one.peers]
    yield f"{sum(one.opened for one in images)} of {len(images)} files open that another decoder opens"
    by_outcome = {name: sum(one.found.outcome == name for one in files) for name in ("image", "object", "refused")}
    yield (f"{by_outcome['image']} images, {by_outcome['object']} objects without a picture and "
           f"{by_outcome['refused']} refused: {len(files)} files in {sum(one.found.seconds for one in files):.1f} s")
    if files:
        slowest, largest = max(files, key=lambda one: one.found.seconds), max(files, key=_megabytes)
        yield f"the slowest took {slowest.found.seconds:.2f} s: {slowest.path}"
        yield f"the largest took {_megabytes(largest):.0f} MB more than before: {largest.path}"


def _megabytes(file: FileResult) -> float:
    return (file.found.peak_bytes or 0) / 1e6
