"""The user's settings: one frozen value, every setting declared once, stored as JSON.

A stored value that does not fit falls back to its default and is named, so that a broken file never stops a start.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from core.files import write_atomically

SCHEMA_VERSION = 1
MAX_RECENT = 10
LARGEST_SIZE_PX = 100_000  # of a panel: more than any screen has, and few enough for Qt


def setting(
    default: Any, title: str, low: float | None = None, high: float | None = None, choices: tuple[str, ...] = ()
) -> Any:
    """Declare a setting: its default, what it is called, and the range or choices that are allowed.

    The range of a list is that of its items.
    """
    return field(default=default, metadata={"title": title, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """Everything that is remembered from one start to the next."""

    notice_seen: bool = setting(False, "The start-up notice was read")
    device: str = setting("auto", "Where the network runs", choices=("auto", "cpu", "cuda", "mps"))
    # 0 is a quarter of the machine's memory
    frame_cache_mib: int = setting(0, "Memory for decoded frames (MiB)", low=0, high=65536)
    heatmap_opacity: float = setting(0.5, "Heatmap opacity", low=0.0, high=1.0)
    show_map: bool = setting(True, "Heatmap")
    findings_after_look: bool = setting(False, "Findings after my look")
    layer_opacity: float = setting(0.4, "Opacity of segments and maps", low=0.0, high=1.0)
    corner_level: str = setting("full", "Corner text", choices=("full", "minimal", "off"))
    drag_up_is_brighter: bool = setting(True, "Dragging up is brighter")
    layout: str = setting("1x1", "Layout", choices=("1x1", "1x2", "2x2"))
    show_series: bool = setting(True, "Series panel")
    show_findings: bool = setting(True, "Findings panel")
    show_header: bool = setting(False, "DICOM header panel")
    show_layers: bool = setting(True, "Panel of segments and maps")
    show_overlays: bool = setting(True, "Graphics that files lay over their pictures")
    show_worklist: bool = setting(True, "Worklist")
    keep_recent: bool = setting(True, "Remember recent files")
    recent_files: tuple[str, ...] = setting((), "Recent files")
    geometry: str = setting("", "Place of the window (base64)")
    panel_sizes: tuple[int, ...] = setting(
        (), "Widths of the panels and height of the list, in pixels", low=0, high=LARGEST_SIZE_PX
    )


def with_recent(recent: tuple[str, ...], path: Path) -> tuple[str, ...]:
    """Return the recent files with `path` as the newest, each once, at most `MAX_RECENT`."""
    text = str(path)
    return (text, *(other for other in recent if other != text))[:MAX_RECENT]


def load_settings(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Read the settings; the second value names what was wrong with the file, () where nothing was.

    A file that is no settings file at all is kept beside as ``settings.broken.json``.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(), ()
    except (OSError, ValueError, RecursionError):  # the last where lists are nested without end
        stored = None
    if not isinstance(stored, dict):
        kept = _keep_aside(path)
        return Settings(), (f"The settings file could not be read; defaults are used{kept}.",)
    return _checked(stored)


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings atomically; raises OSError."""
    write_atomically(path, json.dumps({"schema_version": SCHEMA_VERSION, **asdict(settings)}, indent=2) + "\n")


def _checked(stored: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    good: dict[str, Any] = {}
    problems = []
    known = {one.name: one for one in fields(Settings)}
    for name, value in stored.items():
        if name == "schema_version":
            if value != SCHEMA_VERSION:
                problems.append("The settings were written by another version of the program.")
            continue
        one = known.get(name)
        if one is None:
            problems.append(f"There is no setting “{name}”.")
            continue
        fitted = _fitted(one, value)
        if fitted is None:
            problems.append(f"{one.metadata['title']}: a stored value does not fit; the default is used.")
        else:
            good[name] = fitted
    return Settings(**good), tuple(problems)


def _fitted(one: "Field[Any]", value: Any) -> Any:
    """Return the value as the setting's type, None where it does not fit."""
    default = None if one.default is MISSING else one.default
    if isinstance(default, tuple):
        return _fitted_list(one, value)
    is_whole = isinstance(default, float) and type(value) is int
    if type(value) is not type(default) and not is_whole:
        return None
    choices = one.metadata["choices"]
    if (choices and value not in choices) or not _is_in_range(one, value):
        return None
    return float(value) if is_whole else value  # not before: an integer may be larger than any float


def _fitted_list(one: "Field[Any]", value: Any) -> Any:
    wanted = int if "int" in str(one.type) else str
    if not isinstance(value, list) or not all(type(item) is wanted and _is_in_range(one, item) for item in value):
        return None
    return tuple(value)


def _is_in_range(one: "Field[Any]", value: Any) -> bool:
    low, high = one.metadata["low"], one.metadata["high"]
    # written so that a NaN does not fit
    return (low is None or value >= low) and (high is None or value <= high)


def _keep_aside(path: Path) -> str:
    aside = path.with_name("settings.broken.json")
    try:
        path.replace(aside)
    except OSError:
        return ""
    return f", the old file is {aside.name}"
