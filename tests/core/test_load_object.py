"""Objects without a picture: what they are, and what they tell."""

import numpy as np
import pytest

from core.dicom.dicom_object import DicomObject, ObjectKind, ObjectText
from core.dicom.encapsulated_document import read_document
from core.dicom.load_image import load_image
from core.dicom.load_object import describe_object, load_object, object_or_refusal
from core.dicom.text_tree import as_lines
from core.refusal import Reason, Refusal
from tests.fuzz.peak import forget_peak, peak_bytes
from tests.make.dicom import make_dicom

RAW, PDF, PLAN = "1.2.840.10008.5.1.4.1.1.66", "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.481.5"
ECG, STRUCTURES = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.481.3"
SPECTRA, REGISTRATION = "1.2.840.10008.5.1.4.1.1.4.2", "1.2.840.10008.5.1.4.1.1.66.1"
STATE, ION_PLAN = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.481.8"


def code(meaning: str, value: str = "1", scheme: str = "99MADE") -> dict[str, str]:
    return {"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}


def lines(path) -> list[str]:
    text = describe_object(path)
    assert isinstance(text, ObjectText)
    return [line.strip() for line in as_lines(text.rows)]


@pytest.mark.parametrize(("sop_class", "content", "kind"), (
    (RAW, {}, ObjectKind.RAW_DATA),
    (PDF, {"EncapsulatedDocument": b"%PDF"}, ObjectKind.DOCUMENT),
    (PLAN, {}, ObjectKind.PLAN),
    (ION_PLAN, {}, ObjectKind.PLAN),
    (STRUCTURES, {}, ObjectKind.STRUCTURE_SET),
    (ECG, {}, ObjectKind.WAVEFORM),
    (REGISTRATION, {}, ObjectKind.REGISTRATION),
    (STATE, {}, ObjectKind.PRESENTATION_STATE),
    ("1.2.3.4", {}, ObjectKind.OTHER),
    ("1.2.3.4", {"ContentSequence": {"ValueType": "TEXT"}}, ObjectKind.REPORT),
    (SPECTRA, {"Rows": 1, "Columns": 1, "SpectroscopyData": bytes(8)}, ObjectKind.SPECTROSCOPY),
))
def test_an_object_without_a_picture_opens_as_what_it_is(tmp_path, sop_class, content, kind):
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID=sop_class, **content)
    opened = object_or_refusal(load_image(path))
    assert isinstance(opened, DicomObject)
    assert opened.kind is kind
    assert opened.header.patient_id == "MADE-1"
    assert isinstance(describe_object(path), ObjectText)


def test_an_image_and_a_damaged_file_stay_what_they_are(tmp_path):
    image = load_image(make_dicom(tmp_path / "a.dcm", np.zeros((4, 4), np.uint8)))
    assert object_or_refusal(image) is image
    damaged = load_image(make_dicom(tmp_path / "b.dcm", Rows=4, Columns=4))
    assert isinstance(damaged, Refusal)
    assert object_or_refusal(damaged) is damaged


def test_the_title_is_the_documents_own(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID=PDF, DocumentTitle="Discharge letter")
    opened = load_object(path)
    assert isinstance(opened, DicomObject)
    assert opened.title == "Discharge letter"


def test_a_file_that_is_not_there_is_a_refusal(tmp_path):
    for outcome in (load_object(tmp_path / "x"), describe_object(tmp_path / "x"), read_document(tmp_path / "x")):
        assert isinstance(outcome, Refusal)
        assert outcome.reason is Reason.NOT_FOUND


def test_what_has_taken_the_place_of_an_object_is_not_described_for_it(tmp_path):
    opened = load_object(make_dicom(tmp_path / "a.dcm", SOPClassUID=PDF, DocumentTitle="Discharge letter"))
    assert isinstance(describe_object(opened.path, stamp=opened.stamp), ObjectText)
    make_dicom(opened.path, SOPClassUID=PDF, DocumentTitle="A letter about somebody else")
    assert describe_object(opened.path, stamp=opened.stamp) == Refusal(Reason.CHANGED, opened.path)
    assert read_document(opened.path, opened.stamp) == Refusal(Reason.CHANGED, opened.path)
    assert isinstance(describe_object(opened.path), ObjectText)


