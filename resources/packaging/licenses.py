"""The license texts of all that the packaged program carries, as PyInstaller's data entries."""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
TEXTS = Path(__file__).parent / "license-texts"  # for wheels that name their license and leave its text out
FOLDER = "licenses"

_IS_LICENSE = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)


def packed_distributions() -> list[Distribution]:
    """Return the distributions that the program needs to run here, with all that they need, sorted by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    waiting = [project["dependencies"]]
    while waiting:
        for needed in _names(waiting.pop()):
            if needed not in found:
                found[needed] = distribution(needed)
                waiting.append(found[needed].requires or [])
    return [found[each] for each in sorted(found)]


def license_files(one: Distribution) -> list[Path]:
    """Return a distribution's own license files, or what it says of its license where it brings none."""
    names = [file for file in one.files or () if file.parts[0].endswith(".dist-info")]
    texts = [Path(str(file.locate())) for file in names if _IS_LICENSE.search(file.name) or "licenses/" in str(file)]
    if texts:
        return texts
    said = [Path(str(file.locate())) for file in names if file.name == "METADATA"]
    stated = next((one.metadata[key] for key in ("License-Expression", "License") if key in one.metadata), "")
    return said + (sorted(TEXTS.iterdir()) if "LGPL" in stated else [])


def license_data() -> list[tuple[str, str]]:
    """Return (file, folder in the program) for each license text: a folder for each distribution, and Python's own."""
    entries = [(str(path), f"{FOLDER}/{one.name}{_below(path)}")
               for one in packed_distributions() for path in license_files(one)]
    return entries + [(str(path), f"{FOLDER}/Python") for path in _of_python()]


def _below(path: Path) -> str:
    """The folders between a distribution's information and one of its texts: its parts' licenses have equal names."""
    parts = list(path.parent.parts)
    while parts and not parts[0].endswith(".dist-info"):
        parts.pop(0)
    return "".join(f"/{part}" for part in parts[1:] if part != "licenses")


def _names(requirements: Iterable[str]) -> Iterator[str]:
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield re.sub(r"[-_.]+", "-", requirement.name).lower()


def _of_python() -> list[Path]:
    home = Path(sys.base_prefix)
    places = [home / "LICENSE.txt", *home.glob("lib/python3*/LICENSE.txt"),
              *Path("/usr/share/doc").glob(f"python3.{sys.version_info.minor}/copyright")]
    return [path for path in places if path.is_file()][:1]
