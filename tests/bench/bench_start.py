"""Start to a painted window, against a bare PySide6 window of the same size."""

import subprocess
import sys
import tempfile
import time

from tests.bench.harness import Figure, compare_timed, offscreen


def start(module: str, home: str, *arguments: str) -> tuple[float, list[str]]:
    """Start a child program; return the milliseconds from before its start until it was painted, and its size."""
    command = [sys.executable, "-m", f"tests.bench.children.{module}", *arguments]
    environment = offscreen() | {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
    started = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    painted, *size = done.stdout.split()[-3:]
    return (float(painted) - started) * 1000, size


def figures() -> list[Figure]:
    """Measure both offscreen, with the files of both in the system's cache and a person's first settings.

    The second figure has no target: until everything in the window can be used.
    """
    with tempfile.TemporaryDirectory() as home:
        _, size = start("window", home, "ready")

        def bare() -> float:
            return start("bare_window", home, *size)[0]

        against = f"bare PySide6 window, {' x '.join(size)}"
        return [
            compare_timed("start: to a painted window", lambda: start("window", home, "first_painted")[0], bare,
                          against, 2.0),
            compare_timed("start: to a window that can be used", lambda: start("window", home, "ready")[0], bare,
                          against, None),
        ]
