"""core.dicom.decoders.helper_pool: a decoder that ends its process, hangs or takes all memory costs one frame."""

import contextlib
import os
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.dicom.decoders import helper_pool, helper_process, limits, messages, openjpeg
from core.dicom.decoders.decoder import Decoder, NotForThisDecoder, Samples
from core.dicom.decoders.helper_pool import HelperPool, run_decoder
from core.dicom.decoders.helper_process import HelperFailed
from core.dicom.decoders.limits import Spent
from core.dicom.decoders.pixel_format import PixelFormat
from core.dicom.guard import CannotDecode
from core.dicom.load_image import load_image
from core.findings.wording import refusal_text
from core.refusal import Reason, Refusal
from tests.fuzz.peak import forget_peak, peak_bytes
from tests.make.dicom import make_dicom

FORMAT = PixelFormat("1.2.840.10008.1.2.4.90", 40, 50, 1, 16, 12, 11, False, "MONOCHROME2")
ENCODED = np.frombuffer(b"encoded", np.uint8)


def of_size(encoded, pixel_format):
    values = np.arange(pixel_format.pixels, dtype=np.uint16).reshape(pixel_format.rows, pixel_format.columns)
    return Samples(values, f"{encoded.tobytes().decode()} {os.getpid()}", 12)


def dies(encoded, pixel_format):
    os.abort()


def hangs(encoded, pixel_format):
    time.sleep(60)


def waits(encoded, pixel_format):
    time.sleep(limits.SECONDS + 0.2)
    return of_size(encoded, pixel_format)


def computes(encoded, pixel_format):
    while True:
        pass


def computes_a_moment(encoded, pixel_format):
    ends = time.thread_time() + 0.2
    while time.thread_time() < ends:
        pass


