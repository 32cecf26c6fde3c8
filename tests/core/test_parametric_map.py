"""Parametric maps: real world values with their unit, over the images that they belong to."""

import sys

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.dicom.load_image import load_image
from core.dicom.parametric_map import ParametricMap, read_parametric_map, real_world_values
from core.imaging.colormap import inferno
from core.imaging.layers import values_on_view
from core.imaging.view_transform import ViewTransform
from core.memory import forget_peak, peak_bytes
from core.refusal import Refusal
from tests.make.layers import frame_groups, geometry_group, make_parametric_map, make_slice

VALUES = np.arange(320, dtype=np.float32).reshape(1, 16, 20) / 100


ADC = {"RealWorldValueSlope": 1.0, "RealWorldValueIntercept": 0.0, "LUTExplanation": "ADC",
       "MeasurementUnitsCodeSequence": {"CodeValue": "mm2/s", "CodingSchemeDesignator": "UCUM"}}
FRACTION = {"RealWorldValueSlope": 100.0, "RealWorldValueIntercept": 0.0, "LUTExplanation": "Perfusion fraction",
            "MeasurementUnitsCodeSequence": {"CodeValue": "%", "CodingSchemeDesignator": "UCUM"}}


def make_fit(path, mappings):
    """Write a map of a frame of 1 and 2 at each 2 mm, each with a mapping of its own."""
    values = np.ones((len(mappings), 16, 20), np.float32)
    values[:, 0] = 2
    groups = frame_groups([(0, 0, 2 * number) for number in range(len(mappings))], count=len(mappings))
    return make_parametric_map(path, values, SharedFunctionalGroupsSequence=geometry_group(),
                               PerFrameFunctionalGroupsSequence=[
                                   {**group, "RealWorldValueMappingSequence": mapping}
                                   for group, mapping in zip(groups, mappings, strict=True)])


def read(path) -> ParametricMap:
    found = read_parametric_map(path)
    assert isinstance(found, ParametricMap), found
    return found


def on_slice(found, path, index=0):
    image = load_image(path)
    return found.on_frame(image, index, image.frame(index))


@pytest.mark.parametrize("kind", (np.float32, np.float64))
def test_name_unit_and_range_are_those_of_all_frames(tmp_path, kind):
    values = np.concatenate([VALUES, -VALUES]).astype(kind)
    found = read(make_parametric_map(tmp_path / "a.dcm", values, positions=[(0, 0, 0), (0, 0, 2)]))
    quantity = found.quantities[0]
    assert (found.name, quantity.unit) == ("ADC", "mm2/s")
    assert (quantity.low, quantity.high) == pytest.approx((-3.19, 3.19))
    (layer,) = on_slice(found, make_slice(tmp_path / "b.dcm", position=(0, 0, 2)))
    np.testing.assert_array_equal(layer.values, -VALUES[0])
    assert (layer.low, layer.high) == (quantity.low, quantity.high)
    assert on_slice(found, make_slice(tmp_path / "c.dcm", position=(0, 0, 9))) == ()


def test_frames_of_other_mappings_have_their_own_name_unit_and_range(tmp_path):
    found = read(make_fit(tmp_path / "a.dcm", [ADC, FRACTION, ADC]))
    assert found.name == "ADC, Perfusion fraction"
    layers = [on_slice(found, make_slice(tmp_path / "b.dcm", position=(0, 0, z)))[0] for z in (0, 2, 4)]
    assert [(one.name, one.unit, one.low, one.high) for one in layers] == [
        ("ADC", "mm2/s", 1, 2), ("Perfusion fraction", "%", 100, 200), ("ADC", "mm2/s", 1, 2)]


def test_frames_of_one_quantity_share_a_range_however_each_is_scaled(tmp_path):
    found = read(make_fit(tmp_path / "a.dcm", [ADC, ADC | {"RealWorldValueSlope": 5.0}]))
    assert [(one.low, one.high) for one in found.quantities] == [(1, 10)] * 2


def test_an_image_across_planes_of_several_quantities_shows_each_as_a_layer(tmp_path):
    found = read(make_fit(tmp_path / "a.dcm", [ADC, FRACTION]))
    layers = on_slice(found, make_slice(
        tmp_path / "b.dcm", np.zeros((2, 20), np.uint16), (0, 5, 2), (1, 0, 0, 0, 0, -1), (2, 1)))
    assert {one.name: one.values[:, 3].tolist() for one in layers} == {
        "ADC": [pytest.approx(np.nan, nan_ok=True), 1],
        "Perfusion fraction": [100, pytest.approx(np.nan, nan_ok=True)]}


