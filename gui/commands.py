"""Everything a person can ask for, once: menus, toolbar, keys, palette, the keys page and the manual are loops over it.

`python -m gui.commands` prints resources/docs/commands.md.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from core.paths import resources_folder

MENUS = ("File", "View", "Series", "Tools", "Window", "Findings", "Help")


@dataclass(frozen=True)
class Command:
    """One thing to ask for.

    `shortcut` is the key that is shown, `more_keys` work too. `needs` names the situation without which it has
    nothing to act on (see `NEEDS`). Keys of scope "canvas" act while the picture has the keyboard, so that lists keep
    their arrows. `checkable` commands are switches.
    """

    id: str
    title: str
    menu: str
    shortcut: str = ""
    needs: str = ""
    more_keys: tuple[str, ...] = ()
    scope: str = "window"
    checkable: bool = False
    help: str = ""
    short: str = ""  # the word on the toolbar


@dataclass(frozen=True)
class Preset:
    """A named window in HU."""

    id: str
    name: str
    center: float
    width: float
    key: str


@dataclass(frozen=True)
class Situation:
    """What there is to act on; the enablement of every command follows from it alone."""

    has_image: bool = False
    is_full_screen: bool = False
    is_color: bool = False
    is_projection: bool = False
    is_hounsfield: bool = False
    window_count: int = 0
    series_length: int = 0
    series_count: int = 0
    cell_count: int = 1
    has_map: bool = False
    has_hidden_map: bool = False
    has_held_findings: bool = False  # that wait until the reader has looked
    has_overlays: bool = False
    has_presentations: bool = False
    has_layers: bool = False
    can_read: bool = False
    is_working: bool = False
    has_cancelled: bool = False  # readings
    has_recent: bool = False
    has_positions: bool = False  # of the series: what tells its images apart
    has_numbers: bool = False
    has_times: bool = False
    has_names: bool = False
    is_split: bool = False
    has_dicom_text: bool = False
    has_files: bool = False
    has_several_files: bool = False


# what a command may need: how it is told from the situation, and what the tooltip says where it is not so
NEEDS: dict[str, tuple[Callable[[Situation], bool], str]] = {
    "": (lambda now: True, ""),
    "image": (lambda now: now.has_image, "needs an open image"),
    "image-or-full-screen": (lambda now: now.has_image or now.is_full_screen, "needs an open image"),
    "gray": (lambda now: now.has_image and not now.is_color, "needs a grayscale image"),
    "stored-window": (lambda now: now.has_image and now.window_count > 1, "the file stores no second window"),
    "hounsfield": (lambda now: now.is_hounsfield, "needs a CT in Hounsfield units"),
    "projection": (lambda now: now.is_projection, "only projection radiographs are turned or mirrored"),
    "several-images": (lambda now: now.series_length > 1, "needs a series of several images"),
    "several-series": (lambda now: now.series_count > 1, "needs several series"),
    "position": (lambda now: now.has_positions, "needs a series of slices with positions"),
    "number": (lambda now: now.has_numbers, "needs a series of several instance numbers"),
    "time": (lambda now: now.has_times, "needs a series of several acquisition times"),
    "name": (lambda now: now.has_names, "needs a series of several files"),
    "split": (lambda now: now.is_split, "needs a series that was split"),
    "dicom-text": (lambda now: now.has_dicom_text, "needs an open DICOM file"),
    "several-cells": (lambda now: now.cell_count > 1, "needs a layout of several cells"),
    "map": (lambda now: now.has_map or now.has_held_findings, "no map of a finding over a picture"),
    "hidden-map": (lambda now: now.has_hidden_map, "no finding below its threshold"),
    "overlays": (lambda now: now.has_overlays, "no file lays anything over the picture"),
    "presentations": (lambda now: now.has_presentations, "needs an open presentation state that names the image"),
    "layers": (lambda now: now.has_layers, "needs an open segmentation or parametric map"),
    "model": (lambda now: now.has_image and now.can_read, "needs an open image and a model"),
    "work": (lambda now: now.is_working, "nothing is going on"),
    "cancelled": (lambda now: now.has_cancelled and now.can_read, "no reading was cancelled"),
    "recent": (lambda now: now.has_recent, "no recent files"),
    "several-files": (lambda now: now.has_several_files, "needs several files"),
    "files": (lambda now: now.has_files, "nothing is open"),
}


def is_enabled(command: Command, now: Situation) -> bool:
    """Return whether the command has something to act on."""
    return NEEDS[command.needs][0](now)


def why_disabled(command: Command) -> str:
    """Return what the command lacks where it is not enabled."""
    return NEEDS[command.needs][1]


def disabled_text(command: Command) -> str:
    """Return what a key says that does nothing: whose it is, and why."""
    return f"{command.title}: {why_disabled(command)}"


@cache
def presets() -> tuple[Preset, ...]:
    """Return the window presets, for CT in HU."""
    stored = json.loads((resources_folder() / "presets" / "windows.json").read_text(encoding="utf-8"))
    return tuple(Preset(**one) for one in stored)


def _preset_commands() -> tuple[Command, ...]:
    return tuple(
        Command(f"window.{preset.id}", f"{preset.name} ({preset.center:g} / {preset.width:g})", "Window", preset.key,
                "hounsfield", help="CT only: center and width in HU.")
        for preset in presets()
    )


COMMANDS = (
    Command("file.open", "Open…", "File", "Ctrl+O", short="Open", help="Choose one or more files."),
    Command("file.open-folder", "Open folder…", "File", "Ctrl+Shift+O", help="Open everything in a folder and below."),
    Command("file.open-sample", "Open the sample study", "File", help="Real, anonymous images that come along."),
    Command("file.keep-recent", "Remember recent files", "File", checkable=True,
            help="Off forgets the list; file names can hold names of patients."),
    Command("file.clear-recent", "Clear recent files", "File", needs="recent"),
    Command("file.close-all", "Close all", "File", "Ctrl+W", "files", help="Nothing on the disk changes."),
    Command("file.quit", "Quit", "File", "Ctrl+Q"),

    Command("view.fit", "Fit to cell", "View", "F", "image", more_keys=("=",)),
    Command("view.one-to-one", "One image pixel on one screen pixel", "View", "Shift+F", "image"),
    Command("view.zoom-in", "Zoom in", "View", "+", "image"),
    Command("view.zoom-out", "Zoom out", "View", "-", "image"),
    Command("view.invert", "Invert", "View", "Shift+I", "image", short="Invert"),
    Command("view.reset", "Reset the display", "View", "Esc", "image-or-full-screen", short="Reset",
            help="Once: back to the window tool. Again: window, zoom and pan as at first; the place stays."),
    Command("view.mirror", "Mirror left and right", "View", "H", "projection"),
    Command("view.upend", "Mirror top and bottom", "View", "V", "projection"),
    Command("view.turn-left", "Turn left", "View", "Alt+L", "projection"),
    Command("view.turn-right", "Turn right", "View", "Alt+R", "projection"),
    Command("view.corner-text", "Corner text: full, minimal, off", "View", "I"),
    Command("view.overlays", "Graphics of the file", "View", "Shift+O", "overlays", checkable=True,
            help="What files lay over the picture: overlay planes, annotations, outlines of structures."),
    Command("view.layers", "Segmentations and maps", "View", "O", "layers", checkable=True,
            help="Tap: show or hide what segmentations and parametric maps lay over the picture. Hold: look without."),
    Command("view.next-presentation", "Next presentation state", "View", "P", "presentations",
            help="After the last the image is shown as its file says."),
    Command("view.next-image", "Next image", "View", "Down", "several-images", ("Right",), "canvas"),
    Command("view.previous-image", "Previous image", "View", "Up", "several-images", ("Left",), "canvas"),
    Command("view.ten-forward", "Ten images on", "View", "Shift+Down", "several-images", scope="canvas"),
    Command("view.ten-back", "Ten images back", "View", "Shift+Up", "several-images", scope="canvas"),
    Command("view.first-image", "First image", "View", "Home", "several-images", scope="canvas"),
    Command("view.last-image", "Last image", "View", "End", "several-images", scope="canvas"),
    Command("view.next-series", "Next series", "View", "PgDown", "several-series", scope="canvas"),
    Command("view.previous-series", "Previous series", "View", "PgUp", "several-series", scope="canvas"),
    Command("view.layout-1x1", "One cell", "View", "Ctrl+1", short="1×1", checkable=True),
    Command("view.layout-1x2", "Two cells side by side", "View", "Ctrl+2", short="1×2", checkable=True),
    Command("view.layout-2x2", "Four cells", "View", "Ctrl+4", short="2×2", checkable=True),
    Command("view.maximize", "Maximize the cell and back", "View", "M", "several-cells",
            help="A double-click on the picture does the same."),
    Command("view.next-cell", "Next cell", "View", "Tab", "several-cells", scope="canvas"),
    Command("view.previous-cell", "Previous cell", "View", "Shift+Tab", "several-cells", scope="canvas"),
    Command("view.next-area", "Next area", "View", "F6",
            help="Series, picture, findings, segments and maps, header, worklist: those that are in sight."),
    Command("view.previous-area", "Previous area", "View", "Shift+F6"),
    Command("view.series-panel", "Series panel", "View", "Ctrl+B", checkable=True),
    Command("view.header-panel", "DICOM header", "View", "Ctrl+I", checkable=True,
            help="Every element of the file; type to search, copy rows or values."),
    Command("view.layers-panel", "Segments and maps", "View", "Ctrl+G", "layers", checkable=True,
            help="Switch single segments on and off, choose the map."),
    Command("view.worklist", "Worklist", "View", "Ctrl+L", "several-files", checkable=True),
    Command("view.full-screen", "Full screen", "View", "F11", checkable=True),

    Command("series.by-position", "Sort by position", "Series", "", "position", checkable=True,
            help="As at first: along the slice normal, then by time and number."),
    Command("series.by-number", "Sort by instance number", "Series", "", "number", checkable=True),
    Command("series.by-time", "Sort by acquisition time", "Series", "", "time", checkable=True),
    Command("series.by-name", "Sort by file name", "Series", "", "name", checkable=True),
    Command("series.join", "Join the parts of the series", "Series", "", "split", checkable=True,
            help="A series is split where its images lie or were taken differently; off takes the parts apart again."),
    Command("series.character-set", "Read names in another character set…", "Series", "", "dicom-text",
            help="For names and descriptions that were written in another set than the file says; until the program "
                 "ends."),

    Command("tool.window", "Window and level", "Tools", "W", checkable=True, short="Window",
            help="Drag: right is wider, up is brighter."),
    Command("tool.zoom", "Zoom", "Tools", "Z", checkable=True, short="Zoom",
            help="Drag up or down; the right button zooms whatever the tool."),
    Command("tool.pan", "Pan", "Tools", "T", checkable=True, short="Pan",
            help="Drag; the middle button pans whatever the tool."),
    Command("tool.scroll", "Scroll", "Tools", "S", checkable=True,
            help="Drag down or up through the series; the wheel scrolls whatever the tool."),
    Command("tool.region", "Region", "Tools", "G", checkable=True, short="Region",
            help="Draw an ellipse: what part of the score comes from inside?"),

    Command("tools.up-is-brighter", "Dragging up is brighter", "Tools", checkable=True,
            help="Off: dragging up is darker, as some viewers have it."),

    Command("window.stored", "As stored in the file", "Window", "1", "gray"),
    Command("window.next-stored", "Next stored window", "Window", "2", "stored-window"),
    Command("window.auto", "Auto (0.5 to 99.5 percentile)", "Window", "0", "gray", help="Padding is left out."),
    *_preset_commands(),

    Command("findings.heatmap", "Heatmap", "Findings", "Q", "map", checkable=True, short="Heatmap",
            help="Tap: show or hide. Hold: look without it."),
    Command("findings.panel", "Findings panel", "Findings", "R", checkable=True, short="Findings"),
    Command("findings.after-look", "Findings after my look", "Findings", checkable=True,
            help="What was found in an image is held back until you have looked and ask for it with Q, R or the "
                 "panel's button. The order of the worklist and its flags are not held back: they say what is urgent, "
                 "not what is to be seen."),
    Command("findings.show-below", "Show the map of a finding below threshold", "Findings", "", "hidden-map",
            checkable=True),
    Command("findings.read-again", "Read this image again", "Findings", "Ctrl+R", "model"),
    Command("findings.cancel", "Cancel background work", "Findings", "Ctrl+.", "work",
            help="Stops opening and reading; what is done stays."),
    Command("findings.resume", "Read what was cancelled", "Findings", needs="cancelled",
            help="Opening the same files again does so too."),

    Command("help.commands", "All commands…", "Help", "Ctrl+K", short="Commands",
            help="Type a few letters, press Enter."),
    Command("help.keys", "Keys and mouse…", "Help", "F1", more_keys=("?",)),
    Command("help.log-folder", "Open the log folder", "Help", help="The log holds nothing of a patient."),
    Command("help.about", "About Wetread…", "Help"),
)

BY_ID = {command.id: command for command in COMMANDS}

MOUSE = (
    ("Left drag", "the chosen tool; at first window and level: right is wider, up is brighter"),
    ("Middle drag", "pan"),
    ("Right drag", "zoom"),
    ("Right click", "menu"),
    ("Wheel", "next or previous image; with a single image, zoom"),
    ("Ctrl + wheel", "zoom at the pointer"),
    ("Double-click", "maximize the cell and back"),
    ("Hold Q", "look without the heatmap"),
    ("Hold O", "look without segmentations and maps"),
)


def keys_text(command: Command) -> str:
    """Return the command's keys as a person reads them, "" where it has none."""
    return " or ".join(key for key in (command.shortcut, *command.more_keys) if key)


def as_markdown() -> str:
    """Return the manual's page of commands."""
    origin = "Made from `gui/commands.py` by `python -m gui.commands`; a test holds them together."
    lines = ["# Commands", "", origin, ""]
    for menu in MENUS:
        lines += [f"## {menu}", "", "| Command | Key | Id | Notes |", "|---|---|---|---|"]
        for command in COMMANDS:
            if command.menu == menu:
                key = f"`{keys_text(command)}`" if keys_text(command) else ""
                notes = " ".join(part for part in (command.help, _needs_note(command)) if part)
                lines.append(f"| {command.title} | {key} | `{command.id}` | {notes} |")
        lines.append("")
    lines += ["## Mouse", "", "| Gesture | What it does |", "|---|---|"]
    lines += [f"| {gesture} | {deed} |" for gesture, deed in MOUSE]
    return "\n".join(lines) + "\n"


def _needs_note(command: Command) -> str:
    text = why_disabled(command)
    return f"{text[0].upper()}{text[1:]}." if text else ""


if __name__ == "__main__":
    print(as_markdown(), end="")