def takes_all_memory(encoded, pixel_format):
    return Samples(np.ones((2 << 30) // 8), "")


def gives_more(encoded, pixel_format):
    return Samples(np.zeros((1000, 1000), np.uint16), "")


def is_not_for_it(encoded, pixel_format):
    raise NotForThisDecoder("an odd kind")


def is_damaged(encoded, pixel_format):
    raise KeyError("no table\nof two lines")


@pytest.fixture(scope="module")
def pool():
    one = HelperPool(1)
    yield one
    one.close()


def test_samples_come_from_another_process_as_they_were_made(pool):
    samples = pool.decode(of_size, ENCODED, FORMAT)
    np.testing.assert_array_equal(samples.values, np.arange(2000, dtype=np.uint16).reshape(40, 50))
    assert samples.values.flags.writeable and samples.precision == 12
    text, pid = samples.photometric.split()
    assert text == "encoded" and int(pid) != os.getpid()


def test_a_death_costs_one_frame(pool):
    with pytest.raises(HelperFailed, match="ended its process"):
        pool.decode(dies, ENCODED, FORMAT)
    assert pool.decode(of_size, ENCODED, FORMAT).values.shape == (40, 50)


def test_a_hang_ends_within_the_time(pool, monkeypatch):
    monkeypatch.setattr(helper_process, "SECONDS_TO_WAIT", 0)
    pool.decode(of_size, ENCODED, FORMAT)
    started = time.monotonic()
    with pytest.raises(CannotDecode, match="took-too-long"):
        pool.decode(hangs, ENCODED, FORMAT)
    assert time.monotonic() - started < helper_pool.SECONDS + 1


def test_a_sound_frame_that_had_to_wait_is_decoded(pool):
    assert pool.decode(waits, ENCODED, FORMAT).values.shape == (40, 50)


def test_the_next_decoder_has_what_others_have_computed_less_and_not_what_they_have_waited():
    spent = Spent()
    with contextlib.closing(HelperPool(1)) as pool:
        pool.decode(waits, ENCODED, FORMAT, spent)
        assert spent.seconds < 0.5
        with pytest.raises(CannotDecode, match="took-too-long"):
            pool.decode(computes, ENCODED, FORMAT, spent := Spent(limits.SECONDS))
        assert limits.SECONDS + helper_pool.LEAST_SECONDS <= spent.seconds < 2 * limits.SECONDS
    safe = Decoder("safe", lambda: True, computes_a_moment, is_safe=True)
    spent = Spent(1.0)
    run_decoder(safe, ENCODED, FORMAT, spent)
    assert 1.2 <= spent.seconds < 1.0 + limits.SECONDS


def test_a_file_that_took_too_long_is_not_called_damaged_and_is_tried_again(tmp_path, monkeypatch):
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    image = load_image(make_dicom(tmp_path / "a.dcm", pixels, syntax="1.2.840.10008.1.2.4.90"))
    asked = []

    def too_long(*_):
        asked.append(1)
        raise CannotDecode(Reason.TOOK_TOO_LONG)

    with monkeypatch.context() as patch:
        patch.setattr(helper_pool.POOL, "decode", too_long)
        refusal = image.frame()
    assert refusal == Refusal(Reason.TOOK_TOO_LONG, tmp_path / "a.dcm")
    assert len(asked) == 1  # another decoder would take as long once more
    assert "busy" in refusal_text(refusal) and "Try again" in refusal_text(refusal)
    np.testing.assert_array_equal(image.frame().stored, pixels)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process has")
def test_memory_has_a_limit_and_the_process_lives_on(pool):
    before = pool.decode(of_size, ENCODED, FORMAT).photometric
    with pytest.raises(MemoryError):
        pool.decode(takes_all_memory, ENCODED, FORMAT)
    assert pool.decode(of_size, ENCODED, FORMAT).photometric == before


def test_a_stream_of_more_pixels_than_the_header_says_is_damaged(pool):
    with pytest.raises(ValueError, match="more than its header"):
        pool.decode(gives_more, ENCODED, FORMAT)


def test_what_a_decoder_raises_arrives_as_what_it_means(pool):
    with pytest.raises(NotForThisDecoder, match="an odd kind"):
        pool.decode(is_not_for_it, ENCODED, FORMAT)
    with pytest.raises(ValueError, match=r"^'no table\\nof two lines'$"):
        pool.decode(is_damaged, ENCODED, FORMAT)


def by_plane(encoded, pixel_format):
    planes = np.arange(3 * 40 * 50, dtype=np.uint8).reshape(3, 40, 50)
    return Samples(np.moveaxis(planes, 0, -1), "RGB")


def test_planes_arrive_in_a_row(pool):
    values = pool.decode(by_plane, ENCODED, replace(FORMAT, samples=3, bits_allocated=8)).values
    np.testing.assert_array_equal(values, by_plane(ENCODED, FORMAT).values)
    assert values.flags.c_contiguous


def is_large(encoded, pixel_format):
    return Samples(np.ones((pixel_format.rows, pixel_format.columns), np.uint16), "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process has")
def test_a_large_frame_is_in_memory_once_at_each_end_and_then_gone():
    with contextlib.closing(HelperPool(1)) as pool:
        large = replace(FORMAT, rows=8_000, columns=8_000)
        pool.decode(is_large, ENCODED, replace(large, rows=10))
        before = forget_peak()
        values = pool.decode(is_large, ENCODED, large).values
        assert peak_bytes() - before < 2 * values.nbytes + (16 << 20)
        held = forget_peak()
        assert held - before < values.nbytes + (16 << 20)
        del values
        assert forget_peak() - before < 16 << 20


def test_no_room_for_an_answer_costs_one_frame(pool, monkeypatch):
    def no_room(*_):
        raise MemoryError

    pool.decode(of_size, ENCODED, FORMAT)
    with monkeypatch.context() as patch:
        patch.setattr(messages, "_received", no_room)
        with pytest.raises(MemoryError):
            pool.decode(of_size, ENCODED, FORMAT)
    samples = pool.decode(of_size, ENCODED, FORMAT)
    np.testing.assert_array_equal(samples.values, np.arange(2000, dtype=np.uint16).reshape(40, 50))


def test_two_threads_have_two_processes(monkeypatch):
    monkeypatch.setattr(limits, "SECONDS", 60.0)  # what is asked here is how many, not how fast
    pool = HelperPool(2)
    pids = set()

    def work():
        pids.add(pool.decode(slowly, ENCODED, FORMAT).photometric)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert len(pids) == 2


def slowly(encoded, pixel_format):
    time.sleep(0.5)
    return of_size(encoded, pixel_format)


def test_a_safe_decoder_works_here():
    decoder = Decoder("safe", lambda: True, of_size, is_safe=True)
    assert run_decoder(decoder, ENCODED, FORMAT).photometric.split()[1] == str(os.getpid())


def test_a_file_whose_decoder_dies_is_a_refusal_and_the_next_opens(tmp_path, monkeypatch):
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    path = make_dicom(tmp_path / "a.dcm", pixels, syntax="1.2.840.10008.1.2.4.90")
    image = load_image(path)
    with monkeypatch.context() as patch:
        patch.setitem(helper_pool.run_decoder.__globals__, "POOL", _Dying())
        refusal = image.frame()
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.DAMAGED
    assert "ended" in refusal.facts["detail"]
    np.testing.assert_array_equal(image.frame().stored, pixels)


class _Dying(HelperPool):
    def decode(self, decode, encoded, pixel_format, spent_s):
        assert decode is openjpeg.decode
        return super().decode(dies, encoded, pixel_format)


def takes_memory_beyond_its_limit(encoded, pixel_format):
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    held = [bytearray(b"1") * (16 << 20) for _ in range(60) if time.sleep(0.01) is None]
    return Samples(np.zeros((2, 2), np.uint8), str(len(held)))


@pytest.mark.skipif(sys.platform == "win32", reason="where there is no such limit, none can be lifted")
def test_where_the_system_holds_no_process_to_a_limit_it_is_watched(pool):
    before = pool.decode(of_size, ENCODED, FORMAT).photometric
    with pytest.raises(MemoryError):
        pool.decode(takes_memory_beyond_its_limit, ENCODED, FORMAT)
    assert pool.decode(of_size, ENCODED, FORMAT).photometric != before


@pytest.mark.parametrize("pixels", [(9_000, 9_000), (100, 100)])
def test_what_is_large_is_decompressed_in_another_process(monkeypatch, pixels):
    asked = []
    monkeypatch.setattr(helper_pool, "POOL", SimpleNamespace(decode=lambda *about: asked.append(about)))
    large = replace(FORMAT, rows=pixels[0], columns=pixels[1], bits_allocated=8)
    for is_copying in (False, True):
        decoder = Decoder("safe", lambda: True, lambda *_: None, is_safe=True, is_copying=is_copying)
        run_decoder(decoder, ENCODED, large)
    assert len(asked) == (pixels == (9_000, 9_000))
