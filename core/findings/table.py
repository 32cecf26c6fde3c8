"""Readings as a table for a terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from core.findings.finding import Reading
from core.findings.wording import RESEARCH_NOTICE, refusal_text, threshold_text, verdict_reason


def print_readings(readings: Iterable[Reading]) -> None:
    """Print one line for each finding, and one for each image without findings."""
    table = Table(caption=RESEARCH_NOTICE, caption_justify="left")
    for heading in ("file", "verdict", "finding", "probability", "", "reason"):
        table.add_column(heading, justify="right" if heading == "probability" else "left", overflow="fold")
    for reading in readings:
        name, verdict, reason = reading.path.name, reading.verdict.value, verdict_reason(reading)
        if reading.refusal is not None:
            reason = refusal_text(reading.refusal).removeprefix(f"{name}: ")
        for finding in reading.findings:
            mark = "▲ " if finding.above else ""
            table.add_row(name, verdict, finding.label, f"{finding.probability:.3f}",
                          mark + threshold_text(finding), reason)
        if not reading.findings:
            table.add_row(name, verdict, "", "", "", reason)
    Console().print(table)
