"""gui.threads: work elsewhere, answers here; the newest question is the one that counts."""

import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import numpy as np
import pytest

from core.findings.finding import Reading, Verdict
from core.imaging.frame_cache import FrameCache
from core.imaging.image import Frame, Image
from core.refusal import Reason, Refusal
from core.studies.opened import OpenFiles
from gui.threads.frame_thread import FrameThread
from gui.threads.job_thread import JobThread
from gui.threads.object_thread import ObjectThread
from gui.threads.reading_thread import LoadedModel, ReadingThread
from gui.threads.scan_thread import ScanJob, ScanThread, scan_files
from tests.make.dicom import make_dicom
from tests.make.image import make_image


class Queue(JobThread):
    """The plainest job thread: a queue of callables."""

    def __init__(self) -> None:
        super().__init__("queue", lambda job, overtaken, report: job(overtaken, report))
        self.waiting: deque = deque()
        self.answers: list[tuple[object, bool]] = []
        self.reports: list[object] = []

    def put(self, job) -> None:
        self.waiting.append(job)
        self._hand_next()

    def _has_waiting(self) -> bool:
        return bool(self.waiting)

    def _take_next(self):
        return self.waiting.popleft() if self.waiting else None

    def _answer(self, job, outcome, is_late) -> None:
        self.answers.append((outcome, is_late))

    def _reported(self, report) -> None:
        self.reports.append(report)


@pytest.fixture
def queue(qapp):
    thread = Queue()
    yield thread
    assert thread.close()


def test_jobs_run_elsewhere_one_after_the_other_and_answers_come_here(queue, qtbot) -> None:
    here, places, answered_in = threading.get_ident(), [], []
    queue._worker.finished.connect(lambda response: None)
    original = queue._answer

    def answer(*arguments, **named):
        answered_in.append(threading.get_ident())
        original(*arguments, **named)

    queue._answer = answer
    for number in range(3):
        queue.put(lambda overtaken, report, number=number: places.append(threading.get_ident()) or number)
    with qtbot.waitSignal(queue.idle):
        pass
    assert [outcome for outcome, _ in queue.answers] == [0, 1, 2]
    assert len(set(places)) == 1
    assert here not in places
    assert set(answered_in) == {here}


def test_a_job_that_raises_does_not_end_the_thread(queue, qtbot, caplog) -> None:
    queue.put(lambda overtaken, report: 1 / 0)
    queue.put(lambda overtaken, report: "still here")
    with qtbot.waitSignal(queue.idle):
        pass
    first, second = (outcome for outcome, _ in queue.answers)
    assert isinstance(first, ZeroDivisionError)
    assert second == "still here"
    assert "a job of the queue thread failed" in caplog.text


def test_an_overtaken_job_is_told_and_its_answer_is_late(queue, qtbot) -> None:
    started = threading.Event()

    def job(overtaken, report):
        started.set()
        while not overtaken():
            time.sleep(0.001)
        return "stopped"

    queue.put(job)
    assert started.wait(5)
    queue._overtake()
    with qtbot.waitSignal(queue.idle):
        pass
    assert queue.answers == [("stopped", True)]


def test_reports_come_before_the_answer(queue, qtbot) -> None:
    queue.put(lambda overtaken, report: [report(number) for number in range(3)])
    with qtbot.waitSignal(queue.idle):
        pass
    assert queue.reports == [0, 1, 2]


def test_close_during_a_job_returns_and_nothing_is_answered(qapp, qtbot) -> None:
    thread, started = Queue(), threading.Event()

    def job(overtaken, report):
        started.set()
        while not overtaken():
            time.sleep(0.001)

    thread.put(job)
    assert started.wait(5)
    assert thread.close()
    qtbot.wait(20)
    assert thread.answers == []


def test_close_says_when_a_job_does_not_end_in_time(qapp, caplog) -> None:
    thread, may_end, started = Queue(), threading.Event(), threading.Event()

    def job(overtaken, report):
        started.set()
        may_end.wait(10)

    thread.put(job)
    assert started.wait(5)
    assert not thread.close(timeout_ms=20)
    assert "did not end in time" in caplog.text
    may_end.set()
    assert thread.close()


# frames


def counted_image(name: str, calls: list, wait: threading.Event | None = None, frames: int = 9) -> Image:
    def load(index: int) -> Frame | Refusal:
        calls.append((name, index))
        if wait is not None:
            wait.wait(10)
        if index >= frames:
            return Refusal(Reason.NO_SUCH_FRAME)
        return Frame(np.full((8, 8), index, np.uint8))

    frame = Frame(np.zeros((8, 8), np.uint8))
    from dataclasses import replace

    return replace(make_image(frame), path=Path(name), frame_count=frames, load_frame=load)


