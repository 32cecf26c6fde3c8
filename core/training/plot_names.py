"""Names of an evaluation's plots, and the limits drawn in them; whoever refers to a plot need not be able to draw."""

from collections.abc import Iterable
from zlib import crc32

SOURCE_LIMIT = 0.65  # AUC of telling the source from the score that is still accepted
SHORTCUTS = "shortcuts"


def report_plot(report: str) -> str:
    """Return the name of a report's curves: the report's own, fit for a file, and with other letters a hash of it."""
    name = "-".join("".join(letter if letter.isalnum() else " " for letter in report.lower()).split())
    return name if name.replace("-", " ") == report else f"{name}-{crc32(report.encode()):08x}"


def failures_plot(report: str) -> str:
    """Return the name of the plot of a report's failures."""
    return f"{report_plot(report)}-failures"


def parts_plot(report: str) -> str:
    """Return the name of the plot of a report's parts."""
    return f"{report_plot(report)}-parts"


def check_apart(reports: Iterable[str]) -> None:
    """Raise ValueError where a plot of a report would be called like one of another report, or the shortcuts' one."""
    taken = {SHORTCUTS: "that of the shortcuts"}
    for report in reports:
        for name in (report_plot(report), failures_plot(report), parts_plot(report)):
            if name in taken:
                raise ValueError(f"a plot of the report {report!r} would be called {name!r} like {taken[name]}: give "
                                 "the report another name")
            taken[name] = f"one of the report {report!r}"
