"""DICOMDIR: the table of contents of a medium (PS3.3 F, PS3.10 8). It only names files; what they are, they say."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydicom.dataset import Dataset

from core.dicom.dataset import open_dataset
from core.dicom.file_set import FileSet
from core.dicom.guard import guarded
from core.dicom.values import integer, items, texts
from core.refusal import Reason, Refusal

_SOP_CLASS = b"1.2.840.10008.1.3.10"  # Media Storage Directory Storage
_META_BYTES = 4096
_NEVER_IN_NAMES = re.compile(r"[/\x00-\x1f\x7f]")  # PS3.10 8.5 allows A-Z, 0-9 and _; a NUL is no path
_INACTIVE = 0  # Record In-use Flag; retired, but old media have it

Names = Mapping[str, Path]


def is_dicomdir(path: Path) -> bool:
    """Return whether a file is a DICOMDIR, whatever its name."""
    try:
        with path.open("rb") as file:
            head = file.read(_META_BYTES)
    except OSError:
        return False
    return head[128:132] == b"DICM" and _SOP_CLASS in head


def read_dicomdir(path: Path) -> FileSet | Refusal:
    """Return the files that a DICOMDIR names, each once. Never raises for what the file can hold.

    The tree of its records is not followed: offsets are often wrong after copying, and every file says by itself which
    patient, study and series it belongs to. Names are matched without regard to case, with and without ".dcm" and the
    version ";1" of ISO 9660; names that lead out of the medium are taken as missing.
    """
    return guarded(path, lambda: _read(path))


def _read(path: Path) -> FileSet | Refusal:
    dataset = open_dataset(path).dataset
    if "DirectoryRecordSequence" not in dataset:
        return Refusal(Reason.DAMAGED, path, {"detail": "it lists nothing"})
    folders: dict[Path, Names] = {}
    present: dict[Path, None] = {}
    missing: dict[Path, None] = {}
    for parts in _references(dataset):
        found = _find(path.parent, parts, folders)
        if found is None:
            missing[path.parent.joinpath(*(_NEVER_IN_NAMES.sub("?", part.strip("/")) or "?" for part in parts))] = None
        else:
            present[found] = None
    return FileSet(path, tuple(present), tuple(missing))


def _references(dataset: Dataset) -> Iterator[tuple[str, ...]]:
    """Yield the components of each Referenced File ID (PS3.3 F.5); records of patients, studies, series have none."""
    for record in items(dataset, "DirectoryRecordSequence"):
        parts = texts(record, "ReferencedFileID")
        if len(parts) == 1:  # some writers use one component with separators
            parts = tuple(parts[0].replace("\\", "/").split("/"))
        if any(parts) and integer(record, "RecordInUseFlag") != _INACTIVE:
            yield tuple(part for part in parts if part)


def _find(folder: Path, parts: tuple[str, ...], folders: dict[Path, Names]) -> Path | None:
    """Return the file with these path components below a folder, None where there is none."""
    found = folder
    for number, part in enumerate(parts):
        if part in ("..", ".") or "/" in part or "\\" in part:
            return None
        if found not in folders:
            folders[found] = _names(found)
        names = folders[found]
        plain = part.casefold()
        wanted = (plain,) if number < len(parts) - 1 else (plain, f"{plain}.dcm", f"{plain};1", f"{plain}.;1")
        entry = next((names[one] for one in wanted if one in names), None)
        if entry is None:
            return None
        found = entry
    return found if found.is_file() else None


def _names(folder: Path) -> Names:
    try:
        return {entry.name.casefold(): entry for entry in sorted(folder.iterdir())}
    except OSError:
        return {}
