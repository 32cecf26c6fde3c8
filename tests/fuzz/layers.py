"""What is laid over images, from a mutated file: read as what it says it is, and laid over a slice."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from core.dicom.dicom_object import DicomObject, LayerKind, ObjectKind, layer_kind
from core.dicom.load_image import load_image
from core.dicom.load_object import object_or_refusal
from core.dicom.parametric_map import read_parametric_map
from core.dicom.presentation_state import PresentationState, read_presentation_state
from core.dicom.segmentation import read_segmentation
from core.dicom.structure_set import read_structure_set
from core.imaging.image import Frame, Image
from core.imaging.presentation import presented
from core.imaging.render import render
from core.refusal import Refusal
from tests.make.layers import make_slice

_READERS = {LayerKind.SEGMENTATION: read_segmentation, LayerKind.PARAMETRIC_MAP: read_parametric_map,
            ObjectKind.STRUCTURE_SET: read_structure_set}


@cache
def slice_and_frame() -> tuple[Image, Frame]:
    """Return the slice that the layers are laid over, of frame of reference 7.7."""
    path = make_slice(Path(tempfile.mkdtemp(), "slice"))
    image = load_image(path)
    assert isinstance(image, Image)
    frame = image.frame(0)
    assert isinstance(frame, Frame)
    return image, frame


def lay_over(path: Path, opened: Image | Refusal) -> None:
    """Read what a file has to lay over images, if it is of such a kind, and lay it over the slice and over itself."""
    found = opened if isinstance(opened, Image) else object_or_refusal(opened)
    if isinstance(found, DicomObject) and found.kind is ObjectKind.PRESENTATION_STATE:
        _present(read_presentation_state(path))
        return
    kind = layer_kind(found) if isinstance(found, Image) else found.kind if isinstance(found, DicomObject) else None
    read = _READERS.get(kind) if kind is not None else None
    layer = None if read is None else read(path)
    if layer is None or isinstance(layer, Refusal):
        return
    image, frame = slice_and_frame()
    layer.on_frame(image, 0, frame)
    if isinstance(opened, Image) and isinstance(own := opened.frame(0), Frame):
        layer.on_frame(opened, 0, own)
        layer.on_frame(replace(opened, identity=image.identity), 0, own)


def _present(state: PresentationState | Refusal) -> None:
    if isinstance(state, Refusal):
        return
    frame = slice_and_frame()[1]
    for uid in list(state.images)[:3]:
        shown = state.of_frame(uid, 0, False, frame.stored.shape[:2])
        if shown is not None:
            render(presented(frame, shown))
