"""Each file of a folder with reference renderings: what it is, what it costs to open, how its pictures compare."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.conformance_tables import Row

if TYPE_CHECKING:
    from core.dicom.decoders.helper_process import HelperProcess
    from core.imaging.image import Image
    from core.refusal import Refusal

TOLERANCE, LOSSY_TOLERANCE = 1, 2  # gray levels; the second where another library decodes lossy JPEG
SECONDS_FOR_A_FILE = 60
MOST_SECONDS, MOST_BYTES = 2.0, 512 << 20  # of a file that does not open

_MOST_NAMED = 5  # paths in a sentence
_LOSSY_JPEG = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55))
_PEERS = ("pydicom", "gdcm", "dcmtk", "imagecodecs")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One reference rendering against ours. `difference` is the largest in gray levels, None where we have none."""

    path: str
    frame: int
    window: str
    status: str
    reason: str
    difference: int | None
    tolerance: int
    why: str = ""

    @property
    def is_color(self) -> bool:
        """Whether the reference is in color."""
        return self.window == "none"

    @property
    def is_disputed(self) -> bool:
        """Whether the renderers that made the reference did not agree among themselves."""
        return self.status == "disputed"

    @property
    def agrees(self) -> bool:
        """Whether ours is within the tolerance everywhere."""
        return self.difference is not None and self.difference <= self.tolerance


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file turned out to be: `outcome` is "image", "object" (opened, no picture) or "refused", with its reason.

    `seconds` is the time to open it and render its first frame, `peak_bytes` how much more memory the process held
    meanwhile at most (None where the system does not tell). `differences` are those from its reference renderings.
    """

    what: str
    outcome: str
    why: str
    syntax: str
    sop_class: str
    seconds: float
    peak_bytes: int | None
    differences: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. `difference` is the largest from its reference renderings, None where there is none.

    `peers` lists who else can decode it, `decoders` which of ours can.
    """

    path: str
    found: Examined
    difference: int | None
    peers: tuple[str, ...]
    decoders: tuple[str, ...]

    @property
    def opened(self) -> bool:
        """Whether it opened as an image."""
        return self.found.outcome == "image"

    @property
    def holds(self) -> bool:
        """Whether it opens if another decoder opens it, and is refused soon and in little memory if not."""
        found = self.found
        if found.outcome != "refused":
            return self.opened or not self.peers
        return not self.peers and found.seconds <= MOST_SECONDS and (found.peak_bytes or 0) <= MOST_BYTES


def check_tables(manifest: Sequence[Row], oracle: Sequence[Row]) -> None:
    """Raise ValueError where nothing would be compared, or a reference with nothing: agreement of none is none."""
    if not manifest:
        raise ValueError("MANIFEST.tsv names no file: give it a line for each file of the folder.")
    known = {row["path"] for row in manifest}
    if others := list(dict.fromkeys(row["path"] for row in oracle if row["path"] not in known)):
        named = ", ".join(others[:_MOST_NAMED])
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        raise ValueError(f"ORACLE.tsv has references for {named}{more}, which MANIFEST.tsv does not name: correct the "
                         "paths, or name the files there.")


def measure(
    folder: Path, manifest: Sequence[Row], oracle: Sequence[Row]
) -> tuple[list[FileResult], list[Comparison]]:
    """Open and render every file in a helper process, whose death costs only that file."""
    from core.dicom.decoders.helper_pool import load_libraries
    from core.dicom.decoders.helper_process import HelperProcess

    references: dict[str, list[Row]] = {}
    for row in oracle:
        references.setdefault(row["path"], []).append(row)
    files, comparisons = [], []
    with (HelperProcess(examine, SECONDS_FOR_A_FILE, load_libraries) as helper,
          HelperProcess(decodes, SECONDS_FOR_A_FILE, load_libraries) as trial):
        for row in manifest:
            rows = references.get(row["path"], [])
            found = _examined(helper, folder, row, rows)
            compared = _comparisons(row, rows, found)
            comparisons += compared
            files.append(FileResult(
                row["path"], replace(found, what=found.what or row["sop_class"], seconds=round(found.seconds, 3)),
                max((one.difference for one in compared if one.difference is not None), default=None),
                tuple(name for name in _PEERS if row.get(name) == "yes"),
                _decoders(trial, folder / row["path"], found) if found.outcome == "image" else (),
            ))
    return files, comparisons


def _examined(helper: "HelperProcess", folder: Path, row: Row, rows: list[Row]) -> Examined:
    from core.dicom.decoders.helper_process import HelperFailed

    started = time.perf_counter()
    try:
        found = helper.ask((str(folder), row["path"], rows))
    except HelperFailed as failure:
        return Examined("", "refused", str(failure), row["ts_uid"], "",
                        time.perf_counter() - started, None, (None,) * len(rows))
    assert isinstance(found, Examined)
    return found


