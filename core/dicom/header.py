"""The header values that Wetread shows or decides by, as text a person reads."""

import re
from pathlib import Path

from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset
from pydicom.uid import UID, MediaStorageDirectoryStorage
from pydicom.valuerep import PersonName

import core.dicom.encodings  # noqa: F401  (before any text is decoded)
from core.dicom.functional_groups import FrameAttributes
from core.dicom.geometry import orientation_of, position_of
from core.dicom.identity import made_uid
from core.dicom.values import first_item, number, numbers, text, texts, value_of
from core.imaging.image import Header, Identity
from core.imaging.probe import number_text

# View Code Sequence (CID 4010) says in words what View Position says in letters
_VIEWS = (
    ("POSTERO-ANTERIOR", "PA"), ("ANTERO-POSTERIOR", "AP"), ("LEFT LATERAL", "LL"), ("RIGHT LATERAL", "RL"),
    ("LATERAL", "LATERAL"),
)

# Transfer syntaxes that pydicom's dictionary does not name (yet)
_NEW_SYNTAXES = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless", "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL", "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
    "1.2.840.113619.5.2": "Implicit VR Little Endian with big endian pixels (GE)",
}

# SOP classes of PS3.6 A that pydicom's dictionary does not name yet
_NEW_CLASSES = {"1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage"}

_CLASSES = "1.2.840.10008.5.1.4."


def read_header(first_frame: FrameAttributes, syntax: str) -> Header:
    """Return what is shown of a data set; `syntax` is its transfer syntax UID. Position and orientation are in mm."""
    dataset = first_frame.dataset
    date, time = _when(dataset)
    return Header(
        patient_name=person_name(dataset, "PatientName"), patient_id=text(dataset, "PatientID"),
        patient_id_issuer=text(dataset, "IssuerOfPatientID"),
        birth_date=_date(text(dataset, "PatientBirthDate")), age=_age(text(dataset, "PatientAge")),
        sex=text(dataset, "PatientSex"), institution=text(dataset, "InstitutionName"),
        study_description=text(dataset, "StudyDescription"), study_id=text(dataset, "StudyID"),
        accession=text(dataset, "AccessionNumber"), study_date=_date(text(dataset, "StudyDate")), date=date, time=time,
        modality=text(dataset, "Modality"),
        sop_class=sop_class_name(dataset), series_number=text(dataset, "SeriesNumber"),
        series_description=text(dataset, "SeriesDescription"), instance_number=text(dataset, "InstanceNumber"),
        body_part=_body_part(dataset), view_position=_view_position(dataset),
        image_type=texts(dataset, "ImageType"), photometric=text(dataset, "PhotometricInterpretation"),
        transfer_syntax=syntax_name(syntax),
        location=_millimeters(dataset, "SliceLocation"), technique=_technique(dataset), lossy=_lossy(dataset),
        patient_position=position_of(first_frame), patient_orientation=orientation_of(first_frame),
        frame_of_reference=text(dataset, "FrameOfReferenceUID"), acquisition_number=text(dataset, "AcquisitionNumber"),
        concatenation=text(dataset, "ConcatenationUID"), in_concatenation=text(dataset, "InConcatenationNumber"),
    )


def read_identity(dataset: Dataset, path: Path) -> Identity:
    """Return the UIDs of a data set; missing ones are made from the file's path."""
    levels = (("StudyInstanceUID", "study"), ("SeriesInstanceUID", "series"), ("SOPInstanceUID", "instance"))
    return Identity(*(text(dataset, keyword) or made_uid(path, level) for keyword, level in levels))


def sop_class_name(dataset: Dataset) -> str:
    """Return the name of the SOP class without "Storage", its UID where it has none, "" where it is missing."""
    uid = sop_class_uid(dataset)
    return re.sub(r" Storage\b", "", _NEW_CLASSES.get(uid) or UID(uid).name) if uid else ""


def sop_class_uid(dataset: Dataset) -> str:
    """Return the UID of the SOP class, from the file meta information where the data set has none, else ""."""
    meta = getattr(dataset, "file_meta", None) or Dataset()
    return text(dataset, "SOPClassUID") or text(meta, "MediaStorageSOPClassUID")


def storage_classes() -> dict[str, str]:
    """Return the SOP classes that files have (PS3.6 A), UID to name without "Storage"; security's (DICOS) are left out.

    Retired ones are called so.
    """
    found = {str(MediaStorageDirectoryStorage): "Media Storage Directory"}
    for uid, (name, kind, _, retired, _) in UID_dictionary.items():
        if kind == "SOP Class" and "Storage" in name and uid.startswith(_CLASSES) and not name.startswith("DICOS"):
            found[uid] = re.sub(r" Storage\b", "", name) + (" (Retired)" if retired else "")
    return found | {uid: re.sub(r" Storage\b", "", name) for uid, name in _NEW_CLASSES.items()}


