"""Everything that opens files: dialogs, drops, the command line, recent files; and what is done with what comes in."""

import os
import sys
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLabel, QLineEdit, QWidget

from core.dicom.dicom_object import DicomObject
from core.findings.wording import MOST_REFUSALS, NOTHING_FOUND, empty_folders_text, opening_text, refusal_text
from core.imaging.image import Image
from core.paths import sample_paths
from core.refusal import Reason, Refusal
from core.studies.opened import Duplicate, Opened, OpeningCounts
from core.studies.scan import is_empty_folder
from gui.first_touch import FirstTouch
from gui.open_series import Place
from gui.showing import Showing
from gui.threads.reading_thread import ReadingThread
from gui.threads.scan_thread import ScanThread
from gui.workspace import Change, Workspace

HAS_SETTINGS_OF_ITS_OWN = sys.platform in ("win32", "darwin")  # no files: what is said of their path has no effect
LOCKED = (Reason.PASSWORD_NEEDED, Reason.PASSWORD_WRONG)
NO_SAMPLE = "The sample study is not installed (package pydicom-data)."


@dataclass(frozen=True, eq=False)
class _Asked:
    """One opening: what was named for it, nothing where an archive is opened again with its password."""

    paths: tuple[Path, ...] = ()


def _absolute(path: Path) -> Path:
    """Return a path from the root on; a "~" that begins the name of nobody's home is part of a file's name."""
    with suppress(RuntimeError):
        path = path.expanduser()
    return path.absolute()


def _dialog_settings() -> dict[str, object]:
    """Return what programs of this person have Qt's dialogs remember, by its key."""
    kept = QSettings(QSettings.Scope.UserScope, "QtProject")
    return {key: kept.value(key) for key in kept.allKeys() if key.startswith("FileDialog/")}


def _put_back(before: dict[str, object]) -> None:
    """Let the system's settings of Qt's dialogs be as they were: a dialog leaves the folders that it went through."""
    kept = QSettings(QSettings.Scope.UserScope, "QtProject")
    for key in _dialog_settings():
        if key not in before:
            kept.remove(key)
    for key, value in before.items():
        kept.setValue(key, value)


