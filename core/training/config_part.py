"""What all parts of a configuration are made of, and how a run's written parts are read again."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo


class Part(BaseModel):
    """A frozen part of a configuration or of what was measured; an unknown key, inf and nan are errors.

    The text under a key is its description, which resources/docs/configuration.md shows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


P = TypeVar("P", bound=Part)
T = TypeVar("T")
WRITTEN = {"is_written": True}  # context of what a run wrote: a rule that came later must not make it unreadable


def unless_written(check: Callable[[T], T]) -> AfterValidator:
    """Return a rule that came later, for an annotation: a value goes through `check`, but not one that a run wrote."""
    def checked(value: T, info: ValidationInfo) -> T:
        return value if info.context == WRITTEN else check(value)

    return AfterValidator(checked)


def read_written(path: Path, kind: type[P]) -> P:
    """Return what a run or cross-validation wrote beside itself. Raises OSError, and ValueError for another form."""
    try:
        return kind.model_validate_json(path.read_bytes(), context=WRITTEN)
    except ValidationError as error:
        raise ValueError(f"{path} is damaged, or of another version of the program") from error
