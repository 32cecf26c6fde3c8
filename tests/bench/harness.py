"""Measures, compares, prints a table and writes out/bench.json.

A module `tests/bench/bench_NAME.py` has ``figures() -> list[Figure]``. One that is compared runs in turns with its
peer, after a warm-up of each, so that a machine busy with other things slows both.
"""

import gc
import importlib
import json
import math
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
OUT = FOLDER.parent.parent / "out" / "bench.json"
RUNS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the median of its runs and their 95th percentile, and what it is held against.

    With a `ratio` (value over the peer's median) the target is for the ratio, without one for the 95th percentile of
    the value, which of five runs is the worst. A figure without a target is only told; `holds` is then None.
    """

    name: str
    value: float
    unit: str
    against: str
    ratio: float | None = None
    target: float | None = None
    p95: float | None = None
    against_value: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the target is met."""
        if self.target is None:
            return None
        if self.ratio is not None:
            return self.ratio <= self.target
        return (self.value if self.p95 is None else self.p95) <= self.target


def median_and_p95(samples: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile (nearest rank) of some samples."""
    ranked = sorted(samples)
    return statistics.median(ranked), ranked[math.ceil(0.95 * len(ranked)) - 1]


def milliseconds(run: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


def compare(name: str, ours: Callable[[], object], peer: Callable[[], object], against: str,
            target: float | None, repeat: int = 1, runs: int = RUNS, keeps: bool = False) -> Figure:
    """Time two callables in turns and return the figure of the first, in milliseconds, against the second.

    Each run is the mean of `repeat` calls of ours in a row, as a drag makes them, and then of the peer's. With `keeps`
    all that either returns is kept to the end: each call then works in fresh memory, else in that of calls before it.
    """
    kept: list[object] = []

    def timed(run: Callable[[], object]) -> float:
        started = time.perf_counter()
        result = run()
        taken = (time.perf_counter() - started) * 1000
        if keeps:
            kept.append(result)
        return taken

    def mean(run: Callable[[], object]) -> float:
        gc.collect()  # before each of the two: what comes first after it finds colder caches and sleeping threads
        return statistics.fmean(timed(run) for _ in range(repeat))

    def one_run() -> tuple[float, float]:
        return mean(ours), mean(peer)

    one_run()
    return _figure(name, [one_run() for _ in range(runs)], against, target)


def compare_timed(name: str, ours: Callable[[], float], peer: Callable[[], float], against: str,
                  target: float | None, runs: int = RUNS) -> Figure:
    """Like `compare`, of callables that return milliseconds of their own, one call for each run."""
    ours(), peer()
    return _figure(name, [(ours(), peer()) for _ in range(runs)], against, target)


def _figure(name: str, pairs: Sequence[tuple[float, float]], against: str, target: float | None) -> Figure:
    value, p95 = median_and_p95([pair[0] for pair in pairs])
    against_value, _ = median_and_p95([pair[1] for pair in pairs])
    return Figure(name, value, "ms", against, value / against_value, target, p95, against_value)


def limited(name: str, samples: Sequence[float], against: str, target: float | None,
            against_value: float | None = None) -> Figure:
    """Return the figure of samples in milliseconds with a limit of their own; what they lie beside is only told."""
    value, p95 = median_and_p95(samples)
    return Figure(name, value, "ms", against, None, target, p95, against_value)


def offscreen() -> dict[str, str]:
    """Return the environment for a child program that draws without a display."""
    return os.environ | {"QT_QPA_PLATFORM": "offscreen"}


def modules(only: str = "") -> list[str]:
    """Return the names of the modules to run: all, or those whose name begins with `only`."""
    names = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    return [name for name in names if name.startswith(only)]


def table_of(figures: Sequence[Figure]) -> Table:
    """Return the figures as a table to print."""
    table = Table("figure", "median", "p95", "against", "its median", "ratio", "target", "holds")
    for figure in figures:
        table.add_row(
            figure.name, number(figure.value, figure.unit), number(figure.p95, figure.unit), figure.against,
            number(figure.against_value, figure.unit), number(figure.ratio), number(figure.target, prefix="≤ "),
            {True: "yes", False: "[bold red]no[/]", None: ""}[figure.holds],
        )
    return table


def number(value: float | None, unit: str = "", prefix: str = "") -> str:
    """Return a number in three digits, or nothing."""
    return "" if value is None else f"{prefix}{value:.3g} {unit}".rstrip()


def measure(name: str) -> list[Figure]:
    """Return the figures of one module, measured in this process."""
    figures: list[Figure] = importlib.import_module(f"tests.bench.bench_{name}").figures()
    return figures


def _measure_apart(name: str) -> list[Figure]:
    """Return a module's figures from a process of its own: threads and memory left by one would weigh on the next."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, name).result()


def main(arguments: Sequence[str]) -> int:
    """Run the modules asked for, print and write their figures; 1 where a target is missed, 2 for an unknown name."""
    only = arguments[0] if arguments else ""
    names = modules(only)
    if not names:
        print(f"nothing to measure is called {only}; there are: {', '.join(modules())}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures += measure(name) if len(names) == 1 else _measure_apart(name)
    Console(width=None if sys.stdout.isatty() else 150).print(table_of(figures))
    OUT.parent.mkdir(exist_ok=True)
    written = [asdict(figure) | {"holds": figure.holds} for figure in figures]
    OUT.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print(f"written to {OUT.relative_to(Path.cwd()) if OUT.is_relative_to(Path.cwd()) else OUT}")
    return 0 if all(figure.holds is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
