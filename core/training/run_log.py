"""What a run tells while it goes: a progress bar, log.jsonl (one object a line) and TensorBoard event files."""

import json
import sys
from pathlib import Path
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.files import write_atomically
from core.training.processes import is_first

LOG_NAME = "log.jsonl"


def progress_bar() -> Progress:
    """Return a bar for tasks with a field `note`, drawn only where someone watches; lines print above it anyway."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        disable=not sys.stdout.isatty() or not is_first(),
    )


class RunLog:
    """Scalars by step, written as they come; a resumed run drops what a killed one wrote after its checkpoint."""

    def __init__(self, run: Path, first_step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._path = run / LOG_NAME
        self._drop_from(first_step)
        self._file = self._path.open("a", encoding="utf-8")
        self._board = SummaryWriter(str(run / "tensorboard"), purge_step=first_step or None)

    def _drop_from(self, first_step: int) -> None:
        if self._path.is_file():
            lines = self._path.read_text(encoding="utf-8").splitlines()
            whole = [line for line in lines if line.endswith("}")]  # the last may have been cut off
            kept = [line for line in whole if json.loads(line)["step"] < first_step]
            write_atomically(self._path, "".join(f"{line}\n" for line in kept))

    def write(self, step: int, values: dict[str, float]) -> None:
        """Write scalars of one step."""
        self._file.write(json.dumps({"step": step, **values}) + "\n")
        self._file.flush()
        for name, value in values.items():
            self._board.add_scalar(name, value, step)

    def __enter__(self) -> "RunLog":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self._board.close()
