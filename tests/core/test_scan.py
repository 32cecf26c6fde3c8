"""Finding files: every one once, in natural order, and no folder without end."""

import os

from core.studies.scan import HEAD, TRIES, find_files, walk


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_folders_are_walked_in_natural_order(tmp_path):
    touch(tmp_path, "img10.dcm", "img2.dcm", "IMG1.dcm", "series2/a", "series10/a", "series1/a")
    found = [str(path.relative_to(tmp_path)) for path in find_files([tmp_path])]
    assert found == ["IMG1.dcm", "img2.dcm", "img10.dcm", "series1/a", "series2/a", "series10/a"]


def test_no_file_is_skipped_whatever_its_name(tmp_path):
    names = {".hidden", "Thumbs.db", "no suffix", "x.txt", "deep/er/than/this"}
    touch(tmp_path, *names)
    assert {str(path.relative_to(tmp_path)) for path in find_files([tmp_path])} == names


def test_a_file_named_twice_or_below_a_named_folder_comes_once(tmp_path):
    touch(tmp_path, "a", "b")
    assert list(find_files([tmp_path / "b", tmp_path, tmp_path / "b", tmp_path])) == [tmp_path / "b", tmp_path / "a"]


def test_what_does_not_exist_is_yielded_to_be_reported(tmp_path):
    assert list(find_files([tmp_path / "gone"])) == [tmp_path / "gone"]


def test_a_link_that_leads_upwards_is_not_followed_for_ever(tmp_path):
    touch(tmp_path, "folder/a")
    (tmp_path / "folder" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    found = [os.path.relpath(path, tmp_path) for path in find_files([tmp_path])]
    assert found == ["dangling", "folder/a"]


def test_a_link_to_itself_costs_none_of_its_neighbors(tmp_path):
    touch(tmp_path, *(f"{number}" for number in range(HEAD + 1)))
    (tmp_path / "0 loop").symlink_to(tmp_path / "0 loop")
    assert len(list(find_files([tmp_path]))) == HEAD + 2
    assert len([found for found in walk([tmp_path], is_waiting=lambda: True) if not found.is_early]) == HEAD + 2


def test_cancelling_stops_the_walk(tmp_path):
    touch(tmp_path, *(f"{index}" for index in range(10)))
    found = []
    for path in find_files([tmp_path], lambda: len(found) >= 3):
        found.append(path)
    assert len(found) == 3


def test_a_file_that_is_reached_through_links_comes_by_its_first_name(tmp_path):
    touch(tmp_path, "folder/a", "folder/b")
    (tmp_path / "other").symlink_to(tmp_path / "folder", target_is_directory=True)
    (tmp_path / "folder" / "c").symlink_to(tmp_path / "folder" / "a")
    spelled = [tmp_path / "other" / "b", tmp_path / "folder" / ".." / "folder", tmp_path / "other"]
    assert list(find_files(spelled)) == [spelled[0], spelled[1] / "a"]


def test_early_files_that_are_not_wanted_come_again_at_their_place(tmp_path):
    touch(tmp_path, *(f"{number:04d}" for number in range(HEAD + 9)))
    found = list(walk([tmp_path], is_waiting=lambda: True))
    early = [one.path.name for one in found if one.is_early]
    assert len(early) == TRIES
    assert [one.path.name for one in found if not one.is_early] == [f"{number:04d}" for number in range(HEAD + 9)]
    assert not any(one.is_early for one in walk([tmp_path]))
