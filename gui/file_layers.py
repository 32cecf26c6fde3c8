"""Segmentations and parametric maps that are open: read in the background, laid over the images they belong to."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from core.dicom.dicom_object import LayerKind
from core.findings.wording import lost_frames_text, refusal_text
from core.imaging.layers import SegmentMask, ValueMap, range_text
from core.refusal import Refusal
from gui.canvas.canvas import Canvas
from gui.held_objects import HeldObjects
from gui.open_series import Place
from gui.panels.layers_panel import LayerRow, LayersPanel
from gui.showing import Showing
from gui.threads.object_thread import ObjectThread
from gui.workspace import Workspace

if TYPE_CHECKING:
    from core.dicom.parametric_map import ParametricMap
    from core.dicom.segmentation import Segmentation

# what each file has for one frame: layers, a sentence why it cannot be laid over it, or None on a stranger
Found = dict[Path, tuple[SegmentMask, ...] | tuple[ValueMap, ...] | str | None]


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
        self._found: dict[int, tuple[Place, Found]] = {}
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
        elif number is None:  # else another map would come in its place
            self._off |= {(one, None) for one in self._maps.held}
        else:
            self._off.add((path, number))
        self._draw_all()
        self.changed.emit()

    def refresh(self) -> bool:
        """Let the panel tell of the active cell, and return whether there is anything to tell."""
        rows, notes = self.rows(), self.notes()
        self._panel.show_rows(rows, notes)
        return bool(rows or notes)

    def rows(self) -> tuple[LayerRow, ...]:
        """Return what can lie over the active cell's image, in the order in which it was opened."""
        found = self._found_in(self._showing.active_cell)
        rows: list[LayerRow] = []
        for path, one in self._segmentations.held.items():
            masks = found.get(path)
            if masks is not None and not isinstance(masks, str):
                here = {mask.segment.number for mask in masks if isinstance(mask, SegmentMask)}
                rows += [LayerRow(path, number, segment.name, segment.meaning, segment.color,
                                  (path, number) not in self._off, number in here)
                         for number, segment in one.segments.items()]
        shown = self._shown_map(found)
        for path, values in self._maps.held.items():
            layers = found.get(path)
            if layers is not None and not isinstance(layers, str):
                # of a file of several quantities, the one that lies here
                told = layers[0] if layers and isinstance(layers[0], ValueMap) else values.quantities[0]
                rows.append(LayerRow(path, None, told.name, range_text(told.low, told.high, told.unit), None,
                                     shown is not None and shown[0] == path, bool(layers)))
        counts = Counter(row.name for row in rows)
        return tuple(row if counts[row.name] == 1 else replace(row, name=f"{row.name} · {row.path.name}")
                     for row in rows)

    def notes(self) -> tuple[str, ...]:
        """Return why what belongs to the active cell's image does not lie over it, or not all of it."""
        found = self._found_in(self._showing.active_cell)
        notes = [refusal_text(refusal) for held in (self._segmentations, self._maps)
                 for refusal in held.refused.values()]
        for path, one in self._held.items():
            why = found.get(path)
            if isinstance(why, str):
                notes.append(f"{one.name}: {why}.")
            elif why is not None and one.lost:
                notes.append(f"{one.name}: {lost_frames_text(one.lost)}.")
        return tuple(notes)

    @property
    def _held(self) -> "dict[Path, Segmentation | ParametricMap]":
        return {**self._segmentations.held, **self._maps.held}

    def _found_in(self, cell: int) -> Found:
        """Return what each file has for the frame that a cell shows, worked out once for each frame."""
        place, frame = self._showing.on_screen(cell), self._canvas.all_viewports[cell].frame
        if place is None or frame is None:
            return {}
        known = self._found.get(cell)
        if known is None or known[0] != place:
            index = place.frame_index
            known = place, {path: one.on_frame(place.image, index, frame) for path, one in self._held.items()}
            self._found[cell] = known
        return known[1]

    def _shown_map(self, found: Found) -> tuple[Path, ValueMap] | None:
        """Return the map that lies on a frame: the chosen one where it does, else the first that is not off."""
        for path in sorted(self._maps.held, key=lambda path: path != self._map):
            layers = found.get(path)
            if (path, None) not in self._off and layers and isinstance(layers[0], ValueMap):
                return path, layers[0]
        return None

    def _draw(self, cell: int) -> None:
        found = self._found_in(cell)
        place = self._showing.on_screen(cell)
        if place is None:
            return
        masks = tuple(mask for path, layers in found.items() if layers and not isinstance(layers, str)
                      for mask in layers if isinstance(mask, SegmentMask)
                      and (path, mask.segment.number) not in self._off)
        shown = self._shown_map(found)
        # on a map's own pixels there is nothing to be seen beneath it
        is_own = shown is not None and (
            self._maps.held[shown[0]].placed.instance_uid == place.image.identity.instance_uid)
        self._canvas.all_viewports[cell].set_layers(masks, None if shown is None else shown[1], is_own)

    def _draw_all(self) -> None:
        for cell, _ in enumerate(self._canvas.all_viewports):  # those outside the layout may come back
            self._draw(cell)

    def _hide(self) -> None:
        for viewport in self._canvas.all_viewports:
            viewport.set_layers_hidden(not self.is_on)

    @Slot(object, bool)
    def _on_switched(self, row: LayerRow, on: bool) -> None:
        self.switch(row.path, row.number, on)

    @Slot()
    def _on_read(self) -> None:
        self._found.clear()
        self._off = {one for one in self._off if one[0] in self._held}
        self._draw_all()
        self.changed.emit()

    @Slot(int)
    def _on_frame_shown(self, cell: int) -> None:
        self._found.pop(cell, None)
        self._draw(cell)
        if cell == self._showing.active_cell:
            self.changed.emit()
