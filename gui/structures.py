"""Structure sets that are open: read in the background, drawn with names and colors on the images they belong to."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.dicom.dicom_object import ObjectKind
from core.imaging.image import Annotation, Frame
from core.refusal import Refusal
from gui.held_objects import HeldObjects
from gui.open_series import Place
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Workspace

if TYPE_CHECKING:
    from core.dicom.structure_set import StructureSet


def _read(path: Path) -> "StructureSet | Refusal":
    # pydicom takes a while to import: in the background
    from core.dicom.structure_set import read_structure_set

    return read_structure_set(path)


class Structures(QObject):
    """All open structure sets; each is drawn wherever it lies."""

    def __init__(self, workspace: Workspace, showing: Showing, thread: ObjectThread, parent: QObject) -> None:
        super().__init__(parent)
        self._sets = HeldObjects(workspace, thread, ObjectKind.STRUCTURE_SET, _read, self)
        self._sets.changed.connect(showing.draw_again)
        showing.outlines_of = self.on_frame

    def on_frame(self, place: Place, frame: Frame) -> tuple[Annotation, ...]:
        """Return the outlines that lie in a frame."""
        found: list[Annotation] = []
        for one in self._sets.held.values():
            found += one.on_frame(place.image, place.frame_index, frame)
        return tuple(found)