@pytest.fixture
def frames(qapp):
    thread = FrameThread(FrameCache(10_000))
    yield thread
    assert thread.close()


def test_of_three_asks_of_a_cell_only_the_newest_is_answered(frames, qtbot) -> None:
    calls, gate, answers = [], threading.Event(), []
    frames.answered.connect(lambda answer: answers.append((answer.slot, answer.frame_index)))
    image = counted_image("a", calls, gate)
    for index in (0, 1, 2):
        frames.ask(0, image, index)
    frames.ask(1, image, 5)
    gate.set()
    with qtbot.waitSignal(frames.idle):
        pass
    assert answers == [(0, 2), (1, 5)]
    assert ("a", 1) not in calls


def test_what_is_asked_goes_before_neighbors_and_thumbnails(frames, qtbot) -> None:
    calls, gate = [], threading.Event()
    image, other = counted_image("a", calls, gate), counted_image("b", calls, gate)
    frames.ask(0, image, 0)
    frames.ask_thumbnail(other)
    frames.prefetch([(image, 1), (image, 2)])
    frames.ask(1, image, 7)
    frames.prefetch([(image, 6)])
    gate.set()
    with qtbot.waitSignal(frames.idle):
        pass
    assert calls == [("a", 0), ("a", 7), ("a", 6), ("b", 0)]


def test_a_thumbnail_is_of_the_frame_that_is_asked_for(frames, qtbot) -> None:
    made = []
    frames.thumbnail_made.connect(lambda path, index, pixels: made.append((path, index, pixels.shape)))
    calls = []
    image = counted_image("a", calls)
    for index in (0, 3):
        frames.ask_thumbnail(image, index)
    with qtbot.waitSignal(frames.idle):
        pass
    assert calls == [("a", 0), ("a", 3)]
    assert made == [(image.path, 0, (8, 8)), (image.path, 3, (8, 8))]


def test_a_prefetched_frame_is_not_decoded_again(frames, qtbot) -> None:
    calls = []
    image = counted_image("a", calls)
    frames.prefetch([(image, 3)])
    with qtbot.waitSignal(frames.idle):
        pass
    with qtbot.waitSignal(frames.answered) as answered:
        frames.ask(0, image, 3)
    assert isinstance(answered.args[0].outcome, Frame)
    assert calls == [("a", 3)]


def test_what_a_cell_shows_stays_at_hand_whatever_is_looked_ahead_at(frames, qtbot) -> None:
    calls = []
    image = counted_image("a", calls, frames=500)
    with qtbot.waitSignal(frames.answered):
        frames.ask(0, image, 0)
    with qtbot.waitSignal(frames.idle):
        frames.prefetch([(image, index) for index in range(1, 400)])
    with qtbot.waitSignal(frames.answered):
        frames.ask(1, image, 0)
    assert calls.count(("a", 0)) == 1
    frames.forget(0)
    frames.forget(1)
    with qtbot.waitSignal(frames.idle):
        frames.prefetch([(image, index) for index in range(1, 400)])
    with qtbot.waitSignal(frames.answered):
        frames.ask(0, image, 0)
    assert calls.count(("a", 0)) == 2


def test_a_frame_that_cannot_be_decoded_is_answered_with_the_refusal(frames, qtbot) -> None:
    with qtbot.waitSignal(frames.answered) as answered:
        frames.ask(0, counted_image("a", [], frames=2), 5)
    assert answered.args[0].outcome.reason is Reason.NO_SUCH_FRAME


def test_a_cell_that_shows_something_else_is_not_answered(frames, qtbot) -> None:
    gate = threading.Event()
    frames.ask(0, counted_image("a", [], gate), 0)
    frames.forget(0)
    with qtbot.assertNotEmitted(frames.answered):
        gate.set()
        qtbot.waitUntil(lambda: not frames.is_busy)


def test_a_cell_awaits_its_frame_until_that_is_told_or_not_wanted_any_more(frames, qtbot) -> None:
    told = []
    frames.answered.connect(lambda answer: told.append(frames.awaits(answer.slot)))
    assert not frames.awaits(0)
    for index in range(2):
        frames.ask(0, counted_image("a", []), index)
    assert (frames.awaits(0), frames.awaits(1)) == (True, False)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [False]  # whoever hears of it may ask for the next
    for forget in (lambda: frames.forget(0), frames.forget_all):
        frames.ask(0, counted_image("a", []), 5)
        forget()
        assert not frames.awaits(0)


