"""What is open, what was read and what is shown where; says what kinds of things changed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Flag, auto
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.dicom.dicom_object import DicomObject, LayerKind, ObjectKind, layer_kind
from core.dicom.file_set import FileSet
from core.files import Stamp
from core.findings.finding import Reading
from core.findings.wording import reason_text
from core.imaging.image import Image
from core.refusal import Reason, Refusal
from core.studies.arrangement import Arrangement, arranged
from core.studies.opened import Duplicate, Opened, Rank
from core.studies.order import Order
from core.studies.stack import Stack
from core.studies.study import Patient, Series, add_images, examination_key, patient_key
from core.triage.rows import Priority, State, TriageRow, failed_row, row_of, waiting_row, with_header
from gui.open_series import OpenSeries, Place
from gui.threads.reading_thread import LoadedModel, ReadingKey


class Change(Flag):
    """Kinds of things that changed; views repaint by kind."""

    FILES = auto()  # series and refusals
    ROWS = auto()  # lines of the worklist
    READINGS = auto()
    FLAGS = auto()  # which series hold a finding above threshold
    MODEL = auto()
    SHOWN = auto()  # what is shown in which cell


class Workspace(QObject):
    """Everything that is open. Lives in the window's thread."""

    changed = Signal(object)  # Change

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.patients: tuple[Patient, ...] = ()
        self.series: dict[str, OpenSeries] = {}  # of all patients, in the order of the tree
        self.refusals: dict[Path, Refusal] = {}
        self.rows: dict[Path, TriageRow] = {}  # one for each file
        self.readings: dict[ReadingKey, Reading] = {}
        self.cancelled: dict[Path, None] = {}  # images whose reading was cancelled, in that order; until it is resumed
        self.shown: dict[int, Place] = {}  # cell -> what it shows
        self.objects: dict[Path, DicomObject] = {}  # what was opened and is no picture
        self.shown_objects: dict[int, DicomObject] = {}  # cell -> what lies over it instead of a picture
        self.model: LoadedModel | Refusal | None = None
        self.flagged: set[str] = set()  # keys of series with a finding above threshold
        self.duplicates: dict[Path, Path] = {}  # copies of open files -> the open file
        self.indexes: set[Path] = set()  # DICOMDIRs
        self._images: dict[Path, Image] = {}
        self._of_kind: dict[ObjectKind | LayerKind, list[Path]] = {}  # in the order in which they were opened
        self._parts: dict[str, list[OpenSeries]] = {}  # by Series Instance UID
        self._of_series: dict[str, tuple[OpenSeries, ...]] = {}  # by the key of the whole series
        self._arranged: dict[str, tuple[Series, Arrangement, tuple[Stack, ...]]] = {}  # what was arranged before
        self.arrangement = Arrangement()  # the reader's
        self.character_sets: dict[str, str] = {}  # patient's key -> how to read text; until the program ends
        self._unpacked: dict[Path, Path] = {}  # archives' entries -> where their bytes lie
        self._ranks: dict[str, Rank] = {}  # patient's key -> where its first file comes among all files

    def image(self, path: Path) -> Image | None:
        """Return the open image of a file."""
        return self._images.get(path)

    def files_of(self, kind: ObjectKind | LayerKind) -> tuple[Path, ...]:
        """Return where the bytes of the open files of a kind lie, in the order in which they were opened."""
        return tuple(self._of_kind.get(kind, ()))

    def file_of(self, path: Path) -> Path:
        """Return where the bytes of an open or refused file lie: elsewhere for an archive's entry."""
        return self._unpacked.get(path, path)

    def stamp_of(self, path: Path) -> Stamp | None:
        """Return what tells an open file from another one in its place, None where that is not known."""
        one = self._images.get(path) or self.objects.get(path)
        return None if one is None else one.stamp

    def unless_written_anew(self, one: Opened) -> Opened:
        """Return what came of opening a file, refused where it is open already and was another one then.

        What is open stays as it is: its name, its picture and its reading belong together. An archive's entry is
        unpacked once, and is what it was.
        """
        stamp, outcome = self.stamp_of(one.path), one.outcome
        if one.file is not None or not isinstance(outcome, Image | DicomObject) or stamp in (None, outcome.stamp):
            return one
        return replace(one, outcome=Refusal(Reason.CHANGED, one.path))

    def place_of(self, path: Path) -> Place | None:
        """Return the first frame of an open file."""
        image = self._images.get(path)
        return None if image is None else Place(image)

    def series_of(self, place: Place | None) -> OpenSeries | None:
        """Return the series, or the part of one, in which a place is scrolled through."""
        if place is None:
            return None
        parts = self._parts.get(place.image.identity.series_uid, ())
        return next((series for series in parts if place in series), None)

    def key_of(self, place: Place | None) -> str | None:
        """Return the key of the series of a place."""
        series = self.series_of(place)
        return None if series is None else series.key

    @property
    def can_read(self) -> bool:
        """Whether there is a model."""
        return isinstance(self.model, LoadedModel)

    @property
    def may_read(self) -> bool:
        """Whether there is a model or one is still awaited."""
        return not isinstance(self.model, Refusal)

    def add(self, opened: Iterable[Opened]) -> tuple[Image, ...]:
        """Take in opened files, each once; return the images to be read: new ones, and whose reading was cancelled."""
        fresh: list[Image] = []
        again: list[Path] = []
        for one in opened:
            if one.path in self.cancelled:
                again.append(one.path)
                continue
            if one.path in self.rows and one.path not in self.refusals:
                continue
            if one.file is not None:
                self._unpacked[one.path] = one.file
            if not isinstance(one.outcome, Refusal) and self.refusals.pop(one.path, None) is not None:
                del self.rows[one.path]  # it could be opened this time
            if isinstance(one.outcome, DicomObject):
                if one.path not in self.objects:
                    self._of_kind.setdefault(one.outcome.kind, []).append(one.outcome.file)
                self.objects[one.path] = one.outcome
                continue
            if isinstance(one.outcome, Duplicate):
                self.duplicates[one.path] = one.outcome.first
                continue
            if isinstance(one.outcome, FileSet):
                self.indexes.add(one.path)
                continue
            if isinstance(one.outcome, Refusal):
                self.refusals[one.path] = one.outcome
                self.rows[one.path] = failed_row(one.path, one.outcome)
                continue
            self._images[one.path] = one.outcome
            if (kind := layer_kind(one.outcome)) is not None:
                self._of_kind.setdefault(kind, []).append(one.outcome.file)
            self.rows[one.path] = self._unread_row(one.outcome)
            fresh.append(one.outcome)
            key = patient_key(one.outcome.header, one.outcome.identity)
            self._ranks[key] = min(self._ranks.get(key, one.rank), one.rank)
        if fresh:
            self._grow(fresh)
        self.changed.emit(Change.FILES | Change.ROWS)
        return (*self.resume(again), *fresh)

    def resume(self, paths: Iterable[Path] | None = None) -> tuple[Image, ...]:
        """Let these images, or all whose reading was cancelled, wait again; return them."""
        resumed = [path for path in (tuple(self.cancelled) if paths is None else paths) if path in self.cancelled]
        for path in resumed:
            del self.cancelled[path]
            self.rows[path] = self._unread_row(self._images[path])
        if resumed:
            self.changed.emit(Change.ROWS)
        return tuple(self._images[path] for path in resumed)

    def parts_of(self, series_key: str) -> tuple[OpenSeries, ...]:
        """Return the parts in which a whole series is scrolled through."""
        return self._of_series.get(series_key, ())

    def may_join(self, series: OpenSeries) -> bool:
        """Return whether a series was split, be it joined again or not."""
        return series.stack.is_joined or len(self.parts_of(series.series_key)) > 1

    def patient_of(self, path: Path) -> str | None:
        """Return the key of the patient of an open file."""
        one = self._images.get(path) or self.objects.get(path)
        return None if one is None else patient_key(one.header, one.identity)

    def patient_in(self, cell: int) -> str | None:
        """Return the key of the patient of whom a cell shows something, or will."""
        shown, place = self.shown_objects.get(cell), self.shown.get(cell)
        one = shown or (None if place is None else place.image)
        return None if one is None else patient_key(one.header, one.identity)

    def of_patient(self, key: str) -> list[Image | DicomObject]:
        """Return the open DICOM files of a patient."""
        found: list[Image | DicomObject] = [image for image in self._images.values() if image.kind == "DICOM"]
        found += self.objects.values()
        return [one for one in found if patient_key(one.header, one.identity) == key]

    def character_set_of(self, path: Path) -> str:
        """Return the character set in which a file's text is read instead of its own, "" for its own."""
        key = self.patient_of(path)
        return "" if key is None else self.character_sets.get(key, "")

    def replace_files(self, files: Sequence[Image | DicomObject]) -> None:
        """The text of open files is read otherwise now; which patient and series they belong to does not change."""
        images = [one for one in files if isinstance(one, Image) and one.path in self._images]
        for image in images:
            self._images[image.path] = image
            self.rows[image.path] = with_header(self.rows[image.path], image.header)
        self.objects |= {one.path: one for one in files if isinstance(one, DicomObject) and one.path in self.objects}
        self.shown_objects = {cell: self.objects[one.path] for cell, one in self.shown_objects.items()}
        self.shown = {cell: replace(place, image=self._images[place.image.path]) for cell, place in self.shown.items()}
        if images:
            self._grow(images)
        self.changed.emit(Change.FILES | Change.ROWS | Change.SHOWN)

    def forget_refusal(self, path: Path) -> None:
        """A file that was not opened is tried again."""
        if self.refusals.pop(path, None) is not None:
            del self.rows[path]
            self.changed.emit(Change.FILES | Change.ROWS)

    def join(self, series: OpenSeries, is_joined: bool) -> None:
        """Join the parts of the series to which a part belongs, or take them apart again."""
        self._arrange(self.arrangement.with_joined(series.series_key, is_joined))

    def sort(self, series: OpenSeries, order: Order) -> None:
        """Put the frames of a series, or of a part, in another order."""
        self._arrange(self.arrangement.with_order(series.key, order))

    def _arrange(self, arrangement: Arrangement) -> None:
        self.arrangement = arrangement
        self._build_series()
        self.changed.emit(Change.FILES | Change.FLAGS | Change.SHOWN)

    def close_all(self) -> None:
        """Forget everything that is open; nothing on the disk changes."""
        self.patients, self.series, self.shown, self._images = (), {}, {}, {}
        self._of_kind, self._unpacked, self._ranks = {}, {}, {}
        self.refusals, self.rows, self.readings, self.flagged, self.cancelled = {}, {}, {}, set(), {}
        self.objects, self.shown_objects, self.duplicates, self._parts = {}, {}, {}, {}
        self.indexes = set()
        self._of_series, self._arranged, self.arrangement = {}, {}, Arrangement()
        self.changed.emit(Change.FILES | Change.ROWS | Change.READINGS | Change.SHOWN)

    def show(self, cell: int, place: Place | None) -> None:
        """Say what a cell shows."""
        self.shown_objects.pop(cell, None)
        if place is None:
            self.shown.pop(cell, None)
        else:
            self.shown[cell] = place
        self.changed.emit(Change.SHOWN)

    def show_object(self, cell: int, shown: DicomObject) -> None:
        """Say that an object lies over a cell, which shows no picture."""
        self.shown.pop(cell, None)
        self.shown_objects[cell] = shown
        self.changed.emit(Change.SHOWN)

    def set_model(self, model: LoadedModel | Refusal) -> None:
        """The model is there, or it is not and why; without one nothing that waits will be read."""
        self.model = model
        if isinstance(model, Refusal):
            for image in self._images.values():
                if self.rows[image.path].state in (State.WAITING, State.READING):
                    self.rows[image.path] = self._unread_row(image)
        self.changed.emit(Change.MODEL | Change.ROWS)

    def start_reading(self, key: ReadingKey) -> None:
        """A file's turn has come."""
        self._change_row(key, State.READING)

    def stop_reading(self, key: ReadingKey) -> None:
        """It made room for another and waits again."""
        row = self.rows.get(key[0])
        if row is not None and row.state is State.READING:
            self._change_row(key, State.WAITING)

    def add_reading(self, reading: Reading) -> None:
        """Keep what came of reading a frame, and where the model runs now; the file's row follows its first frame."""
        if isinstance(self.model, LoadedModel) and reading.device:
            self.model = replace(self.model, device=reading.device)
        image = self._images.get(reading.path)
        if image is None:
            return  # closed meanwhile
        self.readings[reading.path, reading.frame_index] = reading
        if reading.frame_index == 0:
            self.cancelled.pop(reading.path, None)
            self.rows[reading.path] = row_of(reading, image.header)
        self.changed.emit(Change.READINGS | Change.ROWS | self._update_flag(image))

    def wanting_age(self, examination: tuple[str, str]) -> list[Image]:
        """Return the images of a patient's study (`examination_key`) whose first frame's reading wants the age."""
        return [
            image for image in self._images.values() if examination_key(image) == examination
            and (reading := self.readings.get((image.path, 0))) is not None and reading.wants_age
        ]

    def forget_reading(self, key: ReadingKey) -> None:
        """The frame is to be read again."""
        self.readings.pop(key, None)
        self._change_row(key, State.WAITING)
        if (image := self._images.get(key[0])) is not None:
            self.changed.emit(Change.READINGS | self._update_flag(image))

    def cancel_waiting(self, paths: Iterable[Path]) -> None:
        """These files will not be read until somebody asks again: nobody has read them, which their rows say."""
        for path in paths:
            if path in self._images and (path, 0) not in self.readings:
                self.cancelled[path] = None
                row = self._failed(self._images[path], Refusal(Reason.CANCELLED))
                self.rows[path] = replace(row, priority=Priority.UNKNOWN)  # it waits for a person, as for its turn
        self.changed.emit(Change.ROWS)

    def _grow(self, images: list[Image]) -> None:
        patients = add_images(self.patients, images)
        self.patients = tuple(sorted(patients, key=lambda patient: self._ranks[patient.key]))
        self._build_series()

    def _build_series(self) -> None:
        """Make the series anew from the tree and the reader's choices; what did not change is the same object."""
        known = self.series
        self.series, self._parts, self._of_series = {}, {}, {}
        for series in (one for patient in self.patients for study in patient.studies for one in study.series):
            for stack in self._arranged_stacks(series):
                old = known.get(stack.key)
                same = old is not None and old.stack is stack
                part = old if old is not None and same else OpenSeries(stack.key, stack, series.key)
                self.series[stack.key] = part
                self._parts.setdefault(series.uid, []).append(part)
                self._of_series[series.key] = (*self._of_series.get(series.key, ()), part)
                if part is not old:
                    self._flag(part)
        self.flagged &= self.series.keys()

    def _arranged_stacks(self, series: Series) -> tuple[Stack, ...]:
        before = self._arranged.get(series.key)
        if before is None or before[0] is not series or before[1] is not self.arrangement:
            before = self._arranged[series.key] = series, self.arrangement, arranged(series, self.arrangement)
        return before[2]

    def _update_flag(self, image: Image) -> Change:
        """Look again whether the image's series is flagged; return what changed."""
        before = set(self.flagged)
        for part in self._parts.get(image.identity.series_uid, ()):
            self._flag(part)
        return Change.FLAGS if before != self.flagged else Change(0)

    def _flag(self, series: OpenSeries) -> None:
        if any(self.rows[one.path].priority is Priority.FLAGGED for one in series.images):
            self.flagged.add(series.key)
        else:
            self.flagged.discard(series.key)

    def _change_row(self, key: ReadingKey, state: State) -> None:
        path, frame_index = key
        image = self._images.get(path)
        if image is not None and frame_index == 0 and key not in self.readings:
            self.cancelled.pop(path, None)
            self.rows[path] = replace(with_header(waiting_row(path), image.header), state=state)
            self.changed.emit(Change.ROWS)

    def _unread_row(self, image: Image) -> TriageRow:
        if isinstance(self.model, Refusal):
            return self._failed(image, self.model)
        return with_header(waiting_row(image.path), image.header)

    @staticmethod
    def _failed(image: Image, refusal: Refusal) -> TriageRow:
        row = with_header(waiting_row(image.path), image.header)
        return replace(row, state=State.FAILED, reason=reason_text(refusal), priority=Priority.LOOK)
