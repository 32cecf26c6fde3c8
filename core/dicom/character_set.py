"""Character sets of text (PS3.3 C.12.1.1.2, PS3.5 6.1, H to K), and a file's text in another than it declares."""

from pathlib import Path

import pydicom.charset
from pydicom.charset import convert_encodings
from pydicom.dataset import Dataset

from core.dicom.dataset import open_dataset
from core.dicom.functional_groups import frames_of
from core.dicom.guard import guarded
from core.dicom.header import read_header
from core.imaging.image import Header
from core.refusal import Reason, Refusal

# What a person may choose from: the value of Specific Character Set, and its name. Chinese and Japanese text that
# says nothing of its set is the usual case, so what such writers use comes first after Unicode.
CHARACTER_SETS = {
    "ISO_IR 192": "Unicode (UTF-8)", "GB18030": "Chinese (GB18030, GBK)",
    "ISO 2022 IR 6\\ISO 2022 IR 58": "Chinese (ISO 2022)", "ISO_IR 13": "Japanese (katakana, Shift JIS)",
    "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159": "Japanese (ISO 2022)",
    "ISO 2022 IR 149": "Korean", "ISO_IR 100": "Latin 1, Western European", "ISO_IR 101": "Latin 2, Central European",
    "ISO_IR 109": "Latin 3, South European", "ISO_IR 110": "Latin 4, North European", "ISO_IR 148": "Latin 5, Turkish",
    "ISO_IR 203": "Latin 9, Western European with €", "ISO_IR 144": "Cyrillic", "ISO_IR 126": "Greek",
    "ISO_IR 127": "Arabic", "ISO_IR 138": "Hebrew", "ISO_IR 166": "Thai",
}


def reread_text(path: Path, character_set: str) -> Header | Refusal:
    """Return the header of a DICOM file with its text read in another character set than the file declares.

    `character_set` is a value of Specific Character Set, several separated by a backslash, such as a key of
    `CHARACTER_SETS`. The file is not changed. Never raises for what the file can hold; raises ValueError for a
    character set that does not exist.
    """
    terms = _terms(character_set)
    return guarded(path, lambda: _reread(path, terms))


def read_in(dataset: Dataset, character_set: str) -> None:
    """Let the text of a data set, none of which was decoded yet, be read in a character set; "" is its own.

    Raises ValueError for a character set that does not exist.
    """
    if character_set:
        _read_in(dataset, _terms(character_set))


def _read_in(dataset: Dataset, terms: list[str]) -> None:
    is_implicit, is_little_endian = dataset.original_encoding
    # nothing is decoded before it is asked for, so that all text is decoded so
    dataset.set_original_encoding(is_implicit, is_little_endian, convert_encodings(terms))


def _terms(character_set: str) -> list[str]:
    terms = character_set.split("\\")
    unknown = [term for term in terms if term not in pydicom.charset.python_encoding]
    if unknown:
        raise ValueError(f"unknown character set: {unknown[0]}")
    return terms


def _reread(path: Path, terms: list[str]) -> Header | Refusal:
    opened = open_dataset(path)
    dataset = opened.dataset
    if not len(dataset):
        return Refusal(Reason.NOT_AN_IMAGE, path)
    _read_in(dataset, terms)
    return read_header(frames_of(dataset, 1)[0], opened.syntax)
