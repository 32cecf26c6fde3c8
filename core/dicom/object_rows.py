"""What DICOM objects without a picture tell a reader, as rows of name and value."""

from collections.abc import Callable, Iterable

from pydicom.dataset import Dataset

from core.dicom.dicom_object import ObjectKind
from core.dicom.header import person_name, sop_class_name
from core.dicom.presentation_state import why_not_applied
from core.dicom.structured_report import code_text, report_rows
from core.dicom.text_tree import TreeRow
from core.dicom.values import integer, items, number, numbers, text, texts

MAX_LISTED = 2_000

_FACTS = (
    ("Modality", "Modality"), ("Series", "SeriesDescription"), ("Label", "ContentLabel"),
    ("Description", "ContentDescription"), ("Made by", "Manufacturer"), ("Software", "SoftwareVersions"),
    ("Completion", "CompletionFlag"), ("Verification", "VerificationFlag"),
)


def document_rows(dataset: Dataset) -> tuple[TreeRow, ...]:
    """Return what every object tells: its class, whose it is and when it was made."""
    name = person_name(dataset, "PatientName").replace("^", " ").strip()
    patient = " · ".join(filter(None, (name, text(dataset, "PatientID"))))
    facts = [("Kind", sop_class_name(dataset) or "not stated"), ("Patient", patient), ("Date", _date(dataset))]
    facts += [(label, text(dataset, keyword)) for label, keyword in _FACTS]
    creator = person_name(dataset, "ContentCreatorName").replace("^", " ").strip()
    return _plain([*facts, ("Author", creator)])


def rows_of_kind(kind: ObjectKind, dataset: Dataset) -> tuple[TreeRow, ...]:
    """Return what an object of this kind holds."""
    make = _MAKERS.get(kind)
    return () if make is None else tuple(make(dataset))


def _plain(facts: Iterable[tuple[str, str]]) -> tuple[TreeRow, ...]:
    return tuple(TreeRow(fact) for fact in facts if fact[1])


def _date(dataset: Dataset) -> str:
    for level in ("Content", "StructureSet", "RTPlan", "PresentationCreation", "Acquisition", "Series", "Study"):
        day, time = text(dataset, f"{level}Date"), text(dataset, f"{level}Time")
        if len(day) == 8:
            return f"{day[:4]}-{day[4:6]}-{day[6:]} {f'{time[:2]}:{time[2:4]}' if len(time) >= 4 else ''}".strip()
    return ""


def _group(name: str, rows: Iterable[TreeRow]) -> tuple[TreeRow, ...]:
    """Return one row above others, which says how many; none where there is nothing below it."""
    below = tuple(rows)
    shown = below[:MAX_LISTED]
    if len(below) > MAX_LISTED:
        shown += (TreeRow((f"{len(below) - MAX_LISTED} more", "")),)
    return (TreeRow((name, str(len(below))), shown),) if below else ()


def _document(dataset: Dataset) -> Iterable[TreeRow]:
    return _plain((("Title", text(dataset, "DocumentTitle")),
                   ("Type", text(dataset, "MIMETypeOfEncapsulatedDocument")),
                   ("Concept", code_text(dataset, "ConceptNameCodeSequence"))))


def _waveform(dataset: Dataset) -> Iterable[TreeRow]:
    for number_of_group, group in enumerate(items(dataset, "WaveformSequence"), 1):
        rate, samples = number(group, "SamplingFrequency"), integer(group, "NumberOfWaveformSamples") or 0
        facts = [f"{rate:g} Hz" if rate else "", f"{samples} samples", f"{samples / rate:.4g} s" if rate else ""]
        channels = (
            TreeRow((code_text(one, "ChannelSourceSequence") or text(one, "ChannelLabel") or f"Channel {at}",
                     " · ".join(filter(None, (text(one, "ChannelSensitivity"),
                                              code_text(one, "ChannelSensitivityUnitsSequence"))))))
            for at, one in enumerate(items(group, "ChannelDefinitionSequence"), 1)
        )
        label = text(group, "MultiplexGroupLabel") or f"Group {number_of_group}"
        yield TreeRow((label, " · ".join(filter(None, facts))), tuple(channels))
    for note in items(dataset, "WaveformAnnotationSequence")[:MAX_LISTED]:
        value = text(note, "UnformattedTextValue") or " ".join(texts(note, "NumericValue"))
        yield TreeRow((code_text(note, "ConceptNameCodeSequence") or "Annotation", value))


def _structures(dataset: Dataset) -> Iterable[TreeRow]:
    contours = {integer(one, "ReferencedROINumber"): one for one in items(dataset, "ROIContourSequence")}
    kinds = {integer(one, "ReferencedROINumber"): text(one, "RTROIInterpretedType")
             for one in items(dataset, "RTROIObservationsSequence")}

    def row(roi: Dataset) -> TreeRow:
        key = integer(roi, "ROINumber")
        count = len(items(contours[key], "ContourSequence")) if key in contours else 0
        rgb = numbers(contours[key], "ROIDisplayColor") if key in contours else ()
        color = f"color {', '.join(f'{part:.0f}' for part in rgb)}" if len(rgb) == 3 else ""
        words = (kinds.get(key, "").lower(), f"{count} {'contour' if count == 1 else 'contours'}", color)
        return TreeRow((text(roi, "ROIName") or f"ROI {key}", " · ".join(filter(None, words))))

    return _group("Structures", map(row, items(dataset, "StructureSetROISequence")))


