"""The order of a series' images and the tree of studies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.image import Frame, FrameFacts, Header, Identity, Image
from core.studies.order import frames_of, natural_key, sort_frames
from core.studies.study import add_images

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def made(name="a", z=None, number="", study="1", series="1.1", orientation=AXIAL, **header) -> Image:
    facts = Header(instance_number=number, patient_position=None if z is None else (0.0, 0.0, z),
                   patient_orientation=None if z is None else orientation, **header)
    return Image(Path(name), "DICOM", Identity(study, series, f"{series}.{name}"), facts, 2, 2, 1, False,
                 lambda index: Frame(np.zeros((2, 2), np.uint8)))


def sort_images(images) -> list[Image]:
    return [frame.image for frame in sort_frames(frame for image in images for frame in frames_of(image))]


def names(images) -> list[str]:
    return [image.path.name for image in images]


def test_slices_are_ordered_by_position_although_their_numbers_jump():
    images = [made("a", 0, "1"), made("b", 20, "2"), made("c", 10, "3"), made("d", 30, "4")]
    assert names(sort_images(images)) == ["a", "c", "b", "d"]


def test_numbers_of_thousands_of_digits_are_put_in_some_order():
    long = "9" * 5000
    assert names(sort_images([made(long, number=long), made("b", number="1")])) == ["b", long]
    (patient,) = add_images((), [made("a", series_number=long), made("b", series="1.2", series_number="1")])
    assert [one.uid for one in patient.studies[0].series] == ["1.2", "1.1"]


def test_the_direction_is_that_of_the_instance_numbers():
    images = [made("first", 30, "1"), made("second", 20, "2"), made("third", 10, "3")]
    assert names(sort_images(reversed(images))) == ["first", "second", "third"]


def test_images_of_one_place_are_ordered_by_number():
    images = [made("late", 5, "9"), made("early", 5.001, "2"), made("below", 0, "1")]
    assert names(sort_images(images)) == ["below", "early", "late"]


def test_one_image_without_position_makes_the_numbers_count():
    assert names(sort_images([made("b", None, "2"), made("a", 50, "1"), made("c", 0, "10")])) == ["a", "b", "c"]


def test_images_that_lie_differently_are_ordered_by_number():
    sagittal = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    images = [made("b", 0, "2"), made("a", 50, "1", orientation=sagittal), made("c", -10, "3")]
    assert names(sort_images(images)) == ["a", "b", "c"]


def test_without_numbers_names_are_ordered_naturally():
    assert names(sort_images([made("img10"), made("img2"), made("img1")])) == ["img1", "img2", "img10"]


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(0, 99)), min_size=2, max_size=8), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_arrival(places, random):
    images = [made(f"{index}", float(z), str(number)) for index, (z, number) in enumerate(places)]
    shuffled = random.sample(images, len(images))
    assert names(sort_images(shuffled)) == names(sort_images(images))


@given(st.lists(st.text(max_size=6)), st.randoms())
def test_any_names_have_one_order(some, random):
    assert sorted(some, key=natural_key) == sorted(random.sample(some, len(some)), key=natural_key)


def clip_part(name, part, count=3, uid="1.9", **header) -> Image:
    return replace(made(name, number="1", modality="XA", concatenation=uid, in_concatenation=part, **header),
                   frame_count=count, frame_facts=(FrameFacts(),))


def test_a_clip_that_lies_in_several_files_is_one_in_the_order_of_its_parts():
    tree = add_images((), [clip_part("a", "10", 1), clip_part("b", "2"), clip_part("c", "1")])
    (stack,) = tree[0].studies[0].series[0].stacks
    shown = [(frame.image.path.name, frame.index) for frame in stack.frames]
    assert shown == [*(("c", index) for index in range(3)), *(("b", index) for index in range(3)), ("a", 0)]


def test_two_clips_of_several_files_are_two():
    tree = add_images((), [clip_part("a", "1"), clip_part("b", "1", uid="1.8"), clip_part("c", "2", uid="1.8")])
    stacks = tree[0].studies[0].series[0].stacks
    assert [sorted({frame.image.path.name for frame in stack.frames}) for stack in stacks] == [["b", "c"], ["a"]]


def test_the_tree_groups_by_patient_study_and_series():
    old = made("a", study="1", series="1.1", patient_id="P", date="2019-01-01", series_number="1")
    new = made("b", study="2", series="2.2", patient_id="P", date="2020-01-01", series_number="10")
    also = made("c", study="2", series="2.1", patient_id="P", date="2020-01-01", series_number="2")
    (patient,) = add_images((), [old, new, also])
    assert [study.uid for study in patient.studies] == ["2", "1"]
    assert [series.uid for series in patient.studies[0].series] == ["2.1", "2.2"]


def test_images_without_patient_id_are_not_taken_for_one_patient():
    assert len(add_images((), [made("a", study="1"), made("b", study="2", series="2.1")])) == 2


def test_a_series_from_two_folders_is_one_and_a_file_opened_again_appears_once():
    first = made("folder1/a", 0, "1")
    second = made("folder2/b", 10, "2")
    tree = add_images(add_images((), [first]), [second, replace(first)])
    (series,) = tree[0].studies[0].series
    assert [str(image.path) for image in series.images] == ["folder1/a", "folder2/b"]


def test_growing_one_series_leaves_the_others_as_they_are():
    tree = add_images((), [made("a", study="1"), made("b", study="2", series="2.1")])
    grown = add_images(tree, [made("c", study="2", series="2.1")])
    assert grown[0] is tree[0]
    assert len(grown[1].studies[0].series[0].images) == 2
