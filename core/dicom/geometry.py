"""Pixel spacing with its source, the pixel's shape, the letters at the edges (PS3.3 10.7, C.7.6.3.1.7, C.7.6.1.1.1)."""

import re
from collections.abc import Sequence

from pydicom.dataset import Dataset

from core.dicom.functional_groups import FrameAttributes
from core.dicom.values import integer, items, number, numbers, text, texts
from core.imaging.image import PROJECTIONS, EdgeLetters, Spacing
from core.imaging.plane import MOST_MM

MOST_ASPECT = 1000.0  # of a pixel's sides: beyond it a file is damaged, and no view has room for the picture
LEAST_COSINE = 0.1  # a direction this far off an axis (6 degrees) gets the second letter

_CENTIMETER, _TISSUE = 3, 1  # Physical Units X and Y Direction; Region Spatial Format 2D
_OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_OPPOSITE_QUADRUPED = {
    "LE": "RT", "RT": "LE", "D": "V", "V": "D", "CR": "CD", "CD": "CR", "R": "CD", "M": "L", "L": "M",
    "PR": "DI", "DI": "PR", "PA": "D", "PL": "D",
}
_QUADRUPED_LETTERS = re.compile("LE|RT|CR|CD|PR|DI|PA|PL|[DVRML]")


def spacing_of(frame: FrameAttributes) -> Spacing | None:
    """Return the distance between pixels and where it comes from; None where the file gives none in millimeters.

    Pixel Spacing counts first, unless it only repeats the Imager Pixel Spacing of a projection image; that is the
    size at the detector, which is corrected by the magnification where the file tells it (CONVENTIONS of PS3.3 10.7).
    """
    dataset = frame.dataset
    at_receptor = frame.group_with("FramePixelDataPropertiesSequence", "ImagerPixelSpacing")  # PS3.3 C.8.19.6
    measures = frame.group("PixelMeasuresSequence")
    if measures is not None and (pair := _pair(measures, "PixelSpacing")):
        return Spacing(*pair, "")
    patient, imager = _pair(dataset, "PixelSpacing"), _pair(at_receptor, "ImagerPixelSpacing")
    is_projection = text(dataset, "Modality") in PROJECTIONS
    calibration = text(dataset, "PixelSpacingCalibrationType")
    if patient and not (is_projection and patient == imager and not calibration):
        words = (calibration, text(dataset, "PixelSpacingCalibrationDescription"))
        return Spacing(*patient, f"calibrated: {' '.join(filter(None, words))}" if calibration else "")
    if imager and is_projection:
        return _at_detector(dataset, imager, repeated=patient is not None)
    if scanned := _pair(dataset, "NominalScannedPixelSpacing"):
        return Spacing(*scanned, "at scanner")
    if in_beam := _pair(dataset, "ImagePlanePixelSpacing"):  # where the beam of a treatment falls (PS3.3 C.8.8.2)
        return Spacing(*in_beam, "at image plane")
    return _ultrasound_spacing(dataset)


def pixel_aspect(frame: FrameAttributes, spacing: Spacing | None) -> float:
    """Return the height of a pixel over its width: from the spacing, else from Pixel Aspect Ratio, else 1."""
    if spacing is not None:
        return spacing.row_mm / spacing.column_mm
    ratio = _pair(frame.dataset, "PixelAspectRatio")
    return ratio[0] / ratio[1] if ratio else 1.0


def edge_letters(frame: FrameAttributes) -> EdgeLetters | None:
    """Return the letters at the stored image's edges: from Image Orientation (Patient), else Patient Orientation.

    An animal on four legs has letters that only Patient Orientation gives (PS3.3 C.7.6.1.1.1): those of a person, which
    go with the axes of Image Orientation (Patient), would name other ends of it.
    """
    dataset = frame.dataset
    is_quadruped = text(dataset, "AnatomicalOrientationType") == "QUADRUPED"
    cosines = None if is_quadruped else orientation_of(frame)
    if cosines is not None:
        return _edges(letters_of(cosines[:3]), letters_of(cosines[3:]), _OPPOSITE)
    directions = texts(dataset, "PatientOrientation")
    if len(directions) != 2 or not all(directions):
        return None
    return _edges(directions[0], directions[1], _OPPOSITE_QUADRUPED if is_quadruped else _OPPOSITE)


