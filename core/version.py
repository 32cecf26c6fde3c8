"""The program's one version: pyproject.toml's, read from the installed package, its source tree or the bundle."""

import tomllib
from importlib.metadata import PackageNotFoundError, version

from core.paths import program_folder


def _find() -> str:
    source = program_folder() / "pyproject.toml"
    if source.is_file():
        return str(tomllib.loads(source.read_text(encoding="utf-8"))["project"]["version"])
    try:
        return version("wetread")
    except PackageNotFoundError:
        return "unknown"


VERSION = _find()
