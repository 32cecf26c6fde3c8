"""Files that are laid over images, from a few lines: segmentations and parametric maps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.make.dicom import make_dicom

SEGMENTATION, LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"
PARAMETRIC_MAP, CT = "1.2.840.10008.5.1.4.1.1.30", "1.2.840.10008.5.1.4.1.1.2"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
LIVER = {"SegmentNumber": 1, "SegmentLabel": "Liver", "RecommendedDisplayCIELabValue": [35580, 53485, 50688],
         "SegmentedPropertyCategoryCodeSequence": {"CodeMeaning": "Organ"},
         "SegmentedPropertyTypeCodeSequence": {"CodeMeaning": "Liver"}}
SPLEEN = {"SegmentNumber": 2, "SegmentLabel": "Spleen"}


def make_slice(
    path: Path, pixels: NDArray[Any] | None = None, position: Sequence[float] = (0.0, 0.0, 0.0),
    orientation: Sequence[float] = AXIAL, spacing: Sequence[float] = (1.0, 1.0), **attributes: Any,
) -> Path:
    """Write one CT slice in frame of reference 7.7; `spacing` is between rows and between columns."""
    return make_dicom(path, np.zeros((16, 20), np.uint16) if pixels is None else pixels, **{
        "SOPClassUID": CT, "Modality": "CT", "SOPInstanceUID": "1.2.3", "FrameOfReferenceUID": "7.7",
        "ImagePositionPatient": list(position), "ImageOrientationPatient": list(orientation), "SliceThickness": "2",
        "PixelSpacing": list(spacing), "ViewPosition": None} | attributes)


def frame_groups(
    positions: Sequence[Sequence[float]] | None = None, numbers: Sequence[int] | None = None,
    sources: Sequence[tuple[str, int]] | None = None, count: int = 1,
) -> list[dict[str, Any]]:
    """Return functional groups of frames: each one's position, segment and the image frame that it was made from."""
    groups: list[dict[str, Any]] = []
    for at in range(count):
        group: dict[str, Any] = {"FrameContentSequence": {"DimensionIndexValues": [at + 1]}}
        if positions is not None:
            group["PlanePositionSequence"] = {"ImagePositionPatient": list(positions[at])}
        if numbers is not None:
            group["SegmentIdentificationSequence"] = {"ReferencedSegmentNumber": numbers[at]}
        if sources is not None:
            uid, number = sources[at]
            group["DerivationImageSequence"] = {"SourceImageSequence": {
                "ReferencedSOPInstanceUID": uid, **({"ReferencedFrameNumber": number} if number else {})}}
        groups.append(group)
    return groups


def geometry_group(
    orientation: Sequence[float] = AXIAL, spacing: Sequence[float] = (1.0, 1.0), thickness: float = 2.0
) -> dict[str, Any]:
    """Return the functional groups that all frames share."""
    return {"PlaneOrientationSequence": {"ImageOrientationPatient": list(orientation)},
            "PixelMeasuresSequence": {"PixelSpacing": list(spacing), "SliceThickness": str(thickness)}}


def make_segmentation(
    path: Path, masks: NDArray[Any], kind: str = "BINARY", *, positions: Sequence[Sequence[float]] | None = None,
    numbers: Sequence[int] | None = None, sources: Sequence[tuple[str, int]] | None = None,
    shared: Mapping[str, Any] | None = None, **attributes: Any,
) -> Path:
    """Write a segmentation of `masks`, (frames, rows, columns) uint8: 0 and 1, fractions of 255, or labels."""
    is_binary = kind == "BINARY"
    if is_binary and numbers is None:
        numbers = [1] * len(masks)
    if kind == "FRACTIONAL":
        numbers = numbers or [1] * len(masks)
        attributes = {"MaximumFractionalValue": 255, "SegmentationFractionalType": "OCCUPANCY"} | attributes
    defaults: dict[str, Any] = {
        "SOPClassUID": LABEL_MAP if kind == "LABELMAP" else SEGMENTATION, "Modality": "SEG", "SOPInstanceUID": "9.1",
        "SegmentationType": kind, "FrameOfReferenceUID": "7.7", "SegmentSequence": [LIVER, SPLEEN],
        "SeriesDescription": "Organs", "ViewPosition": None, "BodyPartExamined": None,
        "SharedFunctionalGroupsSequence": dict(geometry_group() if shared is None else shared),
        "PerFrameFunctionalGroupsSequence": frame_groups(positions, numbers, sources, len(masks)),
    }
    if is_binary:
        bits = np.packbits(masks.astype(bool).ravel(), bitorder="little").tobytes()
        defaults |= {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "PixelData": bits + b"\0" * (len(bits) % 2)}
    return make_dicom(path, masks.astype(np.uint8), **(defaults | attributes))


def make_parametric_map(
    path: Path, values: NDArray[Any], *, positions: Sequence[Sequence[float]] | None = None,
    sources: Sequence[tuple[str, int]] | None = None, mapping: Mapping[str, Any] | None = None,
    shared: Mapping[str, Any] | None = None, **attributes: Any,
) -> Path:
    """Write a parametric map of `values`, (frames, rows, columns): float32, float64 or uint16."""
    mapped = {"RealWorldValueSlope": 1.0, "RealWorldValueIntercept": 0.0, "LUTExplanation": "ADC",
              "MeasurementUnitsCodeSequence": {"CodeValue": "mm2/s", "CodingSchemeDesignator": "UCUM",
                                               "CodeMeaning": "square millimeter per second"}}
    return make_dicom(path, values, **{
        "SOPClassUID": PARAMETRIC_MAP, "Modality": "OT", "SOPInstanceUID": "9.2", "FrameOfReferenceUID": "7.7",
        "ViewPosition": None, "BodyPartExamined": None,
        "SharedFunctionalGroupsSequence": dict(geometry_group() if shared is None else shared)
        | {"RealWorldValueMappingSequence": dict(mapped if mapping is None else mapping)},
        "PerFrameFunctionalGroupsSequence": frame_groups(positions, None, sources, len(values)),
    } | attributes)