def test_whole_numbers_are_mapped_and_those_outside_the_mapping_have_no_value(tmp_path):
    stored = np.array([[[0, 10, 20, 65535]]], np.uint16)
    mapping = {"RealWorldValueSlope": 0.5, "RealWorldValueIntercept": -1.0, "RealWorldValueFirstValueMapped": 1,
               "RealWorldValueLastValueMapped": 100,
               "MeasurementUnitsCodeSequence": {"CodeValue": "1", "CodingSchemeDesignator": "UCUM"}}
    found = read(make_parametric_map(tmp_path / "a.dcm", stored, mapping=mapping))
    np.testing.assert_array_equal(found.frames[0], [[np.nan, 4, 9, np.nan]])
    (quantity,) = found.quantities
    assert (quantity.low, quantity.high, quantity.unit) == (4, 9, "")


def test_a_table_gives_the_values(tmp_path):
    mapping = {"RealWorldValueLUTData": [1.5, 2.5, 99.0], "RealWorldValueFirstValueMapped": 7,
               "RealWorldValueLastValueMapped": 9}
    found = read(make_parametric_map(tmp_path / "a.dcm", np.array([[[7, 8, 9, 10]]], np.uint16), mapping=mapping))
    np.testing.assert_array_equal(found.frames[0], [[1.5, 2.5, 99, np.nan]])


def test_padding_and_what_is_no_number_have_no_value(tmp_path):
    values = VALUES.copy()
    values[0, 0, :3] = np.nan, np.inf, -1000
    found = read(make_parametric_map(tmp_path / "a.dcm", values, FloatPixelPaddingValue=-1000.0))
    assert not np.isfinite(found.frames[0][0, :3]).any()
    assert found.quantities[0].low == pytest.approx(0.03)


def test_frames_without_a_position_lie_on_the_images_that_they_name(tmp_path):
    found = read(make_parametric_map(tmp_path / "a.dcm", VALUES, shared={}, sources=[("1.2.3", 0)]))
    assert len(on_slice(found, make_slice(tmp_path / "b.dcm"))) == 1
    assert "20 × 16" in on_slice(found, make_slice(tmp_path / "c.dcm", np.zeros((8, 8), np.uint16)))
    assert on_slice(found, make_slice(tmp_path / "d.dcm", SOPInstanceUID="5.5")) is None


def test_an_image_across_the_planes_shows_the_values_where_it_cuts_them(tmp_path):
    values = np.repeat(np.arange(6, dtype=np.float32)[:, None, None], 16, 1).repeat(20, 2)
    found = read(make_parametric_map(tmp_path / "a.dcm", values, positions=[(0, 0, 2 * z) for z in range(6)]))
    (layer,) = on_slice(found, make_slice(
        tmp_path / "b.dcm", np.zeros((6, 20), np.uint16), (0, 5, 10), (1, 0, 0, 0, 0, -1), (2, 1)))
    np.testing.assert_array_equal(layer.values[:, 3], [5, 4, 3, 2, 1, 0])


def test_the_colors_are_of_the_whole_maps_range_and_nothing_is_drawn_without_a_value(tmp_path):
    values = np.full((2, 4, 4), 1.0, np.float32)
    values[0, :, 2:] = np.nan
    values[1] = 2.0
    values[1, 0, 0] = 0.0
    found = read(make_parametric_map(tmp_path / "a.dcm", values))
    (layer,) = on_slice(found, tmp_path / "a.dcm")
    view = ViewTransform((4, 4), (40, 40), (40, 40), (0, 0), 10.0)
    drawn, at = values_on_view(layer, view, 1.0)
    assert at == (0, 0)
    assert drawn[20, 5].tolist() == [*inferno()[128], 255]
    assert drawn[20, 15, 3] == 255
    assert drawn[20, 25].tolist() == [0, 0, 0, 0]


def test_a_damaged_or_missing_map_is_a_refusal(tmp_path):
    path = make_parametric_map(tmp_path / "a.dcm", VALUES)
    path.write_bytes(path.read_bytes()[:-1000])
    assert isinstance(read_parametric_map(path), Refusal)
    assert isinstance(read_parametric_map(tmp_path / "none.dcm"), Refusal)


@pytest.mark.filterwarnings("error")
def test_values_that_are_no_numbers_pass_without_a_warning():  # found by make fuzz
    signaling = np.array([[0x7F800001, 0x3F800000]], np.uint32).view(np.float32)
    steep = Dataset()
    steep.RealWorldValueSlope, steep.RealWorldValueIntercept = 1e308, 0.0
    assert np.isnan(real_world_values(signaling, None)).tolist() == [[True, False]]
    assert np.isinf(real_world_values(np.array([[1e10]]), steep)).all()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process has held")
def test_a_map_that_claims_to_be_large_and_has_no_frame_takes_no_room(tmp_path):  # found by make fuzz
    path = make_parametric_map(tmp_path / "map", np.zeros((1, 4, 5), np.float32))
    dataset = dcmread(path)
    dataset.Rows, dataset.Columns = 8000, 16000
    dataset.save_as(path)
    before = forget_peak()
    assert isinstance(read_parametric_map(path), Refusal)
    assert peak_bytes() - before < 50 << 20
