"""core.dicom.inflate: parts of no more than their size, which together are all that went in."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dicom import inflate
from core.dicom.inflate import inflated_parts, parts_of


def deflated(content: bytes) -> np.ndarray:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return np.frombuffer(deflater.compress(content) + deflater.flush(), np.uint8)


@given(st.binary(max_size=2_000), st.integers(0, 20_000), st.integers(1, 3_000))
def test_all_comes_out_in_parts_of_their_size(content, zeros, part_bytes):
    content += bytes(zeros)  # of which many come out of the last byte that goes in
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inflate, "PART_BYTES", part_bytes)
        parts = list(inflated_parts(parts_of(deflated(content))))
    assert b"".join(parts) == content
    assert max(map(len, parts), default=0) <= part_bytes


def test_what_is_cut_off_comes_as_far_as_it_goes():
    content = np.random.default_rng(0).bytes(100_000)
    found = b"".join(inflated_parts(parts_of(deflated(content)[:50_000])))
    assert 40_000 < len(found) < 60_000 and content.startswith(found)


def test_what_lies_behind_the_end_is_left_alone():
    assert b"".join(inflated_parts(parts_of(np.append(deflated(b"all"), np.zeros(5_000, np.uint8))))) == b"all"


def test_damage_is_an_error():
    with pytest.raises(zlib.error):
        list(inflated_parts(parts_of(np.full(100, 255, np.uint8))))
