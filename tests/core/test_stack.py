"""A series is split where its frames lie or were taken differently, and each part says why."""

from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.image import Frame, FrameFacts, Header, Identity, Image
from core.studies.order import SAME_ORIENTATION, Traits
from core.studies.stack import Split, _orientation_of, split_series

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


def made(name="a", number="", facts=(), frame_count=1, columns=2, **header) -> Image:
    return Image(Path(name), "DICOM", Identity("1", "1.1", name), Header(instance_number=number, **header), 2, columns,
                 frame_count, False, lambda index: Frame(np.zeros((2, 2), np.uint8)), tuple(facts))


def slice_at(z: float, orientation=AXIAL, **facts) -> FrameFacts:
    normal = np.cross(orientation[:3], orientation[3:])
    return FrameFacts(tuple(float(one) for one in normal * z), orientation, **facts)


def slices(count=3, orientation=AXIAL, start=0, **facts) -> list[Image]:
    return [made(f"{start + n}", str(start + n), [slice_at(n * 5.0, orientation, **facts)]) for n in range(count)]


def shape(stacks) -> dict[str, list[tuple[str, int]]]:
    return {stack.label: [(frame.image.path.name, frame.index) for frame in stack.frames] for stack in stacks}


def test_a_series_of_one_kind_is_whole_and_has_the_series_key():
    (stack,) = split_series("key", slices())
    assert (stack.key, stack.label, stack.splits) == ("key", "", ())


def test_orientations_are_split_and_named_by_their_planes():
    stacks = split_series("key", [*slices(), *slices(4, SAGITTAL, 10), *slices(2, CORONAL, 20)])
    assert {label: len(frames) for label, frames in shape(stacks).items()} == {"axial": 3, "sagittal": 4, "coronal": 2}
    assert stacks[0].splits == (Split("orientations", 3),)
    assert {stack.key for stack in stacks} == {"key/axial", "key/sagittal", "key/coronal"}


def test_two_orientations_in_one_plane_are_numbered():
    tilted = (1.0, 0.0, 0.0, 0.0, float(np.cos(0.2)), float(np.sin(0.2)))
    assert set(shape(split_series("key", [*slices(), *slices(3, tilted, 10)]))) == {"axial", "axial 2"}


def test_noise_in_the_cosines_splits_nothing():
    noisy = (1.0, 0.0, 0.0004, 0.0, 1.0, 0.0)
    assert len(split_series("key", [*slices(), *slices(3, noisy, 10)])) == 1


def test_thousands_of_orientations_take_no_time():
    turned = [(float(np.cos(a)), float(np.sin(a)), 0.0, 0.0, 0.0, -1.0) for a in np.linspace(0, 6, 3000)]
    images = [made(f"{n}", str(n), [slice_at(0.0, one)]) for n, one in enumerate(turned)]
    begun = process_time()
    assert len(split_series("key", images)) == 1
    assert process_time() - begun < 4  # ten and more where each is compared with all


cosines = st.tuples(*[st.integers(-6, 6).map(lambda number: number * 5e-4)] * 6)  # near each other, and to borders


@given(st.lists(cosines, max_size=40, unique=True))
def test_an_orientation_is_that_of_the_first_one_that_differs_by_noise(some):
    groups = [Traits(False, "", one, "", None, None, None) for one in some]
    leaders: list[tuple[float, ...]] = []
    criterion = _orientation_of(groups)
    for one in sorted(some):
        near = (lead for lead in leaders
                if max(abs(a - b) for a, b in zip(one, lead, strict=True)) <= SAME_ORIENTATION)
        expected = next(near, one)
        if expected == one:
            leaders.append(one)
        assert criterion.value(Traits(False, "", one, "", None, None, None)) == expected


def test_a_radial_series_is_not_torn_into_single_frames():
    turned = [(float(np.cos(a)), float(np.sin(a)), 0.0, 0.0, 0.0, -1.0) for a in np.linspace(0, 3, 20)]
    images = [made(f"{n}", str(20 - n), [slice_at(0.0, one)]) for n, one in enumerate(turned)]
    (stack,) = split_series("key", images)
    assert [frame.image.header.instance_number for frame in stack.frames] == [str(n + 1) for n in range(20)]


