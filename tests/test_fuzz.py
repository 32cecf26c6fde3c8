"""tests/fuzz: a case is always the same file, and a first few of them do no harm; `make fuzz` runs many."""

import pytest

from core.dicom.load_image import load_image
from tests.fuzz import layers
from tests.fuzz.mutate import read_seed
from tests.fuzz.run import fault_of
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
    monkeypatch.setattr(layers, "presented", lambda frame, shown, screen: drawn.append("state") or frame)
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
