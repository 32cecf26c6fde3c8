"""The window: its parts, where they stand, and what is wired to what."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QVBoxLayout, QWidget

from core.findings.finding import Reading
from core.findings.wording import AI_OFF, START_NOTICE, refusal_text
from core.imaging.frame_cache import FrameCache
from core.refusal import Refusal
from core.settings import Settings
from gui.actions import Actions
from gui.canvas.canvas import Canvas
from gui.command_handlers import CommandHandlers
from gui.drop_target import DropTarget
from gui.hold_key import HoldKey
from gui.notice_bar import Notice, NoticeBar
from gui.opening import Opening
from gui.panels.findings_panel import FindingsPanel, device_name
from gui.panels.series_panel import SeriesPanel
from gui.refresher import Refresher
from gui.remembered import Remembered
from gui.second_opinion import SecondOpinion
from gui.showing import Showing
from gui.status_line import StatusLine
from gui.threads.frame_thread import FrameThread
from gui.threads.reading_thread import LoadedModel, ReadingKey, ReadingThread
from gui.threads.scan_thread import ScanThread
from gui.toolbar import Toolbar
from gui.worklist.worklist_panel import WorklistPanel
from gui.workspace import Change, Workspace

log = logging.getLogger(__name__)

SERIES_PX, FINDINGS_PX, WORKLIST_PX = 176, 328, 170
EMPTY = "Drop radiographs here, or press Ctrl+O"


class _Middle(QWidget):
    """All that lies below the menu; says when it was painted for the first time."""

    painted = Signal()
    _was_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)  # listeners must not work inside a paint


class MainWindow(QMainWindow):
    """Layout and wiring; what is done is done by its parts."""

    first_painted = Signal()

    def __init__(
        self, settings: Settings, settings_path: Path | None, model_folder: Path, problems: Iterable[str] = ()
    ) -> None:
        super().__init__()
        self.remembered = Remembered(settings, settings_path, self)
        self._model_folder = model_folder
        self.all_threads_ended = True
        self.setWindowTitle("Wetread")
        self.setAcceptDrops(True)
        self._make_parts()
        self._lay_out()
        self._wire()
        self._restore()
        for text in problems:
            self.say(text)
        if not settings.notice_seen:
            self.notices.post(Notice(START_NOTICE, "Understood", lambda: self.remembered.change(notice_seen=True)))
        self.canvas.active.show_message(EMPTY)
        self.refresher.refresh()

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self.remembered.settings

    # parts, places, wires

    def _make_parts(self) -> None:
        cache = FrameCache(self.settings.frame_cache_mib * 2**20)
        self.workspace = Workspace(self)
        self.frames = FrameThread(cache, self)
        self.scan = ScanThread(self)
        self.reading = ReadingThread(cache, self)
        self.toolbar, self.notices, self.status = Toolbar(), NoticeBar(), StatusLine()
        self.canvas, self.worklist = Canvas(), WorklistPanel()
        self.series_panel, self.findings_panel = SeriesPanel(), FindingsPanel()
        self.showing = Showing(self.canvas, self.workspace, self.frames, self)
        self.opinion = SecondOpinion(
            self.workspace, self.showing, self.canvas, self.findings_panel, self.reading, self
        )
        self.opening = Opening(self.workspace, self.scan, self.reading, self.showing, self)
        self.handlers = CommandHandlers(self)
        self.commands = Actions(self, self.canvas, self.run_command)
        self.refresher = Refresher(self)
        self.hold_q = HoldKey(Qt.Key.Key_Q, self)
        self.drop_target = DropTarget(self, self.open_paths)
        self._context_menu, self._recent_menu = QMenu(self), QMenu("Open recent", self)
        self.commands.fill_context_menu(self._context_menu)
        self.commands.fill_menus(self.menuBar(), self._recent_menu)

    def _lay_out(self) -> None:
        self._across = QSplitter(Qt.Orientation.Horizontal)
        self._down = QSplitter(Qt.Orientation.Vertical)
        for splitter, parts in (
            (self._across, (self.series_panel, self.canvas, self.findings_panel)),
            (self._down, (self._across, self.worklist)),
        ):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            for part in parts:
                splitter.addWidget(part)
        self._across.setStretchFactor(1, 1)
        self._down.setStretchFactor(0, 1)
        self.series_panel.setMinimumWidth(120)
        self.findings_panel.setMinimumWidth(240)
        middle = _Middle()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self.notices)
        column.addWidget(self._down, 1)
        column.addWidget(self.status)
        self.setCentralWidget(middle)
        middle.painted.connect(self._on_first_painted)

    def _wire(self) -> None:
        self.workspace.changed.connect(self._on_changed)
        self.opening.remembered.connect(self.remembered.add_recent)
        self.opening.said.connect(self.say)
        self.opening.work_changed.connect(self.refresher.soon)
        self.reading.model_loaded.connect(self._on_model)
        self.reading.model_refused.connect(self._on_model)
        self.reading.started.connect(self._on_reading_started)
        self.reading.requeued.connect(self.workspace.stop_reading)
        self.reading.answered.connect(self._on_answered)
        self.reading.queue_changed.connect(self.refresher.soon)
        self.showing.frame_shown.connect(self._on_frame_shown)
        self.frames.thumbnail_made.connect(self.series_panel.model.set_picture)
        self.series_panel.chosen.connect(self.showing.show_series)
        self.series_panel.thumbnail_wanted.connect(self._on_thumbnail_wanted)
        self.worklist.opened.connect(self.open_case)
        self.findings_panel.opacity_changed.connect(self.set_opacity)
        self.toolbar.asked.connect(self.run_command)
        self.status.cancel_asked.connect(self.cancel_work)
        self.hold_q.pressed.connect(self._on_q_pressed)
        self.hold_q.tapped.connect(self._on_q_tapped)
        self.hold_q.released.connect(self._on_q_released)
        self.canvas.active_changed.connect(self._on_active_changed)
        self.canvas.layout_changed.connect(self._on_layout_changed)
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        self._recent_menu.triggered.connect(self._on_recent)
        for cell, viewport in enumerate(self.canvas.all_viewports):
            viewport.scrolled.connect(self._on_scrolled)
            viewport.pointer_moved.connect(self.status.pointer.setText)
            viewport.context_menu_asked.connect(self._on_context_menu)
            viewport.region_changed.connect(lambda region, cell=cell: self.opinion.region_drawn(cell, region))

    def _restore(self) -> None:
        settings = self.settings
        self.resize(1400, 900)
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        sizes = settings.panel_sizes if len(settings.panel_sizes) == 3 else (SERIES_PX, FINDINGS_PX, WORKLIST_PX)
        self._across.setSizes([sizes[0], max(self.width() - sizes[0] - sizes[1], 200), sizes[1]])
        self._down.setSizes([max(self.height() - sizes[2], 200), sizes[2]])
        self.show_panels()
        self.set_opacity(settings.heatmap_opacity)
        self.set_corner_level(settings.corner_level)
        self.canvas.set_layout_name(settings.layout)

    # what commands and parts ask of the window

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
            self.say(refusal_text(self.workspace.refusals[path]))

    @Slot(str)
    def run_command(self, command_id: str) -> None:
        """Run a command by its id."""
        self.handlers.run(command_id)

    @Slot(str)
    def say(self, text: str) -> None:
        """Tell the person something, calmly."""
        self.notices.post(Notice(text))

    def choose_tool(self, name: str) -> None:
        """Give the left button a tool, in every cell."""
        for viewport in self.canvas.all_viewports:
            viewport.tool = name

    def reset(self) -> None:
        """Leave the full screen, else go back to the window tool, else reset the display of the active cell."""
        if self.isFullScreen():
            self.toggle_full_screen()
        elif self.canvas.active.tool != "window":
            self.choose_tool("window")
        else:
            self.canvas.active.set_region(None)
            self.canvas.active.reset()

    def set_corner_level(self, level: Any) -> None:
        """Let the corners say more or less, in every cell."""
        for viewport in self.canvas.all_viewports:
            viewport.set_corner_level(level)
        self.remembered.change(corner_level=level)

    @Slot(float)
    def set_opacity(self, opacity: float) -> None:
        """Set the heatmap's opacity, in every cell."""
        for viewport in self.canvas.all_viewports:
            viewport.set_heat_opacity(opacity)
        self.findings_panel.set_opacity(opacity)
        self.remembered.change(heatmap_opacity=opacity)

    def toggle_panel(self, name: str) -> None:
        """Fold or unfold a panel; `name` is its setting."""
        self.remembered.change(**{name: not getattr(self.settings, name)})
        self.show_panels()

    def show_panels(self) -> None:
        """Fold and unfold the panels as the settings say; the worklist is there when there are several files."""
        settings = self.settings
        self.series_panel.setVisible(settings.show_series)
        self.findings_panel.setVisible(settings.show_findings)
        self.status.notice.setVisible(not settings.show_findings)
        self.worklist.setVisible(settings.show_worklist and len(self.workspace.rows) > 1)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def close_all(self) -> None:
        """Close every file; nothing on the disk changes."""
        self.cancel_work()
        self.workspace.close_all()
        self.showing.clear()
        self.frames.forget_thumbnails()
        self.series_panel.model.forget_pictures()
        self.worklist.model.clear()
        self.opinion.forget()
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

    def update_actions(self) -> None:
        """Enable and mark the commands."""
        self.commands.update(self.handlers.situation(), self.handlers.is_checked, self.toolbar)

    # what happens

    @Slot()
    def _on_first_painted(self) -> None:
        self.reading.load(self._model_folder, self.settings.device)
        self.first_painted.emit()

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        if Change.SHOWN in change:
            self.opinion.look_elsewhere()
            place = self.showing.active_place
            self.worklist.model.set_current(place.image.path if place is not None else None)
        self.refresher.note(change)

    @Slot(object)
    def _on_model(self, model: LoadedModel | Refusal) -> None:
        self.workspace.set_model(model)
        self.status.device.setText(device_name(model.device) if isinstance(model, LoadedModel) else AI_OFF)
        self.opinion.look_elsewhere()

    @Slot(object)
    def _on_reading_started(self, key: ReadingKey) -> None:
        self.workspace.start_reading(key)
        self.opinion.refresh()

    @Slot(object)
    def _on_answered(self, reading: Reading) -> None:
        self.workspace.add_reading(reading)
        if reading.device:
            self.status.device.setText(device_name(reading.device))
        self.opinion.reading_arrived(reading)

    @Slot(int)
    def _on_frame_shown(self, cell: int) -> None:
        self.refresher.note(Change.SHOWN)

    @Slot(str)
    def _on_thumbnail_wanted(self, key: str) -> None:
        series = self.workspace.series.get(key)
        if series is not None:
            self.frames.ask_thumbnail(series.images[0])

    @Slot(int)
    def _on_scrolled(self, step: int) -> None:
        viewport = self.sender()
        if viewport is not self.canvas.active and viewport in self.canvas.viewports:
            self.canvas.activate(viewport)
        self.showing.scroll(step)

    @Slot(object)
    def _on_active_changed(self, viewport: QWidget) -> None:
        self._on_changed(Change.SHOWN)

    @Slot(str)
    def _on_layout_changed(self, name: str) -> None:
        self.remembered.change(layout=name)
        self.showing.fill_cells()
        self._on_changed(Change.SHOWN)

    @Slot(QPoint)
    def _on_context_menu(self, at: QPoint) -> None:
        viewport = self.sender()
        assert isinstance(viewport, QWidget)
        self.update_actions()
        self._context_menu.popup(viewport.mapToGlobal(at))

    @Slot()
    def _on_q_pressed(self) -> None:
        """The map goes, or comes, at the press; the release says whether that stays."""
        self._map_was_on = self.opinion.is_map_on
        if self._map_was_on:
            self.opinion.peek(True)
        else:
            self.opinion.set_map_on(True)
        self.update_actions()

    @Slot()
    def _on_q_tapped(self) -> None:
        self.opinion.peek(False)
        self.opinion.set_map_on(not self._map_was_on)
        self.update_actions()

    @Slot()
    def _on_q_released(self) -> None:
        self.opinion.peek(False)
        self.opinion.set_map_on(self._map_was_on)
        self.update_actions()

    @Slot()
    def _fill_recent(self) -> None:
        self._recent_menu.clear()
        for text in self.settings.recent_files:
            self._recent_menu.addAction(text.replace("&", "&&")).setData(text)
        if not self.settings.recent_files:
            self._recent_menu.addAction("None").setEnabled(False)

    @Slot(QAction)
    def _on_recent(self, action: QAction) -> None:
        if action.data():
            self.open_paths([Path(action.data())])

    # events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drop_target.enter(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_target.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_target.drop(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        across, down = self._across.sizes(), self._down.sizes()
        kept = self.settings.panel_sizes if len(self.settings.panel_sizes) == 3 else (
            SERIES_PX, FINDINGS_PX, WORKLIST_PX
        )
        sizes = (across[0] or kept[0], across[2] or kept[1], down[1] or kept[2])
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.remembered.change(geometry=geometry, panel_sizes=sizes)
        self.remembered.save()
        self.hold_q.stop()
        ended = [thread.close() for thread in (self.scan, self.frames, self.reading)]
        self.all_threads_ended = all(ended)
        super().closeEvent(event)
