"""Opens one mutated file after another as the program does; the runner gives the cases and watches the time."""

import hashlib
import json
import random
import sys
import time
import traceback
from pathlib import Path

from core.dicom.dicom_object import ObjectText
from core.dicom.dicomdir import is_dicomdir, read_dicomdir
from core.dicom.encapsulated_document import read_document
from core.dicom.header_tree import read_header_tree
from core.dicom.load_image import load_image
from core.dicom.load_object import describe_object
from core.imaging.image import Frame, Image
from core.imaging.render import default_voi, to_gray
from core.imaging.thumbnail import thumbnail
from core.refusal import Refusal
from tests.fuzz.bombs import BOMBS
from tests.fuzz.layers import lay_over
from tests.fuzz.mutate import Seed, mutate
from tests.fuzz.peak import forget_peak, peak_bytes, seconds_of_helpers
from tests.fuzz.seeds import seeds


def case_bytes(found: list[Seed], number: int) -> tuple[str, bytes]:
    """Return the name of a case's seed and its mutated bytes: the same for a number, always."""
    case = random.Random(hashlib.sha256(str(number).encode()).digest())
    seed = found[number % len(found)]
    return seed.name, mutate(seed, case)


def bytes_of(found: list[Seed], asked: str) -> tuple[str, bytes]:
    """Return the name and the bytes of what is asked for: a case by its number, or one of `BOMBS` by its name."""
    return (asked, BOMBS[asked]()) if asked in BOMBS else case_bytes(found, int(asked))


def open_all(path: Path) -> tuple[str, float]:
    """Open a file and show it, as far as it goes.

    Return "image" or the reason of its refusal, and the seconds of its longest step.
    """
    started = time.perf_counter()
    image = load_image(path)
    tree = read_header_tree(path)
    assert isinstance(tree, tuple | Refusal)
    if is_dicomdir(path):
        read_dicomdir(path)
    described = describe_object(path)
    assert isinstance(described, ObjectText | Refusal)
    assert isinstance(read_document(path), bytes | Refusal)
    lay_over(path, image)
    longest = time.perf_counter() - started
    if isinstance(image, Refusal):
        return image.reason.value, longest
    outcome = ""
    for index in {0, image.frame_count // 2, image.frame_count - 1}:
        started = time.perf_counter()
        outcome = show(image, index)
        longest = max(longest, time.perf_counter() - started)
    return outcome, longest


def show(image: Image, index: int) -> str:
    """Decode a frame and make its picture, as the window does."""
    frame = image.frame(index)
    if isinstance(frame, Refusal):
        return frame.reason.value
    assert isinstance(frame, Frame)
    assert not frame.stored.flags.writeable
    low, high = frame.stored_range
    assert low <= high
    thumbnail(frame, 128)
    if not frame.is_color:
        to_gray(frame.stored[:64, :64], frame, default_voi(frame))
    return "image"


def main() -> None:
    """Answer each line with a case's number, or a bomb's name, by one line of JSON."""
    folder, scratch = Path(sys.argv[1]) if sys.argv[1] else None, Path(sys.argv[2])
    found = seeds(folder)
    print(json.dumps({"seeds": len(found)}), flush=True)
    for line in sys.stdin:
        asked = line.strip()
        name, raw = bytes_of(found, asked)
        scratch.write_bytes(raw)
        before, busy, helped = forget_peak(), time.process_time(), seconds_of_helpers()
        error, seconds = "", 0.0
        try:
            outcome, seconds = open_all(scratch)
        except Exception:  # told, with where it came from
            outcome, error = "exception", traceback.format_exc()
        print(json.dumps({
            "number": asked, "seed": name, "outcome": outcome, "error": error, "seconds": seconds,
            "busy": time.process_time() - busy, "helped": seconds_of_helpers() - helped,
            "bytes": peak_bytes() - before,
        }), flush=True)


if __name__ == "__main__":
    main()
