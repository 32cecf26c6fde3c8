"""core.imaging.frame_cache: never over its budget, the least recently used out first."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.frame_cache import FrameCache, cache_bytes, through_cache
from core.imaging.image import Frame, Header, Identity, Image, OverlayPlane
from core.refusal import Reason, Refusal

steps = st.lists(st.tuples(st.sampled_from(["put", "get"]), st.integers(0, 6), st.integers(1, 120)))


def frame_of(size: int) -> Frame:
    return Frame(np.zeros((1, size), np.uint8))


def image_of(load) -> Image:
    return Image(Path("a"), "PNG", Identity("", "", "a"), Header(), 1, 1, 3, False, load)


@given(steps, st.integers(1, 200))
def test_the_budget_holds_and_what_is_kept_is_the_most_recently_used(steps, budget) -> None:
    cache = FrameCache(budget)
    model: dict[int, int] = {}  # name -> bytes, least recently used first
    for what, name, size in steps:
        key = (Path(str(name)), 0)
        if what == "put":
            cache.put(key, frame_of(size))
            model.pop(name, None)
            if size <= budget:
                model[name] = size
                while sum(model.values()) > budget:
                    model.pop(next(iter(model)))
        else:
            assert (cache.get(key) is not None) == (name in model)
            if name in model:
                model[name] = model.pop(name)
        assert cache.used_bytes == sum(model.values()) <= budget
        assert len(cache) == len(model)


def test_a_frame_is_decoded_once() -> None:
    decoded = []

    def load(index: int) -> Frame:
        decoded.append(index)
        return frame_of(4)

    image = through_cache(image_of(load), FrameCache(100))
    assert image.frame(1) is image.frame(1)
    assert decoded == [1]


def test_reading_many_images_leaves_the_cache_as_it_is() -> None:
    cache = FrameCache(100)
    through_cache(image_of(lambda index: frame_of(4)), cache, keep=False).frame(0)
    assert len(cache) == 0


def test_a_refusal_is_asked_for_again() -> None:
    outcomes = [Refusal(Reason.DAMAGED), frame_of(4)]
    image = through_cache(image_of(lambda index: outcomes.pop(0)), FrameCache(100))
    assert isinstance(image.frame(0), Refusal)
    assert isinstance(image.frame(0), Frame)


def test_what_stands_on_the_screen_stays() -> None:
    cache = FrameCache(10)
    a, b, c, d = ((Path(name), 0) for name in "abcd")
    cache.put(a, frame_of(4))
    cache.pin(0, a)
    cache.put(b, frame_of(4))
    cache.put(c, frame_of(4))
    assert cache.get(a) is not None and cache.get(b) is None and cache.get(c) is not None
    cache.pin(0, None)
    cache.get(c)
    cache.put(d, frame_of(4))
    assert cache.get(a) is None and cache.get(d) is not None


def test_a_frame_for_which_the_screen_leaves_no_room_is_not_kept() -> None:
    cache = FrameCache(10)
    a, b, c = ((Path(name), 0) for name in "abc")
    cache.put(a, frame_of(6))
    cache.put(b, frame_of(3))
    cache.pin(0, a)
    cache.put(c, frame_of(5))
    assert cache.get(c) is None and cache.get(a) is not None and cache.get(b) is not None
    assert cache.used_bytes == 9


def test_what_lies_over_and_covers_a_frame_counts_as_well() -> None:
    mask = np.zeros((1, 10), np.uint8)
    overlays = tuple(OverlayPlane(name, mask.copy()) for name in "abc")
    cache = FrameCache(99)
    a, b = (Path("a"), 0), (Path("b"), 0)
    cache.put(a, Frame(np.zeros((1, 10), np.uint8), overlays=overlays, shutter=mask))
    assert cache.used_bytes == 50
    cache.put(b, Frame(np.zeros((1, 10), np.uint8), overlays=overlays, shutter=mask))
    assert cache.used_bytes == 50 and cache.get(a) is None
    cache.put(b, frame_of(3))
    assert cache.used_bytes == 3


def test_the_budget_is_a_quarter_of_the_memory_unless_the_user_says_otherwise(monkeypatch) -> None:
    monkeypatch.setattr("core.imaging.frame_cache.memory_bytes", lambda: 8 << 30)
    assert cache_bytes(0) == 2 << 30
    assert cache_bytes(300) == 300 << 20


def test_everything_can_be_forgotten_and_what_was_asked_for_before_is_not_kept() -> None:
    cache = FrameCache(100)
    image = through_cache(image_of(lambda index: frame_of(10)), cache)
    image.frame(0)
    cache.pin(0, (Path("a"), 0))
    late = through_cache(image_of(lambda index: frame_of(10)), cache)
    cache.clear()
    assert (len(cache), cache.used_bytes) == (0, 0)
    late.frame(1)
    assert len(cache) == 0
    through_cache(image_of(lambda index: frame_of(10)), cache).frame(1)
    assert cache.used_bytes == 10
