"""What comes of opening files, and what stays known between openings. Loads nothing of pydicom."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.dicom.dicom_object import DicomObject
from core.dicom.file_set import FileSet
from core.imaging.image import Image
from core.private_folder import PrivateFolder
from core.refusal import Reason, Refusal
from core.studies.archive import Limits
from core.studies.duplicates import KnownInstances

# the number of the opening, that of the path that was named, and the keys of the parts below it
Rank = tuple[int, int, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The file is a copy of one that is open."""

    first: Path


Outcome = Image | DicomObject | Refusal | Duplicate | FileSet


@dataclass(frozen=True, slots=True)
class Opened:
    """One file and what came of opening it.

    `path` is the file as a person knows it: of an archive's entry the archive, the folders and the name inside it.
    `file` is where its bytes lie, None where that is `path`. `rank` tells where it comes among all files, whatever the
    order in which they were opened; one that is early came before others that stand before it.
    """

    path: Path
    outcome: Outcome
    file: Path | None = None
    rank: Rank = (0, 0, ())
    is_early: bool = False


@dataclass(slots=True)
class OpeningCounts:
    """How many files came to what; the counts add up to all files."""

    images: int = 0
    objects: int = 0  # that are no pictures
    refused: int = 0
    duplicates: int = 0
    indexes: int = 0  # DICOMDIRs
    missing: int = 0  # of the refused: named by a DICOMDIR and not there

    @property
    def files(self) -> int:
        """All of them."""
        return self.images + self.objects + self.refused + self.duplicates + self.indexes

    def add(self, opened: Opened) -> None:
        """Count one file."""
        outcome = opened.outcome
        if isinstance(outcome, Image):
            self.images += 1
        elif isinstance(outcome, DicomObject):
            self.objects += 1
        elif isinstance(outcome, Duplicate):
            self.duplicates += 1
        elif isinstance(outcome, FileSet):
            self.indexes += 1
        else:
            self.refused += 1
            self.missing += outcome.reason is Reason.NOT_ON_MEDIUM


@dataclass(slots=True)
class OpenFiles:
    """What stays known from one opening to the next until everything is closed. Belongs to one thread.

    Files from archives lie in a private folder that `close` removes; the images from them cannot be decoded after it.
    """

    limits: Limits = field(default_factory=Limits)
    known: KnownInstances = field(default_factory=KnownInstances)
    openings: int = 0  # how many were begun
    _folder: PrivateFolder | None = None
    _archives: dict[str, Path] = field(default_factory=dict)  # the name of an archive's folder -> the archive
    _spellings: dict[str, Path] = field(default_factory=dict)  # a file's real name -> how it was named first

    def folder_for(self, archive: Path) -> Path:
        """Return a new folder for the entries of an archive."""
        if self._folder is None:
            self._folder = PrivateFolder()
        folder = self._folder.path / f"{len(self._archives) + 1:04d}"
        folder.mkdir()
        self._archives[folder.name] = archive
        return folder

    def first_spelling(self, path: Path, real: str) -> Path:
        """Return how a file with this real name was named when it was opened first, if that still leads to it."""
        known = self._spellings.setdefault(real, path)
        if known != path and os.path.realpath(known) != real:
            known = self._spellings[real] = path
        return known

    def name_of(self, file: Path) -> Path:
        """Return the path by which a person knows a file: an unpacked one is `archive.zip/folder/name`."""
        if self._folder is None or not file.is_relative_to(self._folder.path):
            return file
        folder, *inside = file.relative_to(self._folder.path).parts
        return self.name_of(self._archives[folder]).joinpath(*inside)

    def close(self) -> None:
        """Remove what was unpacked, and forget what is known."""
        self.known = KnownInstances()
        self._archives.clear()
        self._spellings.clear()
        if self._folder is not None:
            self._folder.close()
            self._folder = None
