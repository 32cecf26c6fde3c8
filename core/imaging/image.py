"""What a file holds: `Image`, its planes `Frame`, and the facts that travel with them.

Coordinates here and everywhere in core are continuous image coordinates: x to the right, y down, the corner of the
first pixel at (0, 0), its center at (0.5, 0.5).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.files import Stamp
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.window import Window
from core.refusal import Refusal

ModalityTransform = Rescale | LookupTable
Voi = Window | LookupTable

# modalities whose images are projections of the body (PS3.3 C.7.3.1.1.1)
PROJECTIONS = frozenset({"CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA"})
# modalities whose values are counts or what is made of them: their windows begin at 0 (IHE BIR, 5.4)
FROM_ZERO = frozenset({"NM", "PT"})

_OPENCV_TYPES = {np.dtype(name) for name in ("uint8", "uint16", "int16")}


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distance between pixel centers in millimeters, and where the numbers come from (PS3.3 10.7.1)."""

    row_mm: float  # vertical: between rows
    column_mm: float  # horizontal: between columns
    source: str  # such as "at detector", "calibrated", "" for plain patient spacing


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """Which way of the patient lies at each edge of the stored image, such as left="R" (PS3.3 C.7.6.1.1.1)."""

    left: str
    top: str
    right: str
    bottom: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A line through `points`, or `text`: at one point, or in the box that two span; image coordinates.

    `justification` is where in its box a text stands: "LEFT", "CENTER" or "RIGHT".
    """

    points: tuple[tuple[float, float], ...]
    text: str = ""
    is_filled: bool = False
    color: tuple[int, int, int] | None = None  # RGB, 0-255; None is the color of text
    justification: str = "LEFT"


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPlane:
    """Graphics that a file lays over its picture: `mask` is (rows, columns) uint8 of the image's size, 255 is drawn.

    `group` is the group of its attributes, 0x6000 to 0x601E.
    """

    name: str
    mask: NDArray[np.uint8]
    group: int = 0x6000


@dataclass(frozen=True)
class Frame:
    """One plane of an image as stored, with all that is needed to turn it into a picture.

    `stored` is read-only: (rows, columns) of any integer or float type for grayscale, (rows, columns, 3) uint8 for
    color. `inverse` says that the picture is inverted once, after VOI (MONOCHROME1, or Presentation LUT Shape
    INVERSE; PS3.3 C.7.6.3.1.2, C.11.6). `padding` is the inclusive range of stored values that are no image (PS3.3
    C.7.5.1.1.2). `pixel_aspect` is the height of a pixel over its width. `unit` names the modality values' unit.
    `nominal_range` is the least and largest stored value that Bits Stored and Pixel Representation allow (C.11.1).
    Stored values from `first_color` on stand for colors, not for gray (C.8.16.2.1.1.1). `laterality` ("R", "L", "B",
    "U") and `thickness_mm` are the frame's own where its file has several (C.7.6.16.2.1, C.7.6.16.2.8). `from_zero`
    says that windows that are made from it or dragged over it begin at 0.
    """

    stored: NDArray[Any]
    modality: ModalityTransform = field(default_factory=Rescale)
    voi: tuple[Voi, ...] = ()
    inverse: bool = False
    padding: tuple[float, float] | None = None
    pixel_aspect: float = 1.0
    unit: str = ""
    spacing: Spacing | None = None
    edges: EdgeLetters | None = None
    notes: tuple[str, ...] = ()  # what a reader must know: "incomplete: the file is cut off", "invalid window ignored"
    overlays: tuple[OverlayPlane, ...] = ()
    shutter: NDArray[np.uint8] | None = None  # (rows, columns): what the file or a presentation state covers is 255
    shutter_gray: int = 0  # what it is covered with
    annotations: tuple[Annotation, ...] = ()
    presentation_lut: LookupTable | None = None  # from the VOI's output, spread over its entries, to gray (C.11.6)
    palette: NDArray[np.uint8] | None = None  # (256, 3): the colors in which gray is shown (C.7.9 after VOI)
    nominal_range: tuple[float, float] | None = None  # of stored values, by bits and sign; None for floats
    first_color: int | None = None
    laterality: str = ""
    thickness_mm: float | None = None
    from_zero: bool = False

    def __post_init__(self) -> None:
        self.stored.flags.writeable = False

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.stored.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns."""
        return int(self.stored.shape[1])

    @property
    def is_color(self) -> bool:
        """Whether the frame is RGB."""
        return self.stored.ndim == 3

    @cached_property
    def stored_range(self) -> tuple[float, float]:
        """Smallest and largest finite stored value, padding included; (0, 0) where there is none."""
        values = self.stored
        if values.dtype.kind == "f":
            values = values[np.isfinite(values)]
        if values.size == 0:
            return 0.0, 0.0
        if values.dtype in _OPENCV_TYPES:  # twice as fast as NumPy's two passes
            low, high, _, _ = cv2.minMaxLoc(values.reshape(len(values), -1))
            return low, high
        return float(values.min()), float(values.max())


