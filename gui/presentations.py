"""Presentation states that are open: read in the background, offered by name for the images that they name."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from core.dicom.dicom_object import ObjectKind
from core.imaging.image import Frame
from core.imaging.presentation import Presentation
from core.refusal import Refusal
from gui.held_objects import HeldObjects
from gui.open_series import Place
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Workspace

if TYPE_CHECKING:
    from core.dicom.presentation_state import PresentationState

NONE_CHOSEN = "As the file says"


def _read(path: Path) -> "PresentationState | Refusal":
    # pydicom takes a while to import: in the background
    from core.dicom.presentation_state import read_presentation_state

    return read_presentation_state(path)


class Presentations(QObject):
    """Which state is applied: one at a time, to every shown frame that it names."""

    changed = Signal()

    def __init__(self, workspace: Workspace, showing: Showing, thread: ObjectThread, parent: QObject) -> None:
        super().__init__(parent)
        self._showing = showing
        self._states = HeldObjects(workspace, thread, ObjectKind.PRESENTATION_STATE, _read, self)
        self.chosen: Path | None = None
        self._states.changed.connect(self._on_changed)
        showing.presentation_of = self.of_frame

    def offered(self, place: Place | None) -> list["PresentationState"]:
        """Return the states that are made for a frame, in the order in which they were opened."""
        if place is None:
            return []
        return [state for state in self._states.held.values() if _names(state, place)]

    def of_frame(self, place: Place, frame: Frame) -> Presentation | None:
        """Return how the chosen state shows a frame, None where it says nothing of it."""
        state = None if self.chosen is None else self._states.held.get(self.chosen)
        if state is None:
            return None
        is_signed = frame.stored.dtype.kind == "i"
        shape = frame.rows, frame.columns
        return state.of_frame(place.image.identity.instance_uid, place.frame_index, is_signed, shape)

    def choose(self, path: Path | None) -> None:
        """Apply a state wherever it fits; None shows every image as its file says."""
        if path != self.chosen:
            states = [held for one, held in self._states.held.items() if one in (self.chosen, path)]
            self.chosen = path
            # what neither of them names stays as its reader looks at it
            self._showing.show_again(lambda place: any(_names(state, place) for state in states))
            self.changed.emit()

    def choose_next(self) -> None:
        """Apply the next of the states that are made for the active frame; after the last comes none."""
        paths = [None, *(state.path for state in self.offered(self._showing.active_place))]
        now = paths.index(self.chosen) if self.chosen in paths else 0
        self.choose(paths[(now + 1) % len(paths)])

    @Slot()
    def _on_changed(self) -> None:
        if self.chosen not in self._states.held:
            self.chosen = None
        self.changed.emit()


def _names(state: "PresentationState", place: Place) -> bool:
    return state.names(place.image.identity.instance_uid, place.frame_index)


class PresentationMenu(QMenu):
    """View, Presentation state: those made for the active image, by name."""

    def __init__(self, presentations: Presentations, showing: Showing, parent: QWidget) -> None:
        super().__init__("Presentation state", parent)
        self._presentations, self._showing = presentations, showing
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._on_chosen)

    @Slot()
    def fill(self) -> None:
        """List them as they are now."""
        self.clear()
        self._add(NONE_CHOSEN, None)
        for state in self._presentations.offered(self._showing.active_place):
            self._add(state.name.replace("&", "&&"), state.path)

    def _add(self, name: str, path: Path | None) -> None:
        action = self.addAction(name)
        action.setData(path)  # Qt's text has no room for every name
        action.setCheckable(True)
        action.setChecked(path == self._presentations.chosen)

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        self._presentations.choose(action.data())
