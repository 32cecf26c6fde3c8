"""DICOMDIR: what it names is found or listed as missing; nothing in it leads out of the medium."""

from pathlib import Path

from core.dicom.dicomdir import is_dicomdir, read_dicomdir
from core.dicom.file_set import FileSet
from core.refusal import Reason
from tests.make.dicom import make_dicom, make_dicomdir


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def relative(paths, folder) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


def test_files_that_are_there_are_found_in_its_order_and_the_others_are_missing(tmp_path):
    touch(tmp_path, "IMAGES/B", "IMAGES/A")
    found = read_dicomdir(make_dicomdir(tmp_path / "DICOMDIR", ["IMAGES/B", "IMAGES/GONE", "IMAGES/A"]))
    assert relative(found.present, tmp_path) == ["IMAGES/B", "IMAGES/A"]
    assert relative(found.missing, tmp_path) == ["IMAGES/GONE"]


def test_case_suffix_and_version_do_not_matter(tmp_path):
    touch(tmp_path, "images/im1.dcm", "images/im2;1", "images/Im3")
    found = read_dicomdir(make_dicomdir(tmp_path / "DICOMDIR", ["IMAGES/IM1", "IMAGES/IM2", "IMAGES/IM3"]))
    assert relative(found.present, tmp_path) == ["images/im1.dcm", "images/im2;1", "images/Im3"]


def test_a_file_named_twice_comes_once(tmp_path):
    touch(tmp_path, "A")
    assert len(read_dicomdir(make_dicomdir(tmp_path / "DICOMDIR", ["A", "A", "B", "B"])).present) == 1


def test_names_that_lead_out_of_the_medium_are_missing(tmp_path):
    touch(tmp_path, "secret", "medium/a")
    found = read_dicomdir(make_dicomdir(tmp_path / "medium" / "DICOMDIR", ["../secret", "a"]))
    assert relative(found.present, tmp_path) == ["medium/a"]
    assert len(found.missing) == 1


def test_a_name_that_no_system_takes_is_missing_and_can_be_told(tmp_path):
    """PS3.10 8.5."""
    touch(tmp_path, "A")
    path = make_dicomdir(tmp_path / "DICOMDIR", ["IM_X", "A"])
    path.write_bytes(path.read_bytes().replace(b"IM_X", b"IM\0X"))
    found = read_dicomdir(path)
    assert (relative(found.present, tmp_path), relative(found.missing, tmp_path)) == (["A"], ["IM?X"])


def test_a_folder_is_no_file(tmp_path):
    touch(tmp_path, "A/x")
    assert read_dicomdir(make_dicomdir(tmp_path / "DICOMDIR", ["A"])).present == ()


def test_an_empty_one_names_nothing(tmp_path):
    path = make_dicomdir(tmp_path / "DICOMDIR", [])
    assert read_dicomdir(path) == FileSet(path, (), ())


def test_one_without_a_list_is_damaged(tmp_path):
    path = make_dicom(tmp_path / "DICOMDIR", SOPClassUID="1.2.840.10008.1.3.10")
    assert read_dicomdir(path).reason is Reason.DAMAGED


def test_it_is_told_by_its_content_and_not_by_its_name(tmp_path):
    assert is_dicomdir(make_dicomdir(tmp_path / "other", ["A"]))
    touch(tmp_path, "DICOMDIR")
    assert not is_dicomdir(tmp_path / "DICOMDIR")
    assert not is_dicomdir(tmp_path / "gone")
