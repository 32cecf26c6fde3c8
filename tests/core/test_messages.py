"""core.dicom.decoders.messages: values go through a pipe as they are, and no array is copied on its way."""

import multiprocessing
import threading
import tracemalloc

import numpy as np
import pytest

from core.dicom.decoders import messages
from core.dicom.decoders.decoder import Samples
from core.dicom.decoders.messages import receive, send


def passed_on(value):
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        sender = threading.Thread(target=send, args=(theirs, value))
        sender.start()
        received = receive(ours)
        sender.join()
    return received


@pytest.mark.parametrize("kind", ["uint8", ">u2", "int32", "float64"])
@pytest.mark.parametrize("shape", [(0,), (3, 4), (700, 500, 3)])
def test_arrays_arrive_as_they_were_and_may_be_written_to(kind, shape):
    sent = np.arange(np.prod(shape)).reshape(shape).astype(kind)
    text, received = passed_on(("two of them", Samples(sent, "RGB", 12)))
    assert (text, received.photometric, received.precision) == ("two of them", "RGB", 12)
    assert received.values.dtype == sent.dtype and received.values.flags.writeable
    np.testing.assert_array_equal(received.values, sent)


def test_views_arrive_as_well():
    sent = np.moveaxis(np.arange(60, dtype=np.uint8).reshape(3, 4, 5), 0, -1)
    np.testing.assert_array_equal(passed_on(sent), sent)
    np.testing.assert_array_equal(passed_on([sent, sent[1:, :2]])[1], sent[1:, :2])


def test_an_array_is_in_memory_once_at_each_end():
    sent = np.ones(48 << 20, np.uint8)
    tracemalloc.start()
    try:
        received = passed_on(sent)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert received.nbytes == sent.nbytes
    assert peak < sent.nbytes + 16 * messages.PART_BYTES


def test_where_the_other_end_is_closed_it_is_an_error():
    ours, theirs = multiprocessing.Pipe()
    theirs.close()
    with ours, pytest.raises(EOFError):
        receive(ours)
