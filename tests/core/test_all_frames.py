"""core.dicom.all_frames: every frame in its turn, and no long time over those that cannot be decoded."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.dicom import all_frames as module
from core.dicom.all_frames import MOST_LOST, all_frames
from core.dicom.guard import CannotDecode
from core.refusal import Reason


class Reader:
    """Decodes the frames that are `good`; each takes a second of `now`."""

    def __init__(self, good, monkeypatch) -> None:
        self.good, self.asked, self.now = good, [], 0.0
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: self.now))
        self.seconds = 0.0

    def stored(self, index: int):
        self.asked.append(index)
        self.now += self.seconds
        if index not in self.good:
            raise CannotDecode(Reason.DAMAGED, detail=f"frame {index}")
        return SimpleNamespace(values=np.full((1, 1), index))


def test_each_frame_comes_in_its_turn_and_none_for_a_damaged_one(monkeypatch):
    found = list(all_frames(Reader({0, 2}, monkeypatch), 3))
    assert [None if one is None else int(one[0, 0]) for one in found] == [0, None, 2]


def test_after_many_damaged_ones_in_a_row_no_more_are_asked_for(monkeypatch):
    reader = Reader({0}, monkeypatch)
    assert len(list(all_frames(reader, 1000))) == 1000
    assert len(reader.asked) == 1 + MOST_LOST


def test_after_seconds_over_damaged_ones_no_more_are_asked_for(monkeypatch):
    reader = Reader({0, 5}, monkeypatch)
    reader.seconds = 1.0
    assert [one is None for one in all_frames(reader, 8)] == [False, *[True] * 7]
    assert reader.asked == [0, 1, 2]


def test_where_none_can_be_decoded_the_last_reason_is_told(monkeypatch):
    with pytest.raises(CannotDecode):
        list(all_frames(Reader(set(), monkeypatch), 3))
