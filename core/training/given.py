"""What a run was given on the command line beside configuration and table, kept in its folder as given.json.

A finished run that is resumed, for an extent or a gate, is calibrated and gated as it was; and only the model folder
that it wrote is written again.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from core.files import write_atomically
from core.reading.model_card import CARD_NAME
from core.training.config_part import Part, read_written

GIVEN_NAME, CONFIG_NAME = "given.json", "config.json"  # of a run folder, as is ...
MODEL_FOLDER = "model"  # ... where its model is, if nobody says otherwise


class Given(Part):
    """Folders: where its model was written, the last one last, the cross-validation that calibrates, the outliers."""

    models: tuple[Path, ...] = Field(min_length=1)
    folds: Path | None = None
    outliers: tuple[Path, ...] = ()

    @property
    def model(self) -> Path:
        """Where the model is written now."""
        return self.models[-1]


def recalled(run: Path, model: Path | None, folds: Path | None, outliers: Sequence[Path], resume: bool) -> Given:
    """Return what is given now, and where a run is resumed without it, what that was given before.

    Without a folder for its model that is `run`/model. A run of an earlier version, which kept nothing, is taken at its
    word. Raises FileExistsError where `model` holds a model that is not this run's, ValueError where given.json is
    damaged.
    """
    before = read_given(run) if resume and (run / GIVEN_NAME).is_file() else None
    written = () if before is None else before.models
    now = model.resolve() if model is not None else written[-1] if written else (run / MODEL_FOLDER).resolve()
    is_own = now in written or now.is_relative_to(run.resolve())
    is_older = before is None and resume and (run / CONFIG_NAME).is_file()
    if (now / CARD_NAME).is_file() and not is_own and not is_older:
        raise FileExistsError(f"{now} holds a model already, and not this run's: give another folder with --model")
    return Given(
        models=(*(one for one in written if one != now), now),
        folds=_or_before(folds, before),
        outliers=tuple(folder.resolve() for folder in outliers) or (() if before is None else before.outliers),
    )


def _or_before(folds: Path | None, before: Given | None) -> Path | None:
    if folds is not None:
        return folds.resolve()
    return None if before is None else before.folds


def read_given(run: Path) -> Given:
    """Return what a run was given. Raises OSError, and ValueError where given.json is damaged."""
    return read_written(run / GIVEN_NAME, Given)


def write_given(run: Path, given: Given) -> None:
    """Keep it. Raises OSError."""
    write_atomically(run / GIVEN_NAME, given.model_dump_json(indent=2) + "\n")
