"""`make fuzz`: mutated files for a bounded time. What raises, hangs, ends the process or takes too much is kept.

A case is a number; the same number is the same file, as long as the seeds are the same. What is found goes to
out/fuzz and becomes a fix and a test.
"""

import argparse
import collections
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.fuzz.bombs import BOMBS
from tests.fuzz.seeds import seeds
from tests.fuzz.worker import bytes_of

OUT = Path(__file__).parents[2] / "out" / "fuzz"
SECONDS, BYTES = 2.0, 512 << 20
SLACK_S = 0.5  # a frame whose decoder was ended at its limit, on a busy machine
HANG_S = 20.0
KEPT_OF_A_KIND = 5
RETRIES = 3


class Worker:
    """A process that opens files; another takes its place where it ends or hangs."""

    def __init__(self, folder: str, scratch: Path) -> None:
        command = [sys.executable, "-m", "tests.fuzz.worker", folder, str(scratch)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._lines.get(timeout=120)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def ask(self, asked: str) -> dict[str, Any]:
        """Return what became of a case or a bomb; {"outcome": "death" or "hang"} where the worker is lost."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{asked}\n")
        self._process.stdin.flush()
        try:
            line = self._lines.get(timeout=HANG_S)
        except queue.Empty:
            self.close()
            return {"number": asked, "outcome": "hang"}
        if not line:
            return {"number": asked, "outcome": "death", "code": self._process.wait()}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def fault_of(answer: dict[str, Any]) -> str:
    """Return what is wrong with what became of a case, "" where nothing is."""
    if answer["outcome"] in ("hang", "death", "exception"):
        return str(answer["outcome"])
    if answer["busy"] > SECONDS or answer["seconds"] > SECONDS + SLACK_S:
        return "slow"
    return "memory" if answer["bytes"] > BYTES else ""


def extreme(what: str, answer: dict[str, Any]) -> str:
    """Return the line about the case that took the most of something, "seconds" or "bytes"."""
    most = answer.get(what, 0)
    found = f"the slowest took {most:.2f} s" if what == "seconds" else f"the largest took {most / 1e6:.0f} MB"
    return f"{found}: case {answer['number']} of {answer.get('seed', '?')} ({answer['outcome']})"


class Slowest:
    """The kinds of files that took the longest. The time of processors tells what is work and what was waiting."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, Any]] = {}

    def add(self, answer: dict[str, Any]) -> None:
        """Take what became of a case; of each kind the one that kept processors busy for longest stays."""
        kind = answer.get("seed", "?")
        self._kinds[kind] = max(self._kinds.get(kind, answer), answer, key=_work)

    def lines(self, count: int = 10) -> list[str]:
        """Return a line for each of the slowest kinds: processors' time here and in helpers, and the time waited."""
        ranked = sorted(self._kinds.items(), key=lambda one: -_work(one[1]))[:count]
        return [f"{one.get('busy', 0):5.2f} s of work, {one.get('helped', 0):5.2f} s in helpers, "
                f"{one.get('seconds', 0):5.2f} s waited: {kind}, case {one['number']} ({one['outcome']})"
                for kind, one in ranked]


def _work(answer: dict[str, Any]) -> float:
    return float(answer.get("busy", 0) + answer.get("helped", 0))


def main() -> int:
    """Run; 0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default="", help="a folder with more files to mutate")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first case")
    wanted = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    outcomes: collections.Counter[str] = collections.Counter()
    extremes: dict[str, dict[str, Any]] = {}
    faults: list[dict[str, Any]] = []
    slowest = Slowest()
    ends = time.monotonic() + wanted.seconds
    found = seeds(Path(wanted.folder) if wanted.folder else None)
    with tempfile.TemporaryDirectory() as folder:
        worker: Worker | None = None
        numbers = map(str, range(wanted.first, wanted.first + wanted.inputs))
        for number in (*BOMBS, *numbers) if not wanted.first else numbers:
            if time.monotonic() > ends:
                break
            worker = worker or Worker(wanted.folder, Path(folder, "case"))
            answer = worker.ask(number)
            for _ in range(RETRIES):  # the machine may have been busy with something else
                if fault_of(answer) not in ("slow", "hang"):
                    break
                if answer["outcome"] == "hang":
                    worker = Worker(wanted.folder, Path(folder, "case"))
                answer = worker.ask(number)
            outcomes[answer["outcome"]] += 1
            slowest.add(answer)
            for what in ("seconds", "bytes"):
                extremes[what] = max(extremes.get(what, answer), answer, key=lambda one: float(one.get(what, 0)))
            if fault := fault_of(answer):
                faults.append(answer | {"fault": fault})
                name, raw = bytes_of(found, number)
                if sum(one["fault"] == fault for one in faults) <= KEPT_OF_A_KIND:
                    (OUT / f"{fault}-{number}-{name}"[:200]).write_bytes(raw)
                print(f"{fault}: case {number} of {name}: {json.dumps(answer)[:2000]}", flush=True)
                if answer["outcome"] in ("hang", "death"):
                    worker = None
        if worker is not None:
            worker.close()
    print(*slowest.lines(), sep="\n")
    print(*(extreme(what, answer) for what, answer in extremes.items()), sep="\n")
    print(f"{sum(outcomes.values())} inputs of {len(found)} files: {dict(outcomes.most_common())}; "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
