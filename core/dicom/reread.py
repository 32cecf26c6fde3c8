"""Open files again with their text in another character set than they declare; everything else stays as it was."""

from collections.abc import Iterable
from dataclasses import replace

from core.dicom.character_set import reread_text
from core.dicom.dicom_object import DicomObject
from core.dicom.guard import unless_changed
from core.dicom.load_object import load_object
from core.imaging.image import Header, Image

OpenFile = Image | DicomObject

_TEXTS = ("patient_name", "institution", "study_description", "series_description")


def reread_files(files: Iterable[OpenFile], character_set: str) -> tuple[OpenFile, ...]:
    """Return open files with names, descriptions and titles in another character set.

    What tells patients and studies apart stays, so that nothing moves. Files that cannot be read now, or are others by
    now, are left out.
    Raises ValueError for a character set that does not exist; the sets are in `core.dicom.character_set`.
    """
    reread = (_reread(one, character_set) for one in files)
    return tuple(one for one in reread if one is not None)


def _reread(one: OpenFile, character_set: str) -> OpenFile | None:
    header = unless_changed(one.file, one.stamp, reread_text(one.file, character_set))
    if not isinstance(header, Header):
        return None
    header = replace(one.header, **{name: getattr(header, name) for name in _TEXTS})
    if isinstance(one, Image):
        return replace(one, header=header)
    again = load_object(one.file, character_set)
    return replace(one, header=header, title=again.title if isinstance(again, DicomObject) else one.title)
