"""Softcopy presentation states (gray, color, pseudo-color) to what images are to look like (PS3.3 A.33, PS3.4 N)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydicom.dataset import Dataset

from core.dicom.dataset import open_dataset
from core.dicom.functional_groups import FrameAttributes
from core.dicom.geometry import MOST_ASPECT
from core.dicom.guard import CannotDecode, guarded
from core.dicom.header import sop_class_name
from core.dicom.lookup_item import lookup_table
from core.dicom.modality import modality_transform
from core.dicom.overlay_planes import StoredOverlay, active_groups, overlay_planes, read_overlays
from core.dicom.palette import Palette, read_palette
from core.dicom.presentation_graphics import annotations, image_from_display, in_layer_order, layer_colors
from core.dicom.references import References, references, refers
from core.dicom.shutter import read_shutters, shutter_gray
from core.dicom.values import first_item, integer, items, number, numbers, text
from core.dicom.voi import offered_voi
from core.imaging.image import ModalityTransform, Voi
from core.imaging.presentation import MASK_NOTE, Box, Presentation, Shutter
from core.refusal import Reason, Refusal

_NO_BITS = frozenset(range(64))  # a state has no pixels in whose bits an overlay could lie

# what other states are made for, by a word of their SOP class, and why that is not done
_NOT_APPLIED = (
    ("Blending", "it blends several series"), ("Compositing", "it blends several series"),
    ("Planar MPR", "it cuts through a volume"), ("Volume Render", "it renders a volume"),
)


@dataclass(frozen=True, eq=False)
class PresentationState:
    """One state; ask it for each frame of an image that it may name."""

    path: Path
    name: str
    images: References
    dataset: Dataset

    def names(self, instance_uid: str, frame_index: int = 0) -> bool:
        """Return whether the state is made for this frame, index 0 is the first."""
        return refers(self.images, instance_uid, frame_index)

    def of_frame(
        self, instance_uid: str, frame_index: int, is_signed: bool = False, shape: tuple[int, int] | None = None
    ) -> Presentation | None:
        """Return how the frame is to look, None where the state does not name it or is damaged.

        `is_signed` says whether the image's stored values can be below zero; `shape` is the image's (rows, columns),
        without which the state's overlays are left out, and what it places in a displayed area that it does not give.
        """
        if not self.names(instance_uid, frame_index):
            return None
        found = guarded(self.path, lambda: self._of_frame(instance_uid, frame_index, is_signed, shape))
        return None if isinstance(found, Refusal) else found

    def _of_frame(
        self, instance_uid: str, frame_index: int, is_signed: bool, shape: tuple[int, int] | None
    ) -> Presentation:
        dataset = self.dataset

        def here(keyword: str) -> list[Dataset]:
            return [one for one in items(dataset, keyword) if _applies(one, instance_uid, frame_index)]

        # a Variable Modality LUT state has a transform for each part of its images in place of one for all (C.11.35)
        transforms = next(iter(here("VariableModalityLUTSequence")), dataset)
        modality = modality_transform(FrameAttributes(transforms), is_signed)
        table = first_item(dataset, "PresentationLUTSequence")
        area = next(iter(here("DisplayedAreaSelectionSequence")), None)
        box = None if area is None else _area(area)
        rotation = (integer(dataset, "ImageRotation") or 0) // 90 * 90 % 360
        is_flipped = text(dataset, "ImageHorizontalFlip") == "Y"
        displayed = box or (None if shape is None else (0.0, 0.0, float(shape[1]), float(shape[0])))
        from_display = None if displayed is None else image_from_display(displayed, rotation, is_flipped)
        planes = overlay_planes(self._overlays, shape, frame_index, lambda: None) if shape is not None else ()
        bitmap = integer(dataset, "ShutterOverlayGroup")
        groups = active_groups(dataset) - {bitmap}
        bitmaps = tuple(Shutter(bitmap=one.mask) for one in planes if one.group == bitmap)
        marked = in_layer_order(dataset, here("GraphicAnnotationSequence"))
        return Presentation(
            self.name, modality, _voi(here("SoftcopyVOILUTSequence"), modality, is_signed),
            text(dataset, "PresentationLUTShape") == "INVERSE",
            rotation, is_flipped, box, None if area is None else _magnification(area),
            read_shutters(dataset) + bitmaps, shutter_gray(dataset),
            tuple(annotations(marked, layer_colors(dataset), from_display)),
            (MASK_NOTE,) if "MaskSubtractionSequence" in dataset else (),
            presentation_lut=None if table is None else lookup_table(table, is_input_signed=False),
            palette=None if self._palette is None else self._palette.spread(),
            true_spacing_mm=None if area is None else _true_spacing(area),
            pixel_aspect=None if area is None else _pixel_aspect(area),
            overlays=tuple(one for one in planes if one.group in groups), active_groups=groups,
        )

    @cached_property
    def _overlays(self) -> tuple[StoredOverlay, ...]:
        return read_overlays(self.dataset, _NO_BITS)

    @cached_property
    def _palette(self) -> Palette | None:
        """The colors of a pseudo-color state, of the display gray (PS3.3 A.33.3)."""
        return read_palette(self.dataset)


def why_not_applied(dataset: Dataset) -> str:
    """Return why a state is not applied to the images that it names, "" where it is."""
    name = sop_class_name(dataset)
    return next((why for part, why in _NOT_APPLIED if part in name), "")


def read_presentation_state(path: Path) -> PresentationState | Refusal:
    """Read a presentation state. Never raises for what a file can hold."""
    return guarded(path, lambda: _read(path))


def _read(path: Path) -> PresentationState:
    dataset = open_dataset(path).dataset
    if why := why_not_applied(dataset):
        raise CannotDecode(Reason.UNSUPPORTED, syntax=sop_class_name(dataset), detail=why)
    images = references(one for series in items(dataset, "ReferencedSeriesSequence")
                        for one in items(series, "ReferencedImageSequence"))
    name = text(dataset, "ContentDescription") or text(dataset, "ContentLabel") or "unnamed"
    return PresentationState(path, name, images, dataset)


def _applies(one: Dataset, instance_uid: str, frame_index: int) -> bool:
    """Return whether an item is for this frame: one that names no image is for all of the state's."""
    images = references(items(one, "ReferencedImageSequence"))
    return not images or refers(images, instance_uid, frame_index)