@pytest.mark.parametrize(("facts", "labels", "what"), [
    (({"echo_time": 20.0}, {"echo_time": 37.83}), ["echo 20 ms", "echo 37.83 ms"], "echo times"),
    (({"b_value": 0.0}, {"b_value": 1000.0}), ["b 0", "b 1000"], "b-values"),
    (({"stack_id": "1"}, {"stack_id": "2"}), ["stack 1", "stack 2"], "stacks"),
])
def test_what_was_taken_otherwise_is_split(facts, labels, what):
    stacks = split_series("key", [*slices(**facts[0]), *slices(start=10, **facts[1])])
    assert [stack.label for stack in stacks] == labels
    assert stacks[0].splits == (Split(what, 2),)


def test_several_reasons_are_all_told():
    images = [image for n, (orientation, echo) in enumerate([(AXIAL, 1.0), (AXIAL, 2.0), (SAGITTAL, 1.0)])
              for image in slices(3, orientation, 10 * n, echo_time=echo)]
    stacks = split_series("key", images)
    assert [stack.label for stack in stacks] == ["sagittal", "axial, echo 1 ms", "axial, echo 2 ms"]
    assert stacks[0].splits == (Split("orientations", 2), Split("echo times", 2))


def test_localizers_stand_apart():
    localizer = made("l", "1", [slice_at(0, SAGITTAL)], image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    assert shape(split_series("key", [localizer, *slices()]))["localizer"] == [("l", 0)]


def test_an_image_without_position_does_not_disturb_the_order_of_the_slices():
    images = [made("1", "1", [slice_at(10)]), made("2", "2", [slice_at(0)]), made("3", "3", [slice_at(5)]), made("4")]
    found = shape(split_series("key", images))
    assert [name for name, _ in found["axial"]] in (["1", "3", "2"], ["2", "3", "1"])
    assert found["no position"] == [("4", 0)]


def test_radiographs_of_different_sizes_stay_together():
    assert len(split_series("key", [made("a", "1"), made("b", "2", columns=3)])) == 1


def test_slices_of_different_sizes_are_split():
    wide = [made("w", "9", [slice_at(0)], columns=512)]
    assert set(shape(split_series("key", [*slices(), *wide]))) == {"2 × 2", "512 × 2"}


def test_clips_stand_apart_from_each_other_and_from_single_images():
    clips = [made("c1", "3", frame_count=2), made("c2", "2", frame_count=3)]
    found = shape(split_series("key", [*clips, made("a", "1"), made("b", "4")]))
    assert found["clip 3"] == [("c1", 0), ("c1", 1)]
    assert [name for name, _ in found["clip 2"]] == ["c2"] * 3
    assert len(found) == 3


def test_frames_of_an_enhanced_object_are_ordered_by_their_own_positions():
    image = made("e", "1", [slice_at(z) for z in (10, 0, 5)], frame_count=3)
    (stack,) = split_series("key", [image])
    assert [frame.index for frame in stack.frames] in ([1, 2, 0], [0, 2, 1])


def test_frames_of_several_objects_at_one_place_are_ordered_by_temporal_position():
    images = [made(f"e{t}", str(9 - t), [slice_at(z, temporal_position=t) for z in (0, 5)], frame_count=2)
              for t in (2, 1, 3)]
    (stack,) = split_series("key", images)
    assert [(frame.image.path.name, frame.index) for frame in stack.frames] == [
        ("e1", 0), ("e2", 0), ("e3", 0), ("e1", 1), ("e2", 1), ("e3", 1)]


TAKEN = st.tuples(st.sampled_from([AXIAL, SAGITTAL, None]), st.integers(0, 9), st.sampled_from([None, 1.0, 2.0]))


@given(st.lists(TAKEN, min_size=1, max_size=12), st.randoms())
def test_every_frame_is_in_exactly_one_stack_whatever_the_order_of_arrival(some, random):
    images = [made(f"{n}", str(n), [FrameFacts() if way is None else slice_at(z, way, echo_time=echo)])
              for n, (way, z, echo) in enumerate(some)]
    found = shape(split_series("key", images))
    assert sorted(name for frames in found.values() for name, _ in frames) == sorted(str(n) for n in range(len(some)))
    assert shape(split_series("key", random.sample(images, len(images)))) == found