def test_nothing_is_told_of_what_was_asked_before_everything_was_forgotten(frames, qtbot) -> None:
    calls, gate, told = [], threading.Event(), []
    frames.answered.connect(told.append)
    frames.thumbnail_made.connect(lambda *thumbnail: told.append(thumbnail))
    old, new = counted_image("a", calls, gate), counted_image("a", calls, gate)
    frames.ask_thumbnail(old)
    frames.ask(0, old, 1)
    qtbot.waitUntil(lambda: calls == [("a", 0)])
    frames.forget_all()
    frames.ask_thumbnail(new, 2)
    gate.set()
    with qtbot.waitSignal(frames.idle):
        pass
    assert [(path, index) for path, index, _ in told] == [(new.path, 2)]


# objects


@pytest.fixture
def objects(qapp):
    thread = ObjectThread()
    yield thread
    assert thread.close()


def test_no_object_comes_of_what_was_asked_before_everything_was_forgotten(objects, qtbot) -> None:
    path, gate, started, told = Path("a"), threading.Event(), threading.Event(), []

    def slow() -> str:
        started.set()
        gate.wait(10)
        return "old"

    objects.ask("document", path, slow, told.append)
    objects.ask("header", path, lambda: "old", told.append)
    assert started.wait(5)
    objects.forget_all()
    objects.ask("document", path, lambda: "new", told.append)
    gate.set()
    with qtbot.waitSignal(objects.idle):
        pass
    assert told == ["new"]


def test_what_somebody_looks_at_goes_before_what_was_opened_with_it(objects, qtbot) -> None:
    gate, started, done = threading.Event(), threading.Event(), []

    def slow() -> None:
        started.set()
        gate.wait(10)

    objects.ask("segmentation a", Path("a"), slow, lambda outcome: done.append("a"))
    assert started.wait(5)
    objects.ask("segmentation b", Path("b"), lambda: None, lambda outcome: done.append("b"))
    objects.ask("header", Path("x"), lambda: None, lambda outcome: done.append("first header"), is_looked_at=True)
    objects.ask("object 0", Path("y"), lambda: None, lambda outcome: done.append("object"), is_looked_at=True)
    objects.ask("header", Path("z"), lambda: None, lambda outcome: done.append("header"), is_looked_at=True)
    gate.set()
    with qtbot.waitSignal(objects.idle):
        pass
    assert done == ["a", "object", "header", "b"]


# reading


@pytest.fixture
def reading(qapp, model_folder):
    thread = ReadingThread(FrameCache(10_000_000))
    thread.load(model_folder, "cpu")
    yield thread
    assert thread.close()


@pytest.fixture
def images(tmp_path):
    from core.dicom.load_image import load_image

    noise = np.random.default_rng(1).integers(0, 4000, (160, 140), dtype=np.uint16)
    return [load_image(make_dicom(tmp_path / f"{number}.dcm", noise + number)) for number in range(3)]


def test_nothing_is_read_before_the_model_is_there(reading, images, qtbot) -> None:
    order = []
    reading.model_loaded.connect(lambda model: order.append(model))
    reading.answered.connect(lambda answer: order.append(answer))
    reading.ask(images[0])
    with qtbot.waitSignal(reading.answered, timeout=20_000):
        pass
    assert isinstance(order[0], LoadedModel)
    assert isinstance(order[1], Reading)
    assert order[1].verdict is Verdict.FITS


def test_the_list_is_read_in_its_order_once_each_and_the_places_in_line_are_known(reading, images, qtbot) -> None:
    answered = []
    reading.answered.connect(lambda answer: answered.append(answer.path))
    reading.enqueue(images)
    assert [reading.position((image.path, 0)) for image in images] == [1, 2, 3]
    qtbot.waitUntil(lambda: len(answered) == 3, timeout=20_000)
    assert answered == [image.path for image in images]
    assert reading.waiting_count == 0
    assert reading.queue_total == 0


def test_an_ask_for_what_waits_in_the_list_reads_it_once(reading, images, qtbot) -> None:
    answered = []
    reading.answered.connect(lambda answer: answered.append(answer.path))
    reading.enqueue(images)
    reading.ask(images[2])
    qtbot.waitUntil(lambda: not reading.is_busy, timeout=20_000)
    assert answered == [images[2].path, images[0].path, images[1].path]


def test_cancel_names_what_will_not_be_read_and_the_thread_goes_on(reading, images, qtbot) -> None:
    with qtbot.waitSignal(reading.model_loaded, timeout=20_000):
        pass
    with qtbot.assertNotEmitted(reading.answered):
        reading.enqueue(images)
        dropped = reading.cancel()
        qtbot.waitUntil(lambda: not reading.is_busy)
    assert dropped == tuple(image.path for image in images)
    with qtbot.waitSignal(reading.answered, timeout=10_000):
        reading.ask(images[1])


