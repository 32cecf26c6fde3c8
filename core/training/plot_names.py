"""Names of an evaluation's plots, and the limits drawn in them; whoever refers to a plot need not be able to draw."""

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
