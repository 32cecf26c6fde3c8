"""What a run was given on the command line beside configuration and table, kept in its folder as given.json.

A finished run that is resumed, for an extent or a gate, is calibrated and gated as it was; and only the model folder
that it wrote is written again.
"""

from collections.abc import Sequence
from pathlib import Path

from core.files import write_atomically
from core.reading.model_card import CARD_NAME
from core.training.config import Part, read_written

GIVEN_NAME = "given.json"


class Given(Part):
    """Folders: where the model is written, the cross-validation that calibrates, outliers of the gate."""

    model: Path
    folds: Path | None = None
    outliers: tuple[Path, ...] = ()


def recalled(run: Path, model: Path, folds: Path | None, outliers: Sequence[Path], resume: bool) -> Given:
    """Return what is given now, and where a run is resumed without it, what that was given before.

    Raises FileExistsError where `model` holds a model that is not this run's, ValueError where given.json is damaged.
    """
    path = run / GIVEN_NAME
    before = read_written(path, Given) if resume and path.is_file() else None
    is_own = before is not None and before.model == model.resolve()
    if not is_own and (model / CARD_NAME).is_file() and not model.resolve().is_relative_to(run.resolve()):
        raise FileExistsError(f"{model} holds a model already, and not this run's: give another folder with --model")
    return Given(
        model=model.resolve(),
        folds=_or_before(folds, before),
        outliers=tuple(folder.resolve() for folder in outliers) or (() if before is None else before.outliers),
    )


def _or_before(folds: Path | None, before: Given | None) -> Path | None:
    if folds is not None:
        return folds.resolve()
    return None if before is None else before.folds


def write_given(run: Path, given: Given) -> None:
    """Keep it. Raises OSError."""
    write_atomically(run / GIVEN_NAME, given.model_dump_json(indent=2) + "\n")
