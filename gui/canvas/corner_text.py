"""What the four corners say, in the layout of IHE Basic Image Review: values in, lines out, no painting."""

import math
from dataclasses import dataclass
from typing import Literal

from core.imaging.adjust import COLOR_WINDOW
from core.imaging.image import Frame, Image, Spacing, Voi
from core.imaging.lookup import LookupTable
from core.imaging.presentation import Presentation, true_zoom
from core.imaging.probe import number_text
from core.imaging.resample import NEAREST_FROM
from core.imaging.view_transform import ViewTransform
from core.imaging.window import Window

Level = Literal["full", "minimal", "off"]
LEVELS: tuple[Level, ...] = ("full", "minimal", "off")
Lines = tuple[str, ...]

TRUE_WITHIN = 1e-3  # of its size: what a ruler on the screen does not tell


@dataclass(frozen=True, slots=True)
class Corners:
    """The lines of each corner, top to bottom."""

    top_left: Lines = ()
    top_right: Lines = ()
    bottom_left: Lines = ()
    bottom_right: Lines = ()


def corner_lines(
    image: Image, frame: Frame, voi: Voi, view: ViewTransform, position: str = "1 / 1", invert: bool = False,
    level: Level = "full", presentation: Presentation | None = None, screen_mm: float | None = None,
) -> Corners:
    """Return the corners' lines for what a viewport shows.

    `voi` is what is applied, the frame's default included; `position` is the image's place in its series;
    `presentation` is the state that the frame is shown by, `screen_mm` the size of a device pixel. In "minimal" only
    the frame's notes, whether its size is true and the lossy mark stay, "off" is empty; the orientation letters are
    always there and painted on their own.
    """
    header = image.header
    if level == "off":
        return Corners()
    notes = (*frame.notes, *_some(true_size_text(presentation, view, screen_mm), header.lossy))
    if level == "minimal":
        return Corners(bottom_left=notes)
    return Corners(
        top_left=_some(header.patient_name, _joined(_led("ID ", header.patient_id), header.sex, header.age),
                       header.birth_date and f"born {header.birth_date}"),
        top_right=_some(header.institution,
                        # the number first: a long description is cut
                        _joined(_led("acc. ", header.accession), header.study_description),
                        " ".join(_some(header.date, header.time))),
        bottom_left=(*notes, position, voi_text(frame, voi, invert), zoom_text(view),
                     *spacing_lines(frame.spacing)),
        bottom_right=_some("" if frame.edges else _unknown_orientation(image),
                           _joined(_led("series ", header.series_number), frame.laterality, header.view_position),
                           header.series_description,
                           _joined(_thickness_text(frame), header.location),
                           _joined(header.modality, header.technique)),
    )


def voi_text(frame: Frame, voi: Voi, invert: bool = False) -> str:
    """Return such as "C 15000 W 30000 · file": center and width, and whose they are."""
    ending = " · inverted" if invert else ""
    name = voi.explanation or ("file" if voi in frame.voi else "")
    if isinstance(voi, LookupTable):
        return f"VOI LUT{f' · {name}' if name else ''}{ending}"
    if frame.is_color and voi == COLOR_WINDOW:
        return f"color as stored{ending}"
    return f"C {_voi_number(voi.center, voi)} W {_voi_number(voi.width, voi)}{f' · {name}' if name else ''}{ending}"


def zoom_text(view: ViewTransform) -> str:
    """Return such as "zoom 0.41 · averaged down": device pixels for each image column, and what came of the rest."""
    if view.is_averaged:
        return f"zoom {view.zoom:.2f} · averaged down"
    is_smoothed = view.drawn_size != view.image_size and max(view.scale) < NEAREST_FROM
    return f"zoom {view.zoom:.2f}{' · interpolated' if is_smoothed else ''}"


def true_size_text(presentation: Presentation | None, view: ViewTransform, screen_mm: float | None) -> str:
    """Return whether a view has the true size that a presentation state asks for, "" where it asks for none."""
    if presentation is None or presentation.true_spacing_mm is None:
        return ""
    zoom = true_zoom(presentation, screen_mm)
    if zoom is None:
        return "not at true size: the size of the screen is not known"
    is_true = math.isclose(view.zoom, zoom, rel_tol=TRUE_WITHIN)
    return f"true size on a screen that states pixels of {screen_mm:.3g} mm" if is_true else "not at true size"


def spacing_text(spacing: Spacing | None) -> str:
    """Return such as "0.17 mm at detector": from pixel to pixel, and where the number comes from."""
    if spacing is None:
        return "no spacing: lengths in px"
    row, column = f"{spacing.row_mm:.3g}", f"{spacing.column_mm:.3g}"
    size = row if row == column else f"{column} × {row}"
    return f"{size} mm {spacing.source}".rstrip()


def spacing_lines(spacing: Spacing | None) -> Lines:
    """Return `spacing_text`; a warning after the source has a line of its own, which small cells do not cut off."""
    text = spacing_text(spacing)
    return (text,) if spacing is None else tuple(text.split(": "))


def _thickness_text(frame: Frame) -> str:
    return "" if frame.thickness_mm is None else f"{number_text(frame.thickness_mm)} mm"


def _unknown_orientation(image: Image) -> str:
    return "orientation unknown" if image.kind == "DICOM" else "no orientation data"


def _voi_number(value: float, window: Window) -> str:
    """Figures fine enough for the window's width: PET in grams has windows of 0.0005, angiography of 50 000."""
    if not 1e-6 < window.width < 1e12:
        return f"{value:.3g}"
    digits = 0 if window.width >= 50 else 1 if window.width >= 5 else max(3, 2 - math.floor(math.log10(window.width)))
    text = f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0 makes of -0 a 0
    return text.rstrip("0").rstrip(".") if digits else text


def _led(lead: str, value: str) -> str:
    return f"{lead}{value}" if value else ""


def _some(*parts: str) -> Lines:
    return tuple(part for part in parts if part)


def _joined(*parts: str) -> str:
    return " · ".join(_some(*parts))
