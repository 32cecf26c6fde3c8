"""Readings as a table for a terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.files import printable, without_controls
from core.findings.finding import Reading
from core.findings.wording import (
    RESEARCH_NOTICE,
    copy_text,
    digits_apart,
    extent_text,
    probability_text,
    refusal_sentence,
    threshold_text,
    verdict_reason,
)

FILE_WIDTH = 160  # characters of a line where the table goes into a file or a pipe


def print_readings(readings: Iterable[Reading], on_stderr: bool = False) -> None:
    """Print one line for each finding, and one for each image without findings."""
    readings = tuple(readings)
    names = distinct_names([reading.path for reading in readings])
    table = Table(caption=RESEARCH_NOTICE, caption_justify="left")
    for heading in ("file", "verdict", "finding", "probability", "threshold", "reason"):
        is_number = heading == "probability"
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold", no_wrap=is_number)
    for reading in readings:
        name, verdict = printable(names[reading.path]), reading.verdict.value
        reason = verdict_reason(reading) if reading.refusal is None else refusal_sentence(reading.refusal)
        copy = "" if reading.copy_of is None else copy_text(reading.copy_of)
        reason = without_controls(" · ".join(filter(None, (reason, copy))))
        for finding in reading.findings:
            mark, doubt = "▲ " if finding.above else "", ", uncertain" if finding.is_uncertain else ""
            digits = digits_apart(finding, 3)
            table.add_row(name, verdict, finding.label, probability_text(finding.probability, digits),
                          mark + threshold_text(finding, digits).replace("threshold ", "") + doubt, reason)
        if reading.extent is not None:
            table.add_row(name, verdict, extent_text(reading.extent), "", "", reason)
        if not reading.findings:
            table.add_row(name, verdict, "", "", "", reason)
    console = Console(stderr=on_stderr, markup=False, emoji=False)  # names and headers may look like either
    if not console.is_terminal:
        console.width = FILE_WIDTH
    console.print(table)


def distinct_names(paths: Sequence[Path]) -> dict[Path, Path]:
    """Return for each path the shortest end of it that no other one has: its name, or as many folders as it takes."""
    names: dict[Path, Path] = {}
    left, length = dict.fromkeys(paths), 1
    while left:
        ends = {path: path.parts[-length:] for path in left}
        counts = Counter(ends.values())
        names |= {path: Path(*end) for path, end in ends.items() if counts[end] == 1 or length >= len(path.parts)}
        left = dict.fromkeys(path for path in left if path not in names)
        length += 1
    return names
