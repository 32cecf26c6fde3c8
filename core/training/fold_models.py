"""Which model is asked of a picture: one for all, or of a cross-validation the one that never saw its patient."""

from collections.abc import Callable
from pathlib import Path

from core.findings.wording import refusal_text
from core.reading.read_image import Model, load_model
from core.refusal import Refusal
from core.training.fold_plan import FOLDS_NAME, homes_of
from core.training.folds import folder_of
from core.training.labels import LabelRow

ModelOf = Callable[[LabelRow], Model | None]


def is_cross_validation(folder: Path) -> bool:
    """Whether a folder is that of a cross-validation."""
    return (folder / FOLDS_NAME).is_file()


def fold_models(folder: Path, device: str) -> ModelOf:
    """Return for a row the model of its fold, which never saw its patient; None where the row is in no fold.

    Models are loaded when they are first asked for. Raises OSError, and ValueError for a damaged table; a call raises
    ValueError for a fold without a model.
    """
    homes = homes_of(folder)
    models: dict[str, Model] = {}

    def model_of(row: LabelRow) -> Model | None:
        home = homes.get(row.path)
        if home is None:
            return None
        if home not in models:
            found = load_model(folder / folder_of(home) / "model", device)
            if isinstance(found, Refusal):
                raise ValueError(f"fold {home}: {refusal_text(found)}")
            models[home] = found
        return models[home]

    return model_of
