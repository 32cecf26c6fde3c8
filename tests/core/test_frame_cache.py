"""core.imaging.frame_cache: never over its budget, the least recently used out first."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.frame_cache import FrameCache, through_cache
from core.imaging.image import Frame, Header, Identity, Image
from core.refusal import Reason, Refusal

steps = st.lists(st.tuples(st.sampled_from(["put", "get", "drop"]), st.integers(0, 6), st.integers(1, 120)))


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
        elif what == "get":
            assert (cache.get(key) is not None) == (name in model)
            if name in model:
                model[name] = model.pop(name)
        else:
            cache.drop_file(key[0])
            model.pop(name, None)
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