@dataclass(frozen=True, slots=True)
class Identity:
    """The UIDs by which an image is known; for pictures that have none they are made from the file's path."""

    study_uid: str
    series_uid: str
    instance_uid: str


@dataclass(frozen=True, slots=True)
class Header:
    """The header values that Wetread shows or decides by, as text ("" where the file says nothing).

    Times and dates are as a person reads them (1995-06-08, 10:22). Numbers that are shown only stay text.
    """

    patient_name: str = ""
    patient_id: str = ""
    patient_id_issuer: str = ""
    birth_date: str = ""
    age: str = ""
    sex: str = ""
    institution: str = ""
    study_description: str = ""
    study_id: str = ""
    accession: str = ""
    study_date: str = ""
    date: str = ""  # of the image, as exact as the file has it
    time: str = ""
    modality: str = ""
    sop_class: str = ""  # its name
    series_number: str = ""
    series_description: str = ""
    instance_number: str = ""
    body_part: str = ""
    view_position: str = ""
    image_type: tuple[str, ...] = ()
    photometric: str = ""
    transfer_syntax: str = ""  # its name
    location: str = ""
    technique: str = ""  # "85 kV · 3 mAs", "TR 500 ms · TE 11 ms"
    lossy: str = ""  # "" or such as "lossy 12:1 (ISO 10918-1)"
    patient_position: tuple[float, float, float] | None = None  # Image Position (Patient), mm
    patient_orientation: tuple[float, ...] | None = None  # Image Orientation (Patient), six cosines
    frame_of_reference: str = ""  # its UID
    acquisition_number: str = ""
    concatenation: str = ""  # the UID of what the frames of several files make up (PS3.3 C.7.6.16.2.2)
    in_concatenation: str = ""  # the file's number in it

    @property
    def is_localizer(self) -> bool:
        """Whether the image only shows where others lie (Image Type value 3, PS3.3 C.7.6.1.1.2, C.8.3.1.1.1)."""
        return "LOCALIZER" in self.image_type[2:]

    @property
    def is_mosaic(self) -> bool:
        """Whether the slices of a volume are tiled into one plane, as Siemens scanners write it."""
        return "MOSAIC" in self.image_type[2:]


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """Where, when and how one frame was taken: by these the frames of a series are ordered and split.

    None and "" stand for what the file does not say. `position` in mm and `orientation` (six cosines) are Image
    Position and Image Orientation (Patient), `stack_id` is that of PS3.3 C.7.6.16.2.2.4.
    """

    position: tuple[float, float, float] | None = None
    orientation: tuple[float, ...] | None = None
    temporal_position: int | None = None
    echo_time: float | None = None  # ms
    b_value: float | None = None  # s/mm²
    stack_id: str = ""
    acquired: str = ""  # date and time as YYYYMMDDHHMMSS.F, which sort as they are
    tile: tuple[int, int] | None = None


@dataclass(frozen=True)
class Image:
    """One opened file: its facts at once, its frames on demand.

    `path` is the file as a person knows it, `unpacked` where its bytes lie where that is elsewhere
    (the entry of an archive).
    `kind` is "DICOM", "PNG", "JPEG", "TIFF", "BMP" or "WebP". `load_frame` decodes the frame with that index (0 is
    the first) and may be called from any thread; call `frame`. `stamp` tells the file from another one that is written
    in its place later, None where that is not known.
    """

    path: Path
    kind: str
    identity: Identity
    header: Header
    rows: int
    columns: int
    frame_count: int
    is_color: bool
    load_frame: Callable[[int], Frame | Refusal]
    frame_facts: tuple[FrameFacts, ...] = ()  # one for each frame, or one for all
    unpacked: Path | None = None
    stamp: Stamp | None = None

    @property
    def file(self) -> Path:
        """The file that holds its bytes."""
        return self.unpacked or self.path

    @property
    def is_projection(self) -> bool:
        """Whether it is a projection radiograph, or a plain picture, which is taken for one.

        Only these are turned and mirrored (IHE BIR), and each file of them has its own window and zoom.
        """
        return self.header.modality in PROJECTIONS or self.kind != "DICOM"

    def is_hounsfield(self, frame: Frame) -> bool:
        """Return whether the values of one of its frames are in Hounsfield units, for which CT has its presets.

        PS3.3 C.11.1.1.2 lets a CT be in another unit.
        """
        return self.header.modality == "CT" and frame.unit == "HU"

    def facts_of(self, index: int) -> FrameFacts:
        """Return where, when and how a frame was taken."""
        if not self.frame_facts:
            return FrameFacts(self.header.patient_position, self.header.patient_orientation)
        return self.frame_facts[min(index, len(self.frame_facts) - 1)]

    def frame(self, index: int = 0) -> Frame | Refusal:
        """Decode one frame; index 0 is the first. A frame that cannot be decoded is a `Refusal`."""
        outcome = self.load_frame(index)
        if self.header.modality not in FROM_ZERO or not isinstance(outcome, Frame) or outcome.is_color:
            return outcome
        return outcome if outcome.from_zero else replace(outcome, from_zero=True)
