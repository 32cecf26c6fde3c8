"""A DICOM file without a picture to what it is: report, document, waveform, plan (PS3.3 A)."""

from pathlib import Path

from pydicom.dataset import Dataset

from core.dicom.character_set import read_in
from core.dicom.dataset import OpenedDataset, open_dataset
from core.dicom.dicom_object import DicomObject, ObjectKind, ObjectText
from core.dicom.encapsulated_document import document_length, suffix_of
from core.dicom.functional_groups import FrameAttributes
from core.dicom.guard import guarded, unless_changed
from core.dicom.header import read_header, read_identity, sop_class_name
from core.dicom.object_rows import document_rows, rows_of_kind
from core.dicom.values import first_item, text
from core.files import Stamp, file_stamp
from core.imaging.image import Image
from core.refusal import Reason, Refusal

# the attribute without which an object is not of its kind; where it lies in the file may differ from its SOP class
_MARKS = (
    ("DirectoryRecordSequence", ObjectKind.DIRECTORY), ("EncapsulatedDocument", ObjectKind.DOCUMENT),
    ("WaveformSequence", ObjectKind.WAVEFORM), ("StructureSetROISequence", ObjectKind.STRUCTURE_SET),
    ("BeamSequence", ObjectKind.PLAN), ("IonBeamSequence", ObjectKind.PLAN), ("FractionGroupSequence", ObjectKind.PLAN),
    ("RegistrationSequence", ObjectKind.REGISTRATION), ("DeformableRegistrationSequence", ObjectKind.REGISTRATION),
    ("SpectroscopyData", ObjectKind.SPECTROSCOPY), ("ContentSequence", ObjectKind.REPORT),
    ("ValueType", ObjectKind.REPORT),
)
_NAMES = (
    ("Presentation State", ObjectKind.PRESENTATION_STATE), ("Waveform", ObjectKind.WAVEFORM),
    (" SR", ObjectKind.REPORT), ("Key Object Selection", ObjectKind.REPORT), ("Procedure Log", ObjectKind.REPORT),
    ("Spectroscopy", ObjectKind.SPECTROSCOPY),
    ("Media Storage Directory", ObjectKind.DIRECTORY), ("Media Directory", ObjectKind.DIRECTORY),
    ("RT Plan", ObjectKind.PLAN), ("RT Ion Plan", ObjectKind.PLAN), ("RT Structure", ObjectKind.STRUCTURE_SET),
    ("Registration", ObjectKind.REGISTRATION),
    ("Encapsulated", ObjectKind.DOCUMENT), ("Raw Data", ObjectKind.RAW_DATA),
)
_TITLES = ("DocumentTitle", "ContentDescription", "ContentLabel", "StructureSetLabel", "RTPlanLabel", "FileSetID",
           "HangingProtocolName", "SeriesDescription")


def load_object(path: Path, character_set: str = "") -> DicomObject | Refusal:
    """Open a DICOM file that holds no picture. Never raises for what a file can hold.

    Text is read in `character_set` (see `core.dicom.character_set`), "" is what the file declares.
    """
    return guarded(path, lambda: _load(path, character_set))


def object_or_refusal(outcome: Image | Refusal) -> Image | DicomObject | Refusal:
    """Return the object that a file is where `load_image` said that it holds no picture, else what it said."""
    if isinstance(outcome, Refusal) and outcome.reason is Reason.NO_PIXELS and outcome.path is not None:
        return load_object(outcome.path)
    return outcome


def describe_object(path: Path, character_set: str = "", stamp: Stamp | None = None) -> ObjectText | Refusal:
    """Return what an object without a picture tells a reader: its facts, and the content of its kind.

    Text is read in `character_set` (see `core.dicom.character_set`), "" is what the file declares. A file that is
    another one than that with the `stamp` is refused.
    """
    return unless_changed(path, stamp, guarded(path, lambda: _describe(path, character_set)))


def object_kind(dataset: Dataset) -> ObjectKind:
    """Return what a data set without pixels is."""
    kind = kind_of_class(sop_class_name(dataset))
    if kind is not ObjectKind.OTHER:
        return kind
    return next((kind for keyword, kind in _MARKS if keyword in dataset), ObjectKind.OTHER)


def kind_of_class(name: str) -> ObjectKind:
    """Return what objects of a SOP class are, by the class's name; OTHER where it does not tell."""
    return next((kind for part, kind in _NAMES if part in name), ObjectKind.OTHER)


def _load(path: Path, character_set: str) -> DicomObject | Refusal:
    stamp = file_stamp(path)  # before it is read: what is written meanwhile is another
    opened = open_dataset(path)
    dataset = opened.dataset
    if not len(dataset):
        return Refusal(Reason.NOT_AN_IMAGE, path)
    read_in(dataset, character_set)
    kind = object_kind(dataset)
    header = read_header(FrameAttributes(dataset), opened.syntax)
    return DicomObject(path, read_identity(dataset, path), header, kind, _title(dataset), stamp=stamp)


def _describe(path: Path, character_set: str) -> ObjectText:
    opened: OpenedDataset = open_dataset(path)
    read_in(opened.dataset, character_set)
    dataset = opened.dataset
    rows = (*document_rows(dataset), *rows_of_kind(object_kind(dataset), dataset))
    return ObjectText(rows, suffix_of(dataset), document_length(dataset))


def _title(dataset: Dataset) -> str:
    concept = first_item(dataset, "ConceptNameCodeSequence")
    named = (text(dataset, keyword) for keyword in _TITLES)
    meaning = "" if concept is None else text(concept, "CodeMeaning")
    return meaning or next(filter(None, named), "") or sop_class_name(dataset) or "DICOM object"
