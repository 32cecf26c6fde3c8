"""How all cells show their images, and which way a drag works in them: brought to each cell, and remembered."""

from typing import cast

from PySide6.QtCore import QObject, Slot

from gui.canvas.canvas import Canvas
from gui.canvas.corner_text import LEVELS, Level
from gui.panels.findings_panel import FindingsPanel
from gui.panels.layers_panel import LayersPanel
from gui.remembered import Remembered


class ViewSettings(QObject):
    """The settings that every cell shares."""

    def __init__(
        self, canvas: Canvas, findings_panel: FindingsPanel, layers_panel: LayersPanel, remembered: Remembered,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._canvas, self._remembered = canvas, remembered
        self._findings_panel, self._layers_panel = findings_panel, layers_panel
        findings_panel.opacity_changed.connect(self.set_heat_opacity)
        layers_panel.opacity_changed.connect(self.set_layer_opacity)

    def restore(self) -> None:
        """Bring what is remembered to every cell."""
        settings = self._remembered.settings
        self.set_heat_opacity(settings.heatmap_opacity)
        self.set_layer_opacity(settings.layer_opacity)
        self.set_corner_level(cast(Level, settings.corner_level))  # one of them: settings are checked
        self.show_overlays(settings.show_overlays)
        self.set_drag_direction(settings.drag_up_is_brighter)

    def set_corner_level(self, level: Level) -> None:
        """Let the corners say more or less."""
        for viewport in self._canvas.all_viewports:
            viewport.set_corner_level(level)
        self._remembered.change(corner_level=level)

    def next_corner_level(self) -> None:
        """Let the corners say less; after nothing comes everything."""
        level = self._canvas.active.corner_level
        self.set_corner_level(LEVELS[(LEVELS.index(level) + 1) % len(LEVELS)])

    @Slot(float)
    def set_heat_opacity(self, opacity: float) -> None:
        """Set the heatmap's opacity, 0-1."""
        for viewport in self._canvas.all_viewports:
            viewport.set_heat_opacity(opacity)
        self._findings_panel.set_opacity(opacity)
        self._remembered.change(heatmap_opacity=opacity)

    @Slot(float)
    def set_layer_opacity(self, opacity: float) -> None:
        """Set the opacity of segments and maps, 0-1."""
        for viewport in self._canvas.all_viewports:
            viewport.set_layer_opacity(opacity)
        self._layers_panel.set_opacity(opacity)
        self._remembered.change(layer_opacity=opacity)

    def show_overlays(self, visible: bool) -> None:
        """Show or hide the graphics of files."""
        for viewport in self._canvas.all_viewports:
            viewport.set_overlays_hidden(not visible)
        self._remembered.change(show_overlays=visible)

    def toggle_overlays(self) -> None:
        """Show the graphics of files, or hide them."""
        self.show_overlays(not self._remembered.settings.show_overlays)

    def set_drag_direction(self, up_is_brighter: bool) -> None:
        """Say which way a window drag brightens."""
        for viewport in self._canvas.all_viewports:
            viewport.drag_up_is_brighter = up_is_brighter
        self._remembered.change(drag_up_is_brighter=up_is_brighter)

    def toggle_drag_direction(self) -> None:
        """Turn the vertical direction of window drags round."""
        self.set_drag_direction(not self._remembered.settings.drag_up_is_brighter)