def test_a_document_comes_out_without_its_padding(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID=PDF, MIMETypeOfEncapsulatedDocument="application/pdf",
                      EncapsulatedDocument=b"%PDF-1.7 abc\0", EncapsulatedDocumentLength=12)
    assert read_document(path) == b"%PDF-1.7 abc"
    text = describe_object(path)
    assert isinstance(text, ObjectText)
    assert (text.document_suffix, text.document_bytes) == (".pdf", 12)


def test_a_large_document_stays_in_the_file_until_it_is_asked_for(tmp_path):
    document = b"%PDF" + bytes(9 << 20)
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID=PDF, MIMETypeOfEncapsulatedDocument="application/pdf",
                      EncapsulatedDocument=document)
    text = describe_object(path)
    assert isinstance(text, ObjectText)
    assert text.document_bytes == len(document)
    assert read_document(path) == document


def test_a_large_document_that_is_only_described_is_not_read(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID=PDF, MIMETypeOfEncapsulatedDocument="application/pdf",
                      EncapsulatedDocument=bytes(100 << 20))
    before = forget_peak()
    text = describe_object(path)
    assert isinstance(text, ObjectText) and text.document_bytes == 100 << 20
    assert peak_bytes() - before < 50 << 20
    assert len(read_document(path)) == 100 << 20
    assert peak_bytes() - before < 250 << 20  # the array, and its bytes


def test_a_document_of_another_kind_is_not_handed_on(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID=PDF, MIMETypeOfEncapsulatedDocument="application/x-sh",
                      EncapsulatedDocument=b"#!/bin/sh\n")
    text = describe_object(path)
    assert isinstance(text, ObjectText)
    assert text.document_suffix == ""


def test_structures_are_listed_with_kind_contours_and_color(tmp_path):
    path = make_dicom(
        tmp_path / "a.dcm", SOPClassUID=STRUCTURES, StructureSetLabel="plan A",
        StructureSetROISequence=[{"ROINumber": "1", "ROIName": "Lung left"}, {"ROINumber": "2", "ROIName": "Cord"}],
        ROIContourSequence=[{"ReferencedROINumber": "1", "ROIDisplayColor": [255, 0, 128],
                             "ContourSequence": [{"NumberOfContourPoints": "1"}, {"NumberOfContourPoints": "1"}]}],
        RTROIObservationsSequence=[{"ReferencedROINumber": "1", "RTROIInterpretedType": "ORGAN"}],
    )
    assert "Lung left  organ · 2 contours · color 255, 0, 128" in lines(path)
    assert "Cord  0 contours" in lines(path)


def test_a_waveform_names_its_channels_rate_and_length(tmp_path):
    path = make_dicom(tmp_path / "a.dcm", SOPClassUID=ECG, WaveformSequence={
        "SamplingFrequency": "500", "NumberOfWaveformSamples": 5000, "MultiplexGroupLabel": "RHYTHM",
        "ChannelDefinitionSequence": [{"ChannelSourceSequence": code("Lead I")}, {"ChannelLabel": "aVR"}],
    })
    found = lines(path)
    assert "RHYTHM  500 Hz · 5000 samples · 10 s" in found
    assert {"Lead I", "aVR"} <= set(found)


def test_a_presentation_state_lists_images_windows_and_annotations(tmp_path):
    path = make_dicom(
        tmp_path / "a.dcm", SOPClassUID=STATE, ContentLabel="BRIGHT",
        ReferencedSeriesSequence={"ReferencedImageSequence": {"ReferencedSOPInstanceUID": "1.2.3"}},
        SoftcopyVOILUTSequence={"WindowCenter": "40", "WindowWidth": "400"},
        GraphicAnnotationSequence={"GraphicLayer": "A", "TextObjectSequence": {"UnformattedTextValue": "here"}},
    )
    assert {"image  1.2.3", "text  here", "Annotations A  1"} <= set(lines(path))
    assert any(line.startswith("window  40") for line in lines(path))


def test_a_directory_shows_names_as_they_are_shown_everywhere(tmp_path):
    path = make_dicom(tmp_path / "a", SOPClassUID="1.2.840.10008.1.3.10", DirectoryRecordSequence={
        "DirectoryRecordType": "PATIENT", "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう", "PatientID": "P"})
    assert "patient  Yamada^Tarou (山田^太郎) · P" in lines(path)
