"""Readings as a table for a terminal."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.files import printable
from core.findings.finding import Reading
from core.findings.wording import RESEARCH_NOTICE, extent_text, refusal_text, threshold_text, verdict_reason

FILE_WIDTH = 160  # characters of a line where the table goes into a file or a pipe


def print_readings(readings: Iterable[Reading]) -> None:
    """Print one line for each finding, and one for each image without findings."""
    table = Table(caption=RESEARCH_NOTICE, caption_justify="left")
    for heading in ("file", "verdict", "finding", "probability", "threshold", "reason"):
        is_number = heading == "probability"
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold", no_wrap=is_number)
    for reading in readings:
        name, verdict, reason = printable(Path(reading.path.name)), reading.verdict.value, verdict_reason(reading)
        if reading.refusal is not None:
            reason = refusal_text(reading.refusal).removeprefix(f"{name}: ")
        for finding in reading.findings:
            mark = "▲ " if finding.above else ""
            table.add_row(name, verdict, finding.label, f"{finding.probability:.3f}",
                          mark + threshold_text(finding).replace("threshold ", ""), reason)
        if reading.extent is not None:
            table.add_row(name, verdict, extent_text(reading.extent), "", "", reason)
        if not reading.findings:
            table.add_row(name, verdict, "", "", "", reason)
    console = Console()
    if not console.is_terminal:
        console.width = FILE_WIDTH
    console.print(table)
