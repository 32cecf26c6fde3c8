"""Where things lie: in a checkout, in an installed wheel, in a frozen program; and the user's own folders."""

import importlib.util
import sys
from pathlib import Path

from platformdirs import PlatformDirs

DIRS = PlatformDirs("Wetread", appauthor=False)


def program_folder() -> Path:
    """Return the folder that holds `models` and `resources`."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) if frozen else Path(__file__).resolve().parent.parent


def models_folder() -> Path:
    """Return the folder of bundled models."""
    return program_folder() / "models"


def default_model_folder() -> Path:
    """Return the bundled chest-radiograph model."""
    return models_folder() / "chest-radiograph"


def resources_folder() -> Path:
    """Return the folder of icons, themes, presets and documents."""
    return program_folder() / "resources"


def sample_folder() -> Path | None:
    """Return the folder of sample DICOM files (from the pydicom-data package), None where it is not installed."""
    bundled = program_folder() / "samples"
    if bundled.is_dir():
        return bundled
    spec = importlib.util.find_spec("data_store")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "data"


def sample_paths() -> tuple[Path, ...]:
    """Return the sample study: a chest radiograph first, then an extremity, MR, CT and ultrasound."""
    folder = sample_folder()
    if folder is None:
        return ()
    names = ("RG1_UNCR.dcm", "RG3_UNCR.dcm", "MR-SIEMENS-DICOM-WithOverlays.dcm", "693_UNCR.dcm", "US1_UNCR.dcm")
    return tuple(path for name in names if (path := folder / name).is_file())


def settings_file() -> Path:
    """Return the user's settings file."""
    return DIRS.user_config_path / "settings.json"


def log_folder() -> Path:
    """Return the folder of log files; nothing of a patient is written there."""
    return DIRS.user_log_path
