"""Orders of whole series are compared with reference orders."""

import numpy as np

from core.cli.conformance_series import check_series, difference, series_report
from tests.make.dicom import make_dicom

PIXELS = np.zeros((4, 4), np.uint8)


def make_series(folder, order):
    (folder / "series" / "ct").mkdir(parents=True)
    for number, z in enumerate((0, 10, 5), 1):
        make_dicom(folder / "series" / "ct" / f"{number}.dcm", PIXELS, StudyInstanceUID="1.1", SeriesInstanceUID="1.2",
                   Modality="CT", InstanceNumber=number, ImagePositionPatient=[0, 0, z],
                   ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    lines = ["distance_along_normal\tfile\tframe", *(f"0\t{name}.dcm\t1" for name in order)]
    (folder / "series" / "ct.order.tsv").write_text("\n".join(lines))


def test_a_series_in_the_reference_order_agrees(tmp_path):
    make_series(tmp_path, "132")
    (result,) = check_series(tmp_path)
    assert result.agrees
    assert "1 of 1 series are in the reference's order" in series_report([result])


def test_a_series_in_another_order_is_named_with_the_first_place_that_differs(tmp_path):
    make_series(tmp_path, "123")
    (result,) = check_series(tmp_path)
    assert result.why == "at 2 stands 3.dcm frame 1"


def test_a_folder_without_series_has_none(tmp_path):
    assert check_series(tmp_path) == []


def test_missing_and_doubled_frames_are_no_agreement():
    assert difference([[("a", 1)]], [("a", 1), ("b", 1)]) == "1 of 2 frames are missing"
    assert difference([[("a", 1)], [("a", 1)]], [("a", 1)]) == "frames appear twice"


def test_the_parts_of_a_split_series_are_compared_each_by_itself():
    assert difference([[("b", 1)], [("a", 1)]], [("a", 1), ("b", 1)]) == ""
