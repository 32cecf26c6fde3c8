"""PDF, CDA, STL and OBJ inside a DICOM file (PS3.3 A.45, A.85, A.104): taken out, never interpreted."""

from pathlib import Path

import numpy as np
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from core.dicom.dataset import open_dataset
from core.dicom.guard import CannotDecode, guarded, unless_changed
from core.dicom.values import integer, raw_bytes, text
from core.files import Stamp
from core.refusal import Reason, Refusal

# the only kinds that are handed on; the media types of PS3.3 C.24.2
_SUFFIXES = {
    "application/pdf": ".pdf", "text/xml": ".xml", "application/xml": ".xml", "model/stl": ".stl", "model/obj": ".obj",
    "model/mtl": ".mtl",
}
_TAG = 0x00420011


def suffix_of(dataset: Dataset) -> str:
    """Return the file suffix of a data set's document, such as ".pdf"; "" where there is none or of another kind."""
    if _TAG not in dataset:
        return ""
    media_type = text(dataset, "MIMETypeOfEncapsulatedDocument").lower().partition(";")[0].strip()
    return _SUFFIXES.get(media_type or "application/pdf", "")


def document_length(dataset: Dataset) -> int:
    """Return the length of a data set's document in bytes, 0 where there is none."""
    raw = dataset.get_item(_TAG, keep_deferred=True)
    stored = raw.length if isinstance(raw, RawDataElement) else len(raw_bytes(dataset, "EncapsulatedDocument"))
    stated = integer(dataset, "EncapsulatedDocumentLength") or stored
    return min(stated, stored) if stated > 0 else stored


def read_document(path: Path, stamp: Stamp | None = None) -> bytes | Refusal:
    """Return the document inside a DICOM file, without its padding. Never raises for what a file can hold.

    A file that is another one than that with the `stamp` is refused.
    """
    return unless_changed(path, stamp, guarded(path, lambda: _read(path)))


def _read(path: Path) -> bytes:
    opened = open_dataset(path)
    raw = opened.dataset.get_item(_TAG, keep_deferred=True)
    if raw is None:
        raise CannotDecode(Reason.DAMAGED, detail="it holds no document")
    length = document_length(opened.dataset)
    if isinstance(raw, RawDataElement) and raw.value is None:  # large values stay in the file
        found: bytes = np.asarray(opened.source.read(raw.value_tell, raw.length)).tobytes()
        return found[:length]
    return raw_bytes(opened.dataset, "EncapsulatedDocument")[:length]
