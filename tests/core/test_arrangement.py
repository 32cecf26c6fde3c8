"""A reader's choices change the order and the parts of a series, and nothing else; they can be taken back."""

from core.studies.arrangement import Arrangement, arranged
from core.studies.order import Order, offered_orders, order_in_use
from core.studies.study import add_images
from tests.core.test_stack import made, slice_at


def series_of(images):
    (patient,) = add_images((), images)
    return patient.studies[0].series[0]


def two_echoes():
    return series_of([
        made(f"{'ab'[echo]}{n}", str(2 * n + echo + 1), [slice_at(n * 5.0, echo_time=20.0 + 20 * echo)])
        for n in range(3) for echo in range(2)])


def names(stack):
    return [frame.image.path.name for frame in stack.frames]


def test_parts_are_joined_by_position_and_apart_again():
    series = two_echoes()
    assert [stack.label for stack in series.stacks] == ["echo 20 ms", "echo 40 ms"]
    choice = Arrangement().with_joined(series.key, True)
    (whole,) = arranged(series, choice)
    assert names(whole) == ["a0", "b0", "a1", "b1", "a2", "b2"]
    assert (whole.key, whole.label, whole.is_joined) == (series.key, "", True)
    assert whole.splits == series.stacks[0].splits  # it says still what differs
    assert arranged(series, choice.with_joined(series.key, False)) == series.stacks


def test_a_series_that_is_whole_stays_the_same_object():
    series = series_of([made(f"{n}", str(n), [slice_at(n)]) for n in range(3)])
    (stack,) = arranged(series, Arrangement().with_joined(series.key, True).with_joined("another", True))
    assert stack is series.stacks[0]


def test_images_that_come_in_later_join_the_others():
    images = [frame.image for stack in two_echoes().stacks for frame in stack.frames]
    patients = add_images((), images[:4])
    key = patients[0].studies[0].series[0].key
    (patient,) = add_images(patients, images[4:])
    (whole,) = arranged(patient.studies[0].series[0], Arrangement().with_joined(key, True))
    assert len(whole.frames) == 6


def test_each_order_is_what_it_says():
    times = {"img10": "20200101101500", "img2": "20200101101000", "img1": "20200101102000.5", "img3": ""}
    positions, numbers = {"img10": 3.0, "img2": 1.0, "img1": 2.0, "img3": 4.0}, ("img3", "img1", "img10", "img2")
    series = series_of([made(name, str(numbers.index(name)), [slice_at(positions[name], acquired=time)])
                        for name, time in times.items()])
    (stack,) = series.stacks
    found = {order: names(arranged(series, Arrangement().with_order(stack.key, order))[0]) for order in Order}
    assert found[Order.NUMBER] == list(numbers)
    assert found[Order.TIME] == ["img2", "img10", "img1", "img3"]  # without a time comes last
    assert found[Order.NAME] == ["img1", "img2", "img3", "img10"]
    assert found[Order.POSITION] in (["img2", "img1", "img10", "img3"], ["img3", "img10", "img1", "img2"])
    assert offered_orders(stack.frames) == set(Order)


def test_it_is_told_what_order_is_in_use():
    def used(images, order=Order.POSITION):
        (stack,) = series_of(images).stacks
        return order_in_use(order, stack.frames, offered_orders(stack.frames))

    stacked = [made(f"{n}", str(n), [slice_at(n, acquired=f"2020010110{n:02d}")]) for n in range(3)]
    assert used(stacked) == "position"
    assert used(stacked, Order.TIME) == "acquisition time"
    assert used([made(f"{n}", str(n), [slice_at(0, temporal_position=n)]) for n in range(3)]) == "temporal position"
    assert used([made(f"{n}", str(n)) for n in range(3)]) == "instance number"
    assert used([made(f"{n}") for n in range(3)]) == "file name"
    assert used([made("clip", frame_count=5)]) == "frame number"
    assert used([made("one")]) == ""