def _plan(dataset: Dataset) -> Iterable[TreeRow]:
    beams = (*items(dataset, "BeamSequence"), *items(dataset, "IonBeamSequence"))
    yield from _plain((("Plan", text(dataset, "RTPlanName")), ("Intent", text(dataset, "PlanIntent")),
                       ("Geometry", text(dataset, "RTPlanGeometry"))))
    yield from _group("Doses", (
        TreeRow((text(one, "DoseReferenceDescription") or text(one, "DoseReferenceType") or "Dose",
                 " · ".join(filter(None, (text(one, "DoseReferenceStructureType"),
                                          f"{dose:g} Gy" if (dose := number(one, "TargetPrescriptionDose")) else "")))))
        for one in items(dataset, "DoseReferenceSequence")))
    yield from _group("Fraction groups", (
        TreeRow((f"Group {text(one, 'FractionGroupNumber')}", " · ".join((
            f"{text(one, 'NumberOfFractionsPlanned') or '?'} fractions",
            f"{text(one, 'NumberOfBeams') or '?'} beams"))))
        for one in items(dataset, "FractionGroupSequence")))
    yield from _group("Beams", (
        TreeRow((text(one, "BeamName") or f"Beam {text(one, 'BeamNumber')}",
                 " · ".join(filter(None, (text(one, "BeamType"), text(one, "RadiationType"),
                                          text(one, "TreatmentMachineName"),
                                          f"{text(one, 'NumberOfControlPoints')} control points")))))
        for one in beams))


def _presentation(dataset: Dataset) -> Iterable[TreeRow]:
    why = why_not_applied(dataset)
    yield TreeRow(("Applied to images", f"no: {why}" if why else "yes, by View, Presentation state"))
    images = [one for series in items(dataset, "ReferencedSeriesSequence")
              for one in items(series, "ReferencedImageSequence")]
    yield from _group("Images", (
        TreeRow(("image", text(one, "ReferencedSOPInstanceUID"))) for one in images))
    yield from _group("Windows", (
        TreeRow((text(one, "WindowCenterWidthExplanation") or "window",
                 f"{text(one, 'WindowCenter')} / {text(one, 'WindowWidth')}" if "WindowCenter" in one else "table"))
        for one in items(dataset, "SoftcopyVOILUTSequence")))
    for one in items(dataset, "GraphicAnnotationSequence")[:MAX_LISTED]:
        words = (TreeRow(("text", text(part, "UnformattedTextValue"))) for part in items(one, "TextObjectSequence"))
        graphics = items(one, "GraphicObjectSequence")
        drawn = (TreeRow(("graphic", text(part, "GraphicType").lower())) for part in graphics)
        yield from _group(f"Annotations {text(one, 'GraphicLayer')}".strip(), (*words, *drawn))


def _registration(dataset: Dataset) -> Iterable[TreeRow]:
    rows = (*items(dataset, "RegistrationSequence"), *items(dataset, "DeformableRegistrationSequence"))
    for one in rows:
        matrices = [matrix for outer in items(one, "MatrixRegistrationSequence")
                    for matrix in items(outer, "MatrixSequence")]
        kinds = ", ".join(text(matrix, "FrameOfReferenceTransformationMatrixType").lower() for matrix in matrices)
        images = len(items(one, "ReferencedImageSequence"))
        frame = text(one, "FrameOfReferenceUID") or text(one, "SourceFrameOfReferenceUID")
        words = (kinds or ("grid" if "DeformableRegistrationGridSequence" in one else ""), f"{images} images")
        yield TreeRow((f"Frame of reference {frame}".strip(), " · ".join(filter(None, words))))


def _spectroscopy(dataset: Dataset) -> Iterable[TreeRow]:
    size = f"{text(dataset, 'Columns') or '?'} × {text(dataset, 'Rows') or '?'} voxels"
    points = f"{text(dataset, 'DataPointColumns') or '?'} points"
    nucleus, band = text(dataset, "ResonantNucleus"), number(dataset, "SpectralWidth")
    return _plain((("Spectra", f"{size} · {points} · {text(dataset, 'NumberOfFrames') or '1'} frames"),
                   ("Nucleus", nucleus), ("Spectral width", f"{band:g} Hz" if band else "")))


def _directory(dataset: Dataset) -> Iterable[TreeRow]:
    def row(record: Dataset) -> TreeRow:
        kind = text(record, "DirectoryRecordType").lower() or "record"
        keywords = ("PatientID", "StudyDescription", "SeriesDescription", "Modality", "InstanceNumber")
        words = (person_name(record, "PatientName"), *(text(record, keyword) for keyword in keywords))
        named = " · ".join(filter(None, words))
        return TreeRow((kind, " · ".join(filter(None, (named, "/".join(texts(record, "ReferencedFileID")))))))

    return _group("Records", map(row, items(dataset, "DirectoryRecordSequence")))


_MAKERS: dict[ObjectKind, Callable[[Dataset], Iterable[TreeRow]]] = {
    ObjectKind.REPORT: report_rows, ObjectKind.DOCUMENT: _document, ObjectKind.WAVEFORM: _waveform,
    ObjectKind.STRUCTURE_SET: _structures, ObjectKind.PLAN: _plan, ObjectKind.PRESENTATION_STATE: _presentation,
    ObjectKind.REGISTRATION: _registration, ObjectKind.SPECTROSCOPY: _spectroscopy,
    ObjectKind.DIRECTORY: _directory,
}
