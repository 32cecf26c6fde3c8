"""wetread-cli conformance: a folder of files with reference renderings against what this program makes of them."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.cli.conformance_series import check_series, series_report
from core.cli.shared import write_or_say_why

TOLERANCE, LOSSY_TOLERANCE = 1, 2  # gray levels; the second where another library decodes lossy JPEG
SECONDS_FOR_A_FILE = 60

_LOSSY_JPEG = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55))
_DECODERS = ("pydicom", "gdcm", "dcmtk", "imagecodecs")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One reference rendering against ours. `difference` is the largest in gray levels, None where we have none."""

    path: str
    frame: int
    window: str
    status: str
    reason: str
    difference: int | None
    tolerance: int
    why: str = ""

    @property
    def is_color(self) -> bool:
        """Whether the reference is in color."""
        return self.window == "none"

    @property
    def is_disputed(self) -> bool:
        """Whether the renderers that made the reference did not agree among themselves."""
        return self.status == "disputed"

    @property
    def agrees(self) -> bool:
        """Whether ours is within the tolerance everywhere."""
        return self.difference is not None and self.difference <= self.tolerance


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. `why` is empty for an opened file; `decoders` lists who else can decode it."""

    path: str
    sop_class: str
    opened: bool
    why: str
    decoders: tuple[str, ...]
    seconds: float


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "conformance", help="compare renderings with references",
        description="Render the files of a folder with MANIFEST.tsv and ORACLE.tsv and compare them with its "
                    "reference renderings, and the order of its series with their reference orders. The exit code "
                    "is 0 when every undisputed grayscale picture and every series agrees.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print; return 0 if all undisputed grayscale pictures and series agree, 1 if not, 2 without tables."""
    folder: Path = arguments.folder
    try:
        manifest, oracle = read_table(folder / "MANIFEST.tsv"), read_table(folder / "ORACLE.tsv")
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Name a folder with MANIFEST.tsv and ORACLE.tsv.", file=sys.stderr)
        return 2
    files, comparisons = _measure(folder, manifest, oracle)
    series = check_series(folder)
    print("\n".join([*report(files, comparisons), *series_report(series)]))
    if arguments.json is not None:
        text = json.dumps(
            {"files": [asdict(one) for one in files],
             "comparisons": [{**asdict(one), "agrees": one.agrees} for one in comparisons],
             "series": [{**asdict(one), "agrees": one.agrees} for one in series]}, indent=1,
        )
        if not write_or_say_why(arguments.json, text + "\n"):
            return 1
    pictures_agree = all(one.agrees for one in comparisons if not one.is_color and not one.is_disputed)
    return 0 if pictures_agree and all(one.agrees for one in series) else 1


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a tab-separated table without quoting; the first line names the columns. Raises OSError."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    columns = header.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=False)) for line in lines if line]


def _measure(
    folder: Path, manifest: Sequence[dict[str, str]], oracle: Sequence[dict[str, str]]
) -> tuple[list[FileResult], list[Comparison]]:
    """Open and render every file in a helper process, whose death costs only that file."""
    from core.dicom.decoders.helper_process import HelperFailed, HelperProcess

    references: dict[str, list[dict[str, str]]] = {}
    for row in oracle:
        references.setdefault(row["path"], []).append(row)
    files, comparisons = [], []
    with HelperProcess(examine, SECONDS_FOR_A_FILE) as helper:
        for row in manifest:
            path, rows = row["path"], references.get(row["path"], [])
            started = time.perf_counter()
            try:
                why, differences = helper.ask((str(folder), path, rows))
            except HelperFailed as failure:
                why, differences = str(failure), [None] * len(rows)
            seconds = round(time.perf_counter() - started, 3)
            decoders = tuple(name for name in _DECODERS if row.get(name) == "yes")
            files.append(FileResult(path, row["sop_class"], not why, why, decoders, seconds))
            tolerance = LOSSY_TOLERANCE if row["ts_uid"] in _LOSSY_JPEG else TOLERANCE
            comparisons += [
                Comparison(path, int(one["frame"]), one["window"], one["status"], one["reason"], difference, tolerance,
                           why if difference is None else "")
                for one, difference in zip(rows, differences, strict=True)
            ]
    return files, comparisons


def examine(task: tuple[str, str, list[dict[str, str]]]) -> tuple[str, list[int | None]]:
    """Open a file and compare it with its references: why it did not open ("" if it did), and the differences."""
    from core.cli.render import render_file
    from core.findings.wording import reason_text
    from core.refusal import Refusal

    folder, path, rows = task
    first = render_file(Path(folder, path), "first", 0)
    why = ": ".join([reason_text(first), *filter(None, first.facts.values())]) if isinstance(first, Refusal) else ""
    differences: list[int | None] = []
    for row in rows:
        choice = "minmax" if row["window"] == "minmax" else "first"
        picture = render_file(Path(folder, path), choice, int(row["frame"]) - 1)
        differences.append(None if isinstance(picture, Refusal) else largest_difference(picture, Path(folder), row))
    return why, differences


def largest_difference(picture: object, folder: Path, row: dict[str, str]) -> int:
    """Return the largest difference of a picture from its reference, in gray levels; 255 where the shape differs."""
    import cv2
    import numpy as np

    ours = np.asarray(picture)
    x, y, width, height = (int(row[key]) for key in ("x0", "y0", "w", "h"))
    reference = cv2.imread(str(folder / row["oracle"]), cv2.IMREAD_UNCHANGED)
    if reference is None or ours.shape[:2] != (int(row["full_h"]), int(row["full_w"])):
        return 255
    if reference.ndim == 3:
        reference = reference[..., 2::-1]
    if ours.ndim != reference.ndim:
        return 255
    crop = ours[y:y + height, x:x + width].astype(np.int16)
    return int(np.abs(crop - reference).max()) if crop.shape == reference.shape else 255


def report(files: Sequence[FileResult], comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield the lines of the printed result: every exception, then the counts."""
    for one in comparisons:
        if not one.agrees:
            found = one.why if one.difference is None else f"differs by up to {one.difference} gray levels"
            mark = f" [disputed: {one.reason}]" if one.is_disputed else ""
            yield f"{one.path} frame {one.frame} ({one.window}): {found}{mark}"
    unopened = [one for one in files if one.decoders and not one.opened]
    for file in unopened:
        yield f"{file.path}: not opened: {file.why} (opened by {', '.join(file.decoders)})"
    yield ""
    for name, is_color in (("grayscale", False), ("color", True)):
        chosen = [one for one in comparisons if one.is_color == is_color and not one.is_disputed]
        yield f"{sum(one.agrees for one in chosen)} of {len(chosen)} undisputed {name} pictures agree"
    disputed = [one for one in comparisons if one.is_disputed]
    yield f"{sum(one.agrees for one in disputed)} of {len(disputed)} disputed pictures agree with the chosen reference"
    images = [one for one in files if one.decoders]
    yield f"{len(images) - len(unopened)} of {len(images)} files open that another decoder opens"
    yield f"{len(files)} files in {sum(one.seconds for one in files):.1f} s"
