"""The one background thread of the network: reads what is looked at first, then the list."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.dicom.whole_pydicom import import_whole_pydicom
from core.findings.finding import ModelIdentity, Reading, Verdict
from core.imaging.frame_cache import FrameCache, through_cache
from core.imaging.image import Image
from core.refusal import Reason, Refusal
from core.studies.study import examination_key
from gui.threads.job_thread import JobThread, Overtaken, Report

ReadingKey = tuple[Path, int]  # file, frame index


@dataclass(frozen=True)
class LoadJob:
    """Load the model in this folder; `device` is a wish, "auto" or a name."""

    folder: Path
    device: str


@dataclass(frozen=True)
class ReadJob:
    """Read one frame. `keep` says that its pixels are worth keeping, since somebody looks at them.

    `age_years` is the patient's age where a person stated it; that of the file goes before it.
    """

    image: Image
    frame_index: int
    keep: bool
    age_years: float | None = None

    @property
    def key(self) -> ReadingKey:
        """What the reading is filed under."""
        return self.image.path, self.frame_index


@dataclass(frozen=True)
class LoadedModel:
    """What the window knows of the model; `device` is where the newest reading was made, at first where it runs."""

    identity: ModelIdentity
    device: str
    labels: tuple[str, ...]
    not_assessed: tuple[str, ...]


class _Reader:
    """Holds the model; used in the reading thread only."""

    def __init__(self, cache: FrameCache) -> None:
        self._cache = cache
        self._model: Any = None

    def __call__(self, job: object, overtaken: Overtaken, report: Report) -> object:
        match job:
            case LoadJob():
                return self._load(job)
            case ReadJob():
                from core.reading.asking import age_in_years
                from core.reading.read_image import read_image

                image = through_cache(job.image, self._cache, job.keep)
                # it was stated because a file of the study has none: one that has its own keeps that
                stated = job.age_years if age_in_years(image.header) is None else None
                return read_image(image, self._model, job.frame_index, overtaken, age_years=stated)
            case _:
                raise TypeError(type(job).__name__)

    def _load(self, job: LoadJob) -> LoadedModel | Refusal:
        from core.reading.torch_preload import no_collections, preload_torch

        with no_collections():
            preload_torch()
            import_whole_pydicom()
            from core.reading.read_image import leave_a_core_free, load_model

            leave_a_core_free()
            model = load_model(job.folder, job.device)
        if isinstance(model, Refusal):
            return model
        self._model = model
        labels = tuple(spec.label for spec in model.card.findings)
        return LoadedModel(model.identity, model.device, labels, model.card.not_assessed)


class ReadingThread(JobThread):
    """The window's one door to the network.

    load() the model once; then ask() for what is looked at, which overtakes an earlier ask and goes before the queue,
    and enqueue() what is to be read when nothing is asked. Nothing is read before the model is there.
    """

    model_loaded = Signal(object)  # LoadedModel
    model_refused = Signal(object)  # Refusal
    started = Signal(object)  # ReadingKey
    overtaken = Signal(object)  # ReadingKey: it made room for another
    answered = Signal(object)  # Reading
    queue_changed = Signal()

    def __init__(self, cache: FrameCache, parent: QObject | None = None) -> None:
        super().__init__("reading", _Reader(cache), parent)
        self._load: LoadJob | None = None
        self._asked: ReadJob | None = None
        self._queue: OrderedDict[ReadingKey, ReadJob] = OrderedDict()
        # a patient's study (`examination_key`) -> the patient's age in years, as a person stated it
        self._ages: dict[tuple[str, str], float] = {}
        self._is_ready = False
        self._is_dropped = False  # the job in flight was cancelled, not only overtaken
        self.queue_total = 0  # since the queue was last empty

    def load(self, folder: Path, device: str = "auto") -> None:
        """Load a model; hear `model_loaded` or `model_refused`."""
        self._load = LoadJob(folder, device)
        self._hand_next()

    def ask(self, image: Image, frame_index: int = 0) -> None:
        """Ask for what is looked at; every earlier ask is stale at once, a job of the queue waits its turn again."""
        job = ReadJob(image, frame_index, keep=True)
        running = self._running
        if running is not None and running.key == job.key:
            self._asked = None  # its answer is on the way
            return
        self._asked = job
        if running is not None:
            self._overtake()
        self._hand_next()

    def state_age(self, examination: tuple[str, str], years: float | None) -> None:
        """Read a patient's study (`examination_key`) as of this age from now on; with None as of that in the files."""
        self._ages.pop(examination, None)
        if years is not None:
            self._ages[examination] = years
        if self._running is not None and examination_key(self._running.image) == examination:
            self._overtake()

    def forget_ages(self) -> None:
        """Everything was closed: no age is known any more."""
        self._ages.clear()

    def cancel_ask(self) -> None:
        """Nobody looks any more."""
        self._asked = None
        if self._running is not None and self._running.keep:
            self._overtake()

    def enqueue(self, images: Iterable[Image]) -> None:
        """Read the first frame of each image when nothing is asked, in this order."""
        jobs = {job.key: job for job in (ReadJob(image, 0, keep=False) for image in images)}
        self.queue_total += sum(key not in self._queue for key in jobs)
        self._queue.update(jobs)
        self.queue_changed.emit()
        self._hand_next()

    def cancel(self) -> tuple[Path, ...]:
        """Drop all that runs or waits and return its files; the model stays."""
        # what was overtaken a moment ago is in flight still, and would wait its turn again
        in_flight = self._in_flight.job if self._in_flight is not None else None
        running = in_flight if isinstance(in_flight, ReadJob) else None
        jobs = [running, self._asked, *self._queue.values()]
        if running is not None:
            self._overtake()
            self._is_dropped = True
        self._asked = None
        self._queue.clear()
        self.queue_total = 0
        self.queue_changed.emit()
        return tuple(dict.fromkeys(job.image.path for job in jobs if job is not None))

    @property
    def waiting_count(self) -> int:
        """How many files of the list are not read yet, the one being read among them."""
        running = self._running
        return len(self._queue) + (running is not None and not running.keep)

    @property
    def running_key(self) -> ReadingKey | None:
        """What is being read."""
        return self._running.key if self._running is not None else None

    def position(self, key: ReadingKey) -> int | None:
        """Return the place in line of a frame that waits, 1 is the next; None where it does not wait."""
        if self._asked is not None and self._asked.key == key:
            return 1
        if key not in self._queue:
            return None
        ahead = 1 if self._asked is not None else 0
        return list(self._queue).index(key) + 1 + ahead

    @property
    def _running(self) -> ReadJob | None:
        job = self._in_flight.job if self._in_flight is not None else None
        # an overtaken job no longer counts as running
        is_current = self._in_flight is not None and self._in_flight.generation == self._counter.newest
        return job if isinstance(job, ReadJob) and is_current else None

    def _has_waiting(self) -> bool:
        return self._load is not None or (self._is_ready and (self._asked is not None or bool(self._queue)))

    def _take_next(self) -> object | None:
        if self._load is not None:
            load, self._load = self._load, None
            return load
        if not self._is_ready:
            return None
        job, self._asked = self._asked, None
        if job is None:
            job = self._queue.popitem(last=False)[1] if self._queue else None
        if job is None:
            return None
        self.started.emit(job.key)
        return replace(job, age_years=self._ages.get(examination_key(job.image)))

    def _answer(self, job: object, outcome: object, is_late: bool) -> None:
        if isinstance(job, LoadJob):
            self._model_answer(job, outcome)
            return
        assert isinstance(job, ReadJob)
        if is_late:
            self._late(job)
            return
        if not isinstance(outcome, Reading):
            refusal = Refusal(Reason.FAILED, job.image.path)
            outcome = Reading(job.image.path, job.frame_index, Verdict.FAILED, refusal=refusal)
        self._queue.pop(job.key, None)
        if not self._queue:
            self.queue_total = 0
        self.answered.emit(outcome)
        self.queue_changed.emit()

    def _late(self, job: ReadJob) -> None:
        """A job of the list that made room goes back to its head; an overtaken ask, or what was cancelled, is gone."""
        if self._is_dropped:
            self._is_dropped = False
            return
        if not job.keep:
            self._queue[job.key] = job
            self._queue.move_to_end(job.key, last=False)
        self.overtaken.emit(job.key)

    def _model_answer(self, job: LoadJob, outcome: object) -> None:
        if isinstance(outcome, LoadedModel):
            self._is_ready = True
            self.model_loaded.emit(outcome)
            return
        self._is_ready = False
        self._asked = None
        self._queue.clear()
        self.queue_total = 0
        refusal = outcome if isinstance(outcome, Refusal) else Refusal(Reason.FAILED, job.folder)
        self.model_refused.emit(refusal)
        self.queue_changed.emit()
