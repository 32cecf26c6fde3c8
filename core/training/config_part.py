"""What all parts of a configuration are made of, and how a run's written parts are read again."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class Part(BaseModel):
    """A frozen part of a configuration or of what was measured; an unknown key is an error.

    The text under a key is its description, which resources/docs/configuration.md shows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


P = TypeVar("P", bound=Part)
WRITTEN = {"is_written": True}  # context of what a run wrote: a rule that came later must not make it unreadable


def read_written(path: Path, kind: type[P]) -> P:
    """Return what a run or cross-validation wrote beside itself. Raises OSError, and ValueError for another form."""
    try:
        return kind.model_validate_json(path.read_bytes(), context=WRITTEN)
    except ValidationError as error:
        raise ValueError(f"{path} is damaged, or of another version of the program") from error
