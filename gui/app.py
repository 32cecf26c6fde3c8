"""wetread: the window. Settings, theme, log, and what the command line asks for."""

import argparse
import logging
import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Q_ARG, QMetaObject, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from core.log import set_up_logging, shut_down_logging
from core.paths import default_model_folder, log_folder, sample_paths, settings_file
from core.settings import Settings, load_settings, save_settings
from gui.main_window import MainWindow
from gui.theme import apply_theme

log = logging.getLogger(__name__)

DEFAULT_REPORT_FOLDER = Path("out")
NOT_RESET = "Default settings are used, but the settings file could not be written: the next start has the old ones."
CONNECT_SECONDS = 3.0  # how long an X server may take to answer


class _PrintVersion(argparse.Action):
    """Finds the version only when it is asked for: that takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> None:
        from core.version import VERSION

        print(f"Wetread {VERSION}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the window's command line."""
    parser = argparse.ArgumentParser(
        prog="wetread", description="A radiograph viewer with a second opinion. For research, not for diagnosis."
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders to open")
    parser.add_argument("--sample", action="store_true", help="open the sample study")
    parser.add_argument("--out", type=Path, metavar="FOLDER",
                        help="draw the window offscreen, write its picture and the readings here, and end; where there "
                        f"is no display this is what happens anyway, into ./{DEFAULT_REPORT_FOLDER}")
    parser.add_argument("--model", type=Path, metavar="FOLDER", default=default_model_folder(),
                        help="the model folder (default: the one that comes along)")
    parser.add_argument("--reset-settings", action="store_true", help="start with default settings")
    parser.add_argument("--version", action=_PrintVersion, nargs=0, help="print the version and end")
    return parser


def has_display() -> bool:
    """Return whether a window could be seen."""
    if os.environ.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal"):
        return False
    if sys.platform != "linux":
        return True
    return _wayland_answers(os.environ.get("WAYLAND_DISPLAY", "")) or _x_answers(os.environ.get("DISPLAY", ""))


def _wayland_answers(name: str) -> bool:
    """Return whether there is a Wayland socket of that name; Qt would abort without one."""
    return bool(name) and (Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name).is_socket()


def _x_answers(name: str) -> bool:
    """Return whether an X server takes connections under that name; Qt would abort without one."""
    host, _, number = name.rpartition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        name = f"/tmp/.X11-unix/X{number}"
        return _connects(socket.AF_UNIX, f"\0{name}") or _connects(socket.AF_UNIX, name)
    return _connects(socket.AF_INET, (host, 6000 + int(number)))


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as connection:
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window, or do its job offscreen, and return the process's exit code."""
    arguments = build_parser().parse_args(argv)
    paths = [*(sample_paths() if arguments.sample else ()), *arguments.paths]
    folder = arguments.out or (None if has_display() else DEFAULT_REPORT_FOLDER)
    if folder is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        if not paths:
            print("wetread: there is nothing to open; give paths, or --sample", file=sys.stderr)
            return 2
        if not _spares_inputs(folder, [*paths, arguments.model]):
            return 2
    crash_file = set_up_logging(log_folder())
    app = QApplication.instance() or QApplication(["wetread"])
    assert isinstance(app, QApplication)
    app.setApplicationName("Wetread")
    app.setApplicationDisplayName("Wetread")
    apply_theme(app)
    window = _make_window(arguments, is_report=folder is not None)
    _catch_exceptions(window, is_report=folder is not None)
    if folder is not None:
        _write_report(app, window, folder)
    window.show()
    if paths:
        window.open_paths(paths)
    code = app.exec()
    window.close()
    shut_down_logging(crash_file)
    if not window.all_threads_ended:  # a decoder or driver hangs; what was made is saved
        os._exit(code)
    return code


def _make_window(arguments: argparse.Namespace, is_report: bool) -> MainWindow:
    if is_report:  # neither this person's habits nor a trace of the run
        return MainWindow(Settings(notice_seen=True), None, arguments.model)
    path = settings_file()
    settings, problems = _reset_settings(path) if arguments.reset_settings else load_settings(path)
    return MainWindow(settings, path, arguments.model, problems)


def _reset_settings(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Write the default settings and return them; where they cannot be written they are used all the same."""
    try:
        save_settings(path, Settings())
    except OSError:
        log.exception("the settings could not be written")
        return Settings(), (NOT_RESET,)
    return Settings(), ()


def _without_noise(kind: QtMsgType, context: object, text: str) -> None:
    """Print Qt's messages, all but the one that the offscreen platform has for each window."""
    if "propagateSizeHints" not in text:
        print(text, file=sys.stderr)


def _spares_inputs(folder: Path, inputs: Sequence[Path]) -> bool:
    """Return whether a report overwrites no file that is read; else print which one."""
    from core.findings.wording import overwriting_text
    from core.studies.overwriting import overwritten
    from gui.report import output_paths

    found = overwritten(output_paths(folder), inputs)
    if found is not None:
        print(overwriting_text(*found, wanted="folder"), file=sys.stderr)
    return found is None


def _write_report(app: QApplication, window: MainWindow, folder: Path) -> None:
    qInstallMessageHandler(_without_noise)
    from gui.report import HEIGHT_PX, WIDTH_PX, Report

    window.resize(WIDTH_PX, HEIGHT_PX)
    Report(window, folder, app.exit)


def _catch_exceptions(window: MainWindow, is_report: bool) -> None:
    """Write what nobody caught into the log and say so in the window, which goes on; a report ends with exit code 1."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(130)
            return
        log.critical("nobody caught this", exc_info=(kind, error, trace))
        sys.__excepthook__(kind, error, trace)
        if is_report:
            QApplication.exit(1)
            return
        from core.findings.wording import refusal_text
        from core.refusal import Reason, Refusal

        # any thread may come here; the window's own thread tells
        sentence = Q_ARG(str, refusal_text(Refusal(Reason.FAILED)))
        QMetaObject.invokeMethod(window, "say", Qt.ConnectionType.QueuedConnection, sentence)

    sys.excepthook = tell
    threading.excepthook = lambda caught: tell(
        caught.exc_type, caught.exc_value or caught.exc_type(), caught.exc_traceback
    )


if __name__ == "__main__":
    sys.exit(main())