def test_what_was_overtaken_just_before_a_cancel_is_not_read_after_it(reading, images, qtbot) -> None:
    with qtbot.waitSignal(reading.model_loaded, timeout=20_000):
        pass
    with qtbot.assertNotEmitted(reading.answered):
        reading.enqueue(images[:2])
        reading.ask(images[2])  # overtakes the first, which is in flight until it notices
        dropped = reading.cancel()
        qtbot.waitUntil(lambda: not reading.is_busy)
    assert set(dropped) == {image.path for image in images}


def test_a_folder_that_is_no_model_is_refused_and_asks_are_dropped(qapp, tmp_path, images, qtbot) -> None:
    thread = ReadingThread(FrameCache(0))
    thread.ask(images[0])
    with qtbot.waitSignal(thread.model_refused, timeout=20_000) as refused:
        thread.load(tmp_path / "none")
    assert refused.args[0].reason is Reason.MODEL_MISSING
    assert not thread.is_busy
    assert thread.close()


# scanning


@pytest.fixture
def scan(qapp):
    thread = ScanThread()
    yield thread
    assert thread.close()


def test_the_walk_reports_every_file_the_first_one_at_once(scan, tmp_path, qtbot) -> None:
    for number in range(30):
        (tmp_path / f"{number:02d}.txt").write_text("text")
    batches = []
    scan.opened.connect(batches.append)
    with qtbot.waitSignal(scan.finished, timeout=10_000) as finished:
        scan.scan([tmp_path])
    assert finished.args == [30]
    assert len(batches[0]) == 1
    assert [one.path.name for batch in batches for one in batch] == [f"{number:02d}.txt" for number in range(30)]


def test_a_file_that_breaks_the_opener_costs_only_itself(scan, tmp_path, qtbot, monkeypatch, caplog) -> None:
    from tests.make.latency import patch_load_image

    for name in ("a", "b"):
        (tmp_path / name).write_text("text")

    def breaking(real):
        def load(path):
            if path.name == "a":
                raise RuntimeError("bug")
            return real(path)

        return load

    patch_load_image(monkeypatch, breaking)
    opened = []
    scan.opened.connect(opened.extend)
    with qtbot.waitSignal(scan.finished, timeout=10_000):
        scan.scan([tmp_path])
    assert [one.outcome.reason for one in opened] == [Reason.FAILED, Reason.NOT_AN_IMAGE]
    assert "failed" in caplog.text


@pytest.mark.slow
def test_two_threads_may_need_pydicom_for_the_first_time_at_once(tmp_path):
    code = f"""
import sys, threading, time
from importlib.machinery import PathFinder
from pathlib import Path
import torch  # as in a window that has been open for a while: nothing else is slow any more
from core.imaging.frame_cache import FrameCache
from core.studies.opened import OpenFiles
from gui.threads.reading_thread import LoadJob, _Reader
from gui.threads.scan_thread import ScanJob, scan_files
folder, failed, begun = Path({str(tmp_path)!r}), [], threading.Event()
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name != "pydicom":
            return None
        spec = PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (begun.set(), time.sleep(2), execute(module))
        return spec
sys.meta_path.insert(0, Slow())
def run(work):
    try:
        work()
    except Exception as error:
        failed.append(error)
def load():
    _Reader(FrameCache(1 << 20))(LoadJob(folder, "cpu"), lambda: False, print)
def scan():
    begun.wait()
    scan_files(ScanJob((folder,), OpenFiles()), lambda: False, print)
threads = [threading.Thread(target=run, args=(work,)) for work in (load, scan)]
for one in threads: one.start()
for one in threads: one.join()
assert not failed, failed
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_first_file_in_its_place_is_told_at_once_however_soon_it_comes_after_an_early_one(tmp_path, monkeypatch):
    for number in range(6):
        make_dicom(tmp_path / f"{number:02d}", np.full((4, 4), number, np.uint8))
    monkeypatch.setattr("core.studies.scan.HEAD", 2)
    monkeypatch.setattr("core.studies.scan.first_names", lambda folder, count: ["05", "04"])
    monkeypatch.setattr("gui.threads.scan_thread.REPORT_S", 1000.0)
    told = []
    assert scan_files(ScanJob((tmp_path,), OpenFiles()), lambda: False, told.append) == 6
    assert [[(one.path.name, one.is_early) for one in part.opened] for part in told] == [
        [("04", True)], [("00", False)], [("01", False), ("02", False), ("03", False), ("05", False)],
    ]
