"""Lookup tables clamp at their ends and rescale is a line."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.lookup import LookupTable, Rescale

entries = st.lists(st.integers(0, 65535), min_size=1, max_size=50).map(lambda some: np.array(some, np.uint16))


@given(entries, st.integers(-1000, 1000), st.lists(st.integers(-5000, 5000), min_size=1))
def test_inputs_outside_the_table_take_the_nearest_end(table, first, inputs):
    out = LookupTable(first, table, 16).apply(np.array(inputs))
    for value, result in zip(inputs, out, strict=True):
        assert result == table[min(max(value - first, 0), len(table) - 1)]


@given(entries, st.integers(1, 16))
def test_the_unit_output_stays_between_zero_and_one(table, bits):
    unit = LookupTable(0, table, bits).to_unit(np.arange(-5, 60))
    assert ((unit >= 0) & (unit <= 1)).all()


def test_full_output_is_what_the_declared_bits_hold():
    assert LookupTable(0, np.array([0, 2047, 4095], np.uint16), 12).to_unit(np.arange(3)).tolist() == [
        0, pytest.approx(2047 / 4095), 1]


def test_rescale_is_a_line():
    assert Rescale(2, -1024).apply(np.array([0, 512, 4095], np.uint16)).tolist() == [-1024, 0, 7166]


def test_pixels_that_are_no_number_pass_without_a_warning():  # found by make fuzz
    signaling = np.array([0x7F800001, 0x3F800000], np.uint32).view(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = Rescale(2, 1).apply(signaling)
    assert np.isnan(values[0]) and values[1] == 3


def test_what_is_no_number_stays_so_in_a_table():
    table = LookupTable(0, np.array([10, 20], np.uint16), 8)
    found = table.apply(np.array([np.nan, 1.0, -np.inf, np.inf]))
    assert np.isnan(found[0]) and found[1:].tolist() == [20, 10, 20]
    assert table.apply(np.float64(1)) == 20
