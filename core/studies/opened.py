"""What comes of opening files, and what stays known between openings. Loads nothing of pydicom."""

from dataclasses import dataclass, field
from pathlib import Path

from core.dicom.dicom_object import DicomObject
from core.dicom.file_set import FileSet
from core.imaging.image import Image
from core.private_folder import PrivateFolder
from core.refusal import Reason, Refusal
from core.studies.archive import Limits
from core.studies.duplicates import KnownInstances


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The file is a copy of one that is open."""

    first: Path


@dataclass(frozen=True, slots=True)
class Opened:
    """One file and what came of opening it."""

    path: Path
    outcome: Image | DicomObject | Refusal | Duplicate | FileSet


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
    _folder: PrivateFolder | None = None
    _archives: int = 0

    def folder_for(self, archive: Path) -> Path:
        """Return a new folder for the entries of an archive."""
        if self._folder is None:
            self._folder = PrivateFolder()
        self._archives += 1
        folder = self._folder.path / f"{self._archives:04d}"
        folder.mkdir()
        return folder

    def close(self) -> None:
        """Remove what was unpacked, and forget what is known."""
        self.known = KnownInstances()
        if self._folder is not None:
            self._folder.close()
            self._folder = None