def orientation_of(frame: FrameAttributes) -> tuple[float, ...] | None:
    """Return Image Orientation (Patient): the cosines of the row's and the column's direction, six numbers."""
    cosines = numbers(frame.group_with("PlaneOrientationSequence", "ImageOrientationPatient"),
                      "ImageOrientationPatient")
    if len(cosines) != 6 or not any(cosines[:3]) or not any(cosines[3:]):
        return None
    return cosines


def position_of(frame: FrameAttributes) -> tuple[float, float, float] | None:
    """Return Image Position (Patient) in millimeters: the center of the first pixel."""
    position = numbers(frame.group_with("PlanePositionSequence", "ImagePositionPatient"), "ImagePositionPatient")
    return (position[0], position[1], position[2]) if len(position) == 3 else None


def letters_of(direction: Sequence[float]) -> str:
    """Return the letters of a direction in patient coordinates, the nearest axis first, such as "LP"."""
    named = zip(direction, ("RL", "AP", "FH"), strict=True)
    largest_first = sorted(named, key=lambda one: -abs(one[0]))
    return "".join(names[cosine > 0] for cosine, names in largest_first if abs(cosine) >= LEAST_COSINE)


def _edges(row: str, column: str, opposite: dict[str, str]) -> EdgeLetters | None:
    left, top = _opposite(row, opposite), _opposite(column, opposite)
    if not left or not top:
        return None
    return EdgeLetters(left=left, top=top, right=row, bottom=column)


def _opposite(letters: str, opposite: dict[str, str]) -> str:
    """Return the letters of the other edge; "" where one is unknown."""
    parts = list(letters) if opposite is _OPPOSITE else _QUADRUPED_LETTERS.findall(letters)
    if "".join(parts) != letters or not all(part in opposite for part in parts):
        return ""
    return "".join(opposite[part] for part in parts)


def _pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    """Return the two sides of a pixel, vertical first (PS3.3 10.7.1.3); None where they are missing or no pixel's."""
    values = numbers(dataset, keyword)
    return (values[0], values[1]) if len(values) == 2 and _is_pixel(values[0], values[1]) else None


def _is_pixel(row: float, column: float) -> bool:
    """Return whether the two sides may be a pixel's: damaged ones have an aspect of 0 or infinity, say."""
    is_size = min(row, column) >= 1 / MOST_MM and max(row, column) <= MOST_MM
    return is_size and 1 / MOST_ASPECT <= row / column <= MOST_ASPECT


def _at_detector(dataset: Dataset, imager: tuple[float, float], repeated: bool) -> Spacing:
    factor = number(dataset, "EstimatedRadiographicMagnificationFactor")
    if not factor or factor <= 0:
        detector, patient = number(dataset, "DistanceSourceToDetector"), number(dataset, "DistanceSourceToPatient")
        factor = detector / patient if detector and patient and detector >= patient > 0 else None
    if factor and _is_pixel(imager[0] / factor, imager[1] / factor):
        return Spacing(imager[0] / factor, imager[1] / factor, "magnification corrected")
    return Spacing(*imager, "at detector" if repeated else "at detector: true size is smaller")


def _ultrasound_spacing(dataset: Dataset) -> Spacing | None:
    """Return the spacing of the ultrasound regions, if all of them are tissue in centimeters of one scale.

    With regions of several kinds a spacing for the whole picture would be wrong in some of them: better none.
    """
    scales = set()
    for region in items(dataset, "SequenceOfUltrasoundRegions"):
        units = {integer(region, "PhysicalUnitsXDirection"), integer(region, "PhysicalUnitsYDirection")}
        steps = number(region, "PhysicalDeltaY"), number(region, "PhysicalDeltaX")
        if units != {_CENTIMETER} or integer(region, "RegionSpatialFormat") != _TISSUE or not all(steps):
            return None
        scales.add(tuple(round(abs(step or 0.0) * 10, 6) for step in steps))
    if len(scales) != 1:
        return None
    row_mm, column_mm = scales.pop()
    return Spacing(row_mm, column_mm, "ultrasound region") if _is_pixel(row_mm, column_mm) else None
