"""What a run was given on the command line beside configuration and table, kept in its folder as given.json.

A finished run that is resumed, for an extent or a gate, is calibrated and gated as it was; and only the model folder
that it wrote is written again. Paths inside the run's folder are kept relative to it: a folder that was moved or copied
has its own.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import Field

from core.files import sha256_of, write_atomically
from core.reading.model_card import CARD_NAME, ModelCard, load_card
from core.training.checkpoint import BEST_NAME, load_state
from core.training.config_part import Part, read_written
from core.training.save_model import weights_content

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

    Without a folder for its model that is `run`/model. A model outside of `run` is this run's where it has this run's
    weights and is known to be written there, or an earlier version kept nothing of where. Raises FileExistsError where
    `model` holds a model that is not this run's, ValueError where given.json is damaged.
    """
    before = read_given(run) if resume and (run / GIVEN_NAME).is_file() else None
    written = () if before is None else before.models
    now = model.resolve() if model is not None else written[-1] if written else (run / MODEL_FOLDER).resolve()
    is_older = before is None and resume and (run / CONFIG_NAME).is_file()
    is_own = now.is_relative_to(run.resolve()) or ((now in written or is_older) and _has_weights_of(run, now))
    if (now / CARD_NAME).is_file() and not is_own:
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


def _has_weights_of(run: Path, model: Path) -> bool:
    """Return whether a model folder has the weights that a run has kept as its best."""
    card, best = load_card(model), run / BEST_NAME
    return (isinstance(card, ModelCard) and best.is_file()
            and card.weights_sha256 == sha256_of(weights_content(load_state(best))))


def read_given(run: Path) -> Given:
    """Return what a run was given, all paths absolute. Raises OSError, and ValueError where given.json is damaged.

    An earlier version kept absolute paths: of a run that was moved or copied since, the model in it is its own.
    """
    home = run.resolve()
    given = _with_paths(read_written(run / GIVEN_NAME, Given), lambda path: home / path)
    own = home / MODEL_FOLDER
    if not (own / CARD_NAME).is_file() or own in given.models:
        return given
    return given.model_copy(update={"models": tuple(own if path.name == own.name else path for path in given.models)})


def write_given(run: Path, given: Given) -> None:
    """Keep it. Raises OSError."""
    home = run.resolve()
    kept = _with_paths(given, lambda path: path.relative_to(home) if path.is_relative_to(home) else path)
    write_atomically(run / GIVEN_NAME, kept.model_dump_json(indent=2) + "\n")


def _with_paths(given: Given, change: Callable[[Path], Path]) -> Given:
    return Given(
        models=tuple(change(path) for path in given.models),
        folds=None if given.folds is None else change(given.folds),
        outliers=tuple(change(path) for path in given.outliers),
    )
