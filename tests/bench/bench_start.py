"""Start to a painted window, against a bare PySide6 window of the same size."""

import subprocess
import sys
import tempfile
import time

from gui.report import HEIGHT_PX, WIDTH_PX
from tests.bench.harness import Figure, compare_timed, offscreen


def milliseconds_until_painted(module: str, *arguments: str) -> float:
    """Start a child program and return the time from before its start until it says that it is painted."""
    started = time.monotonic()
    command = [sys.executable, "-m", f"tests.bench.children.{module}", *arguments]
    done = subprocess.run(command, env=offscreen(), capture_output=True, text=True, check=True)
    return (float(done.stdout.split()[-1]) - started) * 1000


def figures() -> list[Figure]:
    """Measure both offscreen, files of both in the system's cache."""
    with tempfile.TemporaryDirectory() as folder:
        return [compare_timed(
            "start: to a painted window",
            lambda: milliseconds_until_painted("window", folder),
            lambda: milliseconds_until_painted("bare_window", str(WIDTH_PX), str(HEIGHT_PX)),
            f"bare PySide6 window, {WIDTH_PX} x {HEIGHT_PX}", 2.0,
        )]