def _voi(found: Iterable[Dataset], modality: ModalityTransform, is_signed: bool) -> Voi | None:
    for one in found:
        offered, _ = offered_voi(FrameAttributes(one), modality, is_signed)
        if offered:
            return offered[0]
    return None


def _area(one: Dataset) -> Box | None:
    """Return the displayed area: its corners are the first and last pixel that are seen, counted from 1 (C.10.4)."""
    first, last = numbers(one, "DisplayedAreaTopLeftHandCorner"), numbers(one, "DisplayedAreaBottomRightHandCorner")
    if len(first) != 2 or len(last) != 2:
        return None
    # on a turned or mirrored image the "top left" corner of the view may be any of the image's
    (left, right), (top, bottom) = sorted((first[0], last[0])), sorted((first[1], last[1]))
    return left - 1, top - 1, right, bottom


def _magnification(one: Dataset) -> float | None:
    if text(one, "PresentationSizeMode") != "MAGNIFY":
        return None
    ratio = number(one, "PresentationPixelMagnificationRatio")
    return ratio if ratio and ratio > 0 else None


def _true_spacing(one: Dataset) -> tuple[float, float] | None:
    """Return how far apart rows and columns are to be on the screen, mm, where the size is to be true (C.10.4)."""
    if text(one, "PresentationSizeMode") != "TRUE SIZE":
        return None
    spacing = numbers(one, "PresentationPixelSpacing")
    return (spacing[0], spacing[1]) if len(spacing) == 2 and min(spacing) > 0 else None


def _pixel_aspect(one: Dataset) -> float | None:
    """Return the height of a pixel over its width as it is to be seen, whatever the image says of it (C.10.4).

    Both attributes have the vertical size first; the spacing counts in each size mode, not for a true size alone.
    """
    for keyword in ("PresentationPixelSpacing", "PresentationPixelAspectRatio"):
        sizes = numbers(one, keyword)
        if len(sizes) == 2 and min(sizes) > 0 and 1 / MOST_ASPECT <= sizes[0] / sizes[1] <= MOST_ASPECT:
            return sizes[0] / sizes[1]
    return None
