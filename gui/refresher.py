"""Lists, counts and commands follow the background work ten times a second, however fast it goes."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from core.triage.rows import counts_text
from gui.panels.object_rows import with_objects
from gui.panels.series_rows import SeriesRows
from gui.workspace import Change, Workspace

if TYPE_CHECKING:
    from gui.desk import Desk

REFRESH_MS = 100
NOTHING_OPEN = "Nothing is open"


class Refresher(QObject):
    """Gathers what changed and brings the window's lists up to date with it."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__(desk)
        self._desk = desk
        self._changes = Change(0)
        self._series_rows = SeriesRows()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)

    @Slot(object)
    def note(self, change: Change) -> None:
        """Remember that these kinds of things changed; the lists follow soon."""
        self._changes |= change
        self.soon()

    @Slot()
    def soon(self) -> None:
        """Refresh within a tenth of a second."""
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def refresh(self) -> None:
        """Bring everything up to date now."""
        self._timer.stop()
        changes, self._changes = self._changes, Change(0)
        desk, workspace = self._desk, self._desk.workspace
        if changes & (Change.FILES | Change.FLAGS | Change.SHOWN):
            shown = {cell: workspace.shown.get(cell) for cell in range(len(desk.canvas.viewports))}
            active = desk.showing.active_cell
            desk.series_panel.show_rows(with_objects(self._series_rows.of(workspace, shown, active), workspace, active))
        if Change.FILES in changes:
            desk.series_panel.show_refusals(tuple(workspace.refusals.items()))
        if Change.ROWS in changes:
            desk.worklist.show_rows(workspace.rows)
            desk.status.counts.setText(_counts(workspace))
            desk.layout.fold()
        self._show_work()
        desk.opinion.refresh()
        desk.update_actions()

    def _show_work(self) -> None:
        desk, reading = self._desk, self._desk.reading
        if desk.scan.is_busy:
            count = desk.opening.found
            desk.status.show_work(f"Opening · {count} {'file' if count == 1 else 'files'}")
        elif reading.queue_total and desk.workspace.may_read:
            done = max(0, reading.queue_total - reading.waiting_count)
            desk.status.show_work(f"Reading · {done} of {reading.queue_total}", done, reading.queue_total)
        elif desk.opinion.is_asking and desk.workspace.may_read:
            desk.status.show_work("Reading")
        else:
            desk.status.show_work("")


def _counts(workspace: Workspace) -> str:
    copies = len(workspace.duplicates)
    others = {"without a picture": len(workspace.objects), "copy" if copies == 1 else "copies": copies,
              "DICOMDIR": len(workspace.indexes)}
    return counts_text(workspace.rows.values(), others) if workspace.rows or any(others.values()) else NOTHING_OPEN
