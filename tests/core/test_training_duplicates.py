"""Copies are found whatever was done to them; different pictures are not called copies."""

import tracemalloc

import cv2
import numpy as np
import pytest

from core.training import duplicates
from core.training.duplicates import clusters, copies, same_files
from tests.make.training import draw_chest


def thumbnail(picture):
    return cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)


def chest(seed):
    """A drawn chest with ribs of its own, so that pictures differ in more than noise."""
    rng = np.random.default_rng(seed)
    picture = cv2.resize(draw_chest(seed, False), (320, 288)).astype(np.float32)
    for _ in range(14):
        start, end = rng.integers(0, (320, 288)), rng.integers(0, (320, 288))
        cv2.line(picture, start.tolist(), end.tolist(), int(rng.integers(60, 255)), 5)
    return np.clip(picture, 0, 255).astype(np.uint8)


def changed(picture, how):
    match how:
        case "smaller":
            return cv2.resize(picture, (224, 224), interpolation=cv2.INTER_AREA)
        case "compressed":
            return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0)
        case "darker":
            return cv2.convertScaleAbs(picture, alpha=0.7, beta=10)
        case "mirrored":
            return np.ascontiguousarray(picture[:, ::-1])
        case "inverted":
            return 255 - picture


@pytest.mark.parametrize("how", ["smaller", "compressed", "darker", "mirrored", "inverted"])
def test_a_changed_copy_is_found_among_others(how):
    pictures = [chest(seed) for seed in range(12)] + [changed(chest(3), how)]
    found = copies(np.array([thumbnail(picture) for picture in pictures]))
    assert [(pair.first, pair.second) for pair in found] == [(3, 12)]
    assert found[0].how == {"mirrored": "mirrored copy", "inverted": "inverted copy"}.get(how, "copy")


def test_pictures_alike_in_the_coarse_but_not_in_the_fine_are_no_copies():
    plain = [thumbnail(cv2.resize(draw_chest(0, False), (320, 288))) for _ in range(2)]
    rng = np.random.default_rng(0)
    plain[1] = np.clip(cv2.GaussianBlur(plain[1], (0, 0), 1.2) + rng.normal(0, 6, (64, 64)), 0, 255).astype(np.uint8)
    assert not copies(np.array(plain))
    assert copies(np.array(plain), fine=-1)  # the coarse alone would have matched


def test_plain_pictures_are_copies_of_nothing():
    assert not copies(np.full((3, 64, 64), 7, np.uint8)) and not copies(np.zeros((0, 64, 64), np.uint8))


def test_same_files_are_paired_with_the_first_and_an_unknown_hash_is_none():
    pairs = same_files(["a", "", "b", "a", "", "a"])
    assert [(pair.first, pair.second, pair.how) for pair in pairs] == [(0, 3, "same file"), (0, 5, "same file")]


def test_pairs_join_into_sets():
    pairs = same_files(["a", "b", "a", "b", "a", "c"])
    assert clusters(pairs) == [[0, 2, 4], [1, 3]]


def test_pairs_are_the_same_in_their_order_however_many_are_compared_at_a_time(monkeypatch):
    whole = [chest(seed) for seed in range(8)]
    pictures = [*whole, *(changed(whole[seed], how) for seed, how in ((5, "darker"), (0, "mirrored"), (3, "inverted"),
                                                                      (0, "smaller")))]
    thumbnails = np.array([thumbnail(picture) for picture in pictures])
    found = copies(thumbnails)
    assert [(pair.first, pair.second) for pair in found] == [(0, 11), (3, 10), (5, 8), (0, 9), (9, 11)]
    monkeypatch.setattr(duplicates, "BLOCK", 3)
    again = copies(thumbnails)
    assert [(pair.first, pair.second, pair.how) for pair in again] == [
        (pair.first, pair.second, pair.how) for pair in found]
    assert [pair.fine for pair in again] == pytest.approx([pair.fine for pair in found], abs=1e-5)


def test_the_fine_structure_is_never_in_memory_for_all_pictures():
    thumbnails = np.random.default_rng(0).integers(0, 256, (6000, 64, 64), np.uint8)
    tracemalloc.start()
    copies(thumbnails)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < thumbnails.nbytes * 3  # as numbers of 32 bits it alone is four times as large
