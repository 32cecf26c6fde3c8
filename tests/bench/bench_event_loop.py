"""The longest gap of the window's event loop: while an image is read, and at the one load of torch."""

import json
import subprocess
import sys
from typing import Any

from tests.bench.harness import RUNS, Figure, limited, median_and_p95, offscreen

READINGS = 10


def gaps() -> dict[str, Any]:
    """Run the real window once and return its longest gaps in milliseconds."""
    command = [sys.executable, "-m", "tests.bench.children.event_loop", str(READINGS)]
    done = subprocess.run(command, env=offscreen(), capture_output=True, text=True, check=True, timeout=120)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def figures() -> list[Figure]:
    """Measure five windows after one that warms up; each loads torch once and reads the sample ten times.

    The last figure has no target: the window's parts are made, once, between its first paint and the load of torch.
    """
    gaps()
    runs = [gaps() for _ in range(RUNS)]
    idle, _ = median_and_p95([run["idle"] for run in runs])
    against = f"the same window at rest ({RUNS} windows, a heartbeat of 1 ms)"
    return [
        limited("event loop: longest gap while reading", [max(run["reading"]) for run in runs], against, 50, idle),
        limited("event loop: longest gap at the one load of torch", [run["load"] for run in runs], against, 200, idle),
        limited("event loop: the gap while the window's parts are made", [run["parts"] for run in runs], against, None,
                idle),
    ]
