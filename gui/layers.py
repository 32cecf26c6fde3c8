"""Segmentations and parametric maps that are open: read in the background, laid over the images they belong to."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from core.dicom.dicom_object import LayerKind
from core.findings.wording import refusal_text
from core.imaging.image import Frame
from core.imaging.layers import SegmentMask, ValueMap, range_text
from core.refusal import Refusal
from gui.canvas.canvas import Canvas
from gui.held_objects import HeldObjects
from gui.panels.layers_panel import LayerRow, LayersPanel
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Place, Workspace

if TYPE_CHECKING:
    from core.dicom.parametric_map import ParametricMap
    from core.dicom.segmentation import Segmentation

LOST = "{count} of its frames could not be decoded"


def _read_segmentation(path: Path) -> "Segmentation | Refusal":
    # pydicom takes a while to import: in the background
    from core.dicom.segmentation import read_segmentation

    return read_segmentation(path)


def _read_map(path: Path) -> "ParametricMap | Refusal":
    from core.dicom.parametric_map import read_parametric_map

    return read_parametric_map(path)


class FileLayers(QObject):
    """What of the open files lies over which cell, and what of it is switched off. One map is shown at a time."""

    changed = Signal()

    def __init__(
        self, workspace: Workspace, showing: Showing, canvas: Canvas, panel: LayersPanel, thread: ObjectThread,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._showing, self._canvas, self._panel = showing, canvas, panel
        self._segmentations = HeldObjects(workspace, thread, LayerKind.SEGMENTATION, _read_segmentation, self)
        self._maps = HeldObjects(workspace, thread, LayerKind.PARAMETRIC_MAP, _read_map, self)
        self._off: set[tuple[Path, int | None]] = set()
        self._map: Path | None = None  # the chosen one; the first that lies on an image otherwise
        self._is_on, self._is_peeking = True, False
        for held in (self._segmentations, self._maps):
            held.changed.connect(self._on_read)
        showing.frame_shown.connect(self._on_frame_shown)
        panel.switched.connect(self._on_switched)

    @property
    def has_files(self) -> bool:
        """Whether anything is open that can be laid over images."""
        return any((held.held or held.refused) for held in (self._segmentations, self._maps))

    @property
    def is_on(self) -> bool:
        """Whether anything is laid over the images."""
        return self._is_on and not self._is_peeking

    def set_on(self, on: bool) -> None:
        """Show all that is not switched off, or nothing."""
        self._is_on = on
        self._hide()

    def peek(self, peeking: bool) -> None:
        """Look without it for a while."""
        self._is_peeking = peeking
        self._hide()

    def switch(self, path: Path, number: int | None, on: bool) -> None:
        """Switch one segment, or with `number` None a map, which takes the place of another."""
        if on:
            self._off.discard((path, number))
            self._map = path if number is None else self._map
        else:
            self._off.add((path, number))
        self._draw_all()
        self.changed.emit()

    def refresh(self) -> None:
        """Let the panel tell of the active cell, where it is there."""
        if not self._panel.isHidden():
            self._panel.show_rows(self.rows(), self.notes())

    def rows(self) -> tuple[LayerRow, ...]:
        """Return what can lie over the active cell's image, in the order in which it was opened."""
        place, frame = self._showing.on_screen(self._showing.active_cell), self._canvas.active.frame
        if place is None or frame is None:
            return ()
        rows: list[LayerRow] = []
        for path, one in self._segmentations.held.items():
            masks = one.on_frame(place.image, place.frame_index, frame)
            if masks is not None and not isinstance(masks, str):
                here = {mask.segment.number for mask in masks}
                rows += [LayerRow(path, number, segment.name, segment.meaning, segment.color,
                                  (path, number) not in self._off, number in here)
                         for number, segment in one.segments.items()]
        shown = self._shown_map(place, frame)
        for path, values in self._maps.held.items():
            found = values.on_frame(place.image, place.frame_index, frame)
            if found is not None and not isinstance(found, str):
                rows.append(LayerRow(path, None, values.name, range_text(values.low, values.high, values.unit), None,
                                     shown is not None and shown[0] == path, bool(found)))
        return tuple(rows)

    def notes(self) -> tuple[str, ...]:
        """Return why what belongs to the active cell's image does not lie over it, or not all of it."""
        place, frame = self._showing.on_screen(self._showing.active_cell), self._canvas.active.frame
        notes: list[str] = []
        for held in (self._segmentations, self._maps):
            notes += [refusal_text(refusal) for refusal in held.refused.values()]
            for one in held.held.values() if place is not None and frame is not None else ():
                assert place is not None
                assert frame is not None
                found = one.on_frame(place.image, place.frame_index, frame)
                if isinstance(found, str):
                    notes.append(f"{one.name}: {found}.")
                elif found is not None and one.lost:
                    notes.append(f"{one.name}: {LOST.format(count=one.lost)}.")
        return tuple(notes)

    def _shown_map(self, place: Place, frame: Frame) -> tuple[Path, ValueMap] | None:
        """Return the map that lies on a frame: the chosen one where it does, else the first that is not off."""
        paths = sorted(self._maps.held, key=lambda path: path != self._map)
        for path in paths:
            if (path, None) not in self._off:
                found = self._maps.held[path].on_frame(place.image, place.frame_index, frame)
                if found and not isinstance(found, str):
                    return path, found[0]
        return None

    def _masks(self, place: Place, frame: Frame) -> tuple[SegmentMask, ...]:
        masks: list[SegmentMask] = []
        for path, one in self._segmentations.held.items():
            found = one.on_frame(place.image, place.frame_index, frame)
            if found and not isinstance(found, str):
                masks += [mask for mask in found if (path, mask.segment.number) not in self._off]
        return tuple(masks)

    def _draw(self, cell: int) -> None:
        place, viewport = self._showing.on_screen(cell), self._canvas.all_viewports[cell]
        frame = viewport.frame
        if place is None or frame is None:
            return
        shown = self._shown_map(place, frame)
        is_own = shown is not None and shown[0] in self._own_paths(place)
        viewport.set_layers(self._masks(place, frame), None if shown is None else shown[1], is_own)

    def _own_paths(self, place: Place) -> tuple[Path, ...]:
        """The maps whose own pixels are the picture: there is nothing to be seen beneath them."""
        uid = place.image.identity.instance_uid
        return tuple(path for path, one in self._maps.held.items() if one.placed.instance_uid == uid)

    def _draw_all(self) -> None:
        for cell, _ in enumerate(self._canvas.viewports):
            self._draw(cell)

    def _hide(self) -> None:
        for viewport in self._canvas.all_viewports:
            viewport.set_layers_hidden(not self.is_on)

    @Slot(object, bool)
    def _on_switched(self, row: LayerRow, on: bool) -> None:
        self.switch(row.path, row.number, on)

    @Slot()
    def _on_read(self) -> None:
        known = {*self._segmentations.held, *self._maps.held}
        self._off = {one for one in self._off if one[0] in known}
        self._draw_all()
        self.changed.emit()

    @Slot(int)
    def _on_frame_shown(self, cell: int) -> None:
        self._draw(cell)
        if cell == self._showing.active_cell:
            self.changed.emit()
