"""core.memory: what the machine has, or the container allows."""

import mmap
import os
import sys

import numpy as np
import pytest

from core import memory


def test_there_is_some_memory():
    assert memory.memory_bytes() > 64 << 20


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text("123456789\n")
    (tmp_path / "unlimited").write_text("max\n")
    names = [str(tmp_path / name) for name in ("unlimited", "missing", "memory.max")]
    monkeypatch.setattr(memory, "_CONTAINER_LIMITS", tuple(names))
    assert memory.memory_bytes() == 123456789


def hold_for_a_moment(count):
    """Take memory from the system itself: what a heap hands out may have been its own all along."""
    with mmap.mmap(-1, count) as held:
        held[:] = b"1" * count


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process has held")
def test_the_peak_is_what_was_held_since_it_was_forgotten():
    hold_for_a_moment(40 << 20)
    before = memory.forget_peak()
    assert memory.peak_bytes() - before < 20 << 20
    hold_for_a_moment(40 << 20)
    assert memory.peak_bytes() - before > 30 << 20


def test_of_a_process_that_is_gone_nothing_is_known():
    assert memory.forget_peak(2**31 - 1) == memory.peak_bytes(2**31 - 1) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc alone")
def test_large_blocks_are_kept_while_asked_and_given_back_after():
    import resource  # not on Windows

    def hold():
        np.ones(64 << 20, np.uint8)

    with memory.freed_memory_kept():
        hold()
        kept = memory.resident_bytes(os.getpid())
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        hold()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults < 100  # of 16,384 pages
    assert kept - memory.resident_bytes(os.getpid()) > 50 << 20