def _comparisons(row: Row, rows: Sequence[Row], found: Examined) -> list[Comparison]:
    tolerance = LOSSY_TOLERANCE if row["ts_uid"] in _LOSSY_JPEG else TOLERANCE
    return [
        Comparison(row["path"], int(one["frame"]), one["window"], one["status"], one["reason"], difference, tolerance,
                   found.why if difference is None else "")
        for one, difference in zip(rows, found.differences, strict=True)
    ]


def _decoders(trial: "HelperProcess", path: Path, found: Examined) -> tuple[str, ...]:
    """Return the names of our decoders that can decode a file's first frame, each for itself."""
    from core.dicom.decoders import DECODERS
    from core.dicom.decoders.helper_process import HelperFailed

    available = [decoder for decoder in DECODERS.get(found.syntax, ()) if decoder.is_available()]
    if len(available) == 1:
        return (available[0].name,)
    names = []
    for decoder in available:
        try:
            can = trial.ask((str(path), decoder.name))
        except HelperFailed:
            can = False
        names += [decoder.name] if can else []
    return tuple(names)


def examine(task: tuple[str, str, list[Row]]) -> Examined:
    """Open a file, render its first frame, and compare its frames with their references."""
    from core.cli.render import render_file
    from core.findings.wording import reason_text
    from core.memory import forget_peak, peak_bytes
    from core.refusal import Refusal

    folder, path, rows = Path(task[0]), Path(*task[:2]), task[2]
    before, started = forget_peak(), time.perf_counter()
    first = render_file(path, "first", 0)
    seconds, peak = time.perf_counter() - started, peak_bytes() - before if before else None
    what, syntax, sop_class, is_object = _identified(path)
    outcome = "object" if is_object else "refused" if isinstance(first, Refusal) else "image"
    why = ": ".join([reason_text(first), *filter(None, first.facts.values())]) if isinstance(first, Refusal) else ""
    differences = []
    for row in rows:
        choice = "minmax" if row["window"] == "minmax" else "first"
        picture = render_file(path, choice, int(row["frame"]) - 1)
        differences.append(None if isinstance(picture, Refusal) else largest_difference(picture, folder, row))
    return Examined(what, outcome, why, syntax, sop_class, seconds, peak, tuple(differences))


def _identified(path: Path) -> tuple[str, str, str, bool]:
    """Return what a file is in words, its transfer syntax and SOP class UIDs, and whether it is no picture."""
    from core.dicom.dataset import open_dataset
    from core.dicom.dicom_object import DicomObject
    from core.dicom.header import sop_class_uid
    from core.dicom.load_image import load_image
    from core.dicom.load_object import object_or_refusal
    from core.imaging.image import Image

    found: Image | DicomObject | Refusal = object_or_refusal(load_image(path))
    try:
        opened = open_dataset(path)
        uids = opened.syntax, sop_class_uid(opened.dataset)
    except Exception:  # of many kinds: damaged, or a picture that is no DICOM file
        uids = "", ""
    if isinstance(found, DicomObject):
        return f"{found.kind}: {found.header.sop_class or 'no class'}", *uids, True
    return _image_words(found) if isinstance(found, Image) else "", *uids, False


def _image_words(image: "Image") -> str:
    frames = f" × {image.frame_count}" if image.frame_count > 1 else ""
    words = (image.header.sop_class or image.kind, f"{image.columns} × {image.rows}{frames}",
             image.header.transfer_syntax)
    return ", ".join(filter(None, words))


def decodes(task: tuple[str, str]) -> bool:
    """Return whether one decoder, by its name, decodes the first frame of a file. May end this process."""
    from core.dicom.all_frames import frames_claimed
    from core.dicom.dataset import open_dataset
    from core.dicom.decoders import DECODERS
    from core.dicom.pixels import open_pixels

    path, name = task
    opened = open_dataset(Path(path))
    if opened.pixels is None:
        return False
    reader = open_pixels(opened, opened.pixels, frames_claimed(opened))  # of one frame all fragments were its stream
    decoder = next(one for one in DECODERS[opened.syntax] if one.name == name)
    try:
        samples = decoder.decode(reader.read_frame(0)[0], reader.pixel_format)
    except Exception:  # libraries raise what they like
        return False
    return samples.values.shape == reader.pixel_format.shape


def largest_difference(picture: object, folder: Path, row: Mapping[str, str]) -> int:
    """Return the largest difference of a picture from its reference, in gray levels; 255 where the shape differs."""
    import cv2
    import numpy as np

    ours = np.asarray(picture)
    x, y, width, height = (int(row[key]) for key in ("x0", "y0", "w", "h"))
    reference = cv2.imread(str(folder / row["oracle"]), cv2.IMREAD_UNCHANGED)
    if reference is None or ours.shape[:2] != (int(row["full_h"]), int(row["full_w"])):
        return 255
    if reference.ndim == 3:
        reference = reference[..., 2::-1]
    if ours.ndim != reference.ndim:
        return 255
    crop = ours[y:y + height, x:x + width].astype(np.int16)
    return int(np.abs(crop - reference).max()) if crop.shape == reference.shape else 255
