"""DICOM objects that are no pictures, as plain values. Loads nothing of pydicom."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.dicom.text_tree import TreeRow
from core.files import Stamp
from core.imaging.image import Header, Identity, Image


class ObjectKind(StrEnum):
    """What a DICOM object without a picture is. The value is the name that a person reads."""

    REPORT = "Report"
    DOCUMENT = "Document"
    PRESENTATION_STATE = "Presentation state"
    WAVEFORM = "Waveform"
    STRUCTURE_SET = "Structure set"
    PLAN = "Treatment plan"
    REGISTRATION = "Registration"
    SPECTROSCOPY = "Spectroscopy"
    DIRECTORY = "Directory"
    RAW_DATA = "Raw data"
    OTHER = "Object"


class LayerKind(StrEnum):
    """What an image that can be laid over others is. The value is the name that a person reads."""

    SEGMENTATION = "Segmentation"
    PARAMETRIC_MAP = "Parametric map"


# by the names of their SOP classes
LAYER_CLASSES = {
    "Segmentation": LayerKind.SEGMENTATION, "Label Map Segmentation": LayerKind.SEGMENTATION,
    "Parametric Map": LayerKind.PARAMETRIC_MAP,
}


def layer_kind(image: Image) -> LayerKind | None:
    """Return what an image is that can be laid over others, None for any other image."""
    return LAYER_CLASSES.get(image.header.sop_class)


@dataclass(frozen=True)
class DicomObject:
    """One opened file that holds no picture; `title` is the document's own, else the name of its SOP class.

    `path` is the file as a person knows it, `unpacked` where its bytes lie where that is elsewhere
    (the entry of an archive). `stamp` tells the file from another one that is written in its place later.
    """

    path: Path
    identity: Identity
    header: Header
    kind: ObjectKind
    title: str
    unpacked: Path | None = None
    stamp: Stamp | None = None

    @property
    def file(self) -> Path:
        """The file that holds its bytes."""
        return self.unpacked or self.path


@dataclass(frozen=True, slots=True)
class ObjectText:
    """What an object tells a reader: rows of (name, value), and the file type of the document inside ("" for none)."""

    rows: tuple[TreeRow, ...]
    document_suffix: str = ""
    document_bytes: int = 0
