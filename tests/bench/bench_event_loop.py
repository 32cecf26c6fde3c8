"""The longest gap of the window's event loop: while an image is read, and at the one load of torch."""

import json
import subprocess
import sys

from tests.bench.harness import RUNS, Figure, limited, offscreen

READINGS = 10


def gaps() -> dict[str, object]:
    """Run the real window once and return its longest gaps in milliseconds."""
    command = [sys.executable, "-m", "tests.bench.children.event_loop", str(READINGS)]
    done = subprocess.run(command, env=offscreen(), capture_output=True, text=True, check=True, timeout=120)
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def figures() -> list[Figure]:
    """Measure five windows after one that warms up; each loads torch once and reads the sample ten times."""
    gaps()
    runs = [gaps() for _ in range(RUNS)]
    against = f"a heartbeat of 1 ms; longest gap in each of {RUNS} windows"
    return [
        limited("event loop: longest gap while reading", [max(run["reading"]) for run in runs], against, 50),
        limited("event loop: longest gap at the one load of torch", [run["load"] for run in runs], against, 200),
    ]
