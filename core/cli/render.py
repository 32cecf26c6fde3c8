"""wetread-cli render: the 8-bit picture that the display pipeline makes of a file, one pixel for each stored pixel."""

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.shared import spare_inputs_or_say_why, write_or_say_why

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.imaging.image import Frame, Voi
    from core.imaging.window import Window
    from core.refusal import Refusal

_NOT_WINDOWED = "the picture is in color, and --window was not used"
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_CENTER_WIDTH = re.compile(rf"({_NUMBER})/({_NUMBER})")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "render", help="a file's picture as PNG",
        description="Write the 8-bit picture that the viewer shows: one pixel for each stored pixel, color as RGB. "
                    "What the file's display shutter hides is hidden; overlays and presentation states are not drawn.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="one DICOM, PNG, JPEG, TIFF, BMP or WebP file")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="the picture to write")
    parser.add_argument(
        "--window", type=window_choice, metavar="first|minmax|C/W",
        help="the file's own first window or VOI LUT (default; minmax without one), the range of the pixels without "
             "padding, or a center and width such as 40/400",
    )
    parser.add_argument("--frame", type=int, default=1, metavar="N", help="which frame; 1 is the first")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Render one frame; 0 when the picture was written, 1 with the reason on standard error when it was not.

    2 where it would be written over the file itself. What a viewer must know of the picture, such as that it is not
    whole, goes to standard error too.
    """
    import cv2

    from core.files import printable, without_controls
    from core.findings.wording import ONE_PICTURE_WANTED, refusal_text
    from core.refusal import Refusal

    if not arguments.out.absolute().parent.is_dir():
        name = printable(arguments.out)
        print(f"{name}: not written, there is no such folder. Name one that exists.", file=sys.stderr)
        return 1
    if not spare_inputs_or_say_why([arguments.out], [arguments.file]):
        return 2
    name, frame = printable(Path(arguments.file.name)), load_frame(arguments.file, arguments.frame - 1)
    if isinstance(frame, Refusal):
        holds_files = _holds_files(arguments.file)
        text = f"{name}: {ONE_PICTURE_WANTED}" if holds_files else refusal_text(frame)
        print(without_controls(text), file=sys.stderr)
        return 1
    picture = _covered(frame, picture_of(frame, arguments.window or "first"))
    is_unused = arguments.window is not None and frame.is_color
    for note in (*frame.notes, *([_NOT_WINDOWED] if is_unused else [])):
        print(without_controls(f"{name}: {note}"), file=sys.stderr)
    if picture.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, png = cv2.imencode(".png", picture)
    return 0 if write_or_say_why(arguments.out, png.tobytes()) else 1


def _covered(frame: "Frame", picture: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Return a frame's picture with what its file hides beneath the gray of a shutter (PS3.3 C.7.6.11)."""
    if frame.shutter is None:
        return picture
    picture = picture.copy()  # that of color is the frame's own
    picture[frame.shutter > 0] = frame.shutter_gray
    return picture


def _holds_files(path: Path) -> bool:
    """Return whether something that is no picture is a folder, an archive or the index of a medium."""
    from core.dicom.dicomdir import is_dicomdir
    from core.studies.archive import is_zip

    return path.is_dir() or (path.is_file() and (is_zip(path) or is_dicomdir(path)))


def render_file(path: Path, choice: "str | Window", frame_index: int) -> "NDArray[np.uint8] | Refusal":
    """Return a frame's picture, (rows, columns) or (rows, columns, 3) uint8; frame index 0 is the first."""
    from core.refusal import Refusal

    frame = load_frame(path, frame_index)
    return frame if isinstance(frame, Refusal) else picture_of(frame, choice)


def load_frame(path: Path, frame_index: int) -> "Frame | Refusal":
    """Open a file and return one of its frames; index 0 is the first."""
    from core.dicom.load_image import load_image
    from core.refusal import Refusal

    image = load_image(path)
    return image if isinstance(image, Refusal) else image.frame(frame_index)


def picture_of(frame: "Frame", choice: "str | Window") -> "NDArray[np.uint8]":
    """Return a frame's picture, (rows, columns) or (rows, columns, 3) uint8; a color picture has no window."""
    from core.imaging.render import render

    return render(frame, None if frame.is_color else chosen_voi(frame, choice))


def chosen_voi(frame: "Frame", choice: "str | Window") -> "Voi":
    """Return the VOI transform for a choice: "first", "minmax" or a window."""
    from core.imaging.render import minmax_window

    if not isinstance(choice, str):
        return choice
    return frame.voi[0] if choice == "first" and frame.voi else minmax_window(frame)


def window_choice(text: str) -> "str | Window":
    """Return "first", "minmax" or the window that C/W names. Raises argparse.ArgumentTypeError."""
    from core.imaging.window import Window

    if text in ("first", "minmax"):
        return text
    match = _CENTER_WIDTH.fullmatch(text)
    window = Window(float(match[1]), float(match[2])) if match else None
    if window is None or not window.is_valid:
        raise argparse.ArgumentTypeError(f"{text!r} is not first, minmax or CENTER/WIDTH with a width of at least 1")
    return window