def syntax_name(syntax: str) -> str:
    """Return the name of a transfer syntax, the UID where it has none."""
    return _NEW_SYNTAXES.get(syntax) or UID(syntax).name


def person_name(dataset: Dataset, keyword: str) -> str:
    """Return a name as FAMILY^GIVEN, with its ideographic form behind it where it has one (PS3.5 6.2.1).

    The phonetic form stands for a name that has no other.
    """
    value = value_of(dataset, keyword)
    if not isinstance(value, PersonName):
        return text(dataset, keyword)
    *groups, spoken = (group.strip("^ \0") for group in (value.alphabetic, value.ideographic, value.phonetic))
    return f"{groups[0]} ({groups[1]})" if all(groups) else "".join(groups) or spoken


def _when(dataset: Dataset) -> tuple[str, str]:
    """Return date and time of the most exact level that has a date: acquisition, content, series, study."""
    moment = text(dataset, "AcquisitionDateTime")
    if len(moment) >= 8:
        return _date(moment[:8]), _time(moment[8:])
    for level in ("Acquisition", "Content", "Series", "Study"):
        if date := text(dataset, f"{level}Date"):
            return _date(date), _time(text(dataset, f"{level}Time"))
    return "", _time(text(dataset, "StudyTime"))


def _date(raw: str) -> str:
    """19950608 or 1995.06.08 (ACR-NEMA) to 1995-06-08; anything else as it is."""
    match = re.fullmatch(r"(\d{4})\.?(\d\d)\.?(\d\d)", raw)
    return "-".join(match.groups()) if match else raw


def _time(raw: str) -> str:
    """102233.5 or 10:22:33 to 10:22; anything else as it is."""
    match = re.match(r"(\d\d):?(\d\d)", raw)
    return ":".join(match.groups()) if match else raw


def _age(raw: str) -> str:
    """045Y to "45 y", 003M to "3 mo"."""
    match = re.fullmatch(r"(\d+)([DWMY])", raw)
    units = {"D": "d", "W": "wk", "M": "mo", "Y": "y"}
    return f"{int(match[1])} {units[match[2]]}" if match else raw


def _body_part(dataset: Dataset) -> str:
    return text(dataset, "BodyPartExamined") or _code_meaning(dataset, "AnatomicRegionSequence").upper()


def _view_position(dataset: Dataset) -> str:
    stated = text(dataset, "ViewPosition")
    meaning = _code_meaning(dataset, "ViewCodeSequence").upper().replace(" - ", "-")
    if stated or "OBLIQUE" in meaning:  # "postero-anterior oblique" is no PA
        return stated or meaning
    return next((letters for words, letters in _VIEWS if words in meaning), meaning)


def _code_meaning(dataset: Dataset, keyword: str) -> str:
    item = first_item(dataset, keyword)
    return "" if item is None else text(item, "CodeMeaning")


def _millimeters(dataset: Dataset, keyword: str) -> str:
    value = number(dataset, keyword)
    return "" if value is None else f"{number_text(value)} mm"


def _technique(dataset: Dataset) -> str:
    parts = []
    if kilovolts := number(dataset, "KVP"):
        parts.append(f"{number_text(kilovolts)} kV")
    if charge := _milliampere_seconds(dataset):
        parts.append(f"{number_text(charge, 3)} mAs")
    for keyword, name in (("RepetitionTime", "TR"), ("EchoTime", "TE")):
        if milliseconds := number(dataset, keyword):
            parts.append(f"{name} {number_text(milliseconds)} ms")
    return " · ".join(parts)


def _milliampere_seconds(dataset: Dataset) -> float | None:
    if microampere_seconds := number(dataset, "ExposureInuAs"):
        return microampere_seconds / 1000
    if exposure := number(dataset, "Exposure"):
        return exposure
    current, milliseconds = number(dataset, "XRayTubeCurrent"), number(dataset, "ExposureTime")
    return current * milliseconds / 1000 if current and milliseconds else None


def _lossy(dataset: Dataset) -> str:
    """Return such as "lossy 12:1 (ISO 10918-1)", one after another for successive steps (PS3.3 C.7.6.1.1.5).

    Where not each step has both a ratio and a method, nothing says which belong together: all of the one come first.
    """
    if text(dataset, "LossyImageCompression") != "01":
        return ""
    ratios = [f"{number_text(ratio, 3)}:1" for ratio in numbers(dataset, "LossyImageCompressionRatio") if ratio]
    methods = [method.replace("_", " ", 1).replace("_", "-")
               for method in texts(dataset, "LossyImageCompressionMethod") if method]
    if len(ratios) == len(methods):
        steps = ", ".join(f"{ratio} ({method})" for ratio, method in zip(ratios, methods, strict=True))
    else:
        steps = " ".join(filter(None, (", ".join(ratios), f"({', '.join(methods)})" if methods else "")))
    return f"lossy {steps}".rstrip()
