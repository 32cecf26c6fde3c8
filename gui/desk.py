"""All that works with images: its parts, and what is wired to what.

Importing this loads NumPy and OpenCV, so the window does it after its first paint.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from core.findings.wording import RESEARCH_NOTICE, START_NOTICE, refusal_text
from core.imaging.frame_cache import FrameCache, cache_bytes
from gui.actions import Actions
from gui.canvas.canvas import Canvas
from gui.character_sets import CharacterSets
from gui.command_handlers import CommandHandlers
from gui.commands import disabled_text
from gui.desk_layout import DeskLayout
from gui.drop_target import DropTarget
from gui.file_layers import FileLayers
from gui.header_showing import HeaderShowing
from gui.main_window import EMPTY
from gui.notice_bar import Notice
from gui.object_showing import ObjectShowing
from gui.opening import Opening
from gui.opinion_settings import OpinionSettings
from gui.panels.findings_panel import FindingsPanel
from gui.panels.header_panel import HeaderPanel
from gui.panels.layers_panel import LayersPanel
from gui.panels.series_panel import SeriesPanel
from gui.patient_names import PatientNames
from gui.peek_key import PeekKey, Switch
from gui.presentations import PresentationMenu, Presentations
from gui.reading_answers import ReadingAnswers
from gui.recent_menu import RecentMenu
from gui.refresher import Refresher
from gui.second_opinion import SecondOpinion
from gui.series_choices import SeriesChoices
from gui.showing import Showing
from gui.structures import Structures
from gui.threads.frame_thread import FrameThread
from gui.threads.object_thread import ObjectThread
from gui.threads.reading_thread import ReadingThread
from gui.threads.scan_thread import ScanThread
from gui.view_settings import ViewSettings
from gui.worklist.worklist_panel import WorklistPanel
from gui.workspace import Change, Workspace

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class Desk(QObject):
    """Wiring; what is done is done by its parts. Lives as long as its window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.window, self.remembered = window, window.remembered
        self.notices, self.status, self.toolbar = window.notices, window.status, window.toolbar
        self._make_parts()
        self._wire()
        self._restore()
        self.refresher.refresh()

    # parts and wires

    def _make_parts(self) -> None:
        cache = FrameCache(cache_bytes(self.remembered.settings.frame_cache_mib))
        self.workspace = Workspace(self)
        self.frames = FrameThread(cache, self)
        self.scan = ScanThread(self)
        self.reading = ReadingThread(cache, self)
        self.canvas, self.worklist = Canvas(), WorklistPanel()
        self.series_panel, self.findings_panel, self.header_panel = SeriesPanel(), FindingsPanel(), HeaderPanel()
        self.layers_panel = LayersPanel()
        self.objects = ObjectThread(self)
        self.showing = Showing(self.canvas, self.workspace, self.frames, self)
        self.patient_names = PatientNames(self.canvas, self.workspace, self.showing, self)
        self.header_showing = HeaderShowing(self.header_panel, self.workspace, self.showing, self.objects, self)
        self.presentations = Presentations(self.workspace, self.showing, self.objects, self)
        self.structures = Structures(self.workspace, self.showing, self.objects, self)
        self.layers = FileLayers(self.workspace, self.showing, self.canvas, self.layers_panel, self.objects, self)
        self.object_showing = ObjectShowing(self.canvas, self.workspace, self.showing, self.objects, self)
        self.opinion = SecondOpinion(
            self.workspace, self.showing, self.canvas, self.findings_panel, self.reading, self
        )
        self.opinion_settings = OpinionSettings(self.opinion, self.worklist.model, self.remembered, self)
        self.reading_answers = ReadingAnswers(self.workspace, self.reading, self.opinion, self.status, self)
        self.opening = Opening(self.workspace, self.scan, self.reading, self.showing, self.window)
        self.series_choices = SeriesChoices(self.workspace, self.showing)
        self.character_sets = CharacterSets(self.workspace, self.showing, self.objects, self.window)
        self.view_settings = ViewSettings(self.canvas, self.findings_panel, self.layers_panel, self.remembered, self)
        self.layout = DeskLayout(self)
        self.handlers = CommandHandlers(self)
        self.actions = Actions(self.window, self.canvas, self.run_command)
        self.refresher = Refresher(self)
        opinion, layers = self.opinion, self.layers
        switches = (
            (Qt.Key.Key_Q, Switch(
                "findings.heatmap", lambda: opinion.is_map_on, opinion.set_map_on, opinion.peek, opinion.reveal,
            )),
            (Qt.Key.Key_O, Switch("view.layers", lambda: layers.is_on, layers.set_on, layers.peek)),
        )
        self.peek_keys = tuple(
            PeekKey(key, switch, self.handlers.situation, self.status.show_hint, self.window)
            for key, switch in switches
        )
        self.drop_target = DropTarget(self.window, self.open_paths)
        self.recent_menu = RecentMenu(self.remembered, self.open_paths, self.window)
        self._context_menu = QMenu(self.window)
        self.actions.fill_context_menu(self._context_menu)
        self.actions.fill_menus(self.window.menuBar(), self.recent_menu)
        self.presentation_menu = PresentationMenu(self.presentations, self.showing, self.window)
        self._menu("View").addMenu(self.presentation_menu)

    def _wire(self) -> None:
        self.workspace.changed.connect(self._on_changed)
        self.opening.remembered.connect(self.remembered.add_recent)
        self.opening.said.connect(self.window.say_of_files)
        self.opening.work_changed.connect(self.refresher.soon)
        self.canvas.arranged.connect(self._note_opened)
        self.reading.queue_changed.connect(self.refresher.soon)
        self.showing.frame_shown.connect(self._on_frame_shown)
        self.frames.thumbnail_made.connect(self.series_panel.model.set_picture)
        self.series_panel.chosen.connect(self.showing.show_series)
        self.series_panel.object_chosen.connect(self.object_showing.show)
        self.opening.object_found.connect(self.object_showing.show)
        self.presentations.changed.connect(self.update_actions)
        self.layers.changed.connect(self._on_layers)
        self.series_panel.refusal_chosen.connect(self._on_refusal_chosen)
        self.series_panel.menu_asked.connect(self._on_series_menu)
        self.object_showing.said.connect(self.window.say_of_files)
        self.series_panel.thumbnail_wanted.connect(self._on_thumbnail_wanted)
        self.worklist.opened.connect(self.open_case)
        self.toolbar.asked.connect(self.run_command)
        self.status.cancel_asked.connect(self.cancel_work)
        self.status.keyboard_left.connect(self.canvas.take_keyboard)
        self.notices.keyboard_left.connect(self.canvas.take_keyboard)
        for key in self.peek_keys:
            key.used.connect(self.update_actions)
        self.canvas.active_changed.connect(self._on_active_changed)
        self.canvas.layout_changed.connect(self._on_layout_changed)
        for cell, viewport in enumerate(self.canvas.all_viewports):
            viewport.scrolled.connect(self._on_scrolled)
            viewport.pointer_moved.connect(self.status.pointer.setText)
            viewport.context_menu_asked.connect(self._on_context_menu)
            viewport.region_changed.connect(lambda region, cell=cell: self.opinion.region_drawn(cell, region))

    def _restore(self) -> None:
        settings = self.remembered.settings
        self.layout.restore()
        self.view_settings.restore()
        self.canvas.set_layout_name(settings.layout)
        self.canvas.active.show_message(EMPTY)
        self.status.notice.setText(RESEARCH_NOTICE)
        if not settings.notice_seen:
            self.notices.post(Notice(START_NOTICE, "Understood", self._on_notice_read))

    def start(self) -> None:
        """Load the model."""
        self.reading.load(self.window.model_folder, self.remembered.settings.device)

    def close(self) -> bool:
        """End what goes on and say whether all of it ended in time."""
        self.layout.remember()
        for key in self.peek_keys:
            key.stop()
        self.opinion.stop()
        threads = (self.scan, self.frames, self.objects, self.reading)
        for thread in threads:  # all are told first, so that they end side by side
            thread.ask_to_end()
        ended = [thread.close() for thread in threads]
        self.object_showing.close()
        return all(ended)

    # what commands and parts ask for

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Open files and folders."""
        self.opening.open_paths(paths)

    @Slot(object)
    def open_case(self, path: Path) -> None:
        """Show a file of the worklist; one that was not opened says why."""
        place = self.workspace.place_of(path)
        if place is not None:
            self.showing.show(self.showing.active_cell, place)
            self.canvas.active.setFocus()
        elif path in self.workspace.refusals:
            self.window.answer(refusal_text(self.workspace.refusals[path]))

    @Slot(str)
    def run_command(self, command_id: str) -> None:
        """Run a command by its id."""
        self.handlers.run(command_id)

    def say_why_not(self, keys: QKeySequence) -> None:
        """Nobody took these keys: say in the status line what their command lacks."""
        command = self.actions.lacking(keys)
        if command is not None:
            self.status.show_hint(disabled_text(command))

    def choose_tool(self, name: str) -> None:
        """Give the left button a tool, in every cell."""
        for viewport in self.canvas.all_viewports:
            viewport.tool = name

    def reset(self) -> None:
        """Leave the full screen, else go back to the window tool, else reset the display of the active cell."""
        if self.window.isFullScreen():
            self.window.toggle_full_screen()
        elif self.canvas.active.tool != "window":
            self.choose_tool("window")
        else:
            self.showing.reset(self.showing.active_cell)

    def close_all(self) -> None:
        """Close every file; nothing on the disk changes."""
        self.cancel_work()
        self.opening.forget()
        self.scan.forget()
        self.objects.forget_all()
        self.workspace.close_all()
        self.header_showing.forget()
        self.showing.clear()
        self.frames.forget_all()
        self.series_panel.model.forget_pictures()
        self.worklist.model.clear()
        self.opinion.forget()
        self.notices.forget_files()
        self.canvas.active.show_message(EMPTY)
        self.refresher.refresh()

    @Slot()
    def cancel_work(self) -> None:
        """Stop opening and reading; what is done stays."""
        self.scan.cancel()
        self.opinion.cancel()
        self.refresher.soon()

    @property
    def is_working(self) -> bool:
        """Whether files are being opened or read."""
        return self.scan.is_busy or self.reading.waiting_count > 0 or self.opinion.is_asking

    @Slot()
    def update_actions(self) -> None:
        """Enable and mark the commands."""
        self.actions.update(self.handlers.situation(), self.handlers.is_checked, self.toolbar)
        self.handlers.refresh_dialog()

    # what happens

    def _on_notice_read(self) -> None:
        self.remembered.change(notice_seen=True)

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        if Change.SHOWN in change:
            self.opinion.look_elsewhere()
            place = self.showing.active_place
            self.worklist.model.set_current(place.image.path if place is not None else None)
            self.header_showing.follow()
            if self.object_showing.active is not None:  # no frame will come that lets the panel follow
                self._on_layers()
        self.refresher.note(change)

    @Slot(object)
    def _on_refusal_chosen(self, path: Path) -> None:
        """Say why a file was not opened; what its header holds can be read all the same."""
        if path in self.workspace.refusals:
            self.window.answer(refusal_text(self.workspace.refusals[path]))
            self.header_showing.look_at(path)

    @Slot()
    def _on_layers(self) -> None:
        """Other layers lie over the active image; the panel is there while it has something to tell of it."""
        self.layout.has_layers = self.layers.refresh()
        if self.layers_panel.isHidden() == (self.remembered.settings.show_layers and self.layout.has_layers):
            self.layout.fold()
        self.update_actions()

    @Slot(int)
    def _on_frame_shown(self, cell: int) -> None:
        self._note_opened()
        self.refresher.note(Change.SHOWN)

    @Slot()
    def _note_opened(self) -> None:
        """Note in the worklist what was opened: files whose pictures really are in cells that can be seen."""
        for cell, viewport in enumerate(self.canvas.viewports):
            place = None if viewport.isHidden() else self.showing.on_screen(cell)
            if place is not None:
                self.worklist.model.add_opened(place.image.path)

    @Slot(str)
    def _on_thumbnail_wanted(self, key: str) -> None:
        series = self.workspace.series.get(key)
        if series is not None:
            first = series.at(0)
            self.frames.ask_thumbnail(first.image, first.frame_index)

    @Slot(int)
    def _on_scrolled(self, step: int) -> None:
        viewport = self.sender()
        if viewport is not self.canvas.active and viewport in self.canvas.viewports:
            self.canvas.activate(viewport)
        self.showing.scroll(step)

    @Slot(object)
    def _on_active_changed(self, viewport: QWidget) -> None:
        self._on_changed(Change.SHOWN)
        self._on_layers()

    @Slot(str)
    def _on_layout_changed(self, name: str) -> None:
        self.remembered.change(layout=name)
        self.showing.fill_cells()
        self._note_opened()
        self._on_changed(Change.SHOWN)

    @Slot(QPoint)
    def _on_series_menu(self, at: QPoint) -> None:
        self.update_actions()
        self._menu("Series").popup(at)

    def _menu(self, title: str) -> QMenu:
        return next(menu for menu in self.window.menuBar().findChildren(QMenu) if menu.title() == title)

    @Slot(QPoint)
    def _on_context_menu(self, at: QPoint) -> None:
        viewport = self.sender()
        assert isinstance(viewport, QWidget)
        self.update_actions()
        self._context_menu.popup(viewport.mapToGlobal(at))
