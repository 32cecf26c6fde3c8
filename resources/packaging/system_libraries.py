"""What Wetread needs of a Linux system beyond Python packages: as root install it, otherwise print the one command.

``python system_libraries.py [--package]``; with ``--package`` also what PyInstaller calls. Exit code 1 when something
is missing without which the program cannot start here. Nothing but the standard library is imported.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

# Shared library -> Debian package. First what QtGui and the offscreen plugin are linked against.
DRAWING = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
# What the xcb plugin is linked against beyond that: needed by a window on a display.
WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# The same for the plugin that Qt prefers in a Wayland session.
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
# What PyInstaller calls, and the library of this Python, which the packaged program takes along.
PACKAGING_TOOLS = {"objdump": "binutils", "ldd": "libc-bin"}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_PACKAGE = "fonts-dejavu-core"


def missing_libraries(libraries: dict[str, str]) -> list[str]:
    """Return the Debian packages of those libraries that the dynamic loader does not find."""
    return [package for library, package in libraries.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_font(folders: Iterable[str] = FONT_FOLDERS) -> list[str]:
    """Return a font's package where no scalable font is installed: Qt would draw empty boxes for letters."""
    for folder in folders:
        for _, _, names in os.walk(Path(folder).expanduser()):
            if any(name.endswith((".ttf", ".otf", ".ttc", ".pfb")) for name in names):
                return []
    return [FONT_PACKAGE]


def missing_tools(tools: dict[str, str]) -> list[str]:
    """Return the Debian packages of those commands that are not on the path."""
    return [package for tool, package in tools.items() if shutil.which(tool) is None]


def missing_python_library() -> list[str]:
    """Return the package of this Python's shared library where there is none, as on Debian beside python3 alone."""
    name = sysconfig.get_config_var("INSTSONAME") or ""
    if _loads(name) or (Path(sysconfig.get_config_var("LIBDIR") or "") / name).is_file():
        return []
    return [f"libpython{sys.version_info.major}.{sys.version_info.minor}"]


def install(packages: list[str]) -> bool:
    """Install Debian packages with apt-get and say so; False where apt-get fails."""
    print("Installing the system libraries that Qt needs:", *packages, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    commands = (["apt-get", "update", "-qq"],
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])
    for command in commands:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)
    return done.returncode == 0


def main() -> int:
    """Look for everything, install or tell; return the exit code."""
    if sys.platform != "linux":
        return 0
    tools = missing_tools(PACKAGING_TOOLS) + missing_python_library() if "--package" in sys.argv else []
    on_wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    drawing, window = missing_libraries(DRAWING), missing_libraries(WINDOW | (WAYLAND if on_wayland else {}))
    missing = drawing + window + missing_font() + tools
    if not missing:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        return 0 if install(missing) else 1
    print("Some system libraries that Qt needs are not installed. On Debian and Ubuntu this installs them, once:\n"
          f"\n    sudo apt-get install {' '.join(missing)}\n", file=sys.stderr)
    has_display = on_wayland or bool(os.environ.get("DISPLAY"))
    return 1 if drawing or tools or (window and has_display) else 0


if __name__ == "__main__":
    sys.exit(main())