class Opening(QObject):
    """Paths in, open images out; one scan after the other, in the background."""

    remembered = Signal(object)  # Path that was asked for, for the list of recent files
    said = Signal(str)  # a sentence for the person
    work_changed = Signal()
    object_found = Signal(object)  # Path of the first object without a picture, where no image came with it

    def __init__(
        self, workspace: Workspace, scan: ScanThread, reading: ReadingThread, showing: Showing, window: QWidget
    ) -> None:
        super().__init__(window)
        self._workspace, self._scan, self._reading, self._showing = workspace, scan, reading, showing
        self._window = window
        self._folder = ""
        self._openings: deque[_Asked] = deque()  # as the scan does them: the first is the one that files come in of
        self._cancelled: _Asked | None = None  # files of it may come in still
        self._newest: _Asked | None = None  # whose first image is shown
        self._follow = False  # whether that image is still awaited
        self._first_object: Path | None = None
        self._early: Path | None = None  # the image that came before those that stand before it, until all have come
        self._stand_in: tuple[int, Place] | None = None  # cell and that image, until the first one comes in
        self._touch = FirstTouch(window)
        self._images: list[Opened] = []  # of the newest opening, as they came in
        self._unreadable: dict[Path, Refusal] = {}  # of them: were shown and have no picture
        self._shown: tuple[int, Place] | None = None  # cell and image that were shown by themselves; until they stand
        self._refused: list[Refusal] = []  # of what opening began with: the first few
        self.asks_passwords = True  # else an archive with one is refused: nobody is there to be asked
        self.found = 0  # files since opening began
        self._counts = OpeningCounts()  # of what opening began with
        self._locked: list[Opened] = []  # archives that ask for a password; refused only when none is given
        self.password_dialog: QInputDialog | None = None
        self.dialog: QFileDialog | None = None
        scan.opened.connect(self._on_opened)
        scan.finished.connect(self._on_finished)
        scan.failed.connect(self._on_failed)
        scan.cancelled.connect(self._on_cancelled)
        scan.stopped.connect(self._on_stopped)
        scan.idle.connect(self._on_idle)
        showing.frame_shown.connect(self._on_frame_shown)
        showing.frame_refused.connect(self._on_frame_refused)
        workspace.changed.connect(self._on_changed)
        self._touch.happened.connect(self.keep_picture)

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Open files and folders; the first image is shown as soon as it is there."""
        absolute = tuple(map(_absolute, paths))
        if not absolute:
            return
        if not self._scan.is_busy:
            self.found = 0
        self._line_up(_Asked(absolute))
        for path in absolute:
            self.remembered.emit(path)
        self._scan.scan(absolute)
        self.work_changed.emit()

    def _line_up(self, asked: _Asked, *, is_followed: bool = True) -> None:
        """Note that the scan will do an opening after those before it, and follow it: its first image is shown."""
        if not self._scan.is_busy:
            self._openings.clear()  # what is left there was cancelled before it had begun
        self._openings.append(asked)
        if is_followed:
            self._newest, self._follow = asked, True
            self._first_object, self._shown = None, None
            self._images, self._unreadable = [], {}
            self._stop_waiting()

    @property
    def _is_before(self) -> bool:
        """Whether what comes in was asked for before the newest opening, which has not begun yet."""
        return self._newest in self._openings and self._openings[0] is not self._newest

    def open_sample(self) -> None:
        """Open the sample study."""
        paths = sample_paths()
        if paths:
            self.open_paths(paths)
        else:
            self.said.emit(NO_SAMPLE)

    def ask_files(self) -> None:
        """Let the person choose files."""
        self._ask(QFileDialog.FileMode.ExistingFiles, "Open files")

    def ask_folder(self) -> None:
        """Let the person choose a folder."""
        self._ask(QFileDialog.FileMode.Directory, "Open a folder")

    def _ask(self, mode: QFileDialog.FileMode, title: str) -> None:
        # Qt's dialog keeps the folders that it went through in settings of its own: there is no file below this one
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, os.devnull)
        dialog = QFileDialog(self._window, title, self._folder)
        # Qt's own dialog is dark, the system's may be white
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self._on_chosen)
        dialog.finished.connect(self._on_dialog_finished)
        if HAS_SETTINGS_OF_ITS_OWN:
            before = _dialog_settings()
            dialog.destroyed.connect(lambda: _put_back(before))  # not before: the dialog writes them when it ends
        self.dialog = dialog
        dialog.open()

    @Slot("QStringList")
    def _on_chosen(self, names: list[str]) -> None:
        if self.dialog is not None:
            self._folder = self.dialog.directory().absolutePath()
        self.open_paths([Path(name) for name in names])

    @Slot(int)
    def _on_dialog_finished(self, result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    @Slot(object)
    def _on_opened(self, opened: tuple[Opened, ...]) -> None:
        opened = tuple(map(self._workspace.unless_written_anew, opened))
        self.found += len(opened)
        for one in opened:
            self._counts.add(one)
            if isinstance(one.outcome, Refusal) and len(self._refused) <= MOST_REFUSALS:  # one more: it is too many
                self._refused.append(one.outcome)
        locked = [one for one in opened if isinstance(one.outcome, Refusal) and one.outcome.reason in LOCKED]
        locked = locked if self.asks_passwords else []
        self._locked += locked
        fresh = self._workspace.add(one for one in opened if one not in locked)
        if self._workspace.may_read:
            self._enqueue(fresh)
        if not self._is_before:
            images = [one for one in opened if isinstance(one.outcome, Image)]
            self._images += images
            self._show_first(opened)
            if not all(one.is_early for one in images):  # they come in order: the first of all is among them
                self._settle()
            self._show_readable()
        self._showing.update_positions()
        self.work_changed.emit()

    def _enqueue(self, fresh: tuple[Image, ...]) -> None:
        """Have images read; those of an opening that was cancelled wait until somebody asks for them."""
        if self._openings and self._openings[0] is self._cancelled:
            self._workspace.cancel_waiting(image.path for image in fresh)
        else:
            self._reading.enqueue(fresh)

    def _show_first(self, opened: tuple[Opened, ...]) -> None:
        """Show the first image of what was asked for last; after that nothing moves by itself.

        Of a copy that is the open file; of what was written anew since it was opened nothing: the film that stands
        there is not what was asked for.
        """
        if not self._follow:
            return
        for one in opened:
            if isinstance(one.outcome, Refusal) and one.outcome.reason is Reason.CHANGED:
                continue
            path = one.outcome.first if isinstance(one.outcome, Duplicate) else one.path
            place = self._workspace.place_of(path)
            if place is not None:
                self._follow, cell = False, self._showing.active_cell
                if one.is_early:
                    self._early, self._stand_in = one.path, (cell, place)
                    self._touch.watch()
                self._show_by_itself(cell, place)
                return
            if isinstance(one.outcome, DicomObject) and self._first_object is None:
                self._first_object = one.path

    def _show_by_itself(self, cell: int, place: Place) -> None:
        """Show what nobody chose."""
        self._shown = cell, place
        self._showing.show(cell, place)
        self._on_frame_shown(cell)  # it may stand there already

    @Slot()
    def keep_picture(self) -> None:
        """The reader has begun, or the first image is known: no other one takes the place of an early one."""
        self._stand_in = None
        self._touch.stop()

    @Slot(int)
    def _on_frame_shown(self, cell: int) -> None:
        """What was shown by itself stands there: whatever becomes of its file, the reader decides what comes next."""
        if self._is_shown(cell, self._showing.on_screen(cell)):
            self._shown = None

    @Slot(object)
    def _on_changed(self, change: Change) -> None:
        """The reader may have gone elsewhere: a film that was asked for and has no picture says so, and stays."""
        if Change.SHOWN in change and self._shown is not None:
            cell = self._shown[0]
            if not self._is_shown(cell, self._workspace.shown.get(cell)):
                self._shown = None

    def _is_shown(self, cell: int, place: Place | None) -> bool:
        """Return whether a place in a cell is what was shown by itself and does not stand there yet."""
        if self._shown is None or place is None:
            return False
        return (cell, place.reading_key) == (self._shown[0], self._shown[1].reading_key)

    @Slot(int, object)
    def _on_frame_refused(self, cell: int, refusal: Refusal) -> None:
        """What was shown by itself has no picture: go on to the first that has one."""
        if self._shown is None or not self._is_shown(cell, self._workspace.shown.get(cell)):
            return
        self._unreadable[self._shown[1].image.path] = refusal
        self.keep_picture()
        self._show_readable()

    def _show_readable(self) -> None:
        """Show the first image that may have a picture where what was shown by itself has none."""
        if self._shown is None or self._shown[1].image.path not in self._unreadable:
            return
        cell, before = self._shown
        first = self._first_image()
        if first is not None and self._showing.is_untouched(cell, before):
            if len(self._unreadable) <= MOST_REFUSALS:
                self.said.emit(refusal_text(self._unreadable[before.image.path]))
            self._show_by_itself(cell, first)
        elif self._newest not in self._openings:
            self._shown = None  # nothing comes in that might: it is tried again only where the reader asks for it

    def _first_image(self) -> Place | None:
        """The first image of the newest opening that may have a picture; None while others may come before it."""
        readable = (one for one in self._images if one.path not in self._unreadable)
        first = min(readable, key=lambda one: one.rank, default=None)
        if first is None or (first.path == self._early and all(one.rank <= first.rank for one in self._images)):
            return None
        return self._workspace.place_of(first.path)

    @Slot(int)
    def _on_finished(self, count: int) -> None:
        asked = self._take_first().paths
        if count == 0:
            self.said.emit(NOTHING_FOUND)
        elif empty := [path for path in asked if is_empty_folder(path)]:
            self.said.emit(empty_folders_text(empty))
        self._tell_counts(asked)
        self._ask_password()
        if self._follow and self._first_object is not None:
            self.object_found.emit(self._first_object)
        if self._newest in self._openings:  # its images are awaited, and an earlier one's would come before them
            return
        self._stop_waiting()
        self._show_readable()
        self._showing.fill_cells()

    def _take_first(self) -> _Asked:
        """Take the opening of which nothing more comes in out of the line."""
        return self._openings.popleft() if self._openings else _Asked()

    def _settle(self) -> None:
        """Go to the first image where an early one stands in for it and nobody has done anything since."""
        stand_in, first = self._stand_in, self._first_image()
        self.keep_picture()
        if stand_in is None or first is None or first.reading_key == stand_in[1].reading_key:
            return
        if self._showing.active_cell == stand_in[0] and self._showing.is_untouched(*stand_in):
            self._show_by_itself(stand_in[0], first)

    def _stop_waiting(self) -> None:
        """No image comes in any more that may stand before an early one."""
        self._early = None
        self.keep_picture()

    def _tell_counts(self, asked: tuple[Path, ...]) -> None:
        """Say what came of all files, where the lists do not show it."""
        counts, self._counts = self._counts, OpeningCounts()
        refused, self._refused = self._refused, []
        # a folder may hold anything; what was named, or is all there is, was meant to be opened
        told = refused if counts.refused == counts.files else [one for one in refused if one.path in asked]
        text = opening_text(
            counts.images, counts.objects, counts.refused, counts.missing, counts.duplicates, counts.indexes, told
        )
        if text and not self._locked:
            self.said.emit(text)

    def _ask_password(self) -> None:
        """Ask for the password of the first archive that is locked; it is kept nowhere."""
        if not self._locked or self.password_dialog is not None:
            return
        archive = self._locked[0].path
        is_wrong = self._locked[0].outcome == Refusal(Reason.PASSWORD_WRONG, archive)
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Open an archive")
        dialog.setLabelText(("The password was wrong. " if is_wrong else "") + f"Password of {archive.name}:")
        for label in dialog.findChildren(QLabel):
            label.setTextFormat(Qt.TextFormat.PlainText)  # the name of a file may look like HTML
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
        dialog.finished.connect(self._on_password_finished)
        self.password_dialog = dialog
        dialog.open()

    @Slot(int)
    def _on_password_finished(self, result: int) -> None:
        dialog, self.password_dialog = self.password_dialog, None
        if dialog is None or not self._locked:  # everything was closed meanwhile
            return
        dialog.deleteLater()
        archive = self._locked.pop(0)
        if result:
            file = archive.file or archive.path
            self._line_up(_Asked(), is_followed=not self._follow)
            self._workspace.forget_refusal(archive.path)
            self._scan.scan((file,), {file: dialog.textValue()})
        else:
            self._workspace.add((archive,))
            if isinstance(archive.outcome, Refusal):
                self.said.emit(refusal_text(archive.outcome))
        self._ask_password()
        self.work_changed.emit()

    def forget(self) -> None:
        """Everything was closed."""
        self._locked.clear()
        self._openings.clear()
        self._follow, self._cancelled = False, None
        self.found, self._counts = 0, OpeningCounts()
        self._refused, self._images, self._unreadable, self._shown = [], [], {}, None
        self._stop_waiting()
        if self.password_dialog is not None:
            self.password_dialog.reject()

    @Slot()
    def _on_failed(self) -> None:
        self._take_first()
        self._stop_waiting()
        self.said.emit(refusal_text(Refusal(Reason.FAILED)))

    @Slot()
    def _on_cancelled(self) -> None:
        self._follow = False
        self._stop_waiting()
        while len(self._openings) > 1:  # files of the first may come in until it has stopped
            self._openings.pop()
        self._cancelled = self._openings[0] if self._openings else None
        self.work_changed.emit()

    @Slot()
    def _on_stopped(self) -> None:
        """Nothing more comes in of what was cancelled: nobody is asked for a password, and it is counted."""
        self._take_first()
        self._cancelled = None
        self._workspace.add(self._locked)
        self._locked.clear()
        self._counts, self._refused = OpeningCounts(), []
        self.said.emit(f"Opening was cancelled after {self.found} {'file' if self.found == 1 else 'files'}.")

    @Slot()
    def _on_idle(self) -> None:
        self._follow = False
        self.work_changed.emit()
