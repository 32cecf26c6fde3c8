"""tests/fuzz: a case is always the same file, and a first few of them do no harm; `make fuzz` runs many."""

import gc
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import pytest

from core.dicom.header_tree import read_header_tree
from core.dicom.load_image import load_image
from core.imaging.image import Frame
from core.refusal import Refusal
from tests.fuzz import layers
from tests.fuzz.bombs import BOMBS
from tests.fuzz.mutate import read_seed
from tests.fuzz.peak import forget_peak, peak_bytes
from tests.fuzz.run import BYTES, SECONDS, Slowest, fault_of
from tests.fuzz.seeds import seeds
from tests.fuzz.worker import case_bytes, open_all

pytestmark = pytest.mark.filterwarnings("ignore")  # of damaged files, which the program does not show
CASES = 150


@pytest.fixture(scope="module")
def found():
    return seeds()


def test_seeds_are_of_every_kind(found):
    assert sum(bool(seed.elements) for seed in found) > 40
    assert {"PNG", "TIFF", "deflated-gray", "jpegls-color", "frames-rle", "segmentation-BINARY", "parametric-map",
            "structures", "state"} <= {seed.name for seed in found}


def test_layers_that_are_whole_are_laid_over(found, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(layers, "presented", lambda frame, shown: drawn.append("state") or frame)
    for name, kind in (("structures", "read_structure_set"), ("segmentation-BINARY", "read_segmentation"),
                       ("parametric-map", "read_parametric_map")):
        (tmp_path / name).write_bytes(next(seed.raw for seed in found if seed.name == name))
        image, frame = layers.slice_and_frame()
        assert getattr(layers, kind)(tmp_path / name).on_frame(image, 0, frame)
    (tmp_path / "state").write_bytes(next(seed.raw for seed in found if seed.name == "state"))
    layers.lay_over(tmp_path / "state", load_image(tmp_path / "state"))
    assert drawn == ["state"]


def test_a_case_is_always_the_same_and_mostly_no_copy_of_its_seed(found):
    same = 0
    for number in range(CASES):
        assert case_bytes(found, number) == case_bytes(found, number)
        same += case_bytes(found, number)[1] == found[number % len(found)].raw
    assert same < CASES / 5


def test_elements_of_a_seed_lie_where_they_are_said_to(found):
    seed = next(one for one in found if one.name == "explicit-gray")
    for element in seed.elements:
        group, number = element.tag >> 16, element.tag & 0xFFFF
        assert seed.raw[element.start:element.start + 4] == group.to_bytes(2, "little") + number.to_bytes(2, "little")
    assert read_seed("text", b"not dicom").elements == ()


@pytest.fixture(scope="module")
def opens():
    """A process that only opens files: what other tests did in this one is not on a file's account."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("name", BOMBS)
def test_what_was_crafted_to_take_long_does_not(opens, tmp_path, name):
    (tmp_path / "a").write_bytes(BOMBS[name]())
    seconds, more = opens.submit(cost_of_opening, tmp_path / "a").result()
    assert seconds < SECONDS
    assert more < BYTES


def cost_of_opening(path):
    """Return the processor's seconds and the bytes that opening a file costs."""
    gc.collect()
    before, started = forget_peak(), time.process_time()
    image = load_image(path)
    found = image if isinstance(image, Refusal) else image.frame()
    assert isinstance(found, Frame | Refusal)
    assert isinstance(read_header_tree(path), tuple | Refusal)
    seconds, more = time.process_time() - started, peak_bytes() - before
    return seconds, more


@pytest.mark.parametrize("first", range(0, CASES, 50))
def test_some_cases_do_no_harm(found, tmp_path, first):
    for number in range(first, first + 50):
        path = tmp_path / "case"
        path.write_bytes(case_bytes(found, number)[1])
        outcome, _ = open_all(path)
        assert outcome


def test_what_counts_as_a_fault():
    fine = {"outcome": "image", "busy": 0.1, "seconds": 0.1, "bytes": 0}
    assert fault_of(fine) == ""
    assert fault_of(fine | {"busy": 2.5}) == "slow"
    assert fault_of(fine | {"seconds": 4.0}) == "slow"
    assert fault_of(fine | {"bytes": 1 << 30}) == "memory"
    assert fault_of({"outcome": "death"}) == "death"


def test_the_slowest_kinds_are_named_by_the_work_that_they_make():
    slowest = Slowest()
    for seed, number, busy, helped, seconds in (
            ("PNG", "1", 0.1, 0.0, 9.0), ("J2K", "2", 0.1, 1.5, 1.6), ("PNG", "3", 0.3, 0.0, 0.3)):
        slowest.add({"seed": seed, "number": number, "busy": busy, "helped": helped, "seconds": seconds,
                     "outcome": "image"})
    first, second = slowest.lines()
    assert "J2K, case 2" in first and "1.50 s in helpers" in first
    assert "PNG, case 3" in second and "0.30 s of work" in second
    assert slowest.lines(1) == [first]
