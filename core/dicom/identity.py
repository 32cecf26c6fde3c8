"""UIDs for files that bring none."""

import uuid
from pathlib import Path

from core.imaging.image import Identity


def made_uid(path: Path, level: str) -> str:
    """Return a UID made from the path (PS3.5 B.2), the same for the same path and level."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'{path.absolute().as_uri()}#{level}').int}"


def made_identity(path: Path) -> Identity:
    """Return UIDs made from the path: a study, a series and an instance of its own, as nothing says otherwise."""
    return Identity(made_uid(path, "study"), made_uid(path, "series"), made_uid(path, "instance"))
