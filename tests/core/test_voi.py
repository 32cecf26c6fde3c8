"""The windows and VOI LUTs that a file offers."""

import numpy as np
import pytest

from core.dicom.functional_groups import frames_of
from core.dicom.voi import offered_voi
from core.imaging.lookup import LookupTable, Rescale
from core.imaging.window import VoiFunction, Window
from tests.make.dicom import make_dataset


def offered(modality=None, is_signed=False, **attributes):
    frame = frames_of(make_dataset(np.zeros((2, 2), np.uint16), **attributes), 1)[0]
    return offered_voi(frame, modality or Rescale(), is_signed)


TABLE = {"LUTDescriptor": [4, 100, 12], "LUTData": [0, 10, 100, 4095], "LUTExplanation": "bone"}


def test_a_file_without_offers_has_none():
    assert offered() == ((), ())


def test_windows_are_paired_by_index_and_named_by_their_explanations():
    windows, notes = offered(WindowCenter=[40, -600], WindowWidth=[400, 1500],
                             WindowCenterWidthExplanation=["soft", "lung"])
    assert windows == (Window(40, 400, explanation="soft"), Window(-600, 1500, explanation="lung"))
    assert notes == ()


@pytest.mark.parametrize(("centers", "widths"), [([1, 2, 3], [10]), ([1], [10, 20, 30])])
def test_surplus_centers_and_widths_are_ignored(centers, widths):
    assert offered(WindowCenter=centers, WindowWidth=widths)[0] == (Window(1, 10),)


def test_an_empty_second_value_leaves_the_first_window_as_it_is():
    assert offered(WindowCenter=[40, ""], WindowWidth=[400, ""])[0] == (Window(40, 400),)


@pytest.mark.parametrize("function", list(VoiFunction))
def test_the_function_goes_for_all_windows(function):
    windows, _ = offered(WindowCenter=[1, 2], WindowWidth=[10, 10], VOILUTFunction=str(function))
    assert {window.function for window in windows} == {function}


def test_an_unknown_function_is_linear_and_noted():
    windows, notes = offered(WindowCenter=1, WindowWidth=10, VOILUTFunction="SQUARE")
    assert windows == (Window(1, 10),)
    assert "SQUARE" in notes[0]


@pytest.mark.parametrize(("width", "function", "is_valid"), [
    (0.5, "LINEAR", False), (1, "LINEAR", True), (0, "LINEAR_EXACT", False), (0.5, "LINEAR_EXACT", True),
    (-3, "SIGMOID", False), (0.5, "SIGMOID", True),
])
def test_an_invalid_width_is_not_offered_and_noted(width, function, is_valid):
    windows, notes = offered(WindowCenter=5, WindowWidth=width, VOILUTFunction=function)
    assert len(windows) == is_valid
    assert ("invalid window" in "".join(notes)) != is_valid


def test_tables_come_after_windows():
    first, second = offered(WindowCenter=1, WindowWidth=10, VOILUTSequence=TABLE)[0]
    assert isinstance(first, Window)
    assert isinstance(second, LookupTable)
    assert (second.first, second.bits, second.explanation) == (100, 12, "bone")
    assert second.entries.tolist() == [0, 10, 100, 4095]


def test_several_tables_are_all_offered():
    assert len(offered(VOILUTSequence=[TABLE, TABLE])[0]) == 2


@pytest.mark.parametrize(("descriptor", "entries", "bits", "count"), [
    ([4, 0, 8], [0, 1, 2, 4095], 12, 4),  # more bits than declared
    ([9, 0, 12], [0, 1, 2, 3], 12, 4),  # fewer entries than declared
    ([2, 0, 12], [0, 1, 2, 3], 12, 2),  # more entries than declared
    ([4, 0, 99], [0, 1, 2, 3], 16, 4),  # impossible bits
])
def test_impossible_tables_are_set_right(descriptor, entries, bits, count):
    (table,), _ = offered(VOILUTSequence={"LUTDescriptor": descriptor, "LUTData": entries})
    assert (table.bits, len(table.entries)) == (bits, count)


def test_a_count_of_zero_means_65536_entries():
    (table,), _ = offered(VOILUTSequence={"LUTDescriptor": [0, 0, 16], "LUTData": list(range(65536))})
    assert len(table.entries) == 65536


@pytest.mark.parametrize("item", [{"LUTDescriptor": [4, 0, 8]}, {"LUTData": [1, 2]}, {"LUTDescriptor": [4, 0]}])
def test_tables_without_entries_or_descriptor_are_left_out(item):
    assert offered(VOILUTSequence=item) == ((), ())


def test_eight_bit_entries_may_lie_two_in_a_word():
    packed = np.array([0, 1, 2, 255], np.uint8).view("<u2").tolist()
    (table,), _ = offered(VOILUTSequence={"LUTDescriptor": [4, 0, 8], "LUTData": packed})
    assert table.entries.tolist() == [0, 1, 2, 255]


@pytest.mark.parametrize(("modality", "first"), [(Rescale(1, -1024), -1000), (Rescale(), 64536)])
def test_the_first_input_is_signed_where_inputs_can_be_below_zero(modality, first):
    table = {**TABLE, "LUTDescriptor": [4, 64536, 12]}
    assert offered(modality, VOILUTSequence=table)[0][0].first == first
