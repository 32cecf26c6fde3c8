"""Structure sets that are open: read in the background, drawn with names and colors on the images they belong to."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from core.dicom.dicom_object import ObjectKind
from core.imaging.image import Annotation, Frame
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Change, Place, Workspace

if TYPE_CHECKING:
    from core.dicom.structure_set import StructureSet


def _read(path: Path) -> object:
    # pydicom takes a while to import: in the background
    from core.dicom.structure_set import read_structure_set

    return read_structure_set(path)


class Structures(QObject):
    """All open structure sets; each is drawn wherever it lies."""

    def __init__(self, workspace: Workspace, showing: Showing, thread: ObjectThread, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace, self._showing, self._thread = workspace, showing, thread
        self._sets: dict[Path, StructureSet] = {}
        self._asked: set[Path] = set()
        workspace.changed.connect(self._on_changed)
        showing.outlines_of = self.on_frame

    def on_frame(self, place: Place, frame: Frame) -> tuple[Annotation, ...]:
        """Return the outlines that lie in a frame."""
        found: list[Annotation] = []
        for one in self._sets.values():
            found += one.on_frame(place.image, place.frame_index, frame)
        return tuple(found)

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        if Change.FILES not in change:
            return
        objects = self._workspace.objects
        for path in [path for path in self._asked if path not in objects]:
            self._asked.discard(path)
            self._sets.pop(path, None)
        for path, one in objects.items():
            if one.kind is ObjectKind.STRUCTURE_SET and path not in self._asked:
                self._asked.add(path)
                self._thread.ask(f"structures {path}", path, partial(_read, path), self._on_read)

    def _on_read(self, outcome: object) -> None:
        from core.dicom.structure_set import StructureSet  # which the background has loaded

        if isinstance(outcome, StructureSet) and outcome.path in self._asked:
            self._sets[outcome.path] = outcome
            self._showing.draw_again()
