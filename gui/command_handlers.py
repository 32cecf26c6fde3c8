"""Command id to what is called, and what there is to act on."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog

from core.imaging.display_state import DisplayState
from core.imaging.render import auto_window
from core.imaging.window import Window
from core.paths import log_folder
from gui.areas import step_area
from gui.canvas.viewport import Viewport
from gui.commands import BY_ID, Situation, is_enabled, presets
from gui.dialogs.about import About
from gui.dialogs.keys import KeysPage
from gui.dialogs.palette import Palette
from gui.threads.reading_thread import LoadedModel

if TYPE_CHECKING:
    from gui.desk import Desk

ZOOM_STEP = 1.25
NO_STORED_WINDOW = "The file stores no window: the automatic one is shown"
TOOLS = ("window", "zoom", "pan", "scroll", "region")
LAYOUTS = ("1x1", "1x2", "2x2")


class CommandHandlers:
    """Runs commands on the desk; one that has nothing to act on does nothing."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self.dialog: QDialog | None = None
        self._table: dict[str, Callable[[], object]] = {
            **self._file_commands(), **self._view_commands(), **self._series_commands(), **self._window_commands(),
            **self._findings_commands(), **self._help_commands(), **desk.series_choices.commands(),
            "series.character-set": desk.character_sets.ask,
            **{f"tool.{name}": partial(desk.choose_tool, name) for name in TOOLS},
            **{f"view.layout-{name}": partial(desk.canvas.set_layout_name, name) for name in LAYOUTS},
        }

    @property
    def ids(self) -> set[str]:
        """The ids that have a handler."""
        return set(self._table)

    def run(self, command_id: str) -> None:
        """Run a command."""
        if is_enabled(BY_ID[command_id], self.situation()):
            self._desk.opening.keep_picture()
            self._table[command_id]()
            self._desk.update_actions()

    def refresh_dialog(self) -> None:
        """Let the palette follow what there is to act on while it is open."""
        if isinstance(self.dialog, Palette):
            self.dialog.refresh()

    def situation(self) -> Situation:
        """Return what there is to act on now."""
        desk = self._desk
        place, series = desk.showing.active_place, desk.showing.active_series
        frame, reading = desk.canvas.active.frame, desk.opinion.current_reading()
        is_held = desk.opinion.is_held_back
        return Situation(
            has_image=place is not None and frame is not None,
            is_full_screen=desk.window.isFullScreen(),
            is_color=frame is not None and frame.is_color,
            is_projection=frame is not None and place is not None and place.image.is_projection,
            is_hounsfield=frame is not None and place is not None and place.image.is_hounsfield(frame),
            window_count=len(frame.voi) if frame is not None else 0,
            series_length=len(series) if series is not None else 0,
            series_count=len(desk.workspace.series),
            cell_count=len(desk.canvas.viewports),
            has_map=any(viewport.scene.heat is not None for viewport in desk.canvas.viewports),
            has_hidden_map=reading is not None and not is_held and any(not one.above for one in reading.findings),
            has_held_findings=is_held,
            has_presentations=frame is not None and bool(desk.presentations.offered(place)),
            has_layers=desk.layers.has_files,
            has_overlays=frame is not None and bool(frame.overlays or frame.annotations),
            can_read=desk.workspace.may_read,
            is_working=desk.is_working,
            has_cancelled=desk.opinion.has_cancelled,
            has_recent=bool(desk.remembered.settings.recent_files),
            has_several_files=desk.layout.has_list,
            has_files=bool(desk.workspace.rows or desk.workspace.objects),
            has_dicom_text=desk.character_sets.can_ask,
            **desk.series_choices.situation(),
        )

    def is_checked(self, command_id: str) -> bool:
        """Return whether a switch is on."""
        desk = self._desk
        group, _, name = command_id.partition(".")
        if group == "tool":
            return desk.canvas.active.tool == name
        if name.startswith("layout-"):
            return desk.canvas.layout_name == name.removeprefix("layout-")
        switches: dict[str, Callable[[], bool]] = {
            "file.keep-recent": lambda: desk.remembered.settings.keep_recent,
            "view.series-panel": lambda: not desk.series_panel.isHidden(),
            "view.header-panel": lambda: not desk.header_panel.isHidden(),
            "view.overlays": lambda: desk.remembered.settings.show_overlays,
            "view.layers": lambda: desk.layers.is_on,
            "view.layers-panel": lambda: desk.remembered.settings.show_layers and desk.layers.has_files,
            "tools.up-is-brighter": lambda: desk.remembered.settings.drag_up_is_brighter,
            "view.worklist": lambda: not desk.worklist.isHidden(),
            "view.full-screen": desk.window.isFullScreen,
            "findings.heatmap": lambda: desk.opinion.is_map_on and not desk.opinion.is_peeking,
            "findings.panel": lambda: not desk.findings_panel.isHidden(),
            "findings.after-look": lambda: desk.remembered.settings.findings_after_look,
            "findings.show-below": lambda: desk.opinion.is_below_shown,
            **desk.series_choices.switches(),
        }
        return switches[command_id]()

    def _file_commands(self) -> dict[str, Callable[[], object]]:
        desk = self._desk
        return {
            "file.open": desk.opening.ask_files,
            "file.open-folder": desk.opening.ask_folder,
            "file.open-sample": desk.opening.open_sample,
            "file.keep-recent": desk.remembered.toggle_keep_recent,
            "file.clear-recent": desk.remembered.clear_recent,
            "file.close-all": desk.close_all,
            "file.quit": desk.window.close,
        }

    def _view_commands(self) -> dict[str, Callable[[], object]]:
        desk = self._desk

        def view() -> Viewport:
            return desk.canvas.active

        def change(new: Callable[[DisplayState], DisplayState]) -> None:
            view().set_state(new(view().state))

        return {
            "view.fit": lambda: view().fit(),
            "view.one-to-one": lambda: view().one_to_one(),
            "view.zoom-in": lambda: view().zoom_by(ZOOM_STEP),
            "view.zoom-out": lambda: view().zoom_by(1 / ZOOM_STEP),
            "view.invert": lambda: view().invert(),
            "view.reset": desk.reset,
            "view.mirror": lambda: change(DisplayState.mirrored),
            "view.upend": lambda: change(DisplayState.upended),
            "view.turn-left": lambda: change(lambda state: state.turned(-90)),
            "view.turn-right": lambda: change(lambda state: state.turned(90)),
            "view.corner-text": desk.view_settings.next_corner_level,
            "view.maximize": lambda: desk.canvas.maximize(view()),
            "view.next-cell": desk.canvas.activate_next,
            "view.previous-cell": desk.canvas.activate_previous,
            "view.next-area": lambda: step_area(desk.layout.areas, 1),
            "view.previous-area": lambda: step_area(desk.layout.areas, -1),
            "view.series-panel": lambda: desk.layout.toggle("show_series"),
            "view.header-panel": lambda: desk.layout.toggle("show_header"),
            "view.overlays": desk.view_settings.toggle_overlays,
            "view.layers": lambda: desk.layers.set_on(not desk.layers.is_on),
            "view.layers-panel": lambda: desk.layout.toggle("show_layers"),
            "tools.up-is-brighter": desk.view_settings.toggle_drag_direction,
            "view.next-presentation": desk.presentations.choose_next,
            "view.worklist": lambda: desk.layout.toggle("show_worklist"),
            "view.full-screen": desk.window.toggle_full_screen,
        }

    def _series_commands(self) -> dict[str, Callable[[], object]]:
        showing = self._desk.showing
        return {
            "view.next-image": lambda: showing.scroll(1),
            "view.previous-image": lambda: showing.scroll(-1),
            "view.ten-forward": lambda: showing.scroll(10),
            "view.ten-back": lambda: showing.scroll(-10),
            "view.first-image": lambda: showing.scroll_to(0),
            "view.last-image": lambda: showing.scroll_to(-1),
            "view.next-series": lambda: showing.step_series(1),
            "view.previous-series": lambda: showing.step_series(-1),
        }

    def _window_commands(self) -> dict[str, Callable[[], object]]:
        table: dict[str, Callable[[], object]] = {
            "window.stored": self._stored_window,
            "window.next-stored": self._next_stored_window,
            "window.auto": self._auto_window,
        }
        for preset in presets():
            voi = Window(preset.center, preset.width, explanation=preset.name)
            table[f"window.{preset.id}"] = partial(self._apply, voi)
        return table

    def _findings_commands(self) -> dict[str, Callable[[], object]]:
        desk = self._desk
        return {
            "findings.heatmap": self._heatmap,
            "findings.panel": self._findings_panel,
            "findings.after-look": desk.opinion_settings.toggle_after_look,
            "findings.show-below": desk.opinion.toggle_below,
            "findings.read-again": desk.opinion.read_again,
            "findings.cancel": desk.cancel_work,
            "findings.resume": desk.opinion.read_cancelled,
        }

    def _help_commands(self) -> dict[str, Callable[[], object]]:
        return {
            "help.commands": self._show_palette,
            "help.keys": lambda: self._show(KeysPage(self._desk.window)),
            "help.log-folder": lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder()))),
            "help.about": self._show_about,
        }

    def _heatmap(self) -> None:
        """Show or hide maps; where findings are held back, show them with theirs."""
        opinion = self._desk.opinion
        if opinion.is_held_back:
            opinion.reveal()
        else:
            opinion.set_map_on(not opinion.is_map_on)

    def _findings_panel(self) -> None:
        """Fold or unfold the panel; where its findings are held back, show them in it."""
        desk = self._desk
        was_held = desk.opinion.is_held_back
        desk.opinion.show_findings()
        if not was_held or desk.findings_panel.isHidden():
            desk.layout.toggle("show_findings")

    def _apply(self, voi: Window) -> None:
        self._desk.canvas.active.set_voi(voi)

    def _stored_window(self) -> None:
        view = self._desk.canvas.active
        view.set_voi(None)
        if view.frame is not None and not view.frame.voi:
            self._desk.status.show_hint(NO_STORED_WINDOW)

    def _next_stored_window(self) -> None:
        view = self._desk.canvas.active
        if view.frame is not None and view.frame.voi:
            stored = list(dict.fromkeys(view.frame.voi))  # of two that are the same the first would be found for ever
            # after scrolling, what is shown is the equal of a window of this file
            now = stored.index(view.shown_voi) if view.shown_voi in stored else 0
            view.set_voi(stored[(now + 1) % len(stored)])

    def _auto_window(self) -> None:
        view = self._desk.canvas.active
        if view.frame is not None:
            view.set_voi(auto_window(view.frame))

    def _show_palette(self) -> None:
        palette = Palette(self.situation, self._desk.window)
        palette.chosen.connect(self._desk.run_command)
        self._show(palette)

    def _show_about(self) -> None:
        model = self._desk.workspace.model
        loaded = model if isinstance(model, LoadedModel) else None
        name, device = (loaded.identity.short, loaded.device) if loaded is not None else ("", "")
        self._show(About(name, device, str(log_folder()), self._desk.window))

    def _show(self, dialog: QDialog) -> None:
        """Show a dialog without stopping the window; the one before goes."""
        if self.dialog is not None:
            self.dialog.close()
        self.dialog = dialog
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None
