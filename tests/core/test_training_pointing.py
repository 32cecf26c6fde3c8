"""Whether the map points into a reader's box."""

import numpy as np
import pytest

from core.findings.finding import Finding
from core.imaging.placement import Placement
from core.training.pointing import Box, covered, hits, named, read_boxes, strongest_point


def finding(evidence):
    return Finding("Opacity", 0.5, 0.5, 0.0, 0.0, np.asarray(evidence, np.float32), 1.0)


def test_the_strongest_cell_is_found_on_an_image_of_other_proportions():
    evidence = np.zeros((2, 4))
    evidence[1, 2] = 3.0
    placement = Placement(
        image_size=(400, 100), input_size=(128, 64), scale=(0.32, 0.64), offset=(0.0, 0.0),
        grid_size=(4, 2), first_center=(16.0, 16.0), stride=(32.0, 32.0),
    )
    assert strongest_point(finding(evidence), placement) == pytest.approx((80 / 128, 48 / 64))


def test_boxes_are_read_by_picture_and_chosen_by_their_words(tmp_path):
    (tmp_path / "boxes.csv").write_text(
        "path,x,y,w,h,what\na.png,0.1,0.2,0.3,0.4,lung opacity (readers)\na.png,0,0,0.5,1,left lung\n", encoding="utf-8"
    )
    boxes = read_boxes(tmp_path)
    assert len(boxes["a.png"]) == 2
    assert named(boxes["a.png"], ["opacity"]) == (Box(0.1, 0.2, 0.3, 0.4, "lung opacity (readers)"),)
    assert named(boxes["a.png"], []) == ()


def test_boxes_are_of_a_picture_in_any_spelling_of_its_path(tmp_path):
    lines = ("path,x,y,w,h,what", "./pics/0.png,0,0,1,1,one", "pics//0.png,0,0,1,1,two")
    (tmp_path / "boxes.csv").write_text("\n".join(lines), encoding="utf-8")
    assert [box.what for box in read_boxes(tmp_path)["pics/0.png"]] == ["one", "two"]


def test_no_table_is_no_boxes_and_a_damaged_one_is_an_error(tmp_path):
    assert read_boxes(tmp_path) == {}
    (tmp_path / "boxes.csv").write_text("path,x,y,w,h,what\na.png,wide,0,1,1,opacity\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"boxes\.csv line 2: x, y, w and h are numbers"):
        read_boxes(tmp_path)


@pytest.mark.parametrize("box", [
    "120,80,300,200", "nan,0.1,0.2,0.2", "0.1,0.1,-0.2,0.2", "0.1,0.1,0.2,0", "0.1,0.1,inf,0.2", "-0.1,0.1,0.2,0.2",
    "0.1,0.9,0.2,0.2",
])
def test_a_box_that_lies_in_no_picture_is_an_error(tmp_path, box):
    (tmp_path / "boxes.csv").write_text(f"path,x,y,w,h,what\na.png,0,-0.04,1,1.08,x\nb.png,{box},x\n")
    with pytest.raises(ValueError, match=r"line 3: the box of b\.png .* no pixels"):
        read_boxes(tmp_path)


def test_overlapping_boxes_are_counted_once():
    box = Box(0.0, 0.0, 0.5, 0.5, "")
    assert covered([box, box]) == pytest.approx(0.25)
    assert covered([box, Box(0.5, 0.5, 0.5, 0.5, "")]) == pytest.approx(0.5)


def test_a_hit_is_a_point_in_any_box_and_pictures_without_boxes_do_not_count():
    boxes = {"a": [Box(0, 0, 0.1, 0.1, ""), Box(0.5, 0.5, 0.5, 0.5, "")], "b": [Box(0, 0, 0.5, 1, "")], "c": []}
    points = {"a": (0.9, 0.6), "b": (0.7, 0.5), "c": (0.5, 0.5), "d": (0.1, 0.1)}
    found, chance = hits(points, boxes)
    assert found == {"a": True, "b": False} and chance == pytest.approx((0.26 + 0.5) / 2, abs=0.01)
