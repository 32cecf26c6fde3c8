"""Scanning a folder: its headers against a bare loop of pydicom, and the time to the first image."""

import tempfile
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from core.dicom.load_image import load_image
from core.imaging.image import Image
from core.studies.open_files import open_files
from core.studies.opened import OpenFiles
from core.studies.scan import find_files
from tests.bench.harness import Figure, compare
from tests.make.dicom import make_dataset, to_bytes

FEW, FILES, CROWD = 50, 1000, 5000
TIMES = 20
PRIVATE_ELEMENTS = 40


def ct_slice(number: int) -> bytes:
    """Return a CT slice of 64 x 64 with the header that scanners write: some 120 elements, a third of them private."""
    dataset = make_dataset(
        np.zeros((64, 64), np.int16), Modality="CT", SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
        StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.4", SOPInstanceUID=f"1.2.3.4.{number}",
        SpecificCharacterSet="ISO_IR 100", ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], InstanceNumber=number,
        AcquisitionNumber=1, SeriesNumber=2, SeriesDescription="THORAX 1.0 B31f", StudyDescription="CT THORAX",
        InstitutionName="Hospital", InstitutionAddress="Street 1", StationName="CT01", Manufacturer="Maker",
        ManufacturerModelName="Model 64", SeriesDate="20200102", AcquisitionDate="20200102", ContentDate="20200102",
        SeriesTime="101112.50", AcquisitionTime="101113.50", ContentTime="101114.50", AccessionNumber="A1",
        ReferringPhysicianName="Doe^John", PerformingPhysicianName="Roe^Jane", OperatorsName="Poe^Jim",
        PatientBirthDate="19500101", PatientSex="F", PatientAge="070Y", PatientWeight="70", PatientSize="1.7",
        SliceThickness="1.0", KVP="120", DataCollectionDiameter="500", DeviceSerialNumber="1234",
        SoftwareVersions="1.0", ProtocolName="Thorax", ReconstructionDiameter="350", DistanceSourceToDetector="1040",
        DistanceSourceToPatient="570", GantryDetectorTilt="0", TableHeight="160", RotationDirection="CW",
        ExposureTime="500", XRayTubeCurrent="200", Exposure="100", FilterType="WEDGE", GeneratorPower="24",
        FocalSpots="1.2", DateOfLastCalibration="20200101", TimeOfLastCalibration="080000",
        ConvolutionKernel="B31f", PatientPosition="HFS", CTDIvol=7.5, StudyID="1", FrameOfReferenceUID="1.2.5",
        ImagePositionPatient=[-175.0, -175.0, float(number)], ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PositionReferenceIndicator="", SliceLocation=float(number), ImageComments="", PixelSpacing=[0.68, 0.68],
        WindowCenter=[40, -600], WindowWidth=[400, 1600], WindowCenterWidthExplanation=["SOFT", "LUNG"],
        RescaleIntercept="-1024", RescaleSlope="1", RescaleType="HU",
        ReferencedStudySequence={"ReferencedSOPClassUID": "1.2.840.10008.3.1.2.3.1", "ReferencedSOPInstanceUID": "1.2"},
        ReferencedImageSequence=[{"ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
                                  "ReferencedSOPInstanceUID": f"1.2.9.{one}"} for one in range(3)],
        ProcedureCodeSequence={"CodeValue": "CT1", "CodingSchemeDesignator": "L", "CodeMeaning": "CT of the chest"},
        PerformedProcedureStepStartDate="20200102", PerformedProcedureStepStartTime="101000",
        PerformedProcedureStepID="1", PerformedProcedureStepDescription="CT THORAX",
    )
    _add_private(dataset)
    return to_bytes(dataset)


def _add_private(dataset: Dataset) -> None:
    block = dataset.private_block(0x0019, "MAKER CT HEADER", create=True)
    for element in range(PRIVATE_ELEMENTS):
        block.add_new(element, "LO" if element % 2 else "DS", "value" if element % 2 else "1.25")


def make_folder(folder: Path, count: int) -> Path:
    """Fill a folder with CT files of one series."""
    folder.mkdir()
    template, uid = ct_slice(10_000), b"1.2.3.4.10000"
    for number in range(count):
        (folder / f"{number}.dcm").write_bytes(template.replace(uid, b"1.2.3.4.%d" % (10_001 + number)))
    return folder


def figures() -> list[Figure]:
    """Measure a thousand CT files, and the first image of fifty and of five thousand; all made here."""
    with tempfile.TemporaryDirectory() as name:
        few, many, crowd = (make_folder(Path(name, str(count)), count) for count in (FEW, FILES, CROWD))
        paths = sorted(many.iterdir())
        return [
            compare(f"scan: the headers of {FILES} files", lambda: [load_image(path) for path in find_files([many])],
                    lambda: [pydicom.dcmread(path, stop_before_pixels=True) for path in paths],
                    "pydicom dcmread(stop_before_pixels=True)", 0.5),
            compare(f"scan: first image of {FILES} files", lambda: first_image(many), lambda: first_image(few),
                    f"of {FEW} files", 1.2, repeat=TIMES),
            compare(f"scan: first image of {CROWD} files", lambda: first_image(crowd), lambda: first_image(few),
                    f"of {FEW} files", 1.2, repeat=TIMES),
        ]


def first_image(folder: Path) -> object:
    """Find, open and decode the first image below a folder, as the window does."""
    state = OpenFiles()
    opened = next(open_files([folder], state, first_soon=True))
    assert isinstance(opened.outcome, Image)
    return opened.outcome.frame()
